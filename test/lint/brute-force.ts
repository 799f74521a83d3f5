/**
 * What a profile in Docker's dialect answers, found by trying calls: no diagrams, and nothing of `src/`. It knows a few calls, and
 * of the conditions of rules those that the profiles here have.
 */

export interface TriedArg {
  readonly index: number;
  readonly op: string;
  readonly value: number;
  readonly valueTwo?: number;
}

export interface TriedConditions {
  readonly caps?: readonly string[];
  readonly arches?: readonly string[];
  readonly minKernel?: string;
}

export interface TriedRule {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args?: readonly TriedArg[];
  readonly includes?: TriedConditions;
  readonly excludes?: TriedConditions;
}

export interface TriedProfile {
  readonly defaultAction: string;
  readonly archMap: readonly {
    readonly architecture: string;
    readonly subArchitectures: readonly string[];
  }[];
  readonly syscalls: readonly TriedRule[];
}

export interface TriedHost {
  readonly arch: 'x86_64' | 'aarch64' | 's390x';
  readonly kernel: { readonly kernel: number; readonly major: number };
  readonly capabilities: readonly string[];
}

interface Abi {
  /** As conditions name it. */
  readonly go?: string;
  readonly audit: number;
  readonly bits: 32 | 64;
  /** Numbers from the kernel's tables. */
  readonly direct: Readonly<Record<string, number>>;
  /** Calls that argument 0 of socketcall carries, from linux/net.h. */
  readonly carried?: Readonly<Record<string, number>>;
}

const SOCKETCALLS = { socket: 1, send: 9 };

const abis: Readonly<Record<string, Abi>> = {
  SCMP_ARCH_X86_64: {
    go: 'amd64',
    audit: 0xc000003e,
    bits: 64,
    direct: { open: 2, ioctl: 16, socket: 41, personality: 135 },
  },
  SCMP_ARCH_X86: {
    audit: 0x40000003,
    bits: 32,
    direct: { open: 5, ioctl: 54, socketcall: 102, personality: 136, socket: 359 },
    carried: SOCKETCALLS,
  },
  SCMP_ARCH_AARCH64: {
    go: 'arm64',
    audit: 0xc00000b7,
    bits: 64,
    direct: { ioctl: 29, personality: 92, socket: 198 },
  },
  SCMP_ARCH_ARM: {
    audit: 0x40000028,
    bits: 32,
    direct: { open: 5, ioctl: 54, personality: 136, socket: 281, send: 289 },
  },
  SCMP_ARCH_S390X: {
    go: 's390x',
    audit: 0x80000016,
    bits: 64,
    direct: { open: 5, ioctl: 54, socketcall: 102, personality: 136, socket: 359 },
    carried: SOCKETCALLS,
  },
};

const words: Readonly<Record<string, number>> = {
  SCMP_ACT_ALLOW: 0x7fff0000,
  SCMP_ACT_LOG: 0x7ffc0000,
  SCMP_ACT_KILL_PROCESS: 0x80000000,
  SCMP_ACT_KILL_THREAD: 0,
  SCMP_ACT_KILL: 0,
};

function wordOf(action: string, errno = 1): number {
  return words[action] ?? 0x50000 + errno;
}

/** moby/profiles, seccomp/seccomp_linux.go */
export function applies({ includes = {}, excludes = {} }: TriedRule, host: TriedHost): boolean {
  const { arch, capabilities } = host;
  const go = abis[`SCMP_ARCH_${arch.toUpperCase()}`]?.go ?? '';
  if (excludes.arches?.includes(go) === true) return false;
  if (excludes.caps?.some((cap) => capabilities.includes(cap)) === true) return false;
  if (excludes.minKernel !== undefined && isSince(host, excludes.minKernel)) return false;
  if (includes.arches !== undefined && !includes.arches.includes(go)) return false;
  if (includes.caps?.every((cap) => capabilities.includes(cap)) === false) return false;
  return includes.minKernel === undefined || isSince(host, includes.minKernel);
}

function isSince({ kernel: { kernel, major } }: TriedHost, version: string): boolean {
  const [first = 0, second = 0] = version.split('.').map(Number);
  return kernel > first || (kernel === first && major >= second);
}

/** What all must hold, and what then is answered. */
interface Match {
  readonly tests: readonly ((args: readonly bigint[]) => boolean)[];
  readonly word: number;
}

/** Before the filter runc answers ENOSYS above the largest number that rules name; carried calls count for none. */
function isAboveAll(
  { syscalls, defaultAction }: TriedProfile,
  host: TriedHost,
  abi: Abi,
  nr: number,
): boolean {
  if (['SCMP_ACT_ALLOW', 'SCMP_ACT_LOG'].includes(defaultAction)) return false;
  const { direct, carried = {} } = abi;
  const names = syscalls.filter((rule) => applies(rule, host)).flatMap((rule) => rule.names);
  const largest = Math.max(0, ...names.map((name) => (name in carried ? 0 : (direct[name] ?? 0))));
  return largest > 0 && nr > largest;
}

/** The rules for a number of an architecture, in their order. */
function matchesOf(profile: TriedProfile, host: TriedHost, abi: Abi, nr: number): readonly Match[] {
  if (isAboveAll(profile, host, abi, nr)) return [{ tests: [], word: wordOf('SCMP_ACT_ERRNO', 38) }];
  const { syscalls, defaultAction } = profile;
  return syscalls.flatMap(({ names, action, errnoRet, args = [], ...conditions }) => {
    const word = wordOf(action, errnoRet);
    // A runtime skips a rule with the default action.
    if (!applies({ names, action, ...conditions }, host) || word === wordOf(defaultAction)) return [];
    // If an argument is compared twice, each comparison is a rule of its own.
    const isSplit = new Set(args.map(({ index }) => index)).size < args.length;
    const all = isSplit ? args.map((arg) => [arg]) : [args];
    return names.flatMap((name) =>
      all.flatMap((own): readonly Match[] => {
        const matchOf = (some: readonly TriedArg[]): Match => ({
          tests: some.map((arg) => testOf(arg, abi.bits)),
          word,
        });
        if (abi.direct[name] === nr) return [matchOf(own)];
        const carried = abi.carried?.[name];
        if (carried === undefined || nr !== abi.direct.socketcall) return [];
        const call = { index: 0, op: 'SCMP_CMP_EQ', value: carried };
        return [matchOf([call, ...own.filter(({ index }) => index !== 0)])];
      }),
    );
  });
}

function testOf({ index, op, value, valueTwo = 0 }: TriedArg, bits: number): Match['tests'][number] {
  const narrow = (number: bigint): bigint => BigInt.asUintN(bits, number);
  const [wanted, other] = [narrow(BigInt(value)), narrow(BigInt(valueTwo))];
  const tests: Readonly<Record<string, (is: bigint) => boolean>> = {
    EQ: (is) => is === wanted,
    NE: (is) => is !== wanted,
    LT: (is) => is < wanted,
    LE: (is) => is <= wanted,
    GT: (is) => is > wanted,
    GE: (is) => is >= wanted,
    MASKED_EQ: (is) => (is & wanted) === (other & wanted),
  };
  const test = tests[op.slice('SCMP_CMP_'.length)];
  if (test === undefined) throw new Error(`no operator ${op}`);
  return (args) => test(narrow(args[index] ?? 0n));
}

/** The answers that rules give to a call: several if rules contradict each other. */
function answersOf(matches: readonly Match[], args: readonly bigint[]): readonly number[] {
  const plain = matches.find(({ tests }) => tests.length === 0);
  if (plain !== undefined) return [plain.word];
  const matching = matches.filter(({ tests }) => tests.every((test) => test(args)));
  return [...new Set(matching.map(({ word }) => word))].sort((a, b) => a - b);
}

function abisOn({ archMap }: TriedProfile, { arch }: TriedHost): readonly Abi[] {
  const native = `SCMP_ARCH_${arch.toUpperCase()}`;
  const entry = archMap.find(({ architecture }) => architecture === native);
  return [native, ...(entry?.subArchitectures ?? [])].flatMap((name) => abis[name] ?? []);
}

/** Values of an argument that tell all comparisons with it apart. */
function valuesOf({ syscalls }: TriedProfile, index: number): readonly bigint[] {
  const own = syscalls.flatMap(({ args = [] }) => args.filter((arg) => arg.index === index));
  const values = own.flatMap(({ op, value, valueTwo = 0 }) => {
    const small = [value - 1, value, value + 1].map((each) => BigInt(each) & U64);
    const outside = BigInt(value) ^ U64;
    return op === 'SCMP_CMP_MASKED_EQ' ? [...small, BigInt(valueTwo), 2n, 3n, 4n, outside] : small;
  });
  const carried = index === 0 ? Object.values(SOCKETCALLS).map(BigInt) : [];
  const all = [0n, ...values, ...carried];
  return [...new Set([...all, ...values.map((value) => (value & U32) | (1n << 32n))])];
}

const U32 = 0xffff_ffffn;
const U64 = 0xffff_ffff_ffff_ffffn;

/** The numbers that a profile's names stand for on an architecture. */
function numbersOf({ syscalls }: TriedProfile, { direct, carried = {} }: Abi): readonly number[] {
  const names = syscalls.flatMap((rule) => rule.names);
  const all = names.flatMap((name) => [direct[name], name in carried ? direct.socketcall : undefined]);
  return [...new Set(all)].filter((nr) => nr !== undefined);
}

/** What becomes of calls on hosts: the answers that rules give, in an order that depends on `asked` alone. */
export function allAnswers(
  profile: TriedProfile,
  hosts: readonly TriedHost[],
  asked: TriedProfile = profile,
): readonly string[] {
  const [firsts, seconds] = [valuesOf(asked, 0), valuesOf(asked, 1)];
  return hosts.flatMap((host) =>
    abisOn(asked, host).flatMap((abi) =>
      numbersOf(asked, abi).flatMap((nr) => {
        const matches = matchesOf(profile, host, abi, nr);
        if (matches.length === 0) return new Array<string>(firsts.length * seconds.length).fill('');
        return firsts.flatMap((first) =>
          seconds.map((second) => answersOf(matches, [first, second]).join('+')),
        );
      }),
    ),
  );
}

/** The answers to one call on each host that has its architecture; the default action where no rule matches. */
export function answersTo(
  profile: TriedProfile,
  hosts: readonly TriedHost[],
  call: { readonly arch: number; readonly nr: number; readonly args: readonly bigint[] },
): readonly (readonly number[])[] {
  return hosts.flatMap((host) =>
    abisOn(profile, host)
      .filter(({ audit }) => audit === call.arch)
      .map((abi) => {
        const answers = answersOf(matchesOf(profile, host, abi, call.nr), call.args);
        return answers.length === 0 ? [wordOf(profile.defaultAction)] : answers;
      }),
  );
}
