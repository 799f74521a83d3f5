/**
 * Rule sets that libseccomp turns into more than the 4,096 instructions that a kernel takes: the builtin compiler has room
 * for them, proven.
 */
import { builtinProfiles, OciSeccompError, resolveProfile } from 'oci-seccomp';
import { allArchitectures, allSyscallNames, capabilitySets, syscallNumber } from 'oci-seccomp/abi';
import { compilePolicy, librarySyscallTable } from 'oci-seccomp/compile';
import { openLibrary } from 'oci-seccomp/libseccomp';
import type { LinuxSeccomp, LinuxSeccompArg } from 'oci-seccomp/oci';
import { lowerProfile, type Policy } from 'oci-seccomp/policy';
import { expect, it } from 'vitest';
import { isThorough } from '../support/samples.ts';
import { libraryByVersion } from './libraries.ts';
import { describeWith } from './support/require.ts';

/** Linux include/uapi/linux/bpf_common.h */
const BPF_MAXINSNS = 4096;

type Rules = Pick<LinuxSeccomp, 'defaultAction' | 'architectures' | 'syscalls'>;

const [ALLOW, ERRNO] = ['SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO'] as const;
const little = allArchitectures.filter(({ endian }) => endian === 'little').map(({ ociArch }) => ociArch);
const own = ['SCMP_ARCH_X86_64'];
const calls = allSyscallNames().filter((name) => (syscallNumber(name, 'x86_64') ?? -1) >= 0);

function argument(
  index: number,
  op: string,
  value: number | bigint,
  valueTwo: number | bigint = 0,
): LinuxSeccompArg {
  return { index, op: `SCMP_CMP_${op}`, value: BigInt(value), valueTwo: BigInt(valueTwo) };
}

function builtin(
  name: 'docker-default' | 'podman-default',
  architectures: readonly string[],
  capabilities: readonly string[] = capabilitySets.docker,
): Rules {
  const host = { arch: 'x86_64', kernel: { kernel: 6, major: 1 }, capabilities } as const;
  const { seccomp } = resolveProfile(builtinProfiles[name](), host);
  if (seccomp === undefined) throw new Error('the profile turns seccomp off');
  return { ...seccomp, architectures };
}

/** One rule for each of `count` lists of comparisons. */
function allowing(
  architectures: readonly string[],
  syscall: string,
  count: number,
  argsOf: (n: number) => readonly LinuxSeccompArg[],
): Rules {
  const syscalls = Array.from({ length: count }, (_, n) => ({
    names: [syscall],
    action: ALLOW,
    args: argsOf(n),
  }));
  return { defaultAction: ERRNO, architectures, syscalls };
}

function each(architectures: readonly string[], ...args: readonly LinuxSeccompArg[]): Rules {
  return { defaultAction: ERRNO, architectures, syscalls: [{ names: calls, action: ALLOW, args }] };
}

const rows: Readonly<Record<string, Rules>> = {
  'podman-default on all little-endian architectures': builtin('podman-default', little),
  'docker-default on them, with all capabilities': builtin('docker-default', little, capabilitySets.all),
  'many requests of ioctl': allowing(own, 'ioctl', 4100, (n) => [argument(1, 'EQ', 0x5401 + 3 * n)]),
  'many upper halves': allowing(own, 'personality', 1100, (n) => [argument(0, 'EQ', BigInt(n) << 32n)]),
  'pairs of arguments': allowing(own, 'ioctl', 3900, (n) => [
    argument(0, 'EQ', n % 60),
    argument(1, 'EQ', Math.floor(n / 60)),
  ]),
  'three arguments': allowing(own, 'mmap', 3000, (n) => [
    argument(0, 'EQ', n % 15),
    argument(2, 'EQ', Math.floor(n / 15) % 15),
    argument(3, 'EQ', Math.floor(n / 225)),
  ]),
  'every call with its first argument 0': each(little, argument(0, 'EQ', 0)),
  'every call with its fourth argument below a page': each(little, argument(3, 'LT', 4096)),
  'every call with some bits of its third argument': each(little, argument(2, 'MASKED_EQ', 0xf0, 0x10)),
  'every call with two arguments': each(little, argument(0, 'NE', 0), argument(1, 'LE', 9)),
  'every call with a long fifth argument': each(little, argument(4, 'EQ', 7n << 32n)),
  'three errors in turn': {
    defaultAction: ALLOW,
    architectures: little,
    syscalls: calls.map((name, n) => ({
      ...{ names: [name], action: ERRNO, errnoRet: 1 + (n % 3), args: [argument(1, 'NE', 0)] },
    })),
  },
  'every call with some bits of its own': {
    ...{ defaultAction: ERRNO, architectures: little },
    syscalls: calls.map((name, n) => ({
      ...{ names: [name], action: ALLOW, args: [argument(2, 'MASKED_EQ', 0xff00 + (n % 7), n % 7)] },
    })),
  },
  'requests of ioctl, a second argument in turn': allowing(own, 'ioctl', 1500, (n) => [
    argument(1, 'EQ', 3 * n),
    argument(2, 'EQ', n % 2),
  ]),
  'a lower bound for each first argument': allowing(own, 'prctl', 900, (n) => [
    argument(0, 'EQ', n),
    argument(1, 'GE', n),
  ]),
};

interface Lengths {
  readonly builtin: number;
  readonly libseccomp: number;
}

async function lengthsOf(rules: Rules, library: string): Promise<Lengths> {
  const table = librarySyscallTable(openLibrary(library));
  const { policy } = lowerProfile(rules, { runtime: 'plain', arch: 'x86_64', table });
  const { program } = await compilePolicy(policy, { backend: 'builtin', table });
  return { builtin: program.length, libseccomp: await lengthOf(policy, library) };
}

async function lengthOf(policy: Policy, library: string): Promise<number> {
  try {
    return (await compilePolicy(policy, { library, allowUnproven: true })).program.length;
  } catch (error) {
    if (!(error instanceof OciSeccompError) || error.code !== 'ERR_BPF_INVALID') throw error;
    return Number((error.details as { readonly instructions?: number }).instructions);
  }
}

describeWith(['built', 'libseccomp 2.6.1'], 'rule sets that libseccomp has no room for', () => {
  const library = libraryByVersion('2.6.1')?.path ?? '';
  // Most take libseccomp a second each.
  const asked = Object.entries(rows).filter((_, row) => isThorough || row % 6 === 3);

  it.each(asked)('%s: the builtin compiler has', async (_, rules) => {
    const { builtin: ours, libseccomp } = await lengthsOf(rules, library);
    expect(libseccomp).toBeGreaterThan(BPF_MAXINSNS);
    expect(ours).toBeLessThanOrEqual(BPF_MAXINSNS);
  });
});
