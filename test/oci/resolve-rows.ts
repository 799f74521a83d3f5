/**
 * Conditions and keys of a rule, and what each engine makes of them.
 * @module
 */
import type { ArchName } from '../../src/abi/architectures.ts';
import type { ProfileRule } from '../../src/oci/profile.ts';

export interface Machine {
  readonly arch?: ArchName;
  readonly kernel?: string;
  readonly caps?: readonly string[] | null;
}

export const ALLOW = 'SCMP_ACT_ALLOW';
export const ERRNO = 'SCMP_ACT_ERRNO';

interface Row {
  readonly why: string;
  readonly rule: Partial<ProfileRule>;
  readonly host?: Machine;
  /** The reasons of docker, podman (and CRI-O), containerd. */
  readonly expected: readonly [docker: string, podman: string, containerd: string];
}

const lostIncludes = 'conditions-unseen includes-ignored';
const lostExcludes = 'conditions-unseen excludes-ignored';

export const rows: readonly Row[] = [
  { why: 'no conditions', rule: {}, expected: ['unconditional', 'unconditional', 'unconditional'] },
  {
    why: 'empty conditions are none',
    rule: { includes: { caps: [], arches: [] }, excludes: {} },
    expected: ['unconditional', 'unconditional', 'unconditional'],
  },
  {
    why: 'arch listed',
    rule: { includes: { arches: ['arm64', 'amd64'] } },
    expected: ['conditions-hold', 'conditions-hold', lostIncludes],
  },
  {
    why: 'arch not listed',
    rule: { includes: { arches: ['arm64', 'x32'] } },
    expected: ['includes-arches', 'includes-arches', lostIncludes],
  },
  {
    why: "the kernel's spelling is not the engines'",
    rule: { includes: { arches: ['x86_64', 'SCMP_ARCH_X86_64'] } },
    expected: ['includes-arches', 'includes-arches', lostIncludes],
  },
  {
    why: 'letter case counts',
    rule: { includes: { arches: ['AMD64'] } },
    expected: ['includes-arches', 'includes-arches', lostIncludes],
  },
  {
    why: 'excluded arch',
    rule: { excludes: { arches: ['amd64'] } },
    expected: ['excludes-arches', 'excludes-arches', lostExcludes],
  },
  {
    why: 'excludes wins over includes',
    rule: { includes: { arches: ['amd64'] }, excludes: { arches: ['amd64'] } },
    expected: ['excludes-arches', 'excludes-arches', `${lostIncludes} excludes-ignored`],
  },
  {
    why: "little-endian MIPS n32 has a name of Docker's own",
    rule: { includes: { arches: ['mips3l64n32'] } },
    host: { arch: 'mipsel64n32' },
    expected: ['conditions-hold', 'includes-arches', lostIncludes],
  },
  {
    why: 'Docker has no name for big-endian o32 MIPS',
    rule: { includes: { arches: ['mips'] } },
    host: { arch: 'mips' },
    expected: ['includes-arches', 'conditions-hold', lostIncludes],
  },
  {
    why: 'LoongArch: moby says loongarch64',
    rule: { includes: { arches: ['loongarch64'] } },
    host: { arch: 'loongarch64' },
    expected: ['conditions-hold', 'includes-arches', lostIncludes],
  },
  {
    why: 'LoongArch: libseccomp-golang says loong64',
    rule: { includes: { arches: ['loong64'] } },
    host: { arch: 'loongarch64' },
    expected: ['includes-arches', 'conditions-hold', lostIncludes],
  },
  {
    why: 'capability held',
    rule: { includes: { caps: ['CAP_CHOWN'] } },
    host: { caps: ['CAP_CHOWN'] },
    expected: ['conditions-hold', 'conditions-hold', lostIncludes],
  },
  {
    why: 'includes needs all capabilities',
    rule: { includes: { caps: ['CAP_CHOWN', 'CAP_BPF'] } },
    host: { caps: ['CAP_CHOWN'] },
    expected: ['includes-caps', 'includes-caps', lostIncludes],
  },
  {
    why: 'excludes needs one capability',
    rule: { excludes: { caps: ['CAP_CHOWN', 'CAP_BPF'] } },
    host: { caps: ['CAP_BPF'] },
    expected: ['excludes-caps', 'excludes-caps', lostExcludes],
  },
  {
    why: 'excludes with none of its capabilities',
    rule: { excludes: { caps: ['CAP_CHOWN', 'CAP_BPF'] } },
    host: { caps: ['CAP_KILL'] },
    expected: ['conditions-hold', 'conditions-hold', lostExcludes],
  },
  {
    why: 'without a capability set Podman tests nothing',
    rule: { includes: { caps: ['CAP_CHOWN'] } },
    host: { caps: null },
    expected: ['includes-caps', 'conditions-hold caps-untested', lostIncludes],
  },
  {
    why: 'without a capability set nothing is excluded',
    rule: { excludes: { caps: ['CAP_CHOWN'] } },
    host: { caps: null },
    expected: ['conditions-hold', 'conditions-hold caps-untested', lostExcludes],
  },
  {
    why: 'an empty set is not "no set"',
    rule: { includes: { caps: ['CAP_CHOWN'] } },
    host: { caps: [] },
    expected: ['includes-caps', 'includes-caps', lostIncludes],
  },
  {
    why: 'kernel too old; Podman has no minKernel',
    rule: { includes: { minKernel: '4.8' } },
    host: { kernel: '3.10' },
    expected: ['includes-min-kernel', 'conditions-hold min-kernel-ignored', lostIncludes],
  },
  {
    why: 'kernel equal, suffix ignored',
    rule: { includes: { minKernel: '4.8' } },
    host: { kernel: '4.8.0-rc1' },
    expected: ['conditions-hold', 'conditions-hold min-kernel-ignored', lostIncludes],
  },
  {
    why: 'the second number compares as a number',
    rule: { includes: { minKernel: '4.8' } },
    host: { kernel: '4.10' },
    expected: ['conditions-hold', 'conditions-hold min-kernel-ignored', lostIncludes],
  },
  {
    why: 'the first number decides first',
    rule: { includes: { minKernel: '4.8' } },
    host: { kernel: '6.1' },
    expected: ['conditions-hold', 'conditions-hold min-kernel-ignored', lostIncludes],
  },
  {
    why: 'excluded from a kernel on',
    rule: { excludes: { minKernel: '4.8' } },
    host: { kernel: '4.8' },
    expected: ['excludes-min-kernel', 'conditions-hold min-kernel-ignored', lostExcludes],
  },
  {
    why: 'not yet excluded',
    rule: { excludes: { minKernel: '4.8' } },
    host: { kernel: '4.7' },
    expected: ['conditions-hold', 'conditions-hold min-kernel-ignored', lostExcludes],
  },
  {
    why: 'an empty minKernel is 0.0: included always, excluded always',
    rule: { excludes: { minKernel: '' } },
    expected: ['excludes-min-kernel-empty', 'conditions-hold min-kernel-ignored', lostExcludes],
  },
  {
    why: 'minKernel is two numbers; moby refuses the document even if the rule would be dropped',
    rule: { includes: { arches: ['arm64'], minKernel: '4' } },
    expected: ['refused', 'includes-arches', lostIncludes],
  },
  {
    why: 'the old form names one call',
    rule: { name: 'read', names: [] },
    expected: ['unconditional', 'unconditional', 'unconditional name-ignored'],
  },
  {
    why: 'old and new form together',
    rule: { name: 'read', names: ['write'] },
    expected: ['refused', 'refused', 'unconditional name-ignored'],
  },
  {
    why: 'both forms in a rule that does not count: moby looks at names first',
    rule: { name: 'read', names: ['write'], excludes: { arches: ['amd64'] } },
    expected: ['refused', 'excludes-arches', 'conditions-unseen name-ignored excludes-ignored'],
  },
  { why: 'no names', rule: { names: [] }, expected: ['unconditional', 'no-names', 'unconditional'] },
  {
    why: 'an errno name only Podman reads',
    rule: { action: ERRNO, errno: 'EACCES' },
    expected: ['errno-ignored unconditional', 'unconditional', 'unconditional errno-ignored'],
  },
  {
    why: 'an errno name beside its number loses nothing',
    rule: { action: ERRNO, errno: 'EACCES', errnoRet: 13 },
    expected: ['unconditional', 'unconditional', 'unconditional'],
  },
  {
    why: 'an errno name beside another number',
    rule: { action: ERRNO, errno: 'EACCES', errnoRet: 22 },
    expected: [
      'errno-ignored unconditional',
      'errno-ret-overridden unconditional',
      'unconditional errno-ignored',
    ],
  },
  {
    why: 'an errno name Podman does not know, though the kernel does',
    rule: { action: ERRNO, errno: 'EINTR' },
    expected: ['errno-ignored unconditional', 'refused', 'unconditional errno-ignored'],
  },
];
