/**
 * Random sequences of libseccomp calls on two filters, each call written twice: as a line for `libseccomp-build` and
 * as a call of the binding. Numbers of the C side are seccomp.h's, written down here.
 *
 * Not generated, because libseccomp does not survive it: rule sets it loops on (compile/hazardous-rules.ts); with 2.5 removing
 * an architecture after a rule, which makes the next rule free memory that is not the library's. Nor with 2.5 adding one: C loses it
 * with a rule that fails, and the binding adds it again (failed-rules.test.ts).
 * @module
 */
import type { Comparison, Operator } from '../../../src/abi/operators.ts';
import { findHazard, type HazardRule } from '../../../src/compile/hazardous-rules.ts';
import type { Action, AttributeName, ComparisonInput } from '../../../src/libseccomp/index.ts';
import { type Call, calls } from './calls.ts';

/** Uniform numbers in 0..1, the same for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A word and the binding's value for it; words no action has are handed on raw. */
const actionTable: readonly (readonly [number, Action])[] = [
  [0x7fff0000, { kind: 'allow' }],
  [0x7ffc0000, { kind: 'log' }],
  [0x7fc00000, { kind: 'notify' }],
  [0x80000000, { kind: 'killProcess' }],
  [0x00000000, { kind: 'killThread' }],
  [0x00030000, { kind: 'trap', data: 0 }],
  [0x00050000, { kind: 'errno', errno: 0 }],
  [0x00050001, { kind: 'errno', errno: 1 }],
  [0x00050ffe, { kind: 'errno', errno: 4094 }],
  [0x7ff00000, { kind: 'trace', data: 0 }],
  [0x7ff0ffff, { kind: 'trace', data: 0xffff }],
];
const invalidActions: readonly number[] = [
  0x00030005, 0x00050fff, 0x0005ffff, 0x12340000, 0x7fff0001, 0xffffffff,
];

const littleArchs = ['x86', 'x86_64', 'x32', 'arm', 'aarch64', 'native', 'x86', 'x32'] as const;
const moreArchs = [
  ...['mipsel', 'mipsel64', 'mipsel64n32', 'ppc64le', 'riscv64', 'loongarch64', 'sh'],
  ...['mips', 'mips64', 'mips64n32', 'parisc', 'parisc64', 'ppc', 'ppc64', 's390', 's390x', 'm68k', 'sheb'],
];

/** Attribute, its number, and the values of either side. */
const attributeTable: readonly (readonly [AttributeName, number, 'action' | 'boolean' | 'level'])[] = [
  ['ACT_DEFAULT', 1, 'action'],
  ['ACT_BADARCH', 2, 'action'],
  ['CTL_NNP', 3, 'boolean'],
  ['CTL_TSYNC', 4, 'boolean'],
  ['API_TSKIP', 5, 'boolean'],
  ['CTL_LOG', 6, 'boolean'],
  ['CTL_SSB', 7, 'boolean'],
  ['CTL_OPTIMIZE', 8, 'level'],
  ['API_SYSRAWRC', 9, 'boolean'],
  ['CTL_WAITKILL', 10, 'boolean'],
];

const names = [
  ...['read', 'write', 'openat', 'ioctl', 'personality', 'clone', 'execve', 'mmap', 'rt_sigreturn'],
  ...['socket', 'connect', 'accept4', 'shmget', 'semop', 'msgctl'],
  // Not of x86_64: pseudo numbers there.
  ...['mmap2', 'socketcall', 'ipc', 'waitpid', 'breakpoint', 'arm_fadvise64_64', 's390_pci_mmio_read'],
  ...['no_such_call', 'Read'],
];
const numbers = [
  0, 1, 16, 41, 59, 400, 1000, 0x40000001, 0x7fffffff, -1, -2, -99, -100, -101, -201, -10001, -0x80000000,
];
/** Multiplexed calls and pseudo numbers end at the same call on some architecture. */
const multiplexed = /^(socket|connect|accept|shm|sem|msg|ipc|-)/;
const sameCall: Readonly<Record<string, string>> = {
  0: 'read',
  1: 'write',
  16: 'ioctl',
  41: 'socket',
  59: 'execve',
};

/** As libseccomp-build takes them; the binding takes any of three spellings. */
const operatorTable: readonly (readonly [Operator, number, readonly ComparisonInput['op'][]])[] = [
  ['ne', 1, ['ne', '!=', 'SCMP_CMP_NE']],
  ['lt', 2, ['lt', '<', 'SCMP_CMP_LT']],
  ['le', 3, ['le', '<=', 'SCMP_CMP_LE']],
  ['eq', 4, ['eq', '==', 'SCMP_CMP_EQ']],
  ['ge', 5, ['ge', '>=', 'SCMP_CMP_GE']],
  ['gt', 6, ['gt', '>', 'SCMP_CMP_GT']],
  ['maskedEq', 7, ['maskedEq', '&=', 'SCMP_CMP_MASKED_EQ']],
];
const data = [
  0n,
  1n,
  2n,
  5n,
  0x28n,
  0xffn,
  0x80000000n,
  0xffffffffn,
  0x100000000n,
  0x100000028n,
  2n ** 63n,
  2n ** 64n - 1n,
];

interface Drawn {
  readonly plain: Comparison;
  readonly input: ComparisonInput;
  /** INDEX:OP:A:B */
  readonly text: string;
}

interface Condition {
  readonly syscall: string | number;
  readonly drawn: readonly Drawn[];
}

interface Draft {
  readonly next: () => number;
  readonly defaultAction: readonly [number, Action];
  /** Whether architectures, once there are rules, stay: then snapshots hold each rule once. */
  readonly stable: boolean;
  readonly changesAfterRules: boolean;
  readonly hasMemoryExport: boolean;
  readonly rules: HazardRule[];
  readonly conditions: Condition[];
  /** Slots with rules since init or reset. */
  readonly ruled: Set<number>;
  slot: number;
}

const below = (draft: Draft, limit: number): number => Math.floor(draft.next() * limit);

function pickFrom<T>(next: () => number, list: readonly T[]): T {
  const found = list[Math.floor(next() * list.length)];
  if (found === undefined) throw new Error('an empty list');
  return found;
}

const pick = <T>(draft: Draft, list: readonly T[]): T => pickFrom(draft.next, list);

function pickAction(draft: Draft): readonly [number, Action] {
  if (draft.next() < 0.04) {
    const word = pick(draft, invalidActions);
    return [word, { kind: 'raw', word }];
  }
  // The first ones oftener: rules of one action are the usual case, and equal to the default.
  return pick(draft, draft.next() < 0.5 ? actionTable.slice(0, 3) : actionTable);
}

function pickArch(draft: Draft): string {
  return draft.next() < 0.8 ? pick(draft, littleArchs) : pick(draft, moreArchs);
}

const pickSyscall = (draft: Draft): string | number =>
  draft.next() < 0.8 ? pick(draft, names) : pick(draft, numbers);

/** Writes a u64 as a number, a bigint or a text. */
function spell(draft: Draft, value: bigint): number | bigint | string {
  const kind = below(draft, 4);
  if (kind === 0 && value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
  return kind === 1 ? String(value) : kind === 2 ? `0x${value.toString(16)}` : value;
}

function drawComparison(draft: Draft, index: number): Drawn {
  const [op, native, spellings] = pick(draft, operatorTable);
  const value = pick(draft, data);
  const valueTwo = op === 'maskedEq' || draft.next() < 0.1 ? pick(draft, data) : 0n;
  const spelt = pick(draft, spellings);
  const [one, two] = [spell(draft, value), spell(draft, valueTwo)];
  return {
    plain: { index, op, value, valueTwo },
    // C gets a second value with every operator, and must ignore it; the binding takes it with `&=` only.
    input: {
      index,
      op: spelt,
      value: one,
      ...(op === 'maskedEq' ? { valueTwo: two } : {}),
    } as ComparisonInput,
    text: `${index}:${native}:${value}:${valueTwo}`,
  };
}

/** 0 to 6 comparisons, mostly few, now and then one argument twice. */
function drawComparisons(draft: Draft): readonly Drawn[] {
  const count =
    draft.next() < 0.5 ? 0 : draft.next() < 0.6 ? 1 : 1 + below(draft, draft.next() < 0.8 ? 2 : 6);
  const free = [0, 1, 2, 3, 4, 5];
  return Array.from({ length: count }, () => {
    const at = below(draft, free.length);
    const index = free[at] ?? 0;
    if (draft.next() < 0.95) free.splice(at, 1);
    return drawComparison(draft, index);
  });
}

function hazardKey(syscall: string | number): string {
  const name = sameCall[syscall] ?? String(syscall);
  return multiplexed.test(name) ? 'multiplexed' : name;
}

const ARCHITECTURES = 8;
/** How often a rule can be in a snapshot that the library rebuilt from architectures that came and went. */
const REPEATS = 3;

/** What an earlier rule said, so that rules contradict and repeat each other, or something new. */
function drawCondition(draft: Draft): Condition {
  return draft.conditions.length > 0 && draft.next() < 0.2
    ? pick(draft, draft.conditions)
    : { syscall: pickSyscall(draft), drawn: drawComparisons(draft) };
}

function drawRule(draft: Draft): Call {
  const [word, action] = pickAction(draft);
  const condition = drawCondition(draft);
  const { syscall } = condition;
  let { drawn } = condition;
  draft.conditions.push(condition);
  const rule = { syscall: hazardKey(syscall), comparisons: drawn.map(({ plain }) => plain) };
  const all = [...draft.rules, rule];
  const repeated = draft.stable ? all : Array.from({ length: REPEATS }, () => all).flat();
  if (findHazard(repeated, ARCHITECTURES) !== undefined) drawn = [];
  else draft.rules.push(rule);
  draft.ruled.add(draft.slot);
  const texts = drawn.map(({ text }) => text);
  const inputs = drawn.map(({ input }) => input);
  return calls.rule(draft.next() < 0.1, word, action, syscall, texts, inputs);
}

function drawArch(draft: Draft): Call {
  const verb = pick(draft, ['arch-add', 'arch-add', 'arch-add', 'arch-remove', 'arch-exist'] as const);
  const ruled = draft.ruled.has(draft.slot);
  const unsafe = ruled && (draft.stable || !draft.changesAfterRules);
  return calls.arch(unsafe ? 'arch-exist' : verb, pickArch(draft));
}

function drawAttribute(draft: Draft): Call {
  const [name, number, type] = pick(draft, attributeTable);
  if (draft.next() < 0.3) return calls.getAttribute(name, number);
  if (type === 'action') {
    const [word, action] = pickAction(draft);
    return calls.setAttribute(name, number, word, action);
  }
  const level = type === 'level' ? (draft.next() < 0.5 ? 1 : 2) : undefined;
  const flag = draft.next() < 0.5;
  return calls.setAttribute(name, number, level ?? (flag ? 1 : 0), level ?? flag);
}

/** Mostly with the default action of the first filter: others cannot be merged. */
function drawInit(draft: Draft, verb: 'init' | 'reset'): Call {
  const [word, action] = draft.next() < 0.7 ? draft.defaultAction : pickAction(draft);
  // A reset that fails leaves the rules: to what is no action, or not at the API level.
  if (verb === 'init' || draft.changesAfterRules) draft.ruled.delete(draft.slot);
  return verb === 'init' ? calls.init(word, action) : calls.reset(word, action);
}

/** A second filter for other architectures than the first: others cannot be merged either. */
function drawOther(draft: Draft): readonly Call[] {
  draft.slot = 1;
  const begin = [calls.use(1), drawInit(draft, 'init')];
  const swap = [calls.arch('arch-remove', 'native'), calls.arch('arch-add', pickArch(draft))];
  draft.slot = 0;
  return [...begin, ...(draft.next() < 0.6 ? swap : []), calls.use(0)];
}

function drawUse(draft: Draft): Call {
  draft.slot = 1 - draft.slot;
  return calls.use(draft.slot);
}

function drawLookup(draft: Draft): Call {
  const arch = pickArch(draft);
  return pick(draft, [
    calls.resolve(arch, pick(draft, names)),
    calls.rewrite(arch, pick(draft, names)),
    calls.resolveNumber(arch, pick(draft, numbers)),
  ]);
}

function drawExport(draft: Draft): Call {
  return pick(draft, [
    calls.export('pfc', 'text'),
    calls.export('bpf', 'descriptor'),
    calls.export(draft.hasMemoryExport ? 'bpf-mem' : 'bpf', 'bytes'),
  ]);
}

/** What can be drawn, with its weight. */
const kinds: readonly (readonly [number, (draft: Draft) => Call])[] = [
  [44, drawRule],
  [14, drawArch],
  [10, drawAttribute],
  [6, (draft) => calls.priority(pickSyscall(draft), pick(draft, [0, 1, 128, 255]))],
  [
    10,
    (draft) =>
      calls.transaction(pick(draft, ['transaction-start', 'transaction-commit', 'transaction-reject'])),
  ],
  [7, drawUse],
  [3, (draft) => (draft.stable && draft.ruled.size > 0 ? drawLookup(draft) : calls.merge(1 - draft.slot))],
  [3, drawExport],
  [3, () => calls.precompute()],
  [2, (draft) => drawInit(draft, 'reset')],
  [2, (draft) => drawInit(draft, 'init')],
  [1, () => calls.release()],
  [3, drawLookup],
  [1, (draft) => calls.api(1 + below(draft, 7))],
];
const totalWeight = kinds.reduce((sum, [weight]) => sum + weight, 0);

function drawCall(draft: Draft): Call {
  let at = draft.next() * totalWeight;
  for (const [weight, draw] of kinds) {
    at -= weight;
    if (at < 0) return draw(draft);
  }
  return drawRule(draft);
}

/**
 * Draws a sequence: two filters, 8 to 50 calls, and at the end what both have become.
 *
 * @param version - of the library it is for, `2.5.4`
 */
export function drawSequence(seed: number, version: string): readonly Call[] {
  const next = random(seed);
  const isOld = version.startsWith('2.5.');
  const draft: Draft = {
    next,
    defaultAction: pickFrom(next, actionTable),
    stable: next() < 0.5,
    changesAfterRules: !isOld,
    hasMemoryExport: !isOld,
    rules: [],
    conditions: [],
    ruled: new Set(),
    slot: 0,
  };
  const begin = [drawInit(draft, 'init'), ...drawOther(draft)];
  const middle = Array.from({ length: 8 + below(draft, 43) }, () => drawCall(draft));
  const end = [0, 1].flatMap((slot) => [
    calls.use(slot),
    calls.export('bpf', 'bytes'),
    calls.export('pfc', 'text'),
  ]);
  return [...begin, ...middle, ...end, calls.clear(), calls.resetGlobal()];
}
