/**
 * Programs of the builtin compiler in real kernels of other architectures and releases, 32-bit and big-endian calls
 * included: each decides calls as the words of the profile do.
 */
import { expect, it } from 'vitest';
import type { ArchName } from '../../src/abi/architectures.ts';
import { findArchitecture } from '../../src/abi/find-architecture.ts';
import { syscallNumber } from '../../src/abi/syscall-numbers.ts';
import { encodeProgram } from '../../src/bpf/program.ts';
import { runOnMachine } from '../../tools/machines/boot-machine.ts';
import type { Machine } from '../../tools/machines/machine-list.ts';
import { fixtureProfiles, policyOf } from '../compile/builtin/fixture-policies.ts';
import { randomPolicy } from '../compile/builtin/random-policies.ts';
import { type Expanded, synthesizePolicy } from '../compile/builtin/support.ts';
import { createRandom } from '../decision/random.ts';
import type { WordCall } from '../decision/word-calls.ts';
import { callsOf, disagreements } from '../oracle/support/decided-calls.ts';
import { decisionLines } from '../oracle/support/kernel.ts';
import { helperPath } from '../oracle/support/native.ts';
import { describeMachines } from './support/describe-machine.ts';

/** Fewer than where nothing is emulated: a verdict takes some milliseconds. */
const RANDOM_POLICIES = 60;
const CALLS_A_POLICY = 10;

/** s390x looks at 16 bits of a number before it asks a filter: Linux 6.1 arch/s390/kernel/syscall.c (__do_syscall). */
function canBeCalled(nr: number, arch: ArchName): boolean {
  return arch !== 's390x' || nr < 0x1_0000;
}

interface Judged {
  readonly name: string;
  readonly arch: ArchName;
  readonly work: Expanded;
  readonly calls: readonly WordCall['data'][];
}

/** The calls of one architecture under each policy that a machine of that kind would have. */
function toJudge(arch: ArchName, native: ArchName): readonly Judged[] {
  const auditArch = findArchitecture(arch)?.auditArch ?? 0;
  // What the installing thread calls, and what the kernel makes without asking a filter.
  const notAsked = ['prctl', 'seccomp', 'uretprobe', 'uprobe'].map((name) => syscallNumber(name, arch));
  const judged = (name: string, work: Expanded, seed: number): Judged => ({
    name,
    arch,
    work,
    calls: callsOf(createRandom(seed), work, CALLS_A_POLICY, [auditArch]).filter(
      ({ nr }) => !notAsked.includes(nr) && canBeCalled(nr, arch),
    ),
  });
  const fixtures = fixtureProfiles.flatMap(([name, profile], seed) => {
    const work = policyOf(profile, native, 'runc');
    return work === undefined ? [] : [judged(name, work, seed)];
  });
  const random: Judged[] = [];
  for (let index = 0; random.length < RANDOM_POLICIES; index++) {
    const work = randomPolicy(7, index);
    if (work.policy.architectures.includes(arch) && work.policy.architectures[0] === native)
      random.push(judged(`random policy ${index}`, work, index));
  }
  return [...fixtures, ...random];
}

function linesOf({ arch, work, calls }: Judged): readonly string[] {
  const program = encodeProgram(synthesizePolicy(work).program, findArchitecture(arch)?.endian ?? 'little');
  return decisionLines(
    arch,
    program,
    calls.map(({ nr, args }) => ({ nr, args })),
  );
}

async function wrongOn(machine: Machine): Promise<readonly string[]> {
  const archs: readonly ArchName[] = [
    machine.arch,
    ...(machine.compat === undefined ? [] : [machine.compat]),
  ];
  const judged = archs.map((arch) => toJudge(arch, machine.arch));
  const results = await runOnMachine(machine, {
    commands: archs.map((arch) => `/task/verdict-${arch} < /task/calls-${arch}`),
    files: Object.fromEntries(
      archs.map((arch, i) => [`task/verdict-${arch}`, helperPath('kernel-verdict', machine.compilers[i])]),
    ),
    texts: Object.fromEntries(
      archs.map((arch, i) => [`task/calls-${arch}`, `${(judged[i] ?? []).flatMap(linesOf).join('\n')}\n`]),
    ),
  });
  return archs.flatMap((arch, i) => {
    const { status, stdout = '', stderr } = results[i] ?? {};
    if (status !== 0) return [`${arch}: exit code ${status}: ${stderr}`];
    const seen = stdout.trimEnd().split('\n');
    return (judged[i] ?? []).flatMap(({ name, work, calls }) =>
      disagreements(work, calls, seen.splice(0, calls.length)).map((line) => `${name}: ${line}`),
    );
  });
}

describeMachines('programs of the builtin compiler', (machine) => {
  it('decide in the kernel as the words of the profile do', async () => {
    expect(await wrongOn(machine)).toEqual([]);
  });
});
