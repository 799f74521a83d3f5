/**
 * A second reading of a policy's rules, from the words of docs/semantics.md and the kernel's headers alone, and calls that
 * the rules can tell apart.
 * @module
 */
import { type ArchName, architectures } from '../../../src/abi/architectures.ts';
import type { Comparison } from '../../../src/abi/operators.ts';
import { directSyscallNumber } from '../../../src/abi/syscall-numbers.ts';
import type { ArchPolicy, ArchRule } from '../../../src/policy/expand-policy.ts';
import type { Policy, PolicyRule } from '../../../src/policy/policy.ts';
import type { Random } from '../../decision/random.ts';
import { type WordCall, wordCall } from '../../decision/word-calls.ts';

/** Linux include/uapi/linux/net.h SYS_*, from 1 on. */
const socketCalls = (
  'socket bind connect listen accept getsockname getpeername socketpair send recv sendto recvfrom ' +
  'shutdown setsockopt getsockopt sendmsg recvmsg accept4 recvmmsg sendmmsg'
).split(' ');
/** Linux include/uapi/linux/ipc.h. */
const ipcCalls: Readonly<Record<string, number>> = {
  ...{ semop: 1, semget: 2, semctl: 3, semtimedop: 4, msgsnd: 11, msgrcv: 12 },
  ...{ msgget: 13, msgctl: 14, shmat: 21, shmdt: 22, shmget: 23, shmctl: 24 },
};
/** docs/semantics.md: the architectures that can carry these calls in another one. */
const multiplexing: readonly ArchName[] = [
  ...(['x86', 's390', 's390x', 'ppc', 'ppc64', 'ppc64le'] as const),
  ...(['mips', 'mipsel', 'sh', 'sheb', 'm68k'] as const),
];

/** The rules of each architecture, in numbers. */
export function readRules({ architectures: archs, rules }: Policy): readonly ArchPolicy[] {
  return archs.map((arch) => ({
    arch,
    rules: rules.flatMap((rule, index) =>
      [...carried(rule, arch), ...direct(rule, arch)].map(numbered(index)),
    ),
  }));
}

type Reading = Omit<ArchRule, 'rule'>;

function numbered(rule: number): (reading: Reading) => ArchRule {
  return (reading) => ({ ...reading, rule });
}

function direct({ syscall, comparisons, returnWord }: PolicyRule, arch: ArchName): readonly Reading[] {
  const nr = directSyscallNumber(syscall, arch);
  return nr === undefined ? [] : [{ nr, comparisons: comparisons.map(cut(arch)), returnWord }];
}

function carried({ syscall, comparisons, returnWord }: PolicyRule, arch: ArchName): readonly Reading[] {
  const place = socketCalls.indexOf(syscall) + 1;
  const [multiplexer, argument] = place > 0 ? ['socketcall', place] : ['ipc', ipcCalls[syscall]];
  const nr = directSyscallNumber(multiplexer, arch);
  if (argument === undefined || nr === undefined || !multiplexing.includes(arch)) return [];
  const call: Comparison = { index: 0, op: 'eq', value: BigInt(argument), valueTwo: 0n };
  const others = comparisons.filter(({ index }) => index > 0).map(cut(arch));
  return [{ nr, comparisons: [call, ...others], returnWord }];
}

function cut(arch: ArchName): (comparison: Comparison) => Comparison {
  const { bits } = architectures[arch];
  return ({ index, op, value, valueTwo }) => ({
    index,
    op,
    value: BigInt.asUintN(bits, value),
    valueTwo: BigInt.asUintN(bits, valueTwo),
  });
}

/** Calls that rules name, with arguments at the borders of what all rules of the number compare. */
export function namedCalls(
  random: Random,
  expanded: readonly ArchPolicy[],
  count: number,
): readonly WordCall[] {
  const rules = expanded.flatMap(({ arch, rules: own }) => own.map((rule) => ({ arch, rule, own })));
  if (rules.length === 0) return [];
  return Array.from({ length: count }, () => {
    const { arch, rule, own } = random.pick(rules);
    const { auditArch, endian } = architectures[arch];
    const words = new Map([
      [0, random.chance(0.05) ? rule.nr ^ (1 << random.below(32)) : rule.nr],
      [4, auditArch],
    ]);
    const compared = own.filter(({ nr }) => nr === rule.nr).flatMap(({ comparisons }) => comparisons);
    const lean = random.chance(0.6) ? rule.comparisons : compared;
    for (const { index, op, value, valueTwo } of [...compared, ...lean]) {
      const around = op === 'maskedEq' ? (valueTwo & value) | (BigInt(random.word()) & ~value) : value;
      const near = BigInt.asUintN(64, around + BigInt(random.pick([0, 0, 0, 1, -1])));
      const flipped = random.chance(0.2) ? near ^ (1n << BigInt(random.below(64))) : near;
      const [low, high] = [Number(flipped & 0xffff_ffffn), Number(flipped >> 32n)];
      const at = 16 + 8 * index;
      words.set(at, endian === 'little' ? low : high).set(at + 4, endian === 'little' ? high : low);
    }
    return wordCall(words, endian);
  });
}
