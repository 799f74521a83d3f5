/** What allow and deny say of the call and of the profile beside the edit. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { editProfile } from '../../../src/cli/answers/edited-profile.ts';
import { ociSeccomp as run } from '../run.ts';
import { conditionalProfile, createFiles, edit, plainProfile } from './edited-profiles.ts';

const { file, folder } = createFiles();
const plain = file('plain.json', plainProfile);
const conditional = file('conditional.json', conditionalProfile);

describe('beside an edit it is said', () => {
  it.each([
    ['exit_group', [/a program with threads does not end/]],
    ['exit', [/no thread ends/]],
    ['rt_sigreturn', [/crashes \(SIGSEGV\) when one of its signal handlers returns/]],
    [
      'close',
      [
        /no container can start under runc: the runtime itself calls close/,
        /main function with glibc 2\.36 on/,
      ],
    ],
    ['setuid', [/no container can start under runc without noNewPrivileges/]],
    ['openat2', [/under some versions of runc/]],
    ['rt_sigaction', [/under crun without noNewPrivileges/]],
    ['kill', []],
  ] as const)('says what breaks without %s', (syscall, wanted) => {
    const path = file('open.json', '{"defaultAction": "SCMP_ACT_ALLOW"}');
    const { stderr } = run(['deny', path, syscall, '-o', join(folder, 'less.json')]);
    const warnings = stderr.split('\n').filter((line) => line.startsWith('warning: '));
    expect(warnings).toEqual(wanted.map((each) => expect.stringMatching(each)));
    // Of some arguments nothing is said.
    const some = run(['deny', path, syscall, '7', '-o', join(folder, 'less.json')]).stderr;
    expect(some).not.toMatch(/can start|main function|does not end|no thread ends|SIGSEGV/);
  });

  it('says of execve that no container can start without it, but not where it is denied already', () => {
    const path = file('starts.json', '{"defaultAction": "SCMP_ACT_ALLOW"}');
    const denied = join(folder, 'starts-not.json');
    const said = run(['deny', path, 'execve', '-o', denied]).stderr;
    expect(said).toMatch(/^warning: no container can start: .* execve, under the filter$/m);
    expect(run(['validate', denied]).status).toBe(1);
    expect(run(['deny', denied, 'execve', '-o', denied]).stderr).not.toContain('container');
    expect(run(['deny', path, 'execveat', '-o', denied]).stderr).not.toContain('container');
  });

  // That they do so is tried in test/lint/catalog/probes.test.ts.
  it('says that C libraries do not make the older call, unless the answer is ENOSYS', async () => {
    const probing = (more: object) => {
      const rules = [{ names: ['clone', 'clone3'], action: 'SCMP_ACT_ALLOW' }];
      const architectures = ['SCMP_ARCH_X86_64'];
      return file('probing.json', {
        defaultAction: 'SCMP_ACT_ERRNO',
        architectures,
        syscalls: rules,
        ...more,
      });
    };
    const breaks = async (path: string) => (await edit(path, 'deny', 'clone3')).breaks;
    expect(await breaks(probing({}))).toEqual([
      expect.stringMatching(/clone in place of clone3 only after ENOSYS.*pthread_create.*"errnoRet": 38 /),
    ]);
    expect(await breaks(probing({ defaultErrnoRet: 38 }))).toEqual([]);
    // The older call has no other before it; glibc forks with it.
    expect((await edit(probing({}), 'deny', 'clone')).breaks).toEqual([
      expect.stringContaining('fork() of glibc fails, pthread_create() and posix_spawn() of musl too'),
    ]);
  });

  it('refuses a dangerous call without --force, and writes nothing', () => {
    const target = join(folder, 'absent.json');
    const { status, stderr } = run(['allow', plain, 'ptrace', '-o', target]);
    expect([status, /dangerous/.test(stderr)]).toEqual([1, true]);
    expect(() => readFileSync(target)).toThrow();
  });

  it('finds the flags of clone where an architecture has them', async () => {
    const path = file('clone.json', { defaultAction: 'SCMP_ACT_ERRNO', syscalls: [] });
    const dangers = async (arch: string, ...args: readonly string[]) =>
      (await editProfile([path, 'clone', ...args], 'allow', { arch })).dangers.map(({ isMeant }) => isMeant);
    expect(await dangers('x86_64', 'CLONE_NEWUSER')).toEqual([true]);
    expect(await dangers('s390x', '_', 'CLONE_NEWUSER')).toEqual([true]);
  });

  it('names the capability that opens a call without an edit, and its rule', async () => {
    const { openers } = await edit(conditional, 'allow', 'mbind');
    expect(openers.map(({ capability, rule }) => [capability, rule])).toEqual([['CAP_SYS_NICE', 1]]);
  });

  it('names the kernel from which on a call gets through without an edit, and its rule', async () => {
    const { openers, openFrom } = await edit('docker-default', 'allow', 'ptrace');
    expect(openFrom).toEqual({ kernel: '4.8', rule: 1, place: expect.anything() });
    expect(openers.map(({ capability }) => capability)).toEqual(['CAP_SYS_PTRACE']);
    const answers = ['4.8', '4.7'].flatMap((kernel) =>
      [[], ['--cap', 'SYS_PTRACE']].map((more) => {
        const words = ['explain', 'docker-default', 'ptrace', '--kernel', kernel, '--arch', 'x86_64'];
        return / ALLOW$/m.test(run([...words, ...more]).stdout.split('\n')[0] ?? '');
      }),
    );
    expect(answers).toEqual([true, true, false, true]);
    expect(run(['allow', 'docker-default', 'ptrace']).stderr).toMatch(
      /gets through from Linux 4\.8 on: rule 2\n.*--cap-add SYS_PTRACE opens this on older kernels/,
    );
    expect(await edit('docker-default', 'allow', 'mbind')).not.toHaveProperty('openFrom');
  });

  it('warns of bits that the kernel ignores and filters compare', async () => {
    const path = file('families.json', {
      defaultAction: 'SCMP_ACT_ERRNO',
      syscalls: [
        {
          names: ['socket'],
          action: 'SCMP_ACT_ALLOW',
          args: [{ index: 0, value: 40, op: 'SCMP_CMP_NE' }],
        },
        {
          names: ['socketpair'],
          action: 'SCMP_ACT_ALLOW',
          args: [{ index: 0, value: 40, op: 'SCMP_CMP_LE' }],
        },
      ],
    });
    expect((await edit(path, 'deny', 'socket', '16')).bypassed).toEqual([0]);
    expect((await edit(path, 'deny', 'socketpair', '16')).bypassed).toEqual([]);
    expect((await edit(path, 'deny', 'socket')).bypassed).toEqual([]);
    const { stderr } = run(['deny', path, 'socket', '16', '-o', join(folder, 'families-16.json')]);
    expect(stderr).toContain('one of the upper 32 bits of argument 0 (domain) set');
  });

  it('says of flags that an edit is about one value of them', () => {
    const summary = (...call: readonly string[]) => run(['deny', plain, ...call, '-o', '/dev/null']).stderr;
    const exactly = /exactly this value of argument 2 \(flags\), not about calls with other flags/;
    expect(summary('openat', '_', '_', 'O_CREAT')).toMatch(exactly);
    expect(summary('openat', '_', '_', '0')).not.toMatch(exactly);
    expect(summary('read', '3')).not.toMatch(/exactly/);
  });

  it('tells that runc answers ENOSYS for more, once the newest name is gone', async () => {
    const { proof } = await edit(plain, 'deny', 'personality', '8');
    expect(proof.borders.map(({ arch }) => arch)).toContain('x86_64');
    expect(proof.borders[0]?.left).toContain('socket');
  });

  it('tells that a multiplexer stays open, and that its border moves', async () => {
    const path = file('multiplexed.json', {
      defaultAction: 'SCMP_ACT_ERRNO',
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
      syscalls: [{ names: ['socket', 'socketcall'], action: 'SCMP_ACT_ALLOW' }],
    });
    expect((await edit(path, 'deny', 'socket')).proof.throughMultiplexer).toEqual(['x86']);
    const { proof } = await edit(plain, 'allow', 'openat2');
    expect(proof.borders.map(({ arch }) => arch)).toEqual(['x86_64', 'x86']);
    expect(proof.borders[0]?.reached).toContain('clone3');
  });

  const args = [{ index: 0, value: 8, op: 'SCMP_CMP_EQ' }];
  it.each([
    ['allow getpid', 'personality', { args }, true],
    ['allow execve', 'personality', { args }, true],
    ['allow getpid', 'personality', {}, false],
    ['allow getpid', 'socket', {}, true],
    ['deny personality', 'personality', { args }, false],
    ['allow personality', 'personality', { args }, false],
  ])('%s says whether libseccomp still refuses two rules for %s with %j', (words, name, own, isRefused) => {
    const path = file('refused.json', {
      defaultAction: 'SCMP_ACT_ERRNO',
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
      syscalls: [
        { names: ['execve'], action: 'SCMP_ACT_ALLOW' },
        { names: [name], action: 'SCMP_ACT_ALLOW', ...own },
        { names: [name], action: 'SCMP_ACT_KILL_PROCESS', ...own },
      ],
    });
    const [verb = '', call = ''] = words.split(' ');
    const after = join(folder, 'refused-after.json');
    const { stderr, status } = run([verb, path, call, '-o', after]);
    expect(status).toBe(0);
    expect(stderr.includes(`libseccomp refuses ${path} (EEXIST)`)).toBe(isRefused);
    const compiled = run([
      'compile',
      after,
      '--backend',
      'libseccomp',
      '--arch',
      'x86_64',
      '-o',
      '/dev/null',
    ]);
    expect(compiled.stderr.includes('EEXIST')).toBe(isRefused);
  });

  it.each([
    ['allow', 'getpid'],
    ['deny', 'read'],
    ['simplify'],
    ['intersect', plain],
    ['union', plain],
    ['convert', '--to', 'systemd'],
  ])('%s names the keys that nobody reads, with their places', (verb, ...words) => {
    const path = file(
      'unread.json',
      '{"defaultAction": "SCMP_ACT_ALLOW",\n "defaultAction": "SCMP_ACT_ERRNO",\n "syscals": []}',
    );
    const { stderr, status } = run([verb, path, ...words, '-o', join(folder, 'read.out')]);
    const lines = stderr.split('\n').filter((line) => /^(?:warning|note): .*unread\.json:/.test(line));
    expect([status, lines.map((line) => /:(\d+:\d+): the key "(\w+)"/.exec(line)?.slice(1))]).toEqual([
      0,
      [
        ['2:2', 'defaultAction'],
        ['3:2', 'syscals'],
      ],
    ]);
  });

  it.each(['allow', 'deny'])('%s names --arch for a profile of other machines', (verb) => {
    const foreign = file(
      's390x.json',
      '{"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_S390X"]}',
    );
    const args = [verb, foreign, 'getpid', '-o', join(folder, 's390x-edited.json')];
    const { stderr, status } = run(args);
    expect([status, stderr]).toEqual([2, expect.stringMatching(/hint: .*--arch s390x$/m)]);
    expect(run([...args, '--arch', 's390x']).status).toBe(0);
  });

  it('colours labels and the diff if it is asked to', () => {
    const { stdout, stderr } = run(['allow', plain, 'ptrace', '--force', '--diff', '--color', 'always']);
    expect(stderr).toContain('\u001b[33mwarning\u001b[39m: ptrace is dangerous');
    const added = stdout.split('\n').filter((line) => line.startsWith('\u001b[32m+'));
    expect(added).toEqual([expect.stringContaining('"ptrace"')]);
    expect(run(['allow', plain, 'ptrace', '--force', '--diff']).stdout).not.toContain('\u001b');
  });
});
