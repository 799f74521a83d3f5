import { describe, expect, it } from 'vitest';
import { requireUsefulStage, stageNames } from '../../src/hook/stages.ts';

describe('stages of hooks', () => {
  it.each([
    ['prestart', 'attach'],
    ['createRuntime', 'attach'],
    ['precreate', 'rewrite'],
  ])('%s gives a filter: %s', (stage, work) => {
    expect(requireUsefulStage(stage)).toEqual({ stage, work });
  });

  it.each([
    ['createContainer', 'another number'],
    ['startContainer', 'another process'],
    ['poststart', 'already runs without a filter'],
    ['poststop', 'has ended'],
    ['createruntime', 'is not a stage'],
    ['toString', 'is not a stage'],
    ['', 'is not a stage'],
  ])('%s is refused, and it says why', (stage, why) => {
    expect(() => requireUsefulStage(stage)).toThrow(why);
    try {
      requireUsefulStage(stage);
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_USAGE', hint: expect.stringContaining('createRuntime') });
    }
  });

  it('are those of runtime-spec and Podman', () => {
    expect([...stageNames].sort()).toEqual(
      [
        'createContainer',
        'createRuntime',
        'poststart',
        'poststop',
        'precreate',
        'prestart',
        'startContainer',
      ].sort(),
    );
  });
});
