/**
 * Random policies over several system calls and architectures, the n-th of a seed always the same.
 * @module
 */
import { actions, returnWord } from '../../../src/abi/actions.ts';
import { type ArchName, allArchitectures, type Endian } from '../../../src/abi/architectures.ts';
import { OciSeccompError } from '../../../src/errors.ts';
import { expandPolicy } from '../../../src/policy/expand-policy.ts';
import { lowerProfile } from '../../../src/policy/lower-profile.ts';
import { newestTable } from '../../../src/policy/newest-table.ts';
import type { Policy } from '../../../src/policy/policy.ts';
import { type Random, random, randomSet } from '../../../tools/defects/random-sets.ts';
import { profileOf, type SetRule } from '../../../tools/defects/rule-set.ts';
import type { Expanded } from './support.ts';

/** Those that the multiplexers carry on some architectures, those that few have, and common ones. */
const conditional = [
  ...['socket', 'connect', 'sendto', 'accept4', 'semctl', 'shmat', 'msgrcv'],
  ...[
    'getppid',
    'clone',
    'personality',
    'ioctl',
    'mmap',
    'mmap2',
    'openat2',
    'arch_prctl',
    's390_runtime_instr',
  ],
];
const plain = [
  ...['read', 'write', 'close', 'openat', 'futex', 'brk', 'exit_group', 'rt_sigreturn', 'getpid', 'gettid'],
  ...['poll', 'lseek', 'fstat', 'statx', 'rseq', 'clone3', 'epoll_wait', 'pipe2', 'dup3', 'uname', 'kill'],
  ...[
    'chmod',
    'chown',
    'mkdirat',
    'unlinkat',
    'renameat2',
    'sched_yield',
    'nanosleep',
    'clock_gettime',
    'io_uring_enter',
  ],
];

function shuffled<Item>(items: readonly Item[], next: Random): readonly Item[] {
  return items
    .map((item) => ({ item, key: next(1 << 30) }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

/** Architectures of one byte order: one, a few, or all. */
function someArchitectures(next: Random): readonly [ArchName, ...ArchName[]] {
  const endian: Endian = next(3) === 0 ? 'big' : 'little';
  const names = allArchitectures.filter((row) => row.endian === endian).map(({ name }) => name);
  const own = next(3) === 0 ? (['x86_64', 'x86', 'x32'] as const) : shuffled(names, next);
  const [first = 'x86_64', ...others] = own.slice(0, [1, 1, 2, 3, 4, own.length][next(6)]);
  return [first, ...others];
}

/** The policy number `index` of a seed. */
export function randomPolicy(seed: number, index: number): Expanded {
  const next = random(seed, index);
  const architectures = someArchitectures(next);
  const names = shuffled(conditional, next).slice(0, 1 + next(3));
  const sets = names.map((syscall, at) =>
    randomSet(seed + 7919 * (at + 1), index, { syscall, architectures }),
  );
  const [first = randomSet(seed, index, { architectures })] = sets;
  const word = first.rules[0]?.returnWord ?? 0;
  const unconditional = shuffled(plain, next)
    .slice(0, next(plain.length))
    .map((syscall): SetRule => ({ syscall, comparisons: [], returnWord: word }));
  const rules = [...sets.flatMap((set) => set.rules), ...unconditional];
  const [arch] = architectures;
  const profile = profileOf({ ...first, rules });
  const lower = (runtime: string): Policy =>
    lowerProfile(profile, { runtime, arch, table: newestTable }).policy;
  // runc and crun know fewer architectures than libseccomp.
  const policy = attempt(() => lower(['plain', 'crun', 'runc'][next(3)] ?? 'plain')) ?? lower('plain');
  return { policy, expanded: expandPolicy(policy, newestTable) };
}

/** Numbers that a bound of 32 bits, or its lower half, ends at. */
const borders = [0n, 1n, 0x7fff_ffffn, 0xffff_fffen, 0xffff_ffffn, 0x1_0000_0000n, 0x1_0000_0001n];

/**
 * The policy number `index` of a seed with many rules of one call, whose first arguments are told apart and whose others
 * have bounds: programs that are long.
 */
export function longPolicy(seed: number, index: number): Expanded {
  const next = random(seed, index);
  const [first, others] = (
    [
      ['x86_64', []],
      ['x86_64', ['x86', 'x32']],
      ['s390x', ['s390']],
    ] as const
  )[next(3)] ?? ['x86_64', []];
  const columns = Array.from({ length: 1 + next(4) }, (_, at) => ({
    ...{ index: at + 1, op: comparing[next(comparing.length)] ?? 'ge' },
    most: [10, 1000, 1 << 30][next(3)] ?? 10,
    oddness: next(3) === 0 ? 40 : 1 << 30,
  }));
  const rules = Array.from({ length: 90 + next(90) }, (_, n): SetRule => {
    const own = columns.map(({ op, most, oddness, ...column }) => {
      const value = next(oddness) === 0 ? (borders[next(borders.length)] ?? 0n) : BigInt(next(most));
      return op === 'maskedEq'
        ? { ...column, op, value: 0xff0n, valueTwo: value & 0xff0n }
        : { ...column, op, value, valueTwo: 0n };
    });
    const comparisons = [{ index: 0, op: 'eq', value: BigInt(3 * n), valueTwo: 0n } as const, ...own];
    return {
      syscall: 'keyctl',
      comparisons,
      returnWord: returnWord('errno', 1 + next(40) * Number(next(9) === 0)),
    };
  });
  const architectures = [first, ...others] as const;
  const profile = profileOf({ defaultAction: actions.allow.word, optimize: 1, architectures, rules });
  const { policy } = lowerProfile(profile, { runtime: 'plain', arch: first, table: newestTable });
  return { policy, expanded: expandPolicy(policy, newestTable) };
}

const comparing = ['ge', 'ge', 'le', 'lt', 'gt', 'ne', 'eq', 'maskedEq'] as const;

function attempt(make: () => Policy): Policy | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof OciSeccompError && error.code === 'ERR_PROFILE_SEMANTICS') return undefined;
    throw error;
  }
}
