/**
 * cannot-start, tried: with each call that a runtime is said to need denied, lint says that no container starts if and only
 * if none does; and under published profiles of which lint says so none starts.
 */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { type RuntimeNeeds, runtimeNames, runtimeRows } from '../../src/consumers.ts';
import { lintProfile } from '../../src/lint/engine/lint-profile.ts';
import { allRules } from '../../src/lint/engine/registry.ts';
import { corpusSamples, hasCorpus } from '../lint/samples.ts';
import { viewsOf } from '../lint/views.ts';
import { hasAllSamples } from '../support/samples.ts';
import { installedRuntimes, type RuntimeBinary } from './libraries.ts';
import { describeWith } from './support/require.ts';
import { exactJson, installedFilters, withContainer } from './support/runtime.ts';

const answers = {
  EPERM: { action: 'SCMP_ACT_ERRNO', errnoRet: 1 },
  ENOSYS: { action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
  'errno 0': { action: 'SCMP_ACT_ERRNO', errnoRet: 0 },
  KILL_PROCESS: { action: 'SCMP_ACT_KILL_PROCESS' },
  TRACE: { action: 'SCMP_ACT_TRACE', errnoRet: 1 },
} as const;
type Answer = keyof typeof answers;

/** Those in which needs differ; that calls without `copesWith` are needed after ENOSYS too is tried with one of them. */
function answersTo({ calls, copesWith, noticesFake }: RuntimeNeeds): readonly Answer[] {
  if (copesWith === 'errors') return ['EPERM', 'KILL_PROCESS'];
  return [
    'EPERM',
    ...(noticesFake ? ['errno 0' as const] : []),
    ...(calls.startsWith('close') || calls === 'openat2' ? (['ENOSYS', 'TRACE'] as const) : []),
  ];
}

function triesFor(name: string): readonly (readonly [string, Answer])[] {
  const tries = needsOf(name).flatMap((need) =>
    need.calls.split(' ').flatMap((call) => answersTo(need).map((answer) => [call, answer] as const)),
  );
  // With close faked runc waits for ever.
  const ending = tries.filter(([call, answer]) => call !== 'close' || answer !== 'errno 0');
  return [...new Map(ending.map((each) => [each.join(), each])).values()];
}

const needsOf = (name: string): readonly RuntimeNeeds[] =>
  runtimeNames.filter((each) => each === name).flatMap((each) => runtimeRows[each].needs);

/**
 * Calls that are needed with and without noNewPrivileges alike are tried with one of the two, another with the next version:
 * so each call is tried with each version, and both ways.
 */
function isTried(name: string, call: string, nth: number, noNewPrivileges: boolean): boolean {
  const own = needsOf(name).filter(({ calls }) => calls.split(' ').includes(call));
  const isTold = own.some(({ withPrivileges }) => withPrivileges === true);
  return hasAllSamples || isTold || nth % 2 === Number(noNewPrivileges);
}

const spelled = ({ name, version }: RuntimeBinary): string => (name === 'runc' ? `runc@${version}` : name);

/** What cannot-start says; without an answer each time for the versions of crun, which lint does not tell apart. */
const said = new Map<string, Promise<readonly string[]>>();
const others = Object.fromEntries(
  allRules.filter(({ id }) => id !== 'cannot-start').map(({ id }) => [id, 'off' as const]),
);

function cannotStart(bundle: string, runtime: string): Promise<readonly string[]> {
  const key = `${runtime} ${bundle}`;
  const known = said.get(key) ?? askLint(bundle, runtime);
  said.set(key, known);
  return known;
}

async function askLint(bundle: string, runtime: string): Promise<readonly string[]> {
  const { findings } = await lintProfile(bundle, { runtimes: [runtime], levels: others, inherited: 'among' });
  expect(findings.filter(({ rule }) => rule !== 'cannot-start')).toEqual([]);
  return findings.map(({ message }) => message);
}

/** Whether no program came up; crun reports success for an init that was killed under its filter. */
function startUnder(runtime: RuntimeBinary, seccomp: string, noNewPrivileges: boolean) {
  const { error, output } = installedFilters(runtime, seccomp, { noNewPrivileges, read: () => [] });
  return { refused: error !== undefined, output };
}

describeWith(
  ['root', 'x86_64', 'busybox', 'runc', 'crun', 'cc', 'ptrace'],
  'cannot-start and the runtimes',
  () => {
    const runtimes = installedRuntimes().map((runtime, at) => ({ ...runtime, at }));
    describe.each(runtimes)('$name $version of $origin', ({ at, ...runtime }) => {
      describe.each([true, false])('noNewPrivileges: %s', (noNewPrivileges) => {
        const start = (seccomp: string) => startUnder(runtime, seccomp, noNewPrivileges);

        it('takes a faked setuid for done: errno-zero says so, and the container runs as root', async () => {
          const rule = { names: ['setuid', 'setresuid'], action: 'SCMP_ACT_ERRNO', errnoRet: 0 };
          const seccomp = JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [rule] });
          const { findings } = await lintProfile(seccomp);
          expect(findings.map((finding) => finding.rule)).toContain('errno-zero');
          const uid = (text: string | undefined): string | undefined =>
            withContainer(
              runtime,
              text,
              (pid) => /^Uid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1],
              { noNewPrivileges, user: 1000 },
            );
          expect([uid(undefined), uid(seccomp)]).toEqual(['1000', noNewPrivileges ? '1000' : '0']);
        });

        it('a filter that denies nothing lets a container start', () => {
          expect(start(JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW' })).refused).toBe(false);
        });

        const tries = triesFor(runtime.name).filter(([call], i) =>
          isTried(runtime.name, call, at + i, noNewPrivileges),
        );
        it.each(tries)('%s gets %s', async (call, answer) => {
          // close_range came to crun after 1.8.1, and lint knows no versions of crun.
          if (call === 'close_range' && runtime.version === '1.8.1') return;
          const seccomp = {
            defaultAction: 'SCMP_ACT_ALLOW',
            syscalls: [{ names: [call], ...answers[answer] }],
          };
          const bundle = { ociVersion: '1.0.2', process: { noNewPrivileges }, linux: { seccomp } };
          const messages = await cannotStart(JSON.stringify(bundle), spelled(runtime));
          const { refused, output } = start(JSON.stringify(seccomp));
          expect([messages.length > 0, output], messages.join()).toEqual([refused, output]);
        });
      });
    });

    describe.skipIf(!hasCorpus)('published profiles (../shared/data/corpus)', () => {
      const tried = { stopped: 0 };
      const runcs = installedRuntimes().filter(({ name }) => name === 'runc');

      it.each(corpusSamples())('$name', async ({ text }) => {
        for (const runc of runcs) {
          const options = { runtimes: [spelled(runc)] };
          const { findings, profile } = await lintProfile(text, options);
          if (profile === undefined || !findings.some(({ rule }) => rule === 'cannot-start')) continue;
          const [view] = await viewsOf(profile, options);
          if (view === undefined) continue;
          const { noNewPrivileges = false } = profile.container ?? {};
          const { refused, output } = startUnder(runc, exactJson(view.seccomp), noNewPrivileges);
          // Where exit is denied the program starts and cannot end.
          if (!findings.some(({ message }) => message.startsWith('no program can end')))
            expect(refused, `runc ${runc.version}: ${output}`).toBe(true);
          tried.stopped++;
        }
      });

      afterAll(() => expect(tried.stopped).toBeGreaterThan(12));
    });
  },
);
