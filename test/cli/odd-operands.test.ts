/**
 * Operands that are not what a command expects: each error says what they are, and its advice is something that works.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { program, ociSeccomp as run } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-operands-'));
afterAll(() => rmSync(folder, { recursive: true }));

const evil = 'nl\n\u001b[31mred';
const profile = JSON.stringify({
  defaultAction: 'SCMP_ACT_ERRNO',
  architectures: ['SCMP_ARCH_X86_64'],
  syscalls: [{ names: ['read', 'write', 'execve', 'exit_group'], action: 'SCMP_ACT_ALLOW' }],
});
for (const name of ['p.json', evil, '-x.json']) writeFileSync(join(folder, name), profile);
writeFileSync(
  join(folder, 'random'),
  Uint8Array.from({ length: 1024 }, (_, i) => (i * 167 + 11) % 256),
);
writeFileSync(
  join(folder, 'log'),
  'audit: type=1326 audit(1600000000.1:1): arch=c000003e syscall=101 code=0x50000\n',
);
writeFileSync(join(folder, 'old.json'), '{"version": 0, "findings": []}');
mkdirSync(join(folder, 'dir'));
writeFileSync(join(folder, 'object.yaml'), 'apiVersion: v1\nkind: SeccompProfile\nspec: {}\n');
writeFileSync(join(folder, 'config.yaml'), 'extends: recommended\nrules:\n  x: error\n');
writeFileSync(join(folder, 'none.json'), '[]');
writeFileSync(
  join(folder, 'alow.yaml'),
  'apiVersion: security-profiles-operator.x-k8s.io/v1beta1\nkind: SeccompProfile\nmetadata: {name: web}\n' +
    'spec: {defaultAction: SCMP_ACT_ALOW, syscalls: [{names: [wriet], action: SCMP_ACT_ALLOW}]}\n',
);
mkdirSync(join(folder, 'pods'));
writeFileSync(join(folder, 'pods/pod.yaml'), 'apiVersion: v1\nkind: Pod\n');
writeFileSync(
  join(folder, 'pod.yaml'),
  'apiVersion: v1\nkind: Pod\nspec: {securityContext: {seccompProfile: {type: RuntimeDefault}}}\n',
);
writeFileSync(join(folder, 'utf16'), Buffer.from(`\ufeff${profile}`, 'utf16le'));
writeFileSync(join(folder, 'allow.bpf'), Uint8Array.of(6, 0, 0, 0, 0, 0, 0xff, 0x7f));
symlinkSync('loop', join(folder, 'loop'));
spawnSync('mkfifo', [join(folder, 'pipe')]);

const unwritten = /^error: cannot read pipe: it is a pipe that nobody has opened at the other end/;

describe('a folder with links to folders', () => {
  it.each([['again'], ['again/**/*.json']])('%s: each file is read once, as its shortest path', (operand) => {
    const at = (path: string) => join(folder, 'again', path);
    mkdirSync(at('sub'), { recursive: true });
    for (const path of ['p.json', 'sub/q.json']) writeFileSync(at(path), profile);
    for (const [link, target] of [
      ['0above', '..'],
      ['loop', '.'],
    ] as const) {
      rmSync(at(`sub/${link}`), { force: true });
      symlinkSync(target, at(`sub/${link}`));
    }
    const { stdout } = run(['lint', operand, '--format', 'json'], { cwd: folder });
    const { files } = JSON.parse(stdout) as { files: { file: string }[] };
    // find(1) follows no link on its own.
    const found = spawnSync('find', ['again', '-name', '*.json'], { cwd: folder, encoding: 'utf8' }).stdout;
    expect(files.map(({ file }) => file)).toEqual(found.trim().split('\n').sort());
  });
});

describe('an operand of another kind', () => {
  it.each<[words: readonly string[], status: number, expected: RegExp]>([
    [['lint', 'pid:1'], 2, /^error: pid:1 is a process, .*\n {2}hint: oci-seccomp decompile pid:1 -o /],
    [['validate', 'pid:1'], 2, /^error: pid:1 is a process, .*\n {2}hint: oci-seccomp decompile pid:1 -o /],
    [['lint', ''], 3, /^error: cannot read '': .*\n {2}hint: the name is empty/],
    // It was waited for: in the usual way, open(2) comes back when somebody writes.
    [['audit', 'pipe'], 3, unwritten],
    [['simulate', 'p.json', 'pipe'], 3, unwritten],
    // They were read without end.
    [['audit', '/dev/zero'], 3, /^error: cannot read \/dev\/zero: it is a device that has no end/],
    [['simulate', 'p.json', '/dev/urandom'], 3, /it is a device that has no end/],
    [
      ['lint', '-x.json'],
      2,
      /^error: unknown option '-x\.json'\n {2}hint: if it is a file, write \.\/-x\.json\n/,
    ],
    [['lint', '--kernel', '5.10'], 2, /'--kernel'\n {2}hint: did you mean --kernel-range\?\n/],
    [['compile', '--architecture=x86_64'], 2, /\n {2}hint: did you mean --arch\?\n/],
    [['explain', '--profile', 'p.json', 'read'], 2, /\n {2}hint: the filter is named without an option\n/],
    [['diff', '--pid', '1', 'p.json'], 2, /\n {2}hint: a process is named without an option: pid:4242\n/],
    [['compile', 'p.json', '--nonsense'], 2, /'--nonsense'\n {2}hint: oci-seccomp compile --help/],
    [['explain', 'docker', 'read'], 3, /^error: .*\n {2}hint: did you mean docker-default\? built-in /],
    [['diff', 'cri-o@1.29', 'p.json'], 3, /\n {2}hint: did you mean crio-default@1\.29\? built-in /],
    [
      ['validate', 'RuntimeDefault'],
      3,
      /\n {2}hint: RuntimeDefault is .*: containerd-default or crio-default\. /,
    ],
    [
      ['explain', 'p.json', 'EPERM'],
      2,
      /^error: EPERM is an error, not a system call .*\n {2}hint: oci-seccomp audit /,
    ],
    [
      ['lint', 'pods'],
      3,
      /^error: there is no profile below pods: .*\n {2}hint: .* oci-seccomp lint 'pods\/\*\.yaml'\n/,
    ],
    [['syscalls', '--since', 'moby'], 2, /\n {2}hint: did you mean docker-default\? give a kernel/],
    [
      ['lint', 'p.json', '--config', 'none'],
      3,
      /^error: cannot read none: no such file or directory \[ERR_IO\]\n$/,
    ],
    [['lint', 'p.json', '--baseline', 'dir'], 3, /^error: cannot read dir: it is a directory/],
    // Who follows the advice for an older baseline would lose the profile.
    [['lint', 'p.json', '--baseline', 'p.json'], 2, /not a baseline .*\n {2}hint: name the file that/],
    [
      ['lint', 'p.json', '--baseline', 'old.json'],
      2,
      /not a baseline .*\n {2}hint: --update-baseline writes it anew/,
    ],
    // Neither is a program, and a list of instructions would say nothing.
    [
      ['disasm', 'object.yaml'],
      2,
      /^error: object\.yaml reads like a seccomp profile, and a program is needed/,
    ],
    [['asm', 'config.yaml'], 2, /^error: config\.yaml reads like YAML, not like a BPF program/],
    // An empty list was a program whose first jump led too far, and a listing of nothing.
    [['explain', 'none.json', 'read'], 2, /^error: none\.json .*: it has no instructions/],
    [['disasm', 'none.json'], 2, /^error: none\.json has no instructions/],
    [['explain', 'p.json', 'read', '--cap', 'KILL,CHOWN'], 2, /not one capability .*\n {2}hint: .*--cap /],
    [['explain', 'p.json', 'read', '--runtime', 'podman'], 2, /is an engine, .*\n {2}hint: --engine podman /],
    // As a Docker profile, it has other problems.
    [
      ['compile', 'alow.yaml', '--dialect', 'kubernetes'],
      2,
      /\n {2}hint: oci-seccomp validate alow\.yaml --dialect kubernetes shows every problem\n$/,
    ],
    // All problems are shown: no command shows more.
    [['compile', 'p.json', '--dialect', 'kubernetes'], 2, /missing-key\]\nerror: p\.json is not [^\n]*\n$/],
    [
      ['compile', 'docker-default', '--base-dir', '/'],
      2,
      /^error: --base-dir is for files with .*, not for docker-default /,
    ],
    [['run', '--object', 'web', '--', 'ls'], 2, /^error: --object is .*, not for docker-default /],
    [
      ['diff', 'docker-default', 'pid:1', '--object', 'web'],
      2,
      /^error: --object is .*, not for docker-default and pid:1 /,
    ],
    // One of the two may have it.
    [
      ['subset', 'docker-default', 'alow.yaml', '--object', 'db'],
      2,
      /\n {2}hint: it holds web: pick one with --other-object NAME\n$/,
    ],
    [
      ['diff', 'p.json', 'p.json', '--other-object', 'web'],
      2,
      /^error: --other-object is .*, not for p\.json /,
    ],
    [['report', 'p.json', '--against-object', 'web'], 2, /\n {2}hint: add --against PROFILE, or leave /],
    [
      ['report', 'p.json', '--against', 'p.json', '--against-object', 'web'],
      2,
      /^error: --against-object is /,
    ],
    [
      ['pull', 'registry.example/web:1', '--unpinned', '--kernel', '6.1'],
      2,
      /^error: --kernel is for the proof of --baseline .*\n {2}hint: add --baseline PROFILE, or leave --kernel out\n$/,
    ],
    [
      ['disasm', 'allow.bpf', '--arch', 's390x'],
      2,
      /^error: --arch is for programs that are C arrays, not for allow\.bpf /,
    ],
    // Commander finds --fix and --cap more alike.
    [['lint', '--file', 'p.json'], 2, /'--file'\n {2}hint: the profile is named without an option\n/],
    [['explain', 'p.json', '--call', 'x'], 2, /\n {2}hint: the call is named without an option\n/],
    [['syscalls', '--file', 'p.json'], 2, /'--file'\n {2}hint: oci-seccomp syscalls --help/],
    // Validate finds nothing wrong in a pod.
    [['explain', 'pod.yaml', 'read'], 2, /hint: .*containerd-default.*\nerror: pod\.yaml .*\]\n$/],
    [['disasm', 'utf16'], 2, /^error: utf16 is a text in UTF-16 .*\n {2}hint: save it as UTF-8\n$/],
    [['lint', 'p.json', '--config', 'config.yaml'], 2, /\n {4}hint: write it as JSON/],
    // No built-in profile stands for these files.
    [
      ['compile', 'p.json', '--backend', 'builtin', '--weights', 'none'],
      3,
      /^error: cannot read none: no such .*\n$/,
    ],
    [['record', '--via', 'strace:none'], 3, /^error: cannot read none: no such .*\n$/],
    [
      ['compile', 'p.json', '--library', 'p.json'],
      3,
      /^error: p\.json cannot be loaded: .*\n {2}hint: .*\.\/p\.json/,
    ],
    [['compile', 'p.json', '-o', ''], 3, /^error: cannot write '': .*\n {2}hint: the name is empty/],
    [['init', ''], 2, /^error: '' is not there/],
    [['lint', 'p.json', '--profiles-dir', ''], 3, /^error: there is no folder ''/],
    [
      ['hook', 'check', '--choices', '-x.json'],
      2,
      /^error: --choices needs a value; .* --choices=-… \[ERR_USAGE\]\n/,
    ],
    // Else a file has the name of an option.
    [['compile', 'p.json', '-o', '--quiet'], 2, /^error: --output needs a value: --output FILE\n/],
    [['compile', 'p.json', '--output', '-h'], 2, /^error: --output needs a value: --output FILE\n/],
    [['run', '--profile', '--', 'ls'], 2, /^error: --profile needs a value: --profile PROFILE\n/],
    [['lint', 'p.json', '--rule'], 2, /^error: --rule needs a value: --rule RULE=LEVEL\n {2}hint: /],
    [
      ['lint', 'p.json', '-f', 'sariff'],
      2,
      /^error: --format takes human, .*; not 'sariff'\n {2}hint: did you mean sarif\?\n/,
    ],
    // --rule takes this word.
    [
      ['lint', 'p.json', '--fail-on', 'warn'],
      2,
      /^error: --fail-on takes .*; not 'warn'\n {2}hint: did you mean warning\?\n/,
    ],
    [
      ['hook', 'nosuch', '--help'],
      2,
      /^error: 'nosuch' is not a stage of a hook .*\n {2}hint: use createRuntime /,
    ],
    [['hook', 'poststop', '-h'], 2, /^error: a poststop hook cannot set a filter: /],
    [
      ['compile', 'p.json', 'p.json', 'p.json'],
      2,
      /^error: 3 arguments are given, and compile takes at most 1\n {2}hint: .* compile --help /,
    ],
    [['doctor', 'p.json'], 2, /^error: 1 argument is given, and doctor takes none\n {2}hint: /],
    [['push', 'p.json'], 2, /^error: missing .*\n {2}hint: for instance: oci-seccomp push .*\n {2}hint: /],
    [
      ['disasm', 'docker-default'],
      3,
      /\n {2}hint: docker-default is a built-in profile: oci-seccomp compile /,
    ],
    [
      ['compile', 'allow.bpf'],
      2,
      /^[^\n]*\n[^\n]*\nerror: allow\.bpf is not a profile that runc can use \[ERR_PROFILE_SCHEMA\]\n$/,
    ],
    // Where the recording cannot be written, the command does not run.
    ...(['', 'loop', 'p.json/x'] as const).map((out): [string[], number, RegExp] => [
      ['record', '-o', out, '--', 'touch', 'ran'],
      3,
      /^error: cannot write .*\n {2}hint: (?:the command was not run|the name is empty)/,
    ]),
    // It has no end.
    [
      ['record', '--recording', '/dev/zero'],
      2,
      /^error: \/dev\/zero has more than 128 MiB, which no recording has/,
    ],
    [['record', '--recording', 'pipe'], 3, unwritten],
    // It has no --endian itself.
    [['explain', 'random', 'read'], 2, /\n {2}hint: .*oci-seccomp disasm FILE --endian little/],
  ])('%j', (words, status, expected) => {
    const found = run(words, { cwd: folder });
    expect([found.stderr, found.status]).toEqual([expect.stringMatching(expected), status]);
  });

  it('a working folder whose path is longer than the kernel tells', () => {
    const top = mkdtempSync(join(folder, 'deep-'));
    const script = `for (let i = 0; i < 50; i++) { fs.mkdirSync('d'.repeat(100)); process.chdir('d'.repeat(100)); }
      child_process.spawnSync(process.execPath, process.argv.slice(1), { stdio: 'inherit' });`;
    const words = ['-e', script, program, 'lint', 'p.json'];
    const { stderr } = spawnSync(process.execPath, words, { cwd: top, encoding: 'utf8' });
    // Node takes paths, and this one is too long.
    spawnSync('rm', ['-r', top]);
    expect(stderr).toMatch(/^error: the path of the working folder cannot be told: ERANGE /);
  });

  it.each([['lint'], ['lint', 'p.json'], ['validate', '*.json'], ['init']])(
    'a working folder that does not exist any more: %s %s',
    (...words) => {
      const gone = mkdtempSync(join(folder, 'gone-'));
      const inside = ['-c', 'rmdir "$1"; shift; exec "$@"', 'sh', gone, process.execPath, program, ...words];
      const { stderr, status } = spawnSync('sh', inside, { cwd: gone, encoding: 'utf8' });
      expect([status, stderr.split('\n')[0]]).toEqual([
        3,
        'error: the working folder does not exist any more [ERR_IO]',
      ]);
    },
  );

  it
    .runIf(spawnSync('unshare', ['-m', 'true']).status === 0)
    .each([
      ['run', '--profile', 'docker-default', '--', 'true'],
      ['record', '--list', '-o', '-', '--', 'true'],
      ['doctor'],
      ['hook', 'createRuntime', '--profile', 'docker-default'],
      ['agent'],
      ['disasm', '--pid', '1'],
    ])('no /proc: %s %s', (...words) => {
    const script = 'mount -t tmpfs none /proc; exec "$@"';
    const inside = ['-m', 'sh', '-c', script, 'sh', process.execPath, program, ...words];
    const { stdout, stderr, status } = spawnSync('unshare', inside, { encoding: 'utf8', input: '{}' });
    expect({ stdout, status }).toEqual({ stdout: '', status: 3 });
    expect(stderr).toMatch(/^error: .*\n {2}hint: .*mount -t proc proc \/proc$/m);
  });

  it('a folder that may not be searched is told, and not passed over', () => {
    const closed = join(folder, 'dir/closed');
    mkdirSync(closed);
    writeFileSync(join(closed, 'p.json'), '{');
    writeFileSync(join(folder, 'dir/p.json'), profile);
    chmodSync(closed, 0);
    // Root may, by its capabilities.
    const plain =
      process.getuid?.() === 0 ? ['setpriv', '--bounding-set', '-dac_override,-dac_read_search'] : ['env'];
    const [command = '', ...words] = [...plain, process.execPath, program];
    for (const [verb, operand] of [
      ['validate', 'dir'],
      ['lint', 'dir'],
      ['lint', '**/*.json'],
    ]) {
      const { stderr, status } = spawnSync(command, [...words, verb ?? '', operand ?? ''], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect([status, stderr.split('\n')[0]]).toEqual([
        3,
        'error: cannot read dir/closed: permission denied [ERR_IO]',
      ]);
    }
    chmodSync(closed, 0o755);
    rmSync(closed, { recursive: true });
    rmSync(join(folder, 'dir/p.json'));
  });

  it('leaves nothing behind', () => {
    expect(existsSync(join(folder, 'ran'))).toBe(false);
    expect(readdirSync(folder).filter((name) => /recording|\.tmp$/.test(name))).toEqual([]);
  });

  it('a name of several lines is one line of what is said', () => {
    const { stderr } = run(['report', 'p.json', '-o', `${evil}.html`], { cwd: folder });
    expect(stderr).toMatch(/^nl\\x0a\\x1b\[31mred\.html: Allows .*\n$/);
  });

  it('is done as the advice says', () => {
    expect(run(['validate', './-x.json'], { cwd: folder }).status).toBe(0);
    expect(run(['disasm', 'random', '--endian', 'little'], { cwd: folder }).stdout).toContain('\n');
  });

  it('a name that a terminal would carry out is shown by --check', () => {
    const { stdout, status } = run(['simplify', 'p.json', '--check', evil], { cwd: folder });
    expect([stdout, status]).toEqual([
      'nl\\x0a\\x1b[31mred means p.json, simplified: proven for every call, on x86_64\n',
      0,
    ]);
  });

  it('a text that cannot be edited is written anew, says so, and never over itself', () => {
    const rules = {
      defaultAction: 'SCMP_ACT_ERRNO',
      syscalls: [{ names: ['read', 'read'], action: 'SCMP_ACT_ALLOW' }],
    };
    const map = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  other: stays\n  p.json: ${JSON.stringify(JSON.stringify(rules))}\n`;
    writeFileSync(join(folder, 'map.yaml'), map);
    const anew = run(['simplify', 'map.yaml', '-o', 'anew.json'], { cwd: folder });
    expect([anew.stderr.split('\n').at(-2), anew.status]).toEqual([
      'written anew as JSON: the profile alone, without the layout, the comments and what else stands in map.yaml',
      0,
    ]);
    const patch = run(['simplify', 'map.yaml', '--diff'], { cwd: folder });
    expect([patch.stdout.split('\n')[0], patch.stderr.split('\n').at(-2)]).toEqual([
      '--- a/map.yaml as JSON',
      'the patch is of the profile as JSON, and does not apply to map.yaml',
    ]);
    const over = run(['simplify', 'map.yaml', '-o', './map.yaml'], { cwd: folder });
    expect([over.stderr.split('\n')[0], over.status]).toEqual([
      'error: map.yaml cannot be edited in place: the profile has to be JSON, a YAML object, or JSON in a literal block (key: |) [ERR_INEXPRESSIBLE]',
      2,
    ]);
    expect(readFileSync(join(folder, 'map.yaml'), 'utf8')).toBe(map);
  });

  it('--stricter holds for --check, and is advised only where it can help', () => {
    const stricter = JSON.stringify({
      ...JSON.parse(profile),
      syscalls: [{ names: ['read'], action: 'SCMP_ACT_ALLOW' }],
    });
    writeFileSync(join(folder, 'stricter.json'), stricter);
    const both = ['p.json', 'p.json', '--stricter', '--check'];
    const exits = [
      run(['intersect', ...both, 'stricter.json'], { cwd: folder }),
      run(['intersect', 'p.json', 'p.json', '--check', 'stricter.json'], { cwd: folder }),
      run(['intersect', 'stricter.json', ...both, 'p.json'], { cwd: folder }),
    ];
    expect(exits.map(({ status }) => status)).toEqual([0, 1, 1]);
    for (const how of [[], ['--stricter']]) {
      const { stderr, status } = run(['intersect', 'podman-default', 'docker-default', ...how]);
      expect([stderr, status]).toEqual([
        expect.stringMatching(/on mips64.*\n {2}hint: leave the hosts out .*--for x86_64/),
        2,
      ]);
    }
  });

  it('a pipe that somebody writes slowly is read to its end', () => {
    const script = '(sleep 0.2; cat log) | "$@"';
    const words = [
      process.execPath,
      join(import.meta.dirname, '../../dist/bin/main.cjs'),
      'audit',
      '/dev/stdin',
    ];
    const { stdout } = spawnSync('sh', ['-c', script, 'sh', ...words], { cwd: folder, encoding: 'utf8' });
    expect(stdout).toMatch(/^\/dev\/stdin: 1 record of seccomp/);
  });
});

it.each([
  ['union', '-', '-'],
  ['intersect', '-', 'docker-default', '--check', '-'],
])('%s refuses standard input twice', (...words) => {
  const { status, stderr } = run(words, { input: profile });
  expect([status, stderr]).toEqual([
    2,
    'error: only one of the profiles can be standard input [ERR_USAGE]\n',
  ]);
});

it('names the object of a file with several, and tells two apart', () => {
  const object = (name: string, call: string) => ({
    apiVersion: 'security-profiles-operator.x-k8s.io/v1beta1',
    kind: 'SeccompProfile',
    metadata: { name },
    spec: { defaultAction: 'SCMP_ACT_ERRNO', syscalls: [{ names: [call], action: 'SCMP_ACT_ALLOW' }] },
  });
  const file = join(folder, 'several.yaml');
  writeFileSync(
    file,
    [object('web', 'read'), object('db', 'write')].map((each) => `---\n${JSON.stringify(each)}\n`).join(''),
  );
  const { subject } = JSON.parse(run(['explain', file, 'read', '--object', 'web', '--json']).stdout);
  expect(subject).toBe(`${file} (web)`);
  const { stdout } = run(['diff', file, file, '--object', 'web', '--other-object', 'db']);
  expect(stdout).toMatch(`${file} (db) against ${file} (web): `);
});

it.each([
  ['intersect', 'p.json', 'p.json', '--check', 'p.json', '--to', 'kubernetes', '--name', 'web'],
  ['union', 'p.json', 'p.json', '--check', 'p.json', '-o', 'unwritten.json'],
  ['simplify', 'p.json', '--check', 'p.json', '--to', 'kubernetes', '--format', 'yaml'],
  ['rebase', 'docker-default', '--check', '--to', 'kubernetes'],
])('%s --check writes no profile, and refuses options about one', (...words) => {
  const { status, stdout, stderr } = run(words, { cwd: folder });
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^error: option '--check/);
  expect(existsSync(join(folder, 'unwritten.json'))).toBe(false);
});
