import { describe, expect, it } from 'vitest';
import { createsNothing, parseRuntimeCall } from '../../src/hook/wrapper/runtime-call.ts';
import { commandLines } from './support/command-lines.ts';

const words = (line: string): readonly string[] => line.split(' ').filter((word) => word !== '');

describe.each(['runc', 'crun'] as const)('the command line of %s', (runtime) => {
  it.each(commandLines(runtime))('$line', ({ line, bundle, config }) => {
    const { creates } = parseRuntimeCall(words(line), runtime);
    expect(creates).toEqual(bundle === undefined ? undefined : { bundle, config });
    // What makes a container is never passed on unread.
    if (bundle !== undefined) expect(createsNothing(words(line))).toBe(false);
  });

  it.each(['--new state run', '--new run state', '--new create start'])(
    'is refused where an unknown option makes two readings of it: %s',
    (line) => {
      expect(() => parseRuntimeCall(words(line), runtime)).toThrow(
        expect.objectContaining({ code: 'ERR_USAGE', hint: expect.stringContaining('--new=VALUE') }),
      );
    },
  );

  it('tells where the log goes', () => {
    const call = parseRuntimeCall(words('--log /a --log /l --log-format=json create -b /b ID'), runtime);
    expect(call).toMatchObject({ log: '/l', logFormat: 'json' });
    expect(parseRuntimeCall(words('create ID'), runtime)).toMatchObject({
      log: undefined,
      logFormat: 'text',
    });
  });
});
