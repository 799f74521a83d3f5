/** The filter that `run` loads: which it is, what works under it, what is refused before it is loaded. */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ociSeccomp } from '../cli/run.ts';
import { isThorough } from '../support/samples.ts';
import { toHex } from './support/native.ts';
import { describeWith } from './support/require.ts';
import { denying, directly, type Ended, end, makeFilters, underRun, type Wrap } from './support/run.ts';
import { readFilters } from './support/runtime.ts';

const NOBODY = [
  'setpriv',
  '--reuid',
  '65534',
  '--regid',
  '65534',
  '--clear-groups',
  '--inh-caps=-all',
] as const;

describeWith(['root', 'x86_64', 'cc', 'ptrace', 'built'], 'run: the filter in the kernel', () => {
  const filters = makeFilters();
  afterAll(filters.remove);

  /** The filters of a process that `run` became. */
  const loadedBy = async (options: readonly string[]): Promise<readonly Uint8Array[]> => {
    const [program, ...words] = underRun(...options)('sh', '-c', 'echo ready; exec sleep 60');
    const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await new Promise((ready) => child.stdout.once('data', ready));
      return readFilters(child.pid ?? 0);
    } finally {
      child.kill('SIGKILL');
    }
  };

  const readings = [
    ['docker-default'],
    ['podman-default', '--runtime', 'crun', '--caps', 'all'],
    ['docker-default', '--runtime', 'runc@1.1', '--kernel', '4.4'],
  ];
  const backends = [
    [[], ['--backend', 'builtin']],
    [['--backend', 'libseccomp'], []],
  ] as const;

  it.each(backends.flatMap(([run, compile]) => readings.map((reading) => [run, reading, compile] as const)))(
    'run %j %j: is byte by byte what compile %j writes',
    async (backend, reading, compile) => {
      const expected = ociSeccomp(['compile', ...reading, ...compile, '-q']).bytes;
      expect((await loadedBy([...backend, '-p', ...reading])).map(toHex)).toEqual([toHex(expected)]);
    },
  );

  it.each(readings)('run %j %j: means what libseccomp makes of the names it knows', async (...reading) => {
    const [loaded, theirs] = ['loaded.bpf', 'theirs.bpf'].map((name) => join(filters.folder, name));
    const [program] = await loadedBy(['--library', 'libseccomp.so.2', '-p', ...reading]);
    writeFileSync(loaded ?? '', program ?? '');
    ociSeccomp(['compile', ...reading, '-q', '-o', theirs ?? '']);
    expect(ociSeccomp(['diff', loaded ?? '', theirs ?? ''])).toMatchObject({ status: 0 });
    expect(program?.length).toBeLessThan(readFileSync(theirs ?? '').length / 2);
  });

  it('needs no libseccomp', () => {
    const env = { ...process.env, OCI_SECCOMP_LIBRARY: '/nonexistent/libseccomp.so.2' };
    const ended = end(underRun()('grep', 'Seccomp:', '/proc/self/status'), { env });
    expect(ended).toMatchObject({ stdout: 'Seccomp:\t2\n', stderr: '', status: 0 });
    expect(end(underRun('--backend', 'libseccomp')('true'), { env })).toMatchObject({
      stderr: expect.stringContaining('[ERR_LIBSECCOMP_MISSING]'),
      status: 3,
    });
  });

  const status = (wrap: Wrap): Record<string, string> =>
    Object.fromEntries(
      end(wrap('cat', '/proc/self/status'))
        .stdout.split('\n')
        .map((line) => line.split(/:\s*/) as [string, string]),
    );

  it.each([
    [[], '1'],
    [['--no-new-privs', 'always'], '1'],
    [['--no-new-privs', 'auto'], '0'],
    [['--no-new-privs', 'never'], '0'],
  ])('root with %j: filtered, NoNewPrivs %s', (options, noNewPrivs) => {
    const expected = { Seccomp: '2', Seccomp_filters: '1', NoNewPrivs: noNewPrivs };
    expect(status(underRun('-p', filters.dockerDefault, ...options))).toMatchObject(expected);
  });

  it.each([
    [[], '1'],
    [['--no-new-privs', 'auto'], '1'],
  ])('another user with %j: filtered, NoNewPrivs %s', (options, noNewPrivs) => {
    const wrap: Wrap = (...command) => [
      ...NOBODY,
      ...underRun('-p', 'docker-default', ...options)(...command),
    ];
    expect(status(wrap)).toMatchObject({
      Uid: '65534\t65534\t65534\t65534',
      Seccomp: '2',
      NoNewPrivs: noNewPrivs,
    });
  });

  it('another user without no_new_privs: not loaded, not run, and told why', () => {
    const [program, ...words] = underRun('-p', 'docker-default', '--no-new-privs', 'never')('echo', 'no');
    const { stdout, stderr, status: code } = end([...NOBODY, program, ...words]);
    expect({ stdout, code }).toEqual({ stdout: '', code: 3 });
    expect(stderr).toMatch(
      /EACCES \(13\).*neither no_new_privs nor CAP_SYS_ADMIN.*\n {2}hint: .*no_new_privs/,
    );
  });

  it('denies what the profile denies, with its errno', () => {
    const { stderr, status: code } = end(underRun()('unshare', '--mount', 'true'));
    expect({ stderr, code }).toEqual({
      stderr: 'unshare: unshare failed: Operation not permitted\n',
      code: 1,
    });
  });

  it('ends the process where the profile says so, with SIGSYS', () => {
    const profile = filters.profile('kill.json', denying(['mkdir', 'mkdirat'], 'killProcess'));
    expect(end(underRun('-p', profile)('mkdir', join(filters.folder, 'x'))).signal).toBe('SIGSYS');
  });
});

describeWith(['x86_64', 'cc', 'built'], 'run: a filter that allows next to nothing', () => {
  const filters = makeFilters();
  afterAll(filters.remove);

  it('lets a command start that needs no more: nothing is called between load and execve', () => {
    const source = join(filters.folder, 'exit.c');
    const program = join(filters.folder, 'exit');
    const body =
      'void _start(void) { __asm__ volatile("syscall" : : "a"(231), "D"(42)); __builtin_unreachable(); }';
    writeFileSync(source, body);
    expect(end(['cc', '-nostdlib', '-static', '-o', program, source]).stderr).toBe('');
    const profile = filters.profile('strict.json', {
      defaultAction: 'SCMP_ACT_KILL_PROCESS',
      syscalls: [{ names: ['execve', 'exit_group'], action: 'SCMP_ACT_ALLOW' }],
    });
    const strict = join(filters.folder, 'strict.bpf');
    ociSeccomp(['compile', profile, '-q', '-o', strict]);
    const ends = Array.from({ length: 20 }, () => end(underRun('-p', strict)(program)));
    expect(ends).toEqual(ends.map(() => ({ stdout: '', stderr: '', status: 42, signal: null })));
  });
});

describeWith(['x86_64', 'cc', 'strace', 'built'], 'run: the calls it makes', () => {
  const filters = makeFilters();
  afterAll(filters.remove);

  /** What the main thread calls from the load of the filter on, up to the second execve. */
  const lastCalls = (...options: readonly string[]): readonly string[] => {
    const trace = join(filters.folder, 'trace');
    const { status } = end(['strace', '-o', trace, ...underRun(...options)('true')]);
    expect(status).toBe(0);
    const lines = readFileSync(trace, 'utf8').split('\n');
    // Those without a program are libseccomp's questions for flags.
    const load = lines.findIndex(
      (line) => line.startsWith('seccomp(SECCOMP_SET_MODE_FILTER') && !line.includes('NULL'),
    );
    const exec = lines.findIndex((line, at) => at > load && line.startsWith('execve('));
    return lines.slice(load, exec + 1).map((line) => line.replace(/, \{len=.*|, \["true"\].*/, ''));
  };

  it('load, then execve, and nothing between', () => {
    expect(lastCalls('-p', filters.dockerDefault)).toEqual([
      'seccomp(SECCOMP_SET_MODE_FILTER, 0',
      expect.stringMatching(/^execve\("\/.*\/true"$/),
    ]);
  });

  it('with the flags of the profile and --log, but not for Node’s threads', () => {
    const flags = ['SECCOMP_FILTER_FLAG_TSYNC', 'SECCOMP_FILTER_FLAG_SPEC_ALLOW'];
    const profile = filters.profile('flags.json', { ...denying(['ptrace']), flags });
    expect(lastCalls('-p', profile, '--log')[0]).toMatch(
      /FILTER, (0x4 .*\|)?SECCOMP_FILTER_FLAG_(LOG|SPEC_ALLOW)/,
    );
    expect(lastCalls('-p', profile, '--log').join()).not.toContain('TSYNC');
  });
});

const starts = [
  'mmap',
  'openat',
  'read',
  'pread64',
  'newfstatat',
  'close',
  'arch_prctl',
  'mprotect',
  'brk',
  'access',
  'munmap',
];
const harmless = [
  'set_tid_address',
  'set_robust_list',
  'rseq',
  'prlimit64',
  'getrandom',
  'exit_group',
  'getpid',
  'socket',
];

type Deny = 'errno' | 'killProcess';

describeWith(['x86_64', 'cc', 'built'], 'run: what a command needs to start', () => {
  const filters = makeFilters();
  let hello = '';
  beforeAll(() => {
    hello = join(filters.folder, 'hello');
    writeFileSync(`${hello}.c`, '#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n');
    expect(end(['cc', '-o', hello, `${hello}.c`]).stderr).toBe('');
    expect(end(['cc', '-static', '-o', `${hello}-static`, `${hello}.c`]).stderr).toBe('');
  });
  afterAll(filters.remove);

  const startUnder = (command: string, names: readonly string[], action: Deny, ...options: string[]): Ended =>
    end(
      underRun(
        ...options,
        '-r',
        'plain',
        '-p',
        filters.profile('deny.json', denying(names, action)),
      )(command),
    );
  const isRefused = ({ stdout, stderr, status }: Ended, names: readonly string[]): boolean => {
    if (!stderr.includes('ERR_START_DENIED')) return false;
    expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
    expect(stderr).toContain(`  ${names[0]}: `);
    return true;
  };
  const refusal = (command: string, names: readonly string[], action: Deny): boolean =>
    isRefused(startUnder(command, names, action), names);

  // libc versions differ in which of these they call: newfstatat and fstat are each allowed here when the other is denied.
  const variants: Readonly<Record<string, readonly string[]>> = {
    newfstatat: ['newfstatat', 'fstat', 'statx'],
    openat: ['openat', 'open'],
    access: ['access', 'faccessat'],
  };

  it.each(['errno', 'killProcess'] as const)('%s: is refused exactly where it does not start', (action) => {
    // Without time for all: a quarter of the calls of each kind under each of the two actions, getpid under killProcess.
    const asked = [starts, harmless].flatMap((calls) =>
      calls.filter((_, i) => isThorough || i % 4 === (action === 'errno' ? 1 : 2)),
    );
    const answers = asked.map((name) => {
      const names = variants[name] ?? [name];
      const ended = startUnder(hello, names, action);
      const refused = isRefused(ended, names);
      // What is not refused has shown already whether it starts.
      const { stdout, status } = refused ? startUnder(hello, names, action, '--force') : ended;
      return { name, refused, starts: stdout === 'hello\n' && status === 0 };
    });
    expect(answers.filter(({ refused, starts }) => refused === starts)).toEqual([]);
    expect(new Set(answers.map(({ refused }) => refused)).size).toBe(2);
  });

  it('execve: is refused for every command, with the verdict', () => {
    expect(refusal(hello, ['execve'], 'errno')).toBe(true);
    expect(refusal(hello, ['execve'], 'killProcess')).toBe(true);
    const profile = filters.profile('deny.json', denying(['execve']));
    const { stderr, status } = end(underRun('--force', '-p', profile)(hello));
    expect({ stderr, status }).toEqual({
      stderr: `error: cannot run '${hello}': EPERM (1) [ERR_IO]\n`,
      status: 126,
    });
  });

  it('a static program is asked for execve only', () => {
    expect(refusal(`${hello}-static`, ['openat', 'read', 'arch_prctl'], 'killProcess')).toBe(false);
    expect(refusal(`${hello}-static`, ['execve'], 'errno')).toBe(true);
  });
});

describeWith(['x86_64', 'cc', 'built', '32-bit programs'], 'run: a 32-bit program', () => {
  const filters = makeFilters();
  afterAll(filters.remove);

  it('is refused exactly where the profile lacks its architecture, with the one to add', () => {
    const file = join(filters.folder, 'exit32');
    const body = 'void _start(void) { __asm__ volatile("int $0x80" : : "a"(252), "b"(42)); for (;;); }';
    writeFileSync(`${file}.c`, body);
    expect(end(['cc', '-m32', '-nostdlib', '-static', '-fno-pic', '-o', file, `${file}.c`]).stderr).toBe('');
    const lacking = filters.profile('lacking.json', {
      ...denying(['mkdir']),
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X32'],
    });
    const { status, stderr } = end(underRun('-p', lacking)(file));
    expect(status).toBe(1);
    expect(stderr).toMatch(/those of x86, .*\[ERR_START_DENIED\]\n {2}hint: add SCMP_ARCH_X86 to/);
    expect(end(underRun('--force', '-p', lacking)(file))).toMatchObject({ signal: 'SIGSYS' });
    const having = filters.profile('having.json', {
      ...denying(['mkdir']),
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
    });
    expect(end(underRun('-p', having)(file))).toMatchObject({ status: 42, stderr: '' });
  });
});

describeWith(['x86_64', 'built'], 'run: refuses before anything is loaded', () => {
  const filters = makeFilters();
  afterAll(filters.remove);

  it('a profile with NOTIFY, which nobody would answer', () => {
    const syscalls = [{ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' }];
    const profile = filters.profile('notify.json', { defaultAction: 'SCMP_ACT_ALLOW', syscalls });
    const { stdout, stderr, status } = end(underRun('-p', profile)('echo', 'no'));
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
    expect(stderr).toContain('SCMP_ACT_NOTIFY');
  });

  it('another architecture’s filter', () => {
    expect(end(underRun('--arch', 'arm64')('echo', 'no'))).toMatchObject({ stdout: '', status: 2 });
  });

  it('a profile whose proof fails, as libseccomp compiles it', () => {
    const { stdout, stderr, status } = end(
      underRun('-p', 'fixtures/cli/miscompiled.json', '-r', 'crun', '--backend', 'libseccomp')('echo', 'no'),
    );
    expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
    expect(stderr).toContain('ERR_PROOF');
  });
});

describeWith(['x86_64', 'cc', 'built'], 'run: real work under docker-default is as without', () => {
  const filters = makeFilters();
  afterAll(filters.remove);
  beforeAll(() => {
    chmodSync(filters.folder, 0o755);
    const text = '#include <stdio.h>\nint main(void) { puts("hello from C"); return 3; }\n';
    writeFileSync(join(filters.folder, 'hello.c'), text);
  });
  const node = JSON.stringify(process.execPath);
  const work: Readonly<Record<string, string>> = {
    npm: 'npm --version',
    node: `${node} -e 'const { Worker } = require("worker_threads"); new Worker("console.log(require(\\"fs\\").readdirSync(\\"/etc\\").length)", { eval: true }).once("exit", () => require("child_process").exec("echo child", (_, out) => console.log(out)))'`,
    gcc: 'cc -O2 -o hello hello.c && ./hello; echo $?; cc -S -o - hello.c | cksum',
    python:
      "python3 -c \"import ssl, threading, subprocess, socket; t = threading.Thread(target=print, args=(1,)); t.start(); t.join(); s = socket.socketpair(); print(subprocess.run(['echo', 'x'], capture_output=True).stdout)\"",
    tar: 'tar --sort=name --mtime=@0 -C /etc -cf - ssl apt 2>/dev/null | cksum',
    git: 'git init -q r && cd r && git -c user.name=n -c user.email=e commit -q --allow-empty -m m --date @0 && git log --format=%s && cd .. && rm -rf r',
    shell:
      'for i in 1 2 3; do (sleep 0.01; echo $i) & wait; done; trap "echo usr1" USR1; kill -USR1 $$; echo $?',
    gzip: 'head -c 300000 /dev/zero | gzip -9n | cksum; find /usr/share/doc -maxdepth 1 | sort | cksum',
  };
  const programs: Readonly<Record<string, string>> = { npm: 'npm', python: 'python3', git: 'git' };
  const present = Object.keys(work).filter((name) => {
    const program = programs[name];
    return program === undefined || end(['sh', '-c', `command -v ${program}`]).status === 0;
  });

  it('has all the programs', () => {
    if (process.env.OCI_SECCOMP_REQUIRE_ALL === '1') expect(present).toEqual(Object.keys(work));
  });

  describe.each([
    ['this user', (wrap: Wrap) => wrap],
    [
      'another user (needs root and setpriv)',
      (wrap: Wrap) => ((...command) => [...NOBODY, ...wrap(...command)]) as Wrap,
    ],
  ])('as %s', (who, as) => {
    const skipped = who !== 'this user' && (process.getuid?.() !== 0 || !existsSync('/usr/bin/setpriv'));
    it.skipIf(skipped).each(present)('%s', (name) => {
      const away = 'cd "$(mktemp -d)" && export HOME="$PWD" && trap "rm -rf \\"$PWD\\"" EXIT';
      const script = `${away} && cp ${filters.folder}/hello.c . && ${work[name]}`;
      const PATH = who === 'this user' ? (process.env.PATH ?? '') : '/usr/local/bin:/usr/bin:/bin';
      const options = { cwd: filters.folder, env: { PATH, LC_ALL: 'C' } };
      const direct = end(as(directly)('sh', '-c', script), options);
      expect(direct.stdout).not.toBe('');
      expect(end(as(underRun())('sh', '-c', script), options)).toEqual(direct);
    });
  });
});
