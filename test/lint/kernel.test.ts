/**
 * The calls that findings show, made in the kernel under the program that libseccomp builds: each ends as the finding says.
 * Only calls that do no harm where they are let through.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { actions, parseReturnWord, type ReturnWord } from '../../src/abi/actions.ts';
import { ENOSYS } from '../../src/abi/errno-constants.ts';
import type { SeccompData } from '../../src/abi/seccomp-data.ts';
import { syscallName } from '../../src/abi/syscall-numbers.ts';
import { encodeProgram } from '../../src/bpf/program.ts';
import { formatCall } from '../../src/decision/format-call.ts';
import { archOfCall } from '../../src/decision/witness.ts';
import type { Witness } from '../../src/lint/engine/finding.ts';
import { lintProfile } from '../../src/lint/engine/lint-profile.ts';
import { type KernelCall, kernelVerdicts } from '../oracle/support/kernel.ts';
import { describeWith, missing } from '../oracle/support/require.ts';
import { caseSamples, corpusSamples, hasCorpus, type Sample } from './samples.ts';
import { buildView, isUnknown, newestLibrary, viewOfFinding, viewsOf } from './views.ts';

/** Calls that change nothing outside the process that makes them, and those that do not with these arguments. */
const harmless: Readonly<Record<string, (args: readonly bigint[]) => boolean>> = {
  ...Object.fromEntries(
    'clone3 getppid open openat personality setgid setregid setreuid setresgid setresuid setuid socket socketcall statx'
      .split(' ')
      .map((name) => [name, () => true]),
  ),
  bpf: ([command]) => command === 0n,
  ioctl: ([fd]) => fd === 0n,
  kill: ([, signal]) => signal === 0n,
  mount: ([source, target]) => source === 0n && target === 0n,
  setns: ([fd]) => fd === 0n,
  tgkill: ([, , signal]) => signal === 0n,
};

const runs32Bit = missing(['32-bit programs']).length === 0;

/** The call as the helper makes it; `undefined` if it is not to be made, or not by a program of this machine. */
function toKernelCall(call: SeccompData): KernelCall | undefined {
  const arch = archOfCall(call);
  if (arch !== 'x86_64' && !(arch === 'x86' && runs32Bit)) return undefined;
  const args = call.args.slice(0, arch === 'x86' ? 5 : 6);
  if (call.args.slice(args.length).some((value) => value !== 0n)) return undefined;
  if (harmless[syscallName(call.nr, arch) ?? '']?.(args) !== true) return undefined;
  return { nr: call.nr, args, compat: arch === 'x86' };
}

/** What the helper prints for a verdict; `free`: what it prints without a filter. */
function lineOf(word: ReturnWord, free: string | undefined): string | undefined {
  const { action, data } = parseReturnWord(word);
  switch (action?.kind) {
    case 'errno':
      return `errno ${data}`;
    case 'trap':
      return `trap ${data}`;
    case 'killThread':
      return 'kill-thread';
    case 'killProcess':
      return 'kill-process';
    case 'trace':
    case 'notify':
      return `errno ${ENOSYS}`;
    default:
      return free;
  }
}

const allowAll = encodeProgram([{ code: 6, jt: 0, jf: 0, k: actions.allow.word }], 'little');

/** Makes the calls of a text's findings. @returns the rules whose calls told something */
async function makeCalls({ text, options }: Sample): Promise<readonly string[]> {
  const { findings, profile } = await lintProfile(text, options);
  const library = newestLibrary();
  if (profile === undefined || library === undefined) return [];
  const views = await viewsOf(profile, options);
  const told: string[] = [];
  for (const finding of findings) {
    const { witness } = finding;
    const call = witness === undefined ? undefined : toKernelCall(witness.call);
    if (witness === undefined || call === undefined) continue;
    const view = viewOfFinding(views, finding);
    const built = await buildView(view, library);
    if (view.host.arch !== 'x86_64' || isUnknown(built, view, witness)) continue;
    const [free] = kernelVerdicts(allowAll, [call]);
    const [seen] = kernelVerdicts(encodeProgram(built.program, 'little'), [call]);
    expect(expectedLines(witness, free), `${finding.rule}: ${formatCall(witness.call)}`).toContain(seen);
    if (witness.meant === undefined || lineOf(witness.meant, free) !== seen) told.push(finding.rule);
  }
  return told;
}

function expectedLines({ verdict, otherwise = [] }: Witness, free: string | undefined): readonly unknown[] {
  return [verdict, ...otherwise].map((word) => lineOf(word, free));
}

const cases = await caseSamples();

describeWith(['root', 'x86_64', 'cc', 'libseccomp 2.5.4'], 'witnesses in the kernel', () => {
  const told = new Map<string, number>();
  const tell = async (sample: Sample): Promise<void> => {
    for (const rule of await makeCalls(sample)) told.set(rule, (told.get(rule) ?? 0) + 1);
  };

  it.each(cases)('$name', tell);

  describe.skipIf(!hasCorpus)('of published profiles (needs ../shared/data/corpus)', () => {
    it.each(corpusSamples())('$name', tell);
  });

  describeWith(['32-bit programs'], 'calls by int $0x80', () => {
    it('show what socketcall opens', async () => {
      const own = cases.filter(({ name }) => name.startsWith('socket-without-socketcall.ts'));
      expect((await Promise.all(own.map(makeCalls))).flat()).toContain('socket-without-socketcall');
    });
  });

  afterAll(() => {
    const expected = [
      'conditional-made-moot',
      'conflicting-actions',
      'dangerous-allowed',
      'int-argument-high-bits',
      'masked-eq-dropped-bits',
      'masked-eq-swapped',
      'personality-open',
      'repeated-argument',
      'sign-extended-int',
    ];
    expect(expected.filter((rule) => !told.has(rule))).toEqual([]);
  });
});
