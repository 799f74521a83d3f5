/**
 * Decides whether an integration test can run here, and says what brings what is missing.
 *
 * A suite whose requirements are not all met is skipped under a name that says which and how to get them. With the
 * environment variable OCI_SECCOMP_REQUIRE_ALL=1 it fails instead, unless all that is missing is another kernel's: no
 * package brings that.
 * @module
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { arch } from 'node:process';
import { describe, it } from 'vitest';
import { projectRoot } from '../../../tools/debian-cache.ts';
import { HANGS_AFTER } from '../../support/patience.ts';
import {
  emulatedRoot,
  fetchedAusearch,
  fetchedLibraries,
  fetchedPrograms,
  fetchedRunsc,
} from '../libraries.ts';
import { runs32Bit } from './runs-32-bit.ts';

interface RequirementInfo {
  readonly present: () => boolean;
  /** What to do about it, as the skipped test's name prints it. */
  readonly bring: string;
  /** Only another kernel or machine has it: skipped even if everything is required. */
  readonly ofKernel?: boolean;
}

const fetch = 'npm run fetch';
/** Writes journals without journald. */
export const JOURNAL_REMOTE = '/lib/systemd/systemd-journal-remote';
/** Debian's; nothing downloads a browser. */
export const CHROMIUM = '/usr/bin/chromium';
const NOBODY = ['--reuid=65534', '--regid=65534', '--clear-groups'];
const CAP_SYS_PTRACE = 19n;
const CAP_SYS_ADMIN = 21n;

const requirements = {
  root: { present: () => process.getuid?.() === 0, bring: 'run as root' },
  x86_64: { present: () => arch === 'x64', bring: 'run on x86_64', ofKernel: true },
  '32-bit programs': {
    present: runs32Bit,
    bring: 'run on a kernel with CONFIG_IA32_EMULATION and without ia32_emulation=off',
    ofKernel: true,
  },
  runc: { present: () => answers('runc'), bring: 'apt-get install runc' },
  crun: { present: () => answers('crun'), bring: 'apt-get install crun' },
  podman: { present: () => answers('podman'), bring: 'apt-get install podman' },
  python3: { present: () => answers('python3'), bring: 'apt-get install python3' },
  cc: { present: () => answers('cc'), bring: 'apt-get install gcc libc6-dev' },
  busybox: { present: () => existsSync('/bin/busybox'), bring: 'apt-get install busybox-static' },
  mandoc: {
    present: () => answers('mandoc', ['-Tascii', `${projectRoot()}/man/oci-seccomp.1`]),
    bring: 'apt-get install mandoc',
  },
  ptrace: {
    present: canReadFilters,
    bring: 'run with CAP_SYS_ADMIN and CAP_SYS_PTRACE and without a filter',
  },
  'kernel log': {
    present: kernelLogTells,
    bring: 'run where dmesg shows what the kernel audits, without auditd',
    ofKernel: true,
  },
  'the list of constant verdicts': {
    present: () => existsSync('/proc/self/seccomp_cache'),
    bring: 'run on a kernel with CONFIG_SECCOMP_CACHE_DEBUG',
    ofKernel: true,
  },
  ausearch: { present: () => fetchedAusearch() !== undefined, bring: fetch },
  'systemd-journal-remote': {
    present: () => existsSync(JOURNAL_REMOTE) && answers('journalctl'),
    bring: 'apt-get install systemd-journal-remote',
  },
  kubectl: {
    present: () => answers('kubectl', ['version', '--client']),
    bring: 'apt-get install kubernetes-client',
  },
  'a checkout open to all': {
    present: () =>
      spawnSync('setpriv', [...NOBODY, 'test', '-r', `${projectRoot()}/dist/bin/main.cjs`]).status === 0,
    bring: 'put the checkout where every user can read it',
  },
  systemd: {
    present: () => existsSync('/lib/systemd/systemd'),
    bring: 'apt-get install systemd',
  },
  'lxc-start': { present: () => answers('lxc-start'), bring: 'apt-get install lxc' },
  chromium: { present: () => existsSync(CHROMIUM), bring: 'apt-get install chromium' },
  bwrap: { present: () => answers('bwrap'), bring: 'apt-get install bubblewrap' },
  minijail: {
    present: () => answers('parse_seccomp_policy', ['--help']),
    bring: "build minijail's parse_seccomp_policy and put it into PATH",
    ofKernel: true,
  },
  'systemd-analyze': { present: () => answers('systemd-analyze'), bring: 'apt-get install systemd' },
  'docker-registry': {
    present: () => answers('docker-registry'),
    bring: 'apt-get install docker-registry',
  },
  oras: {
    present: () => answers('oras', ['version']),
    bring: 'build ORAS (test/registry/oras.test.ts says of what) and put it into PATH',
    ofKernel: true,
  },
  skopeo: { present: () => answers('skopeo'), bring: 'apt-get install skopeo' },
  objdump: { present: () => answers('objdump'), bring: 'apt-get install binutils' },
  'llvm-objdump': { present: () => answers('llvm-objdump'), bring: 'apt-get install llvm' },
  'qemu-aarch64-static': {
    present: () => answers('qemu-aarch64-static'),
    bring: 'apt-get install qemu-user-static',
  },
  strace: { present: () => answers('strace'), bring: 'apt-get install strace' },
  zsh: { present: () => answers('zsh'), bring: 'apt-get install zsh' },
  fish: { present: () => answers('fish'), bring: 'apt-get install fish' },
  built: { present: () => existsSync(`${projectRoot()}/dist/index.js`), bring: 'npm run build' },
  'libseccomp 2.5.4': { present: () => hasLibrary('2.5.4'), bring: fetch },
  'libseccomp 2.6.0': { present: () => hasLibrary('2.6.0'), bring: fetch },
  'libseccomp 2.6.1': { present: () => hasLibrary('2.6.1'), bring: fetch },
  'libseccomp on s390x': { present: () => emulatedRoot('s390x') !== undefined, bring: fetch },
  'qemu-s390x-static': {
    present: () => answers('qemu-s390x-static'),
    bring: 'apt-get install qemu-user-static',
  },
  'fetched runc': { present: () => hasProgram('runc'), bring: fetch },
  'fetched crun': { present: () => hasProgram('crun'), bring: fetch },
  'fetched runsc': { present: () => fetchedRunsc() !== undefined, bring: fetch },
} as const satisfies Record<string, RequirementInfo>;

export type Requirement = keyof typeof requirements;

function answers(program: string, args: readonly string[] = ['--version']): boolean {
  return spawnSync(program, args, { stdio: 'ignore', timeout: HANGS_AFTER }).status === 0;
}

function hasLibrary(version: string): boolean {
  return fetchedLibraries().some((library) => library.version === version);
}

function hasProgram(name: 'runc' | 'crun'): boolean {
  return fetchedPrograms().some((program) => program.name === name);
}

/** ptrace(2): PTRACE_SECCOMP_GET_FILTER needs CAP_SYS_ADMIN and a caller that is not filtered itself. */
function canReadFilters(): boolean {
  const status = readFileSync('/proc/self/status', 'utf8');
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  const has = (bit: bigint): boolean => ((effective >> bit) & 1n) === 1n;
  return has(CAP_SYS_ADMIN) && has(CAP_SYS_PTRACE) && /^Seccomp:\s*0$/m.test(status);
}

/** The kernel's own log holds its audit records, with the process ids that are seen here. */
function kernelLogTells(): boolean {
  const INITIAL_PID_NAMESPACE = 'pid:[4026531836]'; // Linux 6.18 include/linux/proc_ns.h PROC_PID_INIT_INO
  const logged = '/proc/sys/kernel/seccomp/actions_logged';
  const daemon = spawnSync('pgrep', ['-x', 'auditd'], { stdio: 'ignore' }).status === 0;
  return (
    !daemon &&
    spawnSync('dmesg', { stdio: 'ignore' }).status === 0 &&
    readlinkSync('/proc/self/ns/pid') === INITIAL_PID_NAMESPACE &&
    existsSync(logged) &&
    readFileSync(logged, 'utf8').split(/\s+/).includes('log')
  );
}

const answered = new Map<Requirement, boolean>();

/** The requirements of a list that are not met here. Each is asked once. */
export function missing(needed: readonly Requirement[]): readonly Requirement[] {
  return needed.filter((name) => {
    const known = answered.get(name) ?? requirements[name].present();
    answered.set(name, known);
    return !known;
  });
}

/**
 * `describe` for suites that need the world: skipped by name, or failing under OCI_SECCOMP_REQUIRE_ALL=1. There, where
 * everything runs at once, a test that fails is run once more: runtimes and kernels of others fail at times. The run
 * ends with the names of those that needed it.
 */
export function describeWith(needed: readonly Requirement[], name: string, body: () => void): void {
  const absent = missing(needed);
  if (absent.length === 0) {
    describe(name, { retry: process.env.OCI_SECCOMP_REQUIRE_ALL === '1' ? 1 : 0 }, body);
    return;
  }
  const wanted = absent.map((each) => `${each} (${requirements[each].bring})`).join(', ');
  if (process.env.OCI_SECCOMP_REQUIRE_ALL === '1' && !absent.every(isOfKernel)) {
    describe(name, () => {
      it('has what it needs', () => {
        throw new Error(`missing: ${wanted}`);
      });
    });
    return;
  }
  describe.skip(`${name} [skipped, needs ${wanted}]`, () => {
    it.skip('needs what is missing', () => {});
  });
}

function isOfKernel(name: Requirement): boolean {
  const info: RequirementInfo = requirements[name];
  return info.ofKernel === true;
}
