/**
 * Exit codes as diff(1), cmp(1) and grep(1) have them: command × situation → code. diff and cmp themselves are asked too.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { errorCodes } from '../../src/errors.ts';
import { ociSeccomp, program, type RunOptions, root } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-exit-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const allow = (...denied: readonly string[]): string =>
  JSON.stringify({
    defaultAction: 'SCMP_ACT_ALLOW',
    archMap: [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] }],
    syscalls: [{ names: denied, action: 'SCMP_ACT_ERRNO', errnoRet: 1 }],
  });

const host = ['--arch', 'x86_64', '--kernel', '6.1'];
const strict = file('strict.json', allow('ptrace', 'mount'));
const loose = file('loose.json', allow('ptrace'));
/** A rule that nobody enforces: no call has the name. */
const typo = file('typo.json', allow('ptrace', 'mouunt'));
const broken = file('broken.json', '{"defaultAction": "SCMP_ACT_ALLOW", ');
const misshapen = file('misshapen.json', '{"defaultAction": 5, "syscalls": {}}');
const twice = file('twice.json', '{"defaultAction": "SCMP_ACT_ALLOW", "defaultAction": "SCMP_ACT_LOG"}');
const noExec = file('no-exec.json', allow('execve'));
const seccompOff = file('off.json', '{}');
const garbage = file('garbage.bpf', 'neither a program nor a profile');
const refused = file('refused.asm', 'ld [nr]\n');
const undecided = file(
  'undecided.asm',
  'ld [16]\nldx #3\nmul x\njeq #6, yes, no\nyes: ret ALLOW\nno: ret ERRNO(EPERM)\n',
);
const listing = file('filter.asm', 'ld [nr]\njeq #110, no, yes\nno: ret ERRNO(EPERM)\nyes: ret ALLOW\n');
const expected = file('expected.txt', 'x86_64 getppid ERRNO(EPERM)\nx86_64 read 0 ALLOW\n');
const unexpected = file('unexpected.txt', 'x86_64 getppid ALLOW\n');
const badCalls = file('bad-calls.txt', 'x86_64 getppid ALLOW\nx86_64 opneat 0 ALLOW\n');
const trace = file('trace.txt', 'read(3, "", 1) = 0\n');
const deniedTrace = file('denied.txt', 'ptrace(PTRACE_ATTACH, 1) = -1 EPERM (Operation not permitted)\n');
const noTrace = file('no-trace.txt', '\n');
const missing = join(folder, 'missing.json');
const aFolder = join(folder, 'folder');
mkdirSync(aFolder);
const noLibrary: RunOptions = { env: { OCI_SECCOMP_LIBRARY: '/nonexistent' } };
const compiled = join(folder, 'strict.bpf');
ociSeccomp(['compile', strict, ...host, '-o', compiled]);
/** Profiles that allow by default are what the cases here need. */
const quiet = ['--no-config', '--rule', 'default-allow=off'];

type Row = readonly [code: number, situation: string, command: readonly string[], options?: RunOptions];

const hookConfig = ['hook', 'config', '--profile', 'docker-default', '--log', 'syslog'];
const rows: readonly Row[] = [
  [0, 'written', ['compile', strict, ...host, '-o', '/dev/null']],
  [1, 'the proof fails', ['compile', 'fixtures/cli/miscompiled.json', ...host, '-r', 'crun']],
  [1, '--strict finds a weakness', ['compile', typo, ...host, '--strict', '-o', '/dev/null']],
  [0, 'the same without --strict', ['compile', typo, ...host, '-o', '/dev/null']],
  [2, 'broken JSON', ['compile', broken]],
  [2, 'JSON of another shape', ['compile', misshapen]],
  [2, 'seccomp off', ['compile', seccompOff]],
  [2, 'libseccomp refuses the rules', ['compile', 'fixtures/cli/contradiction.json', ...host]],
  [2, 'libseccomp loops', ['compile', 'fixtures/cli/endless.json', ...host, '--timeout', '0.5']],
  [2, 'a wrong option', ['compile', strict, '--runtme', 'crun']],
  [2, 'a wrong value', ['compile', strict, '--arch', 'x86_46']],
  [2, 'no operand', ['compile']],
  [3, 'no such file', ['compile', missing]],
  [3, 'a folder', ['compile', aFolder]],
  [3, 'no libseccomp', ['compile', strict], noLibrary],
  [3, 'a library that is another', ['compile', strict, '--library', 'libc.so.6']],
  [3, 'an output that cannot be written', ['compile', strict, ...host, '-o', join(missing, 'x')]],

  [0, 'written', ['resolve', strict, ...host, '-q']],
  [2, 'broken JSON', ['resolve', broken]],
  [2, 'a wrong option', ['resolve', strict, '--name', 'x']],
  [3, 'no such file', ['resolve', missing]],
  [0, 'a runtime takes it', ['resolve', strict, ...host, '-q', '--runtime', 'runc@1.1']],
  [
    2,
    'a runtime refuses it',
    ['resolve', 'fixtures/profiles/bad/architecture-native.json', '--runtime', 'crun'],
  ],
  [2, 'no program for gVisor', ['resolve', strict, '--runtime', 'runsc']],

  [0, 'clean', ['validate', strict]],
  [1, 'broken JSON', ['validate', broken]],
  [1, 'JSON of another shape', ['validate', misshapen, '--format', 'json']],
  [1, 'one of two is invalid', ['validate', strict, misshapen]],
  [2, 'a wrong option', ['validate', strict, '--format', 'xml']],
  [3, 'no such file', ['validate', missing]],
  [3, 'one is invalid, one is missing', ['validate', broken, missing]],

  [0, 'clean', ['lint', strict, ...quiet]],
  [1, 'a finding of level error', ['lint', typo, ...quiet, '--rule', 'unknown-syscall=error']],
  [1, 'broken JSON', ['lint', broken, ...quiet]],
  [1, 'too many warnings', ['lint', 'fixtures/cli/mistakes.json', '--max-warnings', '0']],
  [2, 'a wrong option', ['lint', strict, '--max-warnings', 'few']],
  [2, 'an unknown rule', ['lint', strict, '--rule', 'no-such-rule=off']],
  [3, 'no such file', ['lint', missing, ...quiet]],
  [3, 'no libseccomp', ['lint', strict, ...quiet, '--library', '/nonexistent']],

  [0, 'explained', ['explain', strict, 'mount', ...host]],
  [2, 'undecided', ['explain', undecided, 'read', '--arch', 'x86_64']],
  [2, 'broken JSON', ['explain', broken, 'mount']],
  [2, 'neither program nor profile', ['explain', garbage, 'mount']],
  [2, 'no such system call', ['explain', strict, 'mouunt', '--arch', 'x86_64']],
  [3, 'no such file', ['explain', missing, 'mount']],
  [3, 'no such process', ['explain', '--pid', '4194304', 'mount']],
  [3, 'no libseccomp', ['explain', strict, 'mount'], noLibrary],

  [0, 'equal', ['diff', strict, strict, ...host]],
  [0, 'equal to its program', ['diff', strict, compiled, ...host]],
  [1, 'different', ['diff', strict, loose, ...host]],
  [1, 'looser', ['diff', strict, loose, ...host, '--fail-on', 'looser']],
  [0, 'looser, not stricter', ['diff', strict, loose, ...host, '--fail-on', 'stricter']],
  [1, 'not all decided', ['diff', undecided, listing]],
  [2, 'broken JSON', ['diff', strict, broken, ...host]],
  [2, 'neither program nor profile', ['diff', strict, garbage, ...host]],
  [2, 'one operand', ['diff', strict]],
  [3, 'no such file', ['diff', strict, missing, ...host]],
  [3, 'no libseccomp', ['diff', strict, loose], noLibrary],

  [0, 'a copy on a newer default', ['rebase', 'docker-default@20.10', '--onto', 'docker-default@28.0', '-q']],
  [0, 'nothing is missing', ['rebase', 'docker-default@28.0', '--onto', 'docker-default@28.0', '--check']],
  [1, 'behind', ['rebase', 'docker-default@20.10', '--onto', 'docker-default@28.0', '--check']],
  [2, 'no copy', ['rebase', strict]],
  [2, 'an old call', ['syscalls', 'read', '--since', 'docker-default@20.10']],
  [2, 'no release of a kernel', ['syscalls', '--since', '6']],
  [2, 'an architecture of a default', ['syscalls', '--since', 'docker-default@20.10', '--arch', 'x86']],
  [2, 'no such release', ['rebase', 'docker-default', '--onto', 'docker-default@3']],
  [3, 'no such file', ['rebase', missing]],
  [0, 'written', ['convert', 'fixtures/cli/deny-some.json', '--to', 'systemd', ...host]],
  [2, 'no form', ['convert', 'docker-default']],
  [2, 'not said', ['convert', 'fixtures/cli/deny-some.json', '--to', 'lxc', ...host]],
  [3, 'no such file', ['convert', missing, '--to', 'systemd']],
  [2, 'no reference', ['pull', 'web']],
  [2, 'no digest', ['pull', 'localhost:1/web:1']],
  [3, 'nobody listens', ['pull', 'localhost:1/web:1', '--unpinned']],
  [2, 'a built-in, which has conditions', ['push', 'docker-default', 'localhost:1/web']],
  [2, 'not an artifact', ['push', broken, 'localhost:1/web']],
  [3, 'no such file', ['push', missing, 'localhost:1/web']],
  [3, 'nobody listens', ['push', 'fixtures/cli/deny-some.json', 'localhost:1/web']],
  [0, 'within', ['subset', strict, loose, ...host]],
  [1, 'not within', ['subset', loose, strict, ...host]],
  [2, 'broken JSON', ['subset', broken, strict, ...host]],
  [3, 'no such file', ['subset', strict, missing, ...host]],

  // crun takes the first of the two, all others the last.
  [1, 'a key given twice', ['compile', twice, '--strict', '-o', '/dev/null', ...host]],

  [0, 'equal', ['verify', strict, compiled, ...host]],
  [1, 'different', ['verify', loose, compiled, ...host]],
  [2, 'broken JSON', ['verify', broken, compiled, ...host]],
  [2, 'no program', ['verify', strict, garbage, ...host]],
  [2, 'a profile in the place of the filter', ['verify', strict, loose, ...host]],
  [3, 'no such file', ['verify', strict, missing, ...host]],
  // Under a filter, as containers are, it is another one.
  [1, 'a process without a filter', ['verify', strict, `pid:${process.pid}`, ...host]],
  [3, 'no such process', ['verify', strict, 'pid:4194304']],

  [0, 'listed', ['disasm', listing]],
  [2, 'no program', ['disasm', garbage]],
  [2, 'a profile', ['disasm', strict]],
  [2, 'nothing to list', ['disasm']],
  [2, 'no number', ['disasm', '--pid', 'init']],
  [3, 'no such file', ['disasm', missing]],

  [0, 'written', ['asm', listing, '--format', 'hex']],
  [2, 'the kernel would refuse it', ['asm', refused]],
  [0, 'the same with --force', ['asm', refused, '--force', '-f', 'hex']],
  [2, 'no program', ['asm', garbage]],
  [3, 'no such file', ['asm', missing]],

  [0, 'as expected', ['simulate', listing, expected]],
  [1, 'not as expected', ['simulate', listing, unexpected]],
  [2, 'a line that cannot be read', ['simulate', listing, badCalls]],
  [2, 'no calls', ['simulate', listing, noTrace]],
  [2, 'no program', ['simulate', garbage, expected]],
  [3, 'no such file', ['simulate', listing, missing]],

  ...['1', '600'].map(
    (seconds): Row => [0, `a time limit of ${seconds} s`, [...hookConfig, '--timeout', seconds]],
  ),
  ...['0', '601', '-1', '1.5', 'x', ''].map((seconds): Row => {
    return [2, `a time limit of '${seconds}' s`, [...hookConfig, '--timeout', seconds]];
  }),
  [2, 'no stage', ['hook']],
  [2, 'no such stage', ['hook', 'nosuch']],
  [2, 'a stage that is too late', ['hook', 'poststop', '--profile', strict]],
  [2, 'no such option', ['hook', 'createRuntime', '--nosuch']],
  [2, 'no state', ['hook', 'createRuntime', '--profile', strict]],

  [0, 'found', ['syscalls', 'read']],
  [2, 'no such system call', ['syscalls', 'read', 'raed']],
  [0, 'found', ['rules', 'default-allow']],
  [2, 'no such rule', ['rules', 'default-alow']],
  [2, 'no such folder', ['init', 'nowhere']],
  [3, 'no libseccomp', ['doctor', '--library', '/nonexistent']],

  [0, 'nothing would be denied', ['run', '-p', strict, '--dry-run', trace]],
  [1, 'a call would be denied', ['run', '-p', strict, '--dry-run', deniedTrace]],
  [2, 'no calls', ['run', '-p', strict, '--dry-run', noTrace]],
  [2, 'broken JSON', ['run', '-p', broken, '--', 'true']],
  [2, 'no command', ['run', '-p', strict]],
  [3, 'no such profile', ['run', '-p', missing, '--', 'true']],
  [0, 'no libseccomp, which is not needed', ['run', '-p', strict, '--', 'true'], noLibrary],
  [3, 'no libseccomp', ['run', '-p', strict, '--backend', 'libseccomp', '--', 'true'], noLibrary],
  [
    2,
    'a store of libseccomp',
    ['run', '-p', strict, '--backend', 'libseccomp', '--store', '/', '--', 'true'],
  ],
  [1, 'it cannot start', ['run', '-p', noExec, '--', 'true']],
  [126, 'not executable', ['run', '-p', strict, '--', strict]],
  [127, 'no such command', ['run', '-p', strict, '--', 'no-such-command-here']],
  [7, "the command's own", ['run', '-p', strict, '--', 'sh', '-c', 'exit 7']],

  [0, 'help', ['--help']],
  [2, 'no command', []],
  [2, 'an unknown command', ['compil']],
];

describe('exit codes', () => {
  const cases = rows.map(([code, situation, command, options]) => ({ code, situation, command, options }));
  let compared = 0;
  it.each(cases)('$code: $situation: $command', ({ code, command, options }) => {
    const { status, stderr } = ociSeccomp(command, options);
    expect({ status, stderr }).toEqual({ status: code, stderr });
    const error = [...stderr.matchAll(/^error: .*\[(ERR_[A-Z_]+)\]$/gm)].at(-1)?.[1];
    // What is wrong in a file is the answer of these two.
    if (
      error === undefined ||
      ['validate', 'lint'].includes(command[0] ?? '') ||
      code === 126 ||
      code === 127
    )
      return;
    expect(errorCodes[error as 'ERR_IO'].exitCode).toBe(code);
    compared += 1;
  });

  it('were held against the code of the error that is printed', () => {
    expect(compared).toBeGreaterThan(30);
  });

  it('are those of diff(1) and cmp(1)', () => {
    const pairs = [
      [strict, strict],
      [strict, loose],
    ] as const;
    for (const [first, second] of pairs) {
      const ours = ociSeccomp(['diff', first, second, ...host]).status;
      expect(spawnSync('diff', [first, second]).status).toBe(ours);
      expect(spawnSync('cmp', [first, second]).status).toBe(ours);
    }
    expect(spawnSync('diff', ['--no-such-option', strict, loose]).status).toBe(
      ociSeccomp(['diff', '--no-such-option', strict, loose]).status,
    );
  });

  it('are the answer even if nobody reads it to the end', () => {
    const command = `"${process.execPath}" "${program}" diff docker-default podman-default -v --format json | head -c 1 >/dev/null; exit \${PIPESTATUS[0]}`;
    const { stderr, status } = spawnSync('bash', ['-c', command], { encoding: 'utf8', cwd: root });
    expect({ stderr, status }).toEqual({ stderr: '', status: 1 });
  });

  it('end an endless simulation whose reader has gone', () => {
    const command = `yes 'x86_64 0-400' | "${process.execPath}" "${program}" simulate "${listing}" - | head -c 1 >/dev/null; exit \${PIPESTATUS[1]}`;
    const { stderr, status } = spawnSync('bash', ['-c', command], { encoding: 'utf8' });
    expect({ stderr, status }).toEqual({ stderr: '', status: 141 });
  });
});
