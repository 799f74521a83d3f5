/**
 * cannot-start, tried: under what lint says keeps containers from starting, none starts.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { needsOf } from '../../src/lint/catalog/runtime-needs.ts';
import { lintProfile } from '../../src/lint/lint.ts';
import { corpusSamples, hasCorpus } from '../lint/samples.ts';
import { viewsOf } from '../lint/views.ts';
import { installedRuntimes, type RuntimeBinary } from './libraries.ts';
import { describeWith } from './support/require.ts';
import { exactJson, installedFilters } from './support/runtime.ts';

const runcs = installedRuntimes().filter(({ name }) => name === 'runc');
const { syscalls = [] } = needsOf('runc') ?? {};
const rest = { noNewPrivileges: true };

/** The container did not come up, and it was the runtime that said so, not a program that had started. */
function expectRefused(runc: RuntimeBinary, seccomp: string): void {
  const { error, output } = installedFilters(runc, seccomp, rest);
  expect(error, `runc ${runc.version}`).toBeDefined();
  expect(output).toMatch(/operation not permitted|runc run failed/);
}

describeWith(['root', 'x86_64', 'busybox', 'runc', 'cc', 'ptrace'], 'cannot-start under runc', () => {
  describe.each(runcs)('$version of $origin', (runc) => {
    it('a filter that denies nothing lets a container start', () => {
      const { error } = installedFilters(runc, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW' }), rest);
      expect(error).toBeUndefined();
    });

    it.each(syscalls)('needs %s', (name) => {
      const rule = { names: [name], action: 'SCMP_ACT_ERRNO', errnoRet: 1 };
      const seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [rule] };
      expectRefused(runc, JSON.stringify(seccomp));
    });
  });

  describe.skipIf(!hasCorpus)('published profiles (../shared/data/corpus)', () => {
    const tried = { stopped: 0 };

    it.each(corpusSamples())('$name', async ({ text }) => {
      const { findings, profile } = await lintProfile(text);
      if (profile === undefined || !findings.some(({ rule }) => rule === 'cannot-start')) return;
      const [view] = await viewsOf(profile, {});
      for (const runc of runcs) expectRefused(runc, exactJson(view?.seccomp));
      tried.stopped++;
    });

    afterAll(() => expect(tried.stopped).toBeGreaterThan(4));
  });
});
