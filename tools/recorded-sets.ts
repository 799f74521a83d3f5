/**
 * Writes docs/recorded-sets.md: for the programs of test/oracle/support/recorded-programs.ts, what `record` and strace(1) see;
 * and how recorded profiles differ from sets that others publish.
 *
 *   OCI_SECCOMP_RECORD_ALL=1 npm run tool tools/recorded-sets.ts [FOLDER]
 *
 * FOLDER holds the published profiles, by the names in `peers`; without it that table is left out. Run it as root, with strace,
 * nginx, redis, curl and the rest installed: rows of programs that are not there are left out.
 * @module
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type RecordedProgram, recordedPrograms } from '../test/oracle/support/recorded-programs.ts';

/** What threads and timing decide differs from run to run: a set is what several runs call. */
const RUNS = 3;
const main = resolve('dist/bin/main.cjs');
const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-recorded-sets-'));
const work = join(folder, 'work');
const env = { PATH: process.env.PATH ?? '', HOME: work, GIT_CONFIG_NOSYSTEM: '1' };
const surroundings = { cwd: work, input: '', env, encoding: 'utf8' } as const;

function recorded(words: readonly string[]): ReadonlySet<string> {
  const file = join(folder, 'list');
  const command = [main, 'record', '-q', '--list', '-o', file, '--', ...words];
  const { stderr, error } = spawnSync(process.execPath, command, surroundings);
  if (error !== undefined || !existsSync(file)) throw new Error(`record ${words.join(' ')}: ${stderr}`);
  return new Set(readFileSync(file, 'utf8').trim().split('\n'));
}

function straced(words: readonly string[]): ReadonlySet<string> {
  const file = join(folder, 'strace.txt');
  spawnSync('strace', ['-f', '-qq', '-o', file, ...words], surroundings);
  const names = readFileSync(file, 'utf8').matchAll(/^\d+ +(?:<\.\.\. )?([a-z0-9_]+)[( ]/gm);
  return new Set([...names].map(([, name = '']) => name));
}

const unite = (sets: readonly ReadonlySet<string>[]): ReadonlySet<string> =>
  new Set(sets.flatMap((set) => [...set]));
const minus = (left: ReadonlySet<string>, right: ReadonlySet<string>): readonly string[] =>
  [...left].filter((name) => !right.has(name)).sort();
const codes = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(' ');

function rowOf({ name, words }: RecordedProgram): string {
  const runs = Array.from({ length: RUNS }, () => [recorded(words), straced(words)] as const);
  const [ours, theirs] = [unite(runs.map(([set]) => set)), unite(runs.map(([, set]) => set))];
  const [more, less] = [minus(ours, theirs), minus(theirs, ours)];
  const difference = [
    ...(more.length === 0 ? [] : [`record alone: ${codes(more)}`]),
    ...(less.length === 0 ? [] : [`strace alone: ${codes(less)}`]),
  ];
  process.stderr.write(`${name}: ${difference.join('; ')}\n`);
  return `| ${name} | ${ours.size} | ${theirs.size} | ${difference.join('; ') || 'equal'} |`;
}

interface Peer {
  readonly file: string;
  /** What is recorded here to compare with. */
  readonly program: string;
  readonly source: string;
  readonly profile: () => Promise<string>;
  /** The calls that the published profile alone allows, in groups with their reason. */
  readonly reasons: readonly (readonly [reason: string, names: string])[];
  /** What all other calls of it are allowed for, if that is known. */
  readonly others?: string;
  /** What else there is to say. */
  readonly note?: string;
}

const OLDER = 'an older C library or program, which makes the older of two calls';
const peers: readonly Peer[] = [
  {
    program: 'nginx and its C library',
    file: 'kubernetes-sigs__security-profiles-operator@bd7fe1b4d4__profiles_nginx:1.19.1.json',
    source: 'nginx 1.19.1, kubernetes-sigs/security-profiles-operator `profiles/nginx:1.19.1.json`',
    profile: nginxProfile,
    reasons: [
      [
        'the start script of the image (a shell, grep, sed -i, sort)',
        'faccessat fadvise64 fgetxattr fsetxattr fchown getegid getgid getuid pipe rename umask utimensat sched_getaffinity statfs setitimer fchdir',
      ],
      [OLDER, 'stat'],
      ['a start under runc 1.0', 'seccomp'],
      ['nginx with file AIO', 'io_setup'],
    ],
  },
  {
    program: 'nginx and its C library',
    file: 'ihac__Cessa__profiles_nginx-test.profile',
    source: 'nginx, ihac/Cessa `profiles/nginx-test.profile`',
    profile: nginxProfile,
    reasons: [
      [OLDER, 'getdents getrlimit lstat open select stat'],
      ['nginx with file AIO', 'eventfd io_setup'],
      ['another way of starting and stopping it', 'dup fchown getgid getuid kill'],
    ],
  },
  {
    program: 'nginx and its C library',
    file: 'antitree__syscall2seccomp__examples_nginx.json',
    source: 'nginx by sysdig, antitree/syscall2seccomp `examples/nginx.json` of 2017-09-10',
    profile: nginxProfile,
    reasons: [
      [OLDER, 'getdents getrlimit lstat open select stat'],
      ['nginx with file AIO', 'eventfd io_setup'],
      ['another way of starting and stopping it', 'dup fchown'],
    ],
    note: 'It has no call that accepts a connection or sends an answer: its run served no request.',
  },
  {
    program: 'ls and its C library',
    file: 'antitree__syscall2seccomp__examples_ls.json',
    source: '`ls -la` by strace, antitree/syscall2seccomp `examples/ls.json` of 2017-09-10',
    profile: async () => profileOf('ls', [['ls', '-la', '/etc']]),
    reasons: [
      [OLDER, 'getdents getrlimit lstat open stat'],
      ['a start under the runc of that time', 'fchown getuid'],
    ],
  },
  {
    program: 'Python, Node and git',
    file: 'terusibata__claude-multi-agent@ebb9280__workspace-seccomp.json',
    source:
      'Python 3.11, Node 20, pip and git on Debian 12, terusibata/claude-multi-agent `deployment/seccomp/workspace-seccomp.json` of 2026-02-07',
    profile: async () => profileOf('workspace', WORKSPACE),
    reasons: [],
    others:
      'other work than was recorded here: it was written by kinds of work, such as networks and timers, after runs under strace',
    note: 'On 2026-02-15 that project gave the list up, because containers did not start under it: its commit 2743e4f names `chdir`, `setpgid`, `sigaltstack` and `setitimer`.',
  },
];

/** What the tests of that repository run, without what needs a network. */
const WORKSPACE: readonly (readonly string[])[] = [
  [
    'python3',
    '-c',
    "import csv, hashlib, io, json, os, socket, sys, tempfile; f = tempfile.NamedTemporaryFile('w', dir='.', delete=False); json.dump({}, f); hashlib.sha256(b'a').hexdigest(); socket.socket(socket.AF_UNIX).close()",
  ],
  [
    process.execPath,
    '-e',
    "const fs = require('fs'); fs.writeFileSync('t.json', '{}'); console.log(require('crypto').createHash('sha256').update('a').digest('hex'))",
  ],
  [
    'sh',
    '-c',
    'rm -rf r; git init -q r && cd r && git config user.email a@b && git config user.name a && echo h >R && git add . && git commit -qm i && git status',
  ],
];

function profileOf(name: string, commands: readonly (readonly string[])[]): string {
  const file = join(folder, `${name}.json`);
  for (const [at, words] of commands.entries()) {
    const more = at === 0 ? [] : ['--append'];
    spawnSync(process.execPath, [main, 'record', '-q', '-o', file, ...more, '--', ...words], surroundings);
  }
  return file;
}

/** nginx with workers: it starts, serves, reads its configuration again, serves, and ends. */
async function nginxProfile(): Promise<string> {
  const place = join(folder, 'nginx');
  const file = join(folder, 'nginx.json');
  if (existsSync(file)) return file;
  if (spawnSync('nginx', ['-v'], surroundings).status !== 0) throw new Error('nginx is not installed');
  mkdirSync(join(place, 'www'), { recursive: true });
  spawnSync('chmod', ['-R', 'a+rX', folder]);
  writeFileSync(join(place, 'www/index.html'), 'served\n');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (each) => `${each}_temp_path t;`,
  );
  writeFileSync(
    join(place, 'conf'),
    `daemon off; pid pid; error_log err; worker_processes 2; events {} http { access_log log; sendfile on; ${temporary.join(' ')}
server { listen unix:${place}/socket; root ${place}/www; } }\n`,
  );
  const words = [main, 'record', '-q', '-o', file, '--', 'nginx', '-p', place, '-c', join(place, 'conf')];
  const recorder = spawn(process.execPath, words, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise((settled) => recorder.once('close', settled));
  const get = (): boolean =>
    spawnSync(
      'curl',
      ['-s', '--retry', '0', '--unix-socket', join(place, 'socket'), 'http://nginx/'],
      surroundings,
    ).stdout === 'served\n';
  const pause = (): Promise<void> => new Promise((resume) => setTimeout(resume, 50));
  while (!get()) await pause();
  const pid = Number(readFileSync(join(place, 'pid'), 'utf8'));
  process.kill(pid, 'SIGHUP');
  await pause();
  get();
  process.kill(pid, 'SIGQUIT');
  await ended;
  return file;
}

interface Rules {
  readonly syscalls: readonly {
    readonly action: string;
    readonly names?: readonly string[];
    readonly name?: string;
  }[];
}

function allowedIn(file: string): ReadonlySet<string> {
  const { syscalls } = JSON.parse(readFileSync(file, 'utf8')) as Rules;
  return new Set(
    syscalls
      .filter(({ action }) => action === 'SCMP_ACT_ALLOW')
      .flatMap(({ names, name }) => names ?? (name === undefined ? [] : [name])),
  );
}

async function sectionOf(peer: Peer, published: string): Promise<string> {
  const file = await peer.profile();
  const { calls } = JSON.parse(readFileSync(file.replace(/\.json$/, '.recording.json'), 'utf8')) as {
    readonly calls: readonly { readonly name: string }[];
  };
  const [seen, ours, theirs] = [
    new Set(calls.map(({ name }) => name)),
    allowedIn(file),
    allowedIn(join(published, peer.file)),
  ];
  const alone = minus(theirs, ours);
  const rows = peer.reasons.map(
    ([reason, names]) => [reason, alone.filter((each) => names.split(' ').includes(each))] as const,
  );
  const { others, note } = peer;
  const rest = alone.filter((name) => !peer.reasons.some(([, names]) => names.split(' ').includes(name)));
  return [
    `**${peer.source}**: ${theirs.size} calls. Recorded here: ${seen.size}, and with what is added, ${ours.size}.`,
    '',
    `- It lacks these, which today's ${peer.program} call: ${codes(minus(seen, theirs))}.`,
    ...rows
      .filter(([, names]) => names.length > 0)
      .map(([reason, names]) => `- It alone allows these, for ${reason}: ${codes(names)}.`),
    ...(rest.length === 0
      ? []
      : [
          others === undefined
            ? `- It alone allows, and we do not know why: ${codes(rest)}.`
            : `- It alone allows ${rest.length} more, for ${others}.`,
        ]),
    ...(note === undefined ? [] : [`- ${note}`]),
    '',
  ].join('\n');
}

const NOT_FOUND = `We found no published set for sqlite, curl and busybox, and none of calls alone for redis. The repositories of Confine, of Temporal
Specialization and of Chestnut hold tools, and no lists of calls for these. tcassar-diss/syso-analyses (2025-01-10) counts the calls of
redis by library, and does not name them. Firejail's \`curl.profile\` has its default list of denied calls, and none of curl's own.

**redis 7.0.15, Debian's \`redis-server.service\` (5:7.0.15-1~deb12u10)**: \`SystemCallFilter=@system-service\` without \`@privileged\` and
\`@resources\`, which is 345 names of all architectures with systemd 252's sets. Recorded here in 3 runs with a save to disk and a log of
changes: 54 calls. The unit allows all 54.
`;

async function write(published: string | undefined): Promise<void> {
  const rows = recordedPrograms(work).map(rowOf);
  const strace = spawnSync('strace', ['-V'], surroundings)
    .stdout.split('\n')[0]
    ?.replace(/.*version /, '');
  const today = new Date().toISOString().slice(0, 10);
  const sections: string[] = [];
  if (published !== undefined) for (const peer of peers) sections.push(await sectionOf(peer, published));
  const text = `# What record sees, compared

\`tools/recorded-sets.ts\` wrote this page on ${today}: Linux ${/^[\d.]+/.exec(release())?.[0]}, strace ${strace}, Node ${process.versions.node}. A set is what
${RUNS} runs of a program call, because threads and timing differ from run to run.

## With strace

| program | record | strace -f | difference |
| --- | --- | --- | --- |
${rows.join('\n')}

A call that only one side saw depends on timing. Go's runtime interrupts its threads by signals (\`getpid\`, \`tgkill\`, \`rt_sigreturn\`).
Threads wait for each other, or need not (\`sched_yield\`). A shell sleeps until its child has ended, or finds it ended
(\`rt_sigsuspend\`). Tests compare the sets without the calls that can vary (\`test/oracle/record.test.ts\`).
${published === undefined ? '' : `\n## With sets that others publish\n\n${sections.join('\n')}\n${NOT_FOUND}`}`;
  writeFileSync('docs/recorded-sets.md', text);
}

try {
  await write(process.argv[2]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
