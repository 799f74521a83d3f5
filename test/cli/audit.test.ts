/**
 * What `audit` finds where: the journal, compressed files; and words of records in place of calls and architectures.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { directSyscallNumbers, syscallName } from '../../src/abi/syscall-numbers.ts';
import { systemdSets } from '../../src/oci/foreign/systemd-sets.generated.ts';
import { subsystemOf } from '../../src/report/subsystems.ts';
import { ociSeccomp, root, searchPath } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-audit-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const log = join(root, 'fixtures/audit/audit.log');

const callsOf = (words: readonly string[], options = {}): readonly string[] => {
  const { calls } = JSON.parse(ociSeccomp(['audit', ...words, '--json'], options).stdout) as {
    readonly calls: readonly { readonly syscall: string; readonly count: number }[];
  };
  return calls.map(({ syscall, count }) => `${count} ${syscall}`);
};

describe('audit', () => {
  it('reads the same from a file, standard input and a compressed file', () => {
    const expected = callsOf([log]);
    expect(expected.length).toBe(7);
    const packed = join(folder, 'audit.log.1.gz');
    writeFileSync(packed, gzipSync(readFileSync(log)));
    expect(callsOf([packed])).toEqual(expected);
    expect(callsOf(['-'], { input: readFileSync(log, 'utf8') })).toEqual(expected);
    writeFileSync(packed, gzipSync(readFileSync(log)).subarray(0, 100));
    expect(ociSeccomp(['audit', packed])).toMatchObject({ status: 3, stdout: '' });
  });

  it('asks journalctl for the records of the kernel and of auditd, and says what it says', () => {
    const journalctl = join(folder, 'journalctl');
    const message =
      'SECCOMP pid=1 comm="x" exe="/x" sig=0 arch=c000003e syscall=165 compat=0 ip=0x1 code=0x50000';
    const entry = JSON.stringify({ MESSAGE: message, __REALTIME_TIMESTAMP: '1795938683915000' });
    const env = { PATH: `${folder}:${searchPath}` };
    writeFileSync(journalctl, `#!/bin/sh\necho "$@" > ${folder}/asked\necho '${entry}'\n`);
    chmodSync(journalctl, 0o755);
    expect(callsOf(['--journal'], { env })).toEqual(['1 mount']);
    expect(readFileSync(`${folder}/asked`, 'utf8')).toContain('_TRANSPORT=kernel _TRANSPORT=audit');
    writeFileSync(journalctl, '#!/bin/sh\necho "No journal files were opened" >&2\nexit 1\n');
    const refused = ociSeccomp(['audit', '--journal'], { env });
    expect(refused.status).toBe(3);
    expect(refused.stderr).toContain('the journal cannot be read: No journal files were opened');
  });

  it.each([
    [
      'c000003e',
      435,
      '0x50000',
      'nothing need be changed if the program works: after ENOSYS, C libraries call clone',
    ],
    ['c000003e', 435, '0x80000000', 'a program that is killed cannot fall back: after ENOSYS'],
    ['c000003e', 437, '0x50000', 'after ENOSYS, C libraries call openat'],
    ['40000003', 20, '0x50000', 'x86: the 32-bit ABI of x86_64 machines'],
    ['c000003e', 999, '0x50000', 'a number without a name is a call of a kernel newer than these tables'],
    ['c000003e', 165, '0x50000', 'Records do not name containers.'],
    ['c000003e', 165, '0x7ffc0000', 'Nothing of this was denied.'],
    ['c000003e', 165, '0x7ffc0000', 'To see what a profile would deny of it, name one'],
  ])('says what a newcomer cannot know: %s %i %s', (arch, nr, code, note) => {
    const line = `audit(1795938683.915:1): pid=1 comm="x" exe="/x" sig=0 arch=${arch} syscall=${nr} compat=0 ip=0x1 code=${code}\n`;
    const { stdout, status } = ociSeccomp(['audit', '-'], { input: line });
    expect(stdout).toContain(note);
    expect(status).toBe(0);
  });

  it('shows a record that was cut, and says nothing of settings of the kernel', () => {
    const cut = 'type=SECCOMP msg=audit(1795938683.915:1): pid=1 comm="x" exe="/x\u001b[31m';
    const { stdout, status } = ociSeccomp(['audit', '-'], { input: cut });
    expect(stdout).toContain(
      '1 line with a record could not be read: type=SECCOMP msg=audit(1795938683.915:1)',
    );
    expect(stdout).toContain('A line without them was cut');
    expect(stdout).not.toContain('SECCOMP_FILTER_FLAG_LOG');
    expect(stdout).not.toContain('\u001b');
    expect(status).toBe(1);
  });

  // As ausearch 3.0.9 prints records that have `syscall=165 code=0x50000`.
  it.each([
    ',SECCOMP,11/30/26,00:37:18,19338,dac-decision,unset,system,root,privileged-acct,called-seccomp-controlled-syscall,failed,unknown-syscall(-1),,process,/x',
    'At 00:37:18 11/30/26 system, acting as root, unsuccessfully called-seccomp-controlled-syscall unknown-syscall(-1) using /x',
  ])('says that a form of ausearch lacks the call: %s', (line) => {
    const { stdout, status } = ociSeccomp(['audit', '-'], { input: `${line}\n` });
    expect(stdout).toContain('1 line with a record could not be read');
    expect(stdout).toContain('use ausearch --raw');
    expect(status).toBe(1);
  });

  it('judges the calls of a trial with LOG by the profile', () => {
    const line =
      'audit(1795938683.915:1): pid=1 comm="x" exe="/x" sig=0 arch=c000003e syscall=165 compat=0 ip=0x1 code=0x7ffc0000\n';
    const { stdout } = ociSeccomp(['audit', '-', '--profile', 'docker-default', '--kernel', '6.1'], {
      input: line,
    });
    expect(stdout).toContain('would be denied by docker-default: ERRNO EPERM (1)');
    expect(stdout).toContain('1 kind only logged: docker-default would deny 1 of them');
    expect(stdout).toContain('CAP_SYS_ADMIN would allow it');
  });
});

describe('words of records', () => {
  const first = (words: readonly string[]): string | undefined => ociSeccomp(words).stdout.split('\n')[0];
  const mount = first(['explain', 'docker-default', 'mount', '--arch', 'x86_64']);
  it.each([
    [['arch=c000003e', 'syscall=165']],
    [['sig=0 arch=c000003e syscall=165 compat=0 ip=0x7f code=0x50000']],
    [['si_syscall=__NR_mount,', 'si_arch=AUDIT_ARCH_X86_64']],
    [['_syscall = 165, _arch = 3221225534']],
    [['__x64_sys_mount', '--arch', '3221225534']],
    [['SYS_mount', '--arch', 'AUDIT_ARCH_X86_64']],
    [['nr=0xa5', '--arch', '0xc000003e']],
  ])('%j are mount on x86_64', (words) => {
    expect(mount).toMatch(/^x86_64 mount\(/);
    expect(first(['explain', 'docker-default', ...words])).toBe(mount);
  });

  it('have the bit of x32 in the number', () => {
    expect(first(['explain', 'docker-default', 'arch=c000003e', `syscall=${0x40000000 + 165}`])).toMatch(
      /^x32 mount\(/,
    );
  });
});

// No rule is about such a call: after an edit of the rules it would be killed as before.
describe('a call of an architecture that the profile leaves out', () => {
  const profile = join(folder, 'x86_64-alone.json');
  const syscalls = [{ names: ['mkdir'], action: 'SCMP_ACT_ERRNO' }];
  writeFileSync(
    profile,
    JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', architectures: ['SCMP_ARCH_X86_64'], syscalls }),
  );
  const mkdir = { x86: 'arch=40000003 syscall=39', x32: `arch=c000003e syscall=${0x40000000 + 83}` };

  it.each(['x86', 'x32'] as const)('of %s is allowed by no edit, and the architecture is named', (arch) => {
    const add = `add SCMP_ARCH_${arch.toUpperCase()} to the architectures of the profile`;
    const allow = ociSeccomp(['allow', profile, mkdir[arch]]);
    expect({ stdout: allow.stdout, status: allow.status }).toEqual({ stdout: '', status: 2 });
    expect(allow.stderr).toContain(add);
    const suggested = ociSeccomp(['explain', profile, mkdir[arch], '--arch', arch, '--suggest']).stdout;
    expect(suggested).toContain(`to allow it: ${add}`);
    const record = `audit(1795938683.915:1): pid=1 comm="x" exe="/x" sig=31 ${mkdir[arch]} compat=0 ip=0x1 code=0x0\n`;
    const { stdout } = ociSeccomp(['audit', '-', '--profile', profile, '--arch', 'x86_64'], {
      input: record,
    });
    expect(stdout).toContain(`to allow it: ${add}`);
    expect(stdout).not.toContain('oci-seccomp allow');
  });

  it('keeps none from edits that lists it', () => {
    const both = join(folder, 'both.json');
    const listed = ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'];
    writeFileSync(both, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', architectures: listed, syscalls }));
    expect(ociSeccomp(['allow', both, mkdir.x86])).toMatchObject({ status: 0 });
  });
});

describe('the summary of a filter', () => {
  it('fits on a screen, with every call of every architecture in one place', () => {
    for (const profile of ['docker-default', 'podman-default', 'fixtures/cli/socket.json']) {
      const { stdout, status } = ociSeccomp(['explain', profile]);
      expect([status, stdout.trimEnd().split('\n').length <= 41], profile).toEqual([0, true]);
    }
  });

  it('counts as explain answers', () => {
    const { calls } = JSON.parse(
      ociSeccomp(['explain', 'docker-default', '--json', '--arch', 'x86_64']).stdout,
    ) as {
      readonly calls: readonly { readonly syscall: string; readonly state: string }[];
    };
    const wanted = { mount: 'denied', read: 'allowed', clone: 'by-arguments', clone3: 'denied' };
    for (const [syscall, state] of Object.entries(wanted)) {
      expect(calls.find((call) => call.syscall === syscall)?.state, syscall).toBe(state);
    }
    expect(calls.length).toBe(directSyscallNumbers('x86_64').length);
  });

  it('names a subsystem for the calls of every set that it takes from systemd', () => {
    const names = directSyscallNumbers('x86_64').map((nr) => syscallName(nr, 'x86_64') ?? '');
    const other = names.filter((name) => subsystemOf(name) === 'other');
    // A newer table brings calls that nobody has sorted yet; they are not the ones that matter most.
    expect(other.length).toBeLessThan(names.length / 10);
    for (const set of ['@mount', '@module', '@keyring', '@network-io']) {
      const members = (systemdSets[set] ?? '').split(/\s+/).filter((word) => /^[a-z]/.test(word));
      expect(members.filter((name) => subsystemOf(name) === 'other')).toEqual([]);
    }
  });
});
