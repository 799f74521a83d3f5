/**
 * What `explain` says of rules with several comparisons, where some arguments are given.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { describeWith } from '../oracle/support/require.ts';
import { ociSeccomp } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-explain-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'p.json');
const compare = (index: number, value: number) => ({ index, op: 'SCMP_CMP_EQ', value });
writeFileSync(
  file,
  JSON.stringify({
    defaultAction: 'SCMP_ACT_ERRNO',
    syscalls: [
      { names: ['socket'], action: 'SCMP_ACT_ALLOW', args: [compare(0, 1), compare(1, 2), compare(2, 3)] },
    ],
  }),
);

it.each([
  [['7'], /: does not match: not arg0 == [^,]*$/m],
  [['1', '7', '3'], /: does not match: not arg1 == [^,]*$/m],
  [['7', '2', '7'], /: does not match: not arg0 == [^,]*, not arg2 == [^,]*$/m],
  [['1', '2'], /: depends on arg2, which you did not give$/m],
  [['1', '2', '3'], /: ALLOW$/m],
])('socket %j', (args, said) => {
  const words = ['explain', file, 'socket', ...args, '--arch', 'x86_64', '--kernel', '6.1'];
  expect(ociSeccomp(words).stdout).toMatch(said);
});

it.each([
  // A flag says nothing of the access mode, nor of the signal, whose bits are others.
  [['openat', '_', '_', 'any:O_DIRECTORY'], 'flags with O_DIRECTORY (0x10000),'],
  [
    ['openat', '_', '_', 'all:O_DIRECTORY,O_SYNC'],
    'flags with all of O_DIRECTORY (0x10000), O_SYNC (0x101000),',
  ],
  [['clone', 'any:0x11'], 'flags with any of 1, 0x10,'],
  [['clone', 'none:CLONE_NEWUSER'], 'flags with no CLONE_NEWUSER (0x10000000),'],
])('names flags alone: %j', (words, said) => {
  const { stdout } = ociSeccomp(['explain', file, ...words, '--arch', 'x86_64', '--kernel', '6.1']);
  expect(stdout).toContain(said);
});

it('sets the names of groups apart from the calls', () => {
  const { stdout } = ociSeccomp(['explain', file, '--arch', 'x86_64', '--kernel', '6.1']);
  const labels = [...stdout.matchAll(/^ {2}(\S.*?) {2,}\S/gm)].map(([, label]) => label);
  expect(labels).toEqual(expect.arrayContaining(['between processes', 'other', 'socket']));
});

it('says in JSON what the text says beside the verdict', () => {
  const traced = join(folder, 'traced.json');
  writeFileSync(
    traced,
    '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["bpf"], "action": "SCMP_ACT_TRACE"}]}',
  );
  const words = ['explain', traced, 'bpf', '--arch', 'mipsel64', '--runtime', 'crun'];
  const { ways } = JSON.parse(ociSeccomp([...words, '--json']).stdout);
  expect(ways[0].remarks).toEqual([expect.stringMatching(/^TRACE 1: ENOSYS \(89\) unless a tracer /)]);
  expect(ociSeccomp(words).stdout).toContain(`\n  ${ways[0].remarks[0]}\n`);
});

it('says in JSON by which arguments a program decides, what it executes, and where an error came from', () => {
  const program = join(folder, 'p.bpf');
  ociSeccomp(['compile', file, '-q', '-o', program]);
  const words = ['explain', program, 'socket', '1', '7', '--trace'];
  const { stdout } = ociSeccomp(words);
  const { ways, traces } = JSON.parse(ociSeccomp([...words, '--json']).stdout);
  const shown = ways[0].anyArguments.cases.map(
    ({ when, verdict }: { when: { text: string }[]; verdict: { text: string } }) =>
      [verdict.text, when.map(({ text }) => text).join(' and ')] as const,
  );
  expect(shown).toHaveLength(2);
  for (const [verdict, when] of shown) {
    expect(stdout.replace(/ +/g, ' ')).toContain(
      `\n ${verdict} ${when === '' ? 'otherwise' : `if ${when}`}\n`,
    );
  }
  const lines = /^trace.*\n([\s\S]*)$/m.exec(stdout)?.[1]?.trimEnd().split('\n') ?? [];
  const path: { index: number; mnemonic: string; operands: string; taken: boolean | null }[] = traces[0].path;
  expect(lines).toHaveLength(path.length);
  for (const [i, { index, mnemonic, operands }] of path.entries()) {
    expect(lines[i]).toContain(` ${index}  ${mnemonic.padEnd(4)} ${operands}`);
  }
  expect(path.some(({ taken }) => taken === true)).toBe(true);
  expect(traces[0].verdict).toEqual(ways[0].verdicts[0]);

  const pasted = ['explain', 'docker-default', 'getpid() = -1 EPERM (Operation not permitted)'];
  expect(ociSeccomp(pasted).stdout).toContain('EPERM came from the kernel itself or another filter');
  expect(JSON.parse(ociSeccomp([...pasted, '--json']).stdout).error).toEqual({
    name: 'EPERM',
    fromElsewhere: true,
  });
  expect(ociSeccomp(['explain', program, '--trace']).stderr).toContain('--trace needs a system call');
});

it('counts rules as resolve does', () => {
  const words = ['docker-default', '--arch', 'x86_64'];
  const explained = ociSeccomp(['explain', ...words, 'mount']).stdout;
  const resolved = ociSeccomp(['resolve', ...words, '--verbose', '-o', '/dev/null']).stderr;
  const [, rule] = / rule (\d+) of docker-default: ALLOW: dropped .* CAP_SYS_ADMIN\n/.exec(explained) ?? [];
  expect(resolved).toContain(`  rule ${rule} dropped: needs CAP_SYS_ADMIN\n`);
});

describeWith(['built', 'x86_64'], 'a call that libseccomp compiles wrongly', () => {
  // fixtures/defects/expected.json has the call, and the kernel's answer to it.
  const wrong = 'fixtures/defects/lost-branch.json';
  const instance = 'x86_64 getppid(1) gets ALLOW, the profile says ERRNO EPERM (1)';
  it.each([[[]], [['1', '0']], [['2', '0']]])('is shown, whichever arguments are asked about: %j', (args) => {
    const { stdout, stderr } = ociSeccomp(['explain', wrong, 'getppid', ...args]);
    expect(stderr).toContain(`it counts as what it does: ${instance}\n`);
    expect(stdout).toContain(
      `\n  NOT PROVEN: the program does not do what the profile says\n    for instance: ${instance}\n`,
    );
    const json = JSON.parse(ociSeccomp(['explain', wrong, 'getppid', ...args, '--json']).stdout) as object;
    expect(json).toMatchObject({
      witness: { relation: 'looser', call: { nr: 110, args: ['1', '0', '0', '0', '0', '0'] } },
    });
  });

  it('is not shown for another call', () => {
    const { stdout, stderr } = ociSeccomp(['explain', wrong, 'read', '--json']);
    expect([stderr, JSON.parse(stdout)]).toEqual([
      '',
      expect.not.objectContaining({ witness: expect.anything() as object }),
    ]);
  });
});

describeWith(['built', 'x86_64'], 'a profile of which one call is too complex', () => {
  // Each pair of values meets another set of rules, and each rule has an answer of its own.
  const entangled = Array.from({ length: 60 }, (_, i) => ({
    names: ['mmap'],
    action: 'SCMP_ACT_ERRNO',
    errnoRet: i + 2,
    args: [0, 1].map((index) => ({ index, op: 'SCMP_CMP_NE', value: (i + 1) * (index + 7) * 0x1234567 })),
  }));
  const vsock = {
    names: ['socket'],
    action: 'SCMP_ACT_ALLOW',
    args: [{ index: 0, op: 'SCMP_CMP_NE', value: 40 }],
  };
  const whole = join(folder, 'entangled.json');
  writeFileSync(whole, JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO', syscalls: [vsock, ...entangled] }));

  it('explains and proves another call alone', () => {
    const { status, stdout, stderr } = ociSeccomp(['explain', whole, 'socket', 'AF_VSOCK', '--suggest']);
    expect(stderr).toBe('');
    expect(stdout).toContain('x86_64 socket(AF_VSOCK (40), type, protocol): ERRNO EPERM (1)\n');
    expect(stdout).toContain('\n  proven: for this call the program does what the profile says\n');
    expect(stdout).toMatch(/no edit is suggested: .* too complex to prove\n$/);
    expect(status).toBe(2);
  });

  it('decides that call with given arguments, and claims no more', () => {
    const { status, stdout, stderr } = ociSeccomp(['explain', whole, 'mmap', '1', '2']);
    expect(stderr).toContain('is not proven to mean what it says');
    expect(stdout).toContain('\n  NOT PROVEN: the program cannot be decided: too complex');
    expect(stdout).toContain(
      'only those above were decided, and with them the program does what the rules say\n',
    );
    expect(status).toBe(0);
    const { tooComplex } = JSON.parse(ociSeccomp(['explain', whole, 'mmap', '1', '2', '--json']).stdout);
    expect(tooComplex).toBe('all-arguments');
  });
});
