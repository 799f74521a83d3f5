/**
 * Real kernels of other architectures and releases: programs of the builtin compiler decide calls as the words of the
 * profile do, 32-bit and big-endian calls included; and each kernel knows of seccomp what it is said to know since its
 * release.
 */
import { beforeAll, expect, it } from 'vitest';
import { type ActionKind, actions } from '../../src/abi/actions.ts';
import type { ArchName } from '../../src/abi/architectures.ts';
import { findArchitecture } from '../../src/abi/find-architecture.ts';
import { filterFlags, internalFlagBits } from '../../src/abi/flags.ts';
import { actionsSince, flagsSince } from '../../src/abi/kernel-history.ts';
import { isOlderKernel, type KernelVersion } from '../../src/abi/kernel-version.ts';
import { syscallNumber } from '../../src/abi/syscall-numbers.ts';
import { encodeProgram } from '../../src/bpf/program.ts';
import { type CommandResult, runOnMachine } from '../../tools/machines/boot-machine.ts';
import type { Machine } from '../../tools/machines/machine-list.ts';
import { fixtureProfiles, policyOf } from '../compile/builtin/fixture-policies.ts';
import { packedCalls, policyWith, rulesOf } from '../compile/builtin/many-rules.ts';
import { randomPolicy } from '../compile/builtin/random-policies.ts';
import { buildProgram, type Expanded, packPolicy } from '../compile/builtin/support.ts';
import { createRandom } from '../decision/random.ts';
import type { WordCall } from '../decision/word-calls.ts';
import { callsOf, disagreements } from '../oracle/support/decided-calls.ts';
import { decisionLines } from '../oracle/support/kernel.ts';
import { helperPath } from '../oracle/support/native.ts';
import { describeMachines, MACHINE_HANGS_AFTER } from './support/describe-machine.ts';

/** Fewer than where nothing is emulated: a verdict takes some milliseconds. */
const RANDOM_POLICIES = 60;
const CALLS_A_POLICY = 10;
/** Of one call, with constants that are passed in one word (packed-word.ts). */
const PACKED_RULES = 60;
const CALLS_OF_PACKED = 60;

/** s390x looks at 16 bits of a number before it asks a filter: Linux 6.1 arch/s390/kernel/syscall.c (__do_syscall). */
function canBeCalled(nr: number, arch: ArchName): boolean {
  return arch !== 's390x' || nr < 0x1_0000;
}

interface Judged {
  readonly name: string;
  readonly arch: ArchName;
  readonly work: Expanded;
  readonly make: typeof buildProgram;
  readonly calls: readonly WordCall['data'][];
}

/** The calls of one architecture under each policy that a machine of that kind would have. */
function toJudge(arch: ArchName, native: ArchName): readonly Judged[] {
  const auditArch = findArchitecture(arch)?.auditArch ?? 0;
  // What the installing thread calls, and what the kernel makes without asking a filter.
  const notAsked = ['prctl', 'seccomp', 'uretprobe', 'uprobe'].map((name) => syscallNumber(name, arch));
  const judged = (name: string, work: Expanded, seed: number, count = CALLS_A_POLICY): Judged => ({
    name,
    arch,
    work,
    make: buildProgram,
    calls: callsOf(createRandom(seed), work, count, [auditArch]).filter(
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
  const packed = Object.entries(packedCalls).map(([name, [seed, comparisonsOf]]): Judged => {
    const work = policyWith(rulesOf(PACKED_RULES, comparisonsOf), arch);
    return { ...judged(`constants in one word, ${name}`, work, seed, CALLS_OF_PACKED), make: packPolicy };
  });
  return [...fixtures, ...random, ...packed];
}

function linesOf({ arch, work, calls, make }: Judged): readonly string[] {
  const program = encodeProgram(make(work).program, findArchitecture(arch)?.endian ?? 'little');
  return decisionLines(
    arch,
    program,
    calls.map(({ nr, args }) => ({ nr, args })),
  );
}

interface Asked {
  readonly archs: readonly ArchName[];
  readonly judged: readonly (readonly Judged[])[];
  readonly results: readonly CommandResult[];
}

async function ask(machine: Machine): Promise<Asked> {
  const archs: readonly ArchName[] = [
    machine.arch,
    ...(machine.compat === undefined ? [] : [machine.compat]),
  ];
  const judged = archs.map((arch) => toJudge(arch, machine.arch));
  const results = await runOnMachine(machine, {
    commands: ['/task/kernel-facts', ...archs.map((arch) => `/task/verdict-${arch} < /task/calls-${arch}`)],
    files: {
      'task/kernel-facts': helperPath('kernel-facts', machine.compilers[0]),
      ...Object.fromEntries(
        archs.map((arch, i) => [`task/verdict-${arch}`, helperPath('kernel-verdict', machine.compilers[i])]),
      ),
    },
    texts: Object.fromEntries(
      archs.map((arch, i) => [`task/calls-${arch}`, `${(judged[i] ?? []).flatMap(linesOf).join('\n')}\n`]),
    ),
  });
  return { archs, judged, results };
}

function wrongVerdicts({ archs, judged, results }: Asked): readonly string[] {
  return archs.flatMap((arch, i) => {
    const { status, stdout = '', stderr } = results[i + 1] ?? {};
    if (status !== 0) return [`${arch}: exit code ${status}: ${stderr}`];
    const seen = stdout.trimEnd().split('\n');
    return (judged[i] ?? []).flatMap(({ name, work, calls }) =>
      disagreements(work, calls, seen.splice(0, calls.length)).map((line) => `${name}: ${line}`),
    );
  });
}

/** Linux 5.11 kernel/seccomp.c (seccomp_cache_prepare): calls that a filter always allows are not asked about. */
const BITMAP_SINCE: KernelVersion = { kernel: 5, major: 11 };
/** include/uapi/linux/seccomp.h of every release since 5.0 has the same records. */
const SIZES = 'sizes 80 24 64';

/** What the helper prints on a kernel that knows what kernel-history.ts says, and nothing more. */
function expectedFacts({ name }: Machine): readonly string[] {
  const [kernel = 0, major = 0] = name.replace(/.*-/, '').split('.').map(Number);
  const has = (since: KernelVersion | undefined): 0 | 1 =>
    since === undefined || isOlderKernel({ kernel, major }, since) ? 0 : 1;
  const kinds = Object.keys(actions) as ActionKind[];
  const bits = new Map<number, string>([
    ...Object.entries(filterFlags).map(([flag, { bit }]) => [bit, flag] as const),
    ...Object.entries(internalFlagBits).map(([flag, bit]) => [bit, flag] as const),
  ]);
  return [
    ...kinds.map((kind) => `action ${actions[kind].word.toString(16)} ${has(actionsSince[kind])}`),
    ...[1, 2, 4, 8, 16, 32, 64, 128].map(
      (bit) => `flag ${bit.toString(16)} ${has(flagsSince[bits.get(bit) as keyof typeof flagsSince])}`,
    ),
    SIZES,
    `bitmap ${has(BITMAP_SINCE)}`,
  ];
}

describeMachines('the kernel', (machine) => {
  let asked: Asked;
  beforeAll(async () => {
    asked = await ask(machine);
  }, MACHINE_HANGS_AFTER);

  it('decides as the words of a profile do, under programs of the builtin compiler', () => {
    expect(wrongVerdicts(asked)).toEqual([]);
  });

  it('knows the actions, flags and sizes that its release has, and no others', () => {
    const facts = asked.results[0]?.stdout.trimEnd().split('\n') ?? [];
    expect(facts.toSorted()).toEqual(expectedFacts(machine).toSorted());
  });
});
