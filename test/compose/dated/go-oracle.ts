/**
 * Runs the engines' own Go sources: a module with each version's function in a package of its own, and stand-ins for what
 * they import. The architecture and the kernel become variables.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { HANGS_AFTER } from '../../support/patience.ts';

export const hasGo = spawnSync('go', ['version']).status === 0;

/** Stand-ins, by path below the module. */
const standIns: Readonly<Record<string, string>> = {
  'go.mod': 'module oracle\n\ngo 1.19\n',
  'machine/machine.go': `package runtime
var GOARCH string
func Caller(int) (uintptr, string, int, bool) { return 0, "", 0, true }
`,
  'kernelversion/kernelversion.go': `package kernelversion
type KernelVersion struct { Kernel, Major uint64 }
var Running KernelVersion
func GreaterEqualThan(v KernelVersion) (bool, error) {
	if Running.Kernel != v.Kernel { return Running.Kernel > v.Kernel, nil }
	return Running.Major >= v.Major, nil
}
`,
  'logrus/logrus.go': `package logrus
import "fmt"
func Errorf(format string, args ...interface{}) { panic(fmt.Sprintf(format, args...)) }
func Panicf(format string, args ...interface{}) { panic(fmt.Sprintf(format, args...)) }
func Fatalf(format string, args ...interface{}) { panic(fmt.Sprintf(format, args...)) }
`,
  // Numbers of Go's own where it has them; the others from linux/sched.h, linux/socket.h and linux/netlink.h.
  'unix/unix.go': `package unix
import "syscall"
const (
	CLONE_NEWNS = syscall.CLONE_NEWNS
	CLONE_NEWUTS = syscall.CLONE_NEWUTS
	CLONE_NEWIPC = syscall.CLONE_NEWIPC
	CLONE_NEWUSER = syscall.CLONE_NEWUSER
	CLONE_NEWPID = syscall.CLONE_NEWPID
	CLONE_NEWNET = syscall.CLONE_NEWNET
	CLONE_NEWCGROUP = 0x02000000
	AF_ALG = 38
	AF_VSOCK = 40
	AF_NETLINK = syscall.AF_NETLINK
	NETLINK_AUDIT = syscall.NETLINK_AUDIT
	EINVAL = syscall.EINVAL
	EPERM = syscall.EPERM
	ENOSYS = syscall.ENOSYS
)
`,
  // runtime-spec's types, with the values of its constants.
  'specs/specs.go': `package specs
type Arch string
type LinuxSeccompAction string
type LinuxSeccompOperator string
const (
	ActAllow LinuxSeccompAction = "SCMP_ACT_ALLOW"
	ActErrno LinuxSeccompAction = "SCMP_ACT_ERRNO"
	OpNotEqual LinuxSeccompOperator = "SCMP_CMP_NE"
	OpLessThan LinuxSeccompOperator = "SCMP_CMP_LT"
	OpEqualTo LinuxSeccompOperator = "SCMP_CMP_EQ"
	OpGreaterThan LinuxSeccompOperator = "SCMP_CMP_GT"
	OpMaskedEqual LinuxSeccompOperator = "SCMP_CMP_MASKED_EQ"
	ArchX86 Arch = "SCMP_ARCH_X86"
	ArchX86_64 Arch = "SCMP_ARCH_X86_64"
	ArchX32 Arch = "SCMP_ARCH_X32"
	ArchARM Arch = "SCMP_ARCH_ARM"
	ArchAARCH64 Arch = "SCMP_ARCH_AARCH64"
	ArchMIPS Arch = "SCMP_ARCH_MIPS"
	ArchMIPS64 Arch = "SCMP_ARCH_MIPS64"
	ArchMIPS64N32 Arch = "SCMP_ARCH_MIPS64N32"
	ArchMIPSEL Arch = "SCMP_ARCH_MIPSEL"
	ArchMIPSEL64 Arch = "SCMP_ARCH_MIPSEL64"
	ArchMIPSEL64N32 Arch = "SCMP_ARCH_MIPSEL64N32"
	ArchS390 Arch = "SCMP_ARCH_S390"
	ArchS390X Arch = "SCMP_ARCH_S390X"
	ArchRISCV64 Arch = "SCMP_ARCH_RISCV64"
	ArchLOONGARCH64 Arch = "SCMP_ARCH_LOONGARCH64"
)
type LinuxSeccompArg struct {
	Index uint \`json:"index"\`
	Value uint64 \`json:"value"\`
	ValueTwo uint64 \`json:"valueTwo"\`
	Op LinuxSeccompOperator \`json:"op"\`
}
type LinuxSyscall struct {
	Names []string \`json:"names"\`
	Action LinuxSeccompAction \`json:"action"\`
	ErrnoRet *uint \`json:"errnoRet,omitempty"\`
	Args []LinuxSeccompArg \`json:"args,omitempty"\`
}
type LinuxSeccomp struct {
	DefaultAction LinuxSeccompAction \`json:"defaultAction"\`
	Architectures []Arch \`json:"architectures,omitempty"\`
	Syscalls []LinuxSyscall \`json:"syscalls,omitempty"\`
}
type LinuxCapabilities struct { Bounding, Effective, Inheritable, Permitted, Ambient []string }
type Process struct { Capabilities *LinuxCapabilities }
type Spec struct { Process *Process }
`,
};

/** Where imports lead. */
const imports: Readonly<Record<string, string>> = {
  runtime: 'oracle/machine',
  syscall: 'oracle/unix',
  'golang.org/x/sys/unix': 'oracle/unix',
  'github.com/opencontainers/runtime-spec/specs-go': 'oracle/specs',
};

/** A source with its imports led to the stand-ins. */
export function withStandIns(source: string): string {
  return source.replace(/^(\t(?:\w+ )?)"([^"\n]+)"$/gm, (line, name: string, path: string) => {
    if (path.endsWith('/kernelversion')) return `${name}"oracle/kernelversion"`;
    const target = imports[path];
    if (target === undefined) return line;
    return path === 'syscall' ? `\tsyscall "${target}"` : `${name}"${target}"`;
  });
}

/** Builds a program of these files and runs it; its standard output is one line of JSON a line of input. */
export function runGo(files: Readonly<Record<string, string>>, input: readonly unknown[]): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-go-'));
  try {
    for (const [path, text] of Object.entries({ ...standIns, ...files })) {
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const options = {
      cwd: folder,
      env: { ...process.env, GOFLAGS: '-mod=mod', GOPROXY: 'off', GO111MODULE: 'on' },
      maxBuffer: 1 << 28,
      timeout: HANGS_AFTER,
    };
    execFileSync('go', ['build', '-o', 'oracle', '.'], options);
    const output = execFileSync(join(folder, 'oracle'), {
      ...options,
      input: input.map((line) => JSON.stringify(line)).join('\n'),
    });
    return output.toString().trimEnd().split('\n');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
