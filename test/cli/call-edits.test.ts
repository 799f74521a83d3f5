/** Edits of allow and deny, held against libseccomp's programs, which the interpreter runs. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { editProfile } from '../../src/cli/answers/edited-profile.ts';
import { explainQuestion } from '../../src/cli/answers/explain-question.ts';
import { renderExplanation } from '../../src/cli/render/render-explain.ts';
import { datedProfile, findRelease } from '../../src/compose/dated/releases.ts';
import { allowCall, denyCall } from '../../src/index.ts';
import { ociSeccomp as run } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-edits-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | object): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  return path;
}

const options = { arch: 'x86_64' } as const;
const edit = (path: string, verb: 'allow' | 'deny', ...call: readonly string[]) =>
  editProfile([path, ...call], verb, options);

function changedLines(before: string, after: string): readonly string[] {
  const [a, b] = [before.split('\n'), after.split('\n')];
  return [...a.filter((line) => !b.includes(line)), ...b.filter((line) => !a.includes(line))];
}

const calls = ['read', 'personality', 'socket', 'mount'];

const plain = file('plain.json', {
  defaultAction: 'SCMP_ACT_ERRNO',
  architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
  syscalls: [
    { names: ['close', 'read', 'write'], action: 'SCMP_ACT_ALLOW' },
    {
      names: ['personality'],
      action: 'SCMP_ACT_ALLOW',
      args: [{ index: 0, value: 8, op: 'SCMP_CMP_EQ' }],
    },
  ],
});

const open = file('open.json', {
  defaultAction: 'SCMP_ACT_ALLOW',
  architectures: ['SCMP_ARCH_X86_64'],
  syscalls: [
    { names: ['ptrace'], action: 'SCMP_ACT_ERRNO' },
    { names: ['socket'], action: 'SCMP_ACT_ERRNO', args: [{ index: 0, value: 40, op: 'SCMP_CMP_EQ' }] },
  ],
});

const conditional = file('conditional.json', {
  defaultAction: 'SCMP_ACT_ERRNO',
  archMap: [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: [] }],
  syscalls: [
    { names: ['read'], action: 'SCMP_ACT_ALLOW' },
    { names: ['mbind', 'mount'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_SYS_NICE'] } },
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38, excludes: { caps: ['CAP_SYS_ADMIN'] } },
    { names: ['clone3'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_SYS_ADMIN'] } },
  ],
});

/** What libseccomp's program does with a call, as the program's own instructions say. */
function verdict(path: string, ...words: readonly string[]): Promise<string> {
  return verdictOn('x86_64', path, ...words);
}

/** In this process: there are some 250 of them. */
async function verdictOn(arch: string, path: string, ...words: readonly string[]): Promise<string> {
  const [syscall = '', ...args] = words;
  const { explanation, filtered } = await explainQuestion(
    { subject: path, syscall, args },
    { arch, runtime: 'crun' },
  );
  return renderExplanation(explanation, filtered).split('\n')[0] ?? '';
}

describe('edits of a profile for one call', () => {
  it.each([
    [plain, 'allow', ['chmod']],
    [plain, 'allow', ['personality', '131072']],
    [plain, 'allow', ['socket', 'AF_INET', '_', '6']],
    [plain, 'deny', ['read']],
    [plain, 'deny', ['read', '3']],
    [plain, 'deny', ['personality', '8']],
    [open, 'allow', ['ptrace']],
    [open, 'allow', ['socket', 'AF_VSOCK']],
    [open, 'deny', ['mount']],
    [open, 'deny', ['write', '2']],
    [conditional, 'allow', ['mbind']],
    [conditional, 'allow', ['clone3']],
    [conditional, 'deny', ['mbind']],
  ] as const)('%s: %s %s', async (path, verb, call) => {
    const { before, after, proof } = await edit(path, verb, ...call);
    expect(proof.isMet).toBe(true);
    // On x86 socketcall shows no arguments: all sockets go through it, and the edit says so.
    const isMultiplexed = path === plain && call[0] === 'socket';
    expect(proof.others.map(({ calls: names }) => names)).toEqual(isMultiplexed ? [['socketcall']] : []);
    expect(proof.others.every(({ isOwn }) => isOwn)).toBe(true);
    expect(after).not.toBe(before);
    // The text is JSON, and the author's other lines stay.
    expect(JSON.parse(after)).toBeDefined();
    for (const name of ['defaultAction', 'SCMP_ARCH_X86_64']) {
      expect(changedLines(before, after).filter((line) => line.includes(name))).toEqual([]);
    }
    const edited = file('edited.json', after);
    const words = call.map((word) => (word === '_' ? '0' : word));
    // Held against libseccomp's program, which explain decides.
    expect(/ALLOW/.test(await verdict(edited, ...words))).toBe(verb === 'allow');
    for (const other of calls.filter((name) => name !== call[0])) {
      expect(await verdict(edited, other)).toBe(await verdict(path, other));
    }
  });

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

  it('takes the name out of a rule that says the opposite', () => {
    const path = file('opposite.json', {
      defaultAction: 'SCMP_ACT_ERRNO',
      architectures: ['SCMP_ARCH_X86_64'],
      syscalls: [
        { names: ['execve', 'read'], action: 'SCMP_ACT_ALLOW' },
        { names: ['getcpu', 'ptrace'], action: 'SCMP_ACT_KILL' },
      ],
    });
    const { stdout } = run(['allow', path, 'getcpu']);
    const { syscalls } = JSON.parse(stdout) as { syscalls: readonly { names: readonly string[] }[] };
    expect(syscalls.map(({ names }) => names)).toEqual([['execve', 'getcpu', 'read'], ['ptrace']]);
  });

  it('does not let a hidden rule decide the call with other arguments', () => {
    // Of two rules without comparisons libseccomp takes the first; with comparisons in the first, the second would decide all.
    const path = file('hidden.json', {
      defaultAction: 'SCMP_ACT_ALLOW',
      architectures: ['SCMP_ARCH_X86_64'],
      listenerPath: '/run/agent.sock',
      syscalls: [
        { names: ['ioctl'], action: 'SCMP_ACT_NOTIFY' },
        { names: ['ioctl', 'open'], action: 'SCMP_ACT_ERRNO', errnoRet: 13 },
      ],
    });
    const { stderr, status } = run(['deny', path, 'ioctl', '2']);
    expect(status).toBe(2);
    expect(stderr).toContain('an edit would also change ioctl with other arguments on x86_64');
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

  it('says of execve that no container can start without it, but not where it is denied already', () => {
    const path = file('starts.json', '{"defaultAction": "SCMP_ACT_ALLOW"}');
    const denied = join(folder, 'starts-not.json');
    const said = run(['deny', path, 'execve', '-o', denied]).stderr;
    expect(said).toMatch(/^warning: no container can start: .* execve, under the filter$/m);
    expect(run(['validate', denied]).status).toBe(1);
    expect(run(['deny', denied, 'execve', '-o', denied]).stderr).not.toContain('container');
    expect(run(['deny', path, 'execveat', '-o', denied]).stderr).not.toContain('container');
  });

  it('tells that runc answers ENOSYS for more, once the newest name is gone', async () => {
    const { proof } = await edit(plain, 'deny', 'personality', '8');
    expect(proof.borders.map(({ arch }) => arch)).toContain('x86_64');
    expect(proof.borders[0]?.left).toContain('socket');
  });

  it.each(['SCMP_ACT_NOTIFY', 'SCMP_ACT_TRACE'])(
    'denies a call that gets %s, which its holder may let through',
    async (action) => {
      const path = file('asked.json', {
        defaultAction: 'SCMP_ACT_ALLOW',
        architectures: ['SCMP_ARCH_X86_64'],
        listenerPath: '/run/agent.sock',
        syscalls: [{ names: ['mount'], action }],
      });
      const { before, after, proof } = await edit(path, 'deny', 'mount');
      expect(proof.isMet).toBe(true);
      expect(after).not.toBe(before);
      expect(await verdict(file('edited.json', after), 'mount')).toMatch(/: ERRNO /);
    },
  );

  it.each([
    ['11', ['3', '19', '5']],
    // Here the second value of the rule in place is another too.
    ['3', ['11', '19', '5']],
  ])('changes both values of a masked comparison: %s', async (asked, others) => {
    const path = file('masked.json', {
      defaultAction: 'SCMP_ACT_ERRNO',
      architectures: ['SCMP_ARCH_X86_64'],
      syscalls: [
        {
          names: ['mmap'],
          action: 'SCMP_ACT_ALLOW',
          args: [{ index: 2, value: 7, valueTwo: 3, op: 'SCMP_CMP_MASKED_EQ' }],
        },
      ],
    });
    const { after, proof } = await edit(path, 'deny', 'mmap', '_', '_', asked);
    expect(proof.isMet).toBe(true);
    const edited = file('edited.json', after);
    expect(await verdict(edited, 'mmap', '0', '0', asked)).not.toMatch(/ALLOW/);
    for (const value of others) {
      expect(await verdict(edited, 'mmap', '0', '0', value)).toBe(
        await verdict(path, 'mmap', '0', '0', value),
      );
    }
  });

  it('keeps other values of an argument as they were', async () => {
    const { after } = await edit(plain, 'deny', 'read', '3');
    const edited = file('edited.json', after);
    expect(await verdict(edited, 'read', '4')).toBe(await verdict(plain, 'read', '4'));
    expect(await verdict(edited, 'read', '3')).not.toBe(await verdict(plain, 'read', '3'));
  });

  it('keeps the condition of a rule that it splits', async () => {
    const { after } = await edit(conditional, 'deny', 'mbind', '8');
    const rules = JSON.parse(after).syscalls.filter((rule: { names: string[] }) =>
      rule.names.includes('mbind'),
    );
    expect(rules).toEqual([
      {
        names: ['mbind'],
        action: 'SCMP_ACT_ALLOW',
        args: [{ index: 0, value: 8, op: 'SCMP_CMP_NE' }],
        includes: { caps: ['CAP_SYS_NICE'] },
      },
    ]);
  });

  it('is proven for machines of every architecture in a list', async () => {
    const path = file('listed.json', {
      defaultAction: 'SCMP_ACT_ERRNO',
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_AARCH64'],
      syscalls: [{ names: ['read'], action: 'SCMP_ACT_ALLOW' }],
    });
    const { proof } = await edit(path, 'allow', 'write');
    expect(proof.hosts.map(({ arch }) => arch)).toEqual(['x86_64', 'aarch64']);
  });

  it('writes values of 64 bits exactly', async () => {
    const { after } = await edit(plain, 'allow', 'personality', '0xffffffffffffffff');
    expect(after).toContain('"value": 18446744073709551615');
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
      expect.stringContaining('fork() of glibc fails'),
    ]);
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

  // A rule for socket is one for socketcall(1, …) too, so a list without socketcall leaves that open.
  it.each(['docker-default', 'podman-default', 'crio-default', 'docker-default@19.03'])(
    'closes a multiplexer of %s, as the warning advises',
    async (profile) => {
      const copy = join(folder, 'carried.json');
      const first = run(['deny', profile, 'socket', 'AF_NETLINK', '-o', copy]);
      const [, advised = ''] = /(deny socketcall) too/.exec(first.stderr) ?? [];
      expect(await verdictOn('x86', copy, 'socketcall', '1')).toMatch(/: ALLOW/);
      const [verb = '', name = ''] = advised.split(' ');
      const { status, stderr } = run([verb, copy, name, '-o', copy]);
      expect([status, stderr]).toEqual([
        0,
        expect.stringMatching(/not get through now\nno other call changes/),
      ]);
      for (const arch of ['x86', 's390x']) {
        for (const call of ['1', '3', '21']) {
          expect(await verdictOn(arch, copy, 'socketcall', call)).toMatch(/: ERRNO (ENOSYS|EPERM)/);
        }
        expect(await verdictOn(arch, copy, 'socket', '2')).toMatch(/: ALLOW/);
      }
    },
  );

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

  it('denies what the kernel reads, with a rule of its own', async () => {
    const path = file('families.json', {
      defaultAction: 'SCMP_ACT_ALLOW',
      architectures: ['SCMP_ARCH_X86_64'],
      syscalls: [{ names: ['ptrace'], action: 'SCMP_ACT_ERRNO' }],
    });
    const { after, bypassed, proof } = await edit(path, 'deny', 'socket', 'AF_NETLINK', 'SOCK_RAW');
    expect([bypassed, proof.others, proof.runtimes, proof.stricter]).toEqual([
      [],
      [],
      ['runc', 'crun'],
      ['youki'],
    ]);
    const edited = file('edited.json', after);
    for (const domain of ['16', '0x100000010', '0xffffffff00000010'])
      expect(await verdict(edited, 'socket', domain, '3')).toMatch(/: ERRNO /);
    for (const words of [
      ['17', '3'],
      ['0x100000011', '3'],
      ['16', '1'],
    ])
      expect(await verdict(edited, 'socket', ...words)).toMatch(/: ALLOW/);
    // An argument of 64 bits is compared whole.
    expect((await edit(path, 'deny', 'mmap', '_', '4096')).after).toContain('SCMP_CMP_EQ');
    const { stderr } = run(['deny', path, 'socket', 'AF_NETLINK', '-o', edited]);
    expect(stderr).toMatch(
      /^warning: youki .*denies it with other arguments too: .*\nproven with runc and crun, /m,
    );
    expect(run(['lint', edited]).stdout).not.toContain('int-argument-high-bits');
  });

  it('says of flags that an edit is about one value of them', () => {
    const summary = (...call: readonly string[]) => run(['deny', plain, ...call, '-o', '/dev/null']).stderr;
    const exactly = /exactly this value of argument 2 \(flags\), not about calls with other flags/;
    expect(summary('openat', '_', '_', 'O_CREAT')).toMatch(exactly);
    expect(summary('openat', '_', '_', '0')).not.toMatch(exactly);
    expect(summary('read', '3')).not.toMatch(/exactly/);
  });

  it('changes nothing where there is nothing to change', async () => {
    for (const [verb, call] of [
      ['allow', 'read'],
      ['deny', 'ptrace'],
    ] as const) {
      const { before, after } = await edit(plain, verb, call);
      expect(after).toBe(before);
    }
  });

  it('refuses a dangerous call without --force, and writes nothing', () => {
    const target = join(folder, 'absent.json');
    const { status, stderr } = run(['allow', plain, 'ptrace', '-o', target]);
    expect([status, /dangerous/.test(stderr)]).toEqual([1, true]);
    expect(() => readFileSync(target)).toThrow();
  });

  it.each([
    // As Docker's default has it: sockets of all families but one.
    [[{ index: 0, value: 40, op: 'SCMP_CMP_NE' }], ['16'], ['15', '17', '38', '41', '0x100000010']],
    [[{ index: 0, value: 40, op: 'SCMP_CMP_NE' }], ['AF_ALG', 'SOCK_STREAM'], ['16', '38 2', '40 1', '37 1']],
    [[{ index: 0, value: 3, op: 'SCMP_CMP_GT' }], ['9'], ['4', '8', '10', '3']],
    [[{ index: 0, value: 12, valueTwo: 4, op: 'SCMP_CMP_MASKED_EQ' }], ['5'], ['4', '6', '7', '13', '21']],
    // Twice the same argument: runtimes ask for one of the two.
    [
      [
        { index: 0, value: 2, op: 'SCMP_CMP_LE' },
        { index: 0, value: 9, op: 'SCMP_CMP_GE' },
      ],
      ['1'],
      ['0', '2', '3', '8', '9', '10'],
    ],
  ])('takes values out of a rule with the condition %j', async (args, call, others) => {
    const path = file('conditioned.json', {
      defaultAction: 'SCMP_ACT_ERRNO',
      archMap: [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: [] }],
      syscalls: [
        { names: ['read'], action: 'SCMP_ACT_ALLOW' },
        { names: ['bind', 'socket'], action: 'SCMP_ACT_ALLOW', args },
      ],
    });
    const { after, proof } = await edit(path, 'deny', 'socket', ...call);
    expect(proof.others).toEqual([]);
    const edited = file('edited.json', after);
    expect(await verdict(edited, 'socket', ...call)).not.toMatch(/ALLOW/);
    for (const other of others.map((each) => each.split(' '))) {
      expect(await verdict(edited, 'socket', ...other)).toBe(await verdict(path, 'socket', ...other));
    }
    // bind's arguments have no names.
    const numbers = call.map((word) => ({ AF_ALG: '38', SOCK_STREAM: '1' })[word] ?? word);
    const bind = await verdict(edited, 'bind', ...numbers);
    expect([bind, bind]).toEqual([expect.stringMatching(/ bind\(/), await verdict(path, 'bind', ...numbers)]);
  });

  it('keeps what the author wrote about a rule that it writes anew', async () => {
    const text = `{
  "defaultAction": "SCMP_ACT_ERRNO",
  "archMap": [{ "architecture": "SCMP_ARCH_X86_64", "subArchitectures": [] }],
  "syscalls": [
    { "names": ["read"], "action": "SCMP_ACT_ALLOW" },
    {
      "comment": "no vsock: #123",
      "names":   ["socket"],
      "action":  "SCMP_ACT_ALLOW",
      "args": [ {"index": 0,   "value": 40, "valueTwo": 0, "op": "SCMP_CMP_NE"} ],
      "excludes": {}
    },
    { "names": ["bind", "listen"], "action": "SCMP_ACT_ALLOW", "comment": "servers", "args": [] }
  ]
}
`;
    const path = file('commented.json', text);
    const socket = (await edit(path, 'deny', 'socket', '16')).after;
    // The rule stays where it is; its first comparison says something else now, and nothing besides.
    const [before = '', after = ''] = socket.split(
      /"args": \[ \{"index": 0, {3}"value": \d+, "valueTwo": \d+, "op": "\w+"\} \]/,
    );
    expect(before).toBe(text.slice(0, text.indexOf('"args"')));
    expect(after.startsWith(',\n      "excludes": {}\n    },')).toBe(true);
    const rules = JSON.parse(socket).syscalls.filter(
      ({ names }: { names: string[] }) => names[0] === 'socket',
    );
    expect(rules.length).toBeGreaterThan(2);
    expect(new Set(rules.map(({ comment }: { comment: string }) => comment))).toEqual(
      new Set(['no vsock: #123']),
    );
    // One that names other calls too is left to them.
    const bind = (await edit(path, 'deny', 'bind', '3')).after;
    expect(bind).toContain(
      '{ "names": ["listen"], "action": "SCMP_ACT_ALLOW", "comment": "servers", "args": [] }',
    );
    const added = JSON.parse(bind).syscalls.find(({ names }: { names: string[] }) => names[0] === 'bind');
    expect(added).toEqual({
      names: ['bind'],
      action: 'SCMP_ACT_ALLOW',
      args: [{ index: 0, value: 3, op: 'SCMP_CMP_NE' }],
      comment: 'servers',
    });
    // A rule without comparisons gets some; with an empty list of them, it is filled.
    const read = (await edit(path, 'deny', 'read', '3')).after;
    expect(read).toContain(
      '{ "names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [{ "index": 0, "value": 3, "op": "SCMP_CMP_NE" }] }',
    );
  });

  it('puts a name where Docker’s own list had it, which is sorted as if there were no _', async () => {
    const { rules } = datedProfile(findRelease('docker-default', '20.10.7').run.profile);
    const [list] = rules.toSorted((a, b) => b.names.length - a.names.length);
    const text = (gone: string): string =>
      `{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":${JSON.stringify(list?.names.filter((name) => name !== gone))},"action":"SCMP_ACT_ALLOW"}]}`;
    for (const name of ['accept', 'get_robust_list', 'writev']) {
      expect((await edit(file('list.json', text(name)), 'allow', name)).after).toBe(text(''));
    }
  });

  it('writes a rule in the old form beside rules of that form', async () => {
    const rule = (name: string): string =>
      `{"name":"${name}","action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":8,"op":"SCMP_CMP_EQ"}]}`;
    const text = (...names: readonly string[]): string =>
      `{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[${names.map(rule).join()}]}`;
    const { after } = await edit(file('old.json', text('personality')), 'allow', 'getpgid', '8');
    expect(after.replaceAll(' ', '')).toBe(text('personality', 'getpgid'));
  });

  it('keeps a byte-order mark where readers take one', async () => {
    const head = 'apiVersion: security-profiles-operator.x-k8s.io/v1beta1\nkind: SeccompProfile\n';
    const spec =
      'spec: {defaultAction: SCMP_ACT_ERRNO, syscalls: [{names: [read], action: SCMP_ACT_ALLOW}]}\n';
    const path = file('marked.yaml', `\ufeff${head}metadata: {name: web}\n${spec}`);
    expect((await edit(path, 'allow', 'chmod')).after).toMatch(/^\ufeffapiVersion/);
  });

  it('takes a value out of a mask with whatever upper half, where architectures have none', async () => {
    const path = file('masked.json', {
      defaultAction: 'SCMP_ACT_ERRNO',
      archMap: [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] }],
      syscalls: [
        { names: ['read'], action: 'SCMP_ACT_ALLOW' },
        {
          names: ['clone'],
          action: 'SCMP_ACT_ALLOW',
          args: [{ index: 0, value: 0x7e02_0000, op: 'SCMP_CMP_MASKED_EQ' }],
        },
      ],
    });
    const { after, proof } = await edit(path, 'deny', 'clone', 'SIGCHLD');
    expect(proof.others).toEqual([{ arch: 'x86_64', calls: ['clone'], kind: 'stricter', isOwn: true }]);
    const edited = file('edited.json', after);
    for (const [flags, isMade] of [
      ['17', false],
      ['0x100000011', false],
      ['16', true],
      ['0x100000012', true],
      ['0x1200011', true],
      ['0x10000010', false],
    ] as const) {
      expect(/ALLOW/.test(await verdict(edited, 'clone', flags)), flags).toBe(isMade);
      const low = Number(BigInt(flags) & 0xffff_ffffn);
      expect(/ALLOW/.test(await verdictOn('x86', edited, 'clone', flags)), `x86 ${flags}`).toBe(
        low !== 17 && (low & 0x7e02_0000) === 0,
      );
    }
  });

  it('says why there is no edit', async () => {
    const path = file('unedited.json', {
      defaultAction: 'SCMP_ACT_ERRNO',
      syscalls: [
        {
          names: ['keyctl'],
          action: 'SCMP_ACT_ALLOW',
          args: Array.from({ length: 3 }, (_, index) => ({
            index,
            value: 0x0101_0101,
            op: 'SCMP_CMP_MASKED_EQ',
          })),
        },
      ],
    });
    await expect(edit(path, 'deny', 'keyctl', '2', '2', '2')).rejects.toThrow(
      /it takes \d+ rules to take the values out, for a rule compares each argument only once/,
    );
  });

  it('says that an edited text would be too long', async () => {
    const profile = {
      defaultAction: 'SCMP_ACT_ERRNO',
      syscalls: [{ names: ['read', 'socket'], action: 'SCMP_ACT_ALLOW', comment: '' }],
    };
    const [rule] = profile.syscalls;
    const left = 1024 * 1024 - 50 - JSON.stringify(profile, null, 2).length;
    if (rule !== undefined) rule.comment = 'x'.repeat(left);
    await expect(edit(file('long.json', profile), 'deny', 'socket', 'AF_NETLINK')).rejects.toThrow(
      /: an edit could not be read: the text is longer than 1048576 bytes/,
    );
  });

  it('finds the flags of clone where an architecture has them', async () => {
    const path = file('clone.json', { defaultAction: 'SCMP_ACT_ERRNO', syscalls: [] });
    const dangers = async (arch: string, ...args: readonly string[]) =>
      (await editProfile([path, 'clone', ...args], 'allow', { arch })).dangers.map(({ isMeant }) => isMeant);
    expect(await dangers('x86_64', 'CLONE_NEWUSER')).toEqual([true]);
    expect(await dangers('s390x', '_', 'CLONE_NEWUSER')).toEqual([true]);
  });

  it('is a function of the library, with the same answer', async () => {
    const text = readFileSync(plain, 'utf8');
    const call = { syscall: 'socket', args: ['AF_INET', undefined, 6] };
    const allowed = await allowCall(text, call, { name: plain });
    const {
      file: _,
      reading: __,
      unread: ___,
      ...own
    } = await edit(plain, 'allow', 'socket', 'AF_INET', '_', '6');
    expect(allowed).toEqual(own);
    const denied = await denyCall(allowed.after, call);
    expect(denied.after).toBe(text);
    await expect(allowCall(text, { syscall: 'soket' })).rejects.toThrow(/no architecture has/);
    await expect(allowCall('kind: List', { syscall: 'read' })).rejects.toThrow();
  });

  it('is suggested by explain, with what else there is to say', () => {
    const suggested = (...words: readonly string[]) =>
      run(['explain', ...words, '--suggest', '--arch', 'x86_64']);
    const allowed = suggested(conditional, 'mbind').stdout;
    expect(allowed).toContain(`to allow it: oci-seccomp allow ${conditional} mbind -o ${conditional}`);
    expect(allowed).toMatch(/^\+.*"mbind"/m);
    expect(allowed).toContain('--cap-add SYS_NICE opens this');
    expect(suggested(plain, 'read').stdout).toMatch(/^to deny it: .* deny .* read -o .*\n--- /m);
    expect(suggested(plain, 'personality').stdout).toContain('no edit is suggested');
    expect(suggested(plain, 'personality', '8').stdout).toMatch(/^to deny it: .* personality 8 /m);
    // The command that it names makes the edit that it shows.
    const own = run(['allow', conditional, 'mbind', '--force', '--diff']).stdout;
    expect(allowed).toContain(own);
    const program = join(folder, 'plain.bpf');
    expect(run(['compile', plain, '-o', program]).status).toBe(0);
    const { status, stderr } = suggested(program, 'mount');
    expect([status, stderr]).toEqual([2, expect.stringMatching(/is a program/)]);
  });

  it('of a built-in profile is of a copy, by the command that is suggested', () => {
    const { stdout } = run(['explain', 'docker-default', 'mount', '--suggest', '--arch', 'x86_64']);
    const advised = 'oci-seccomp allow docker-default mount -o profile.json --force';
    expect(stdout).toContain(`\nto allow it: ${advised}\n`);
    // Both name the rule that a capability brings in by the same number.
    const [, rule] = /rule (\d+) of docker-default: .*needs CAP_SYS_ADMIN/.exec(stdout) ?? [];
    expect(stdout).toContain(`--cap-add SYS_ADMIN opens this: rule ${rule}\n`);
    const copy = join(folder, 'copy.json');
    const made = run(advised.replace('profile.json', copy).split(' ').slice(1));
    expect([made.status, made.stderr]).toEqual([
      0,
      expect.stringMatching(/^a copy of docker-default: mount gets/m),
    ]);
    expect(run(['diff', 'docker-default', copy]).stdout).toContain(': 1 system call looser');
  });

  it('colours labels and the diff if it is asked to', () => {
    const { stdout, stderr } = run(['allow', plain, 'ptrace', '--force', '--diff', '--color', 'always']);
    expect(stderr).toContain('\u001b[33mwarning\u001b[39m: ptrace is dangerous');
    const added = stdout.split('\n').filter((line) => line.startsWith('\u001b[32m+'));
    expect(added).toEqual([expect.stringContaining('"ptrace"')]);
    expect(run(['allow', plain, 'ptrace', '--force', '--diff']).stdout).not.toContain('\u001b');
  });

  it('writes in place', () => {
    const path = file('in-place.json', readFileSync(plain, 'utf8'));
    expect(run(['allow', path, 'chmod', '-o', path]).status).toBe(0);
    expect(readFileSync(path, 'utf8')).toContain('"chmod"');
  });
});
