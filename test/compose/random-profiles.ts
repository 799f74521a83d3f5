/**
 * Small profiles at random, with everything that profiles have: several rules a call, comparisons, capabilities, kernels,
 * architectures, errnos; and calls at the borders of what they compare.
 * @module
 */
import type { SeccompData } from '../../src/abi/seccomp-data.ts';
import type { Profile, ProfileArg, ProfileRule, RuleConditions } from '../../src/oci/profile.ts';
import type { Random } from '../decision/random.ts';

const names = ['read', 'openat', 'personality', 'clone3', 'ioctl', 'kcmp', 'bpf', 'uretprobe'];
const caps = ['CAP_SYS_ADMIN', 'CAP_BPF', 'CAP_SYS_PTRACE'];
const values = [0n, 1n, 2n, 7n, 8n, 0x20000n, 0xffff_ffffn];
const operators = ['NE', 'LT', 'LE', 'EQ', 'GE', 'GT', 'MASKED_EQ'];
const ruleActions = ['ALLOW', 'ALLOW', 'ALLOW', 'ERRNO', 'LOG', 'TRAP', 'KILL_PROCESS'];
const defaultActions = ['ERRNO', 'ERRNO', 'ERRNO', 'KILL_PROCESS', 'LOG', 'ALLOW'];

/** Two profiles, mostly for the same architectures. */
export function randomPair(random: Random): readonly [Profile, Profile] {
  const [first, second] = [randomProfile(random), randomProfile(random)];
  if (random.chance(0.2)) return [first, second];
  const { architectures: _, archMap: __, ...rest } = second;
  const { architectures, archMap } = first;
  const same = {
    ...(architectures === undefined ? {} : { architectures }),
    ...(archMap === undefined ? {} : { archMap }),
  };
  return [first, { ...rest, dialect: first.dialect === 'docker' ? 'docker' : rest.dialect, ...same }];
}

export function randomProfile(random: Random): Profile {
  const isConditional = random.chance(0.6);
  const count = 1 + random.below(7);
  return {
    dialect: isConditional ? 'docker' : 'oci',
    ...action('defaultAction', 'defaultErrnoRet', random.pick(defaultActions), random),
    ...architecturesOf(isConditional, random),
    rules: Array.from({ length: count }, () => randomRule(random, isConditional)),
  };
}

function action(key: string, errnoKey: string, kind: string, random: Random): object {
  const errno = kind === 'ERRNO' && random.chance(0.5) ? { [errnoKey]: random.pick([1, 22, 38]) } : {};
  return { [key]: `SCMP_ACT_${kind}`, ...errno };
}

function architecturesOf(isConditional: boolean, random: Random): Partial<Profile> {
  const further = ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'].filter(() => random.chance(0.4));
  if (!isConditional) return { architectures: ['SCMP_ARCH_X86_64', ...further] };
  const archMap = [
    { architecture: 'SCMP_ARCH_X86_64', subArchitectures: further },
    { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: random.chance(0.5) ? ['SCMP_ARCH_ARM'] : [] },
  ];
  return { archMap };
}

function randomRule(random: Random, isConditional: boolean): ProfileRule {
  const own = names.filter(() => random.chance(0.25));
  const args = Array.from({ length: random.pick([0, 0, 1, 1, 2]) }, (_, at) => randomArg(random, at));
  return {
    names: own.length > 0 ? own : [random.pick(names)],
    ...(action('action', 'errnoRet', random.pick(ruleActions), random) as { action: string }),
    ...(args.length === 0 ? {} : { args }),
    ...(isConditional && random.chance(0.3) ? { includes: randomConditions(random) } : {}),
    ...(isConditional && random.chance(0.2) ? { excludes: randomConditions(random) } : {}),
  };
}

function randomArg(random: Random, at: number): ProfileArg {
  const op = random.pick(operators);
  const [value, second] = [random.pick(values), random.pick(values)];
  return {
    index: 2 * at + random.below(2),
    op: `SCMP_CMP_${op}`,
    value,
    ...(op === 'MASKED_EQ' ? { valueTwo: second & value } : {}),
  };
}

function randomConditions(random: Random): RuleConditions {
  const kind = random.below(4);
  if (kind === 0) return { arches: [random.pick(['amd64', 'arm64'])] };
  if (kind === 1) return { minKernel: random.pick(['4.8', '5.10']) };
  return { caps: kind === 2 ? [random.pick(caps)] : [caps[0] ?? '', random.pick(caps)] };
}

export const hosts = ['x86_64', 'aarch64'].flatMap((arch) =>
  [
    { kernel: 4, major: 0 },
    { kernel: 4, major: 19 },
    { kernel: 6, major: 1 },
  ].flatMap((kernel) =>
    [[], [caps[0]], [caps[1]], caps].map((capabilities) => ({ arch, kernel, capabilities })),
  ),
) as readonly {
  readonly arch: 'x86_64' | 'aarch64';
  readonly kernel: { readonly kernel: number; readonly major: number };
  readonly capabilities: readonly string[];
}[];

/** Arguments at the borders of what the profiles compare. */
export function randomArguments(random: Random): SeccompData['args'] {
  const value = (): bigint => {
    const base = random.pick(values) + BigInt(random.below(3)) - 1n;
    const high = random.chance(0.2) ? 1n << 32n : 0n;
    return BigInt.asUintN(64, random.chance(0.1) ? BigInt(random.word()) : base + high);
  };
  return [value(), value(), value(), value(), value(), value()];
}

export { names as callNames };
