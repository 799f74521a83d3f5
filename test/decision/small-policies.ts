/**
 * Policies over few numbers and few bits, every call that could tell two of them apart, and what their rules say to it,
 * worked out from the words of the reference alone.
 *
 * - A call of an architecture that is not the policy's gets the bad-arch action. x86_64 and x32 share their word; bit 30
 *   of the number tells them apart; without x32, numbers from 0x40000000 on but -1 get the bad-arch action.
 * - Of the rules for a number, the first without comparisons decides. Without one, those that hold match; several
 *   actions at once are a conflict; no match is the default action.
 * - gVisor's rules have an order: the first that matches decides, with or without comparisons. It does not look at bit 30.
 * - runc's stub comes first: of its architectures, numbers above the limit get ENOSYS of the native one; bit 30 tells x86_64 and x32 apart.
 * @module
 */
import { architectures } from '../../src/abi/architectures.ts';
import type { Comparison, Operator } from '../../src/abi/operators.ts';
import type { SeccompData } from '../../src/abi/seccomp-data.ts';
import type { ArchPolicy, ArchRule } from '../../src/policy/expand-policy.ts';
import type { EnosysSection, Policy } from '../../src/policy/policy.ts';
import { parseRuntime } from '../../src/policy/runtimes.ts';
import type { Random } from './random.ts';

const X86_64 = 0xc000003e;
const I386 = 0x40000003;
const S390X = 0x80000016;
const X32_BIT = 0x4000_0000;
const ALLOW = 0x7fff0000;
const KILL = 0;
const ENOSYS = 0x00050026;
/** Where it has another number, as the kernel's headers of the architecture say (asm/errno.h). */
const OWN_ENOSYS: Readonly<Record<string, number>> = { mips: 0x00050059, parisc: 0x000500fb };

type SmallArch = 'x86_64' | 'x32' | 'x86' | 's390x';

const auditArch: Readonly<Record<SmallArch, number>> = {
  x86_64: X86_64,
  x32: X86_64,
  x86: I386,
  s390x: S390X,
};

export interface SmallPolicy {
  readonly policy: Policy;
  readonly expanded: readonly ArchPolicy[];
}

/** Numbers that rules name: 1 and 2, of x32 with its bit. */
const NUMBERS = [1, 2];

export function randomSmallPolicy(random: Random): SmallPolicy {
  const archs = random.pick<readonly SmallArch[]>([
    ['x86_64'],
    ['x86_64', 'x32'],
    ['x32'],
    ['x86_64', 'x86', 'x32'],
    ['x86'],
    ['s390x'],
  ]);
  const words = [ALLOW, 0x00050001, 0x00050002];
  const expanded = archs.map((arch): ArchPolicy => {
    const rules = Array.from({ length: random.below(4) }, (_, rule) =>
      randomRule(random, arch, random.pick(words), rule),
    );
    return { arch, rules };
  });
  const [native = 'x86_64', ...others] = archs;
  const enosysStub = random.chance(0.4) ? stubOf(random, archs) : undefined;
  return {
    expanded,
    policy: {
      runtime: parseRuntime('plain'),
      architectures: [native, ...others],
      defaultAction: random.pick([0x00050001, ALLOW]),
      badArchAction: random.pick([KILL, 0x00050003]),
      optimize: 1,
      rules: [],
      enosysStub,
      flags: [],
    },
  };
}

function randomRule(random: Random, arch: SmallArch, returnWord: number, rule: number): ArchRule {
  const count = random.pick([0, 1, 1, 1, 2, 2]);
  const first = random.below(2);
  const wide = arch === 'x86_64' || arch === 's390x';
  const comparisons = Array.from({ length: count }, (_, i) =>
    randomComparison(random, (first + i) % 2, wide),
  );
  const nr = random.pick(NUMBERS) + (arch === 'x32' ? X32_BIT : 0);
  return { nr, comparisons, returnWord, rule };
}

/** Argument 0 is compared with bits 0, 1 and 32, argument 1 with bits 0 and 1. */
const data = [
  [0n, 1n, 2n, 3n, 0x1_0000_0000n, 0x1_0000_0001n, 0x1_0000_0002n, 0x1_0000_0003n],
  [0n, 1n, 2n, 3n],
];
const lows = [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n];
/** In every order with the data, and with every pattern of the bits that they have. */
const argumentPairs = [0n, 1n, 2n, 3n]
  .flatMap((high) => lows.map((low) => (high << 32n) | low))
  .flatMap((a) => [...lows, ...lows.slice(0, 4).map((low) => (1n << 32n) | low)].map((b) => [a, b]));
const smallOperators: readonly Operator[] = ['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'maskedEq'];

function randomComparison(random: Random, index: number, wide: boolean): Comparison {
  const half = (value: bigint): bigint => (wide ? value : value & 0xffff_ffffn);
  return {
    index,
    op: random.pick(smallOperators),
    value: half(random.pick(data[index] ?? [])),
    valueTwo: half(random.pick(data[index] ?? [])),
  };
}

function stubOf(random: Random, archs: readonly SmallArch[]): readonly EnosysSection[] {
  return [...new Set(archs.map((arch) => auditArch[arch]))].map((word) => ({
    auditArch: word,
    limits: archs
      .filter((arch) => auditArch[arch] === word)
      .map((arch) => ({ arch, maxNr: random.pick([1, 2, 3]) + (arch === 'x32' ? X32_BIT : 0) })),
  }));
}

const otherNumbers = [
  ...[0, 3, 4, 0x3fff_ffff, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, 0xbfff_ffff],
  ...[0, 3, 4, 0x8000_0000, 0x8000_0001, 0xbfff_fffe, 0xbfff_ffff].map((nr) => nr + X32_BIT),
];

/** One call for each way in which the rules of a small policy can look at it. */
export const smallCalls: readonly SeccompData[] = [X86_64, I386, S390X, 0, 0xffff_ffff].flatMap((arch) => {
  const call = (nr: number, args: readonly bigint[]): SeccompData => ({
    nr: nr | 0,
    arch,
    instructionPointer: 0n,
    args: [...args, 0n, 0n, 0n, 0n],
  });
  const tried = arch === 0 || arch === 0xffff_ffff ? [[0n, 0n]] : argumentPairs;
  const named = arch === X86_64 ? NUMBERS.flatMap((nr) => [nr, nr + X32_BIT]) : NUMBERS;
  return [
    ...otherNumbers.map((nr) => call(nr, [1n, 2n])),
    ...named.flatMap((nr) => tried.map((pair) => call(nr, pair))),
  ];
});

/** What the rules say, of any architectures: a word, or the words of a conflict joined by ` or `. */
export function evaluatePolicy({ policy, expanded }: SmallPolicy, call: SeccompData): string {
  const nr = call.nr >>> 0;
  const arch = call.arch >>> 0;
  const isX32 = (nr & X32_BIT) !== 0;
  const section = policy.enosysStub?.find((each) => each.auditArch === arch);
  for (const { arch: name, maxNr } of section?.limits ?? []) {
    if ((name === 'x86_64' && isX32) || (name === 'x32' && !isX32)) continue;
    if (nr > maxNr || (name.startsWith('s390') && nr === 0))
      return `${OWN_ENOSYS[/^(?:mips|parisc)?/.exec(policy.architectures[0])?.[0] ?? ''] ?? ENOSYS}`;
  }
  const inOrder = policy.runtime.name === 'runsc';
  const own = expanded.find((each) => {
    if (architectures[each.arch].auditArch !== arch) return false;
    if (inOrder) return true;
    if (each.arch === 'x86_64')
      return nr < X32_BIT || (nr === 0xffff_ffff && expanded.every(({ arch: other }) => other !== 'x32'));
    return each.arch !== 'x32' || nr >= X32_BIT;
  });
  if (own === undefined) return `${policy.badArchAction}`;
  const named = own.rules.filter((rule) => rule.nr === nr);
  const plain = named.find(({ comparisons }) => comparisons.length === 0);
  if (plain !== undefined && !inOrder) return `${plain.returnWord}`;
  const wide = architectures[own.arch].bits === 64;
  const matching = named.filter(({ comparisons }) =>
    comparisons.every((comparison) => holds(comparison, call, wide)),
  );
  const deciding = inOrder ? matching.slice(0, 1) : matching;
  const words = [...new Set(deciding.map(({ returnWord }) => returnWord))].sort((a, b) => a - b);
  return words.length === 0 ? `${policy.defaultAction}` : words.join(' or ');
}

/** The comparison of the manual page, of the low half alone where only that is compared. */
function holds({ index, op, value, valueTwo }: Comparison, { args }: SeccompData, wide: boolean): boolean {
  const argument = wide ? (args[index] ?? 0n) : (args[index] ?? 0n) % 2n ** 32n;
  if (op === 'maskedEq') return (argument & value) === (valueTwo & value);
  const order = argument < value ? -1 : argument > value ? 1 : 0;
  const accepted: Readonly<Record<Exclude<Operator, 'maskedEq'>, readonly number[]>> = {
    eq: [0],
    ne: [-1, 1],
    lt: [-1],
    le: [-1, 0],
    gt: [1],
    ge: [0, 1],
  };
  return accepted[op].includes(order);
}
