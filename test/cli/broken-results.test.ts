/**
 * What commands that write a profile or a policy say of a result under which nothing starts, or programs crash.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allSyscallNames } from '../../src/abi/syscall-numbers.ts';
import { describeWith } from '../oracle/support/require.ts';
import { ociSeccomp } from './run.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'broken-results-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A profile that allows all but some calls. */
function denying(...names: readonly string[]): string {
  const path = join(folder, `${names.join('-')}.json`);
  const rule = { names, action: 'SCMP_ACT_ERRNO' };
  const architectures = ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'];
  writeFileSync(path, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', architectures, syscalls: [rule] }));
  return path;
}

const denied = (output: string): readonly string[] =>
  output.split('\n').filter((line) => / (is|are) denied, so /.test(line));

const rows: readonly (readonly [calls: readonly string[], lines: readonly RegExp[]])[] = [
  [['execve', 'exit_group', 'write'], [/^warning: execve is denied, so no container can start/]],
  [['exit_group'], [/^warning: exit_group is denied, so a program with threads does not end/]],
  [['rt_sigreturn'], [/^warning: rt_sigreturn is denied, so a program crashes/]],
  [
    ['write', 'close'],
    [
      /^warning: close and write are denied, so no container can start under runc: the runtime itself calls them/,
      /^warning: write is denied, so no container can start under crun without noNewPrivileges/,
    ],
  ],
  // Without it nothing fails.
  [['reboot'], []],
];

describe('what breaks', () => {
  it.each(rows)('without %j: said of an intersection, a union and a simplified profile', (calls, lines) => {
    const path = denying(...calls);
    for (const args of [
      ['intersect', path, denying('swapon')],
      ['union', path, path],
      ['simplify', path],
    ]) {
      const { stderr, stdout } = ociSeccomp([
        ...args,
        '--for',
        'x86_64',
        '-o',
        join(folder, 'out.json'),
        '--report',
        '-',
      ]);
      const found = denied(stderr);
      expect(found.length, args.join(' ')).toBe(lines.length);
      lines.forEach((line, at) => {
        expect(found[at]).toMatch(line);
      });
      const { result } = JSON.parse(stdout) as { result: { breaks: readonly string[] } };
      expect(result.breaks.map((sentence) => `warning: ${sentence}`)).toEqual(found);
    }
  });

  it.each([
    ['systemd', 'the service does not start'],
    ['lxc', 'no container can start: LXC'],
    ['bwrap', 'no command starts'],
  ])('without execve is said of a conversion to %s', (form, what) => {
    const { stderr } = ociSeccomp([
      'convert',
      denying('execve'),
      '--to',
      form,

      '--arch',
      'x86_64',
      '-o',
      join(folder, 'policy'),
    ]);
    expect(denied(stderr)).toEqual([expect.stringContaining(`note: execve is denied, so ${what}`)]);
    // The runtime of containers takes no part.
    const other = ociSeccomp([
      'convert',
      denying('write'),
      '--to',
      form,

      '--arch',
      'x86_64',
      '-o',
      join(folder, 'policy'),
    ]);
    expect(denied(other.stderr)).toEqual([]);
  });
});

/** A profile that allows a call if an argument has none of some bits. */
function allowing(name: string, index: number, bits: number): string {
  const path = join(folder, `${name}-some.json`);
  const args = [{ index, value: bits, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }];
  const syscalls = [
    { names: [name], action: 'SCMP_ACT_ALLOW', args },
    {
      names: allSyscallNames().filter((each) => each !== name && each !== 'clone3'),
      action: 'SCMP_ACT_ALLOW',
    },
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
  ];
  writeFileSync(path, JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO', syscalls }));
  return path;
}

/** Writes a drop-in of systemd. @returns what it says of denied calls */
function convert(filter: string): readonly string[] {
  const policy = join(folder, 'seccomp.conf');
  const how = ['--to', 'systemd', '--stricter', '--arch', 'x86_64', '-o', policy];
  const { stderr, status } = ociSeccomp(['convert', filter, ...how]);
  expect(status, stderr).toBe(0);
  return denied(stderr);
}

describe('a stricter conversion', () => {
  it('says what breaks without a call of which the filter let some through', () => {
    expect(convert(allowing('clone', 0, 0x1000_0000))).toEqual([
      expect.stringContaining('note: clone is denied, so programs fail that start others'),
    ]);
    expect(convert(allowing('mmap', 3, 0x4_0000))).toEqual([
      'note: mmap is denied, so a program does not reach its main function with glibc 2.36 on x86_64',
    ]);
    expect(convert(allowing('mount', 3, 4))).toEqual([]);
  });

  it('does not say it of a call that the filter denies itself', () => {
    expect(convert(denying('clone', 'mmap'))).toEqual([]);
  });
});

describeWith(['root', 'x86_64', 'built'], 'programs under a stricter conversion', () => {
  it.each([
    ['clone', 0, 0x1000_0000, 'main\n'],
    ['mmap', 3, 0x4_0000, ''],
  ] as const)(
    'break without %s as its note says, and not under the profile',
    (name, index, bits, printed) => {
      const profile = allowing(name, index, bits);
      expect(convert(profile)).toHaveLength(1);
      // Without --force nothing is started that would not reach its main function.
      const how = ['--force', '--', 'bash', '--norc', '-c', 'echo main; /bin/true && echo started'];
      const under = (filter: string) => ociSeccomp(['run', '--profile', filter, ...how]).stdout;
      expect(under(profile)).toBe('main\nstarted\n');
      expect(under(join(folder, 'seccomp.conf'))).toBe(printed);
    },
  );
});

describe('rules that libseccomp does not get through', () => {
  const profile = (name: string, index: number): string => {
    const path = join(folder, name);
    const args = [
      { index: 0, value: 1, op: 'SCMP_CMP_NE' },
      { index, value: 1, op: 'SCMP_CMP_EQ' },
    ];
    const rules = [
      { names: ['getsid'], action: 'SCMP_ACT_ALLOW', args },
      { names: ['read', 'execve'], action: 'SCMP_ACT_ALLOW' },
    ];
    const architectures = ['SCMP_ARCH_X86_64'];
    writeFileSync(path, JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO', architectures, syscalls: rules }));
    return path;
  };
  const warning = /^warning: libseccomp may not get through .*on getsid\): try it with oci-seccomp compile$/m;

  it('are told of a union, and libseccomp loops for them', () => {
    const out = join(folder, 'union.json');
    const { stderr } = ociSeccomp([
      'union',
      profile('a.json', 1),
      profile('b.json', 2),
      '--for',
      'x86_64',
      '-o',
      out,
    ]);
    expect(stderr).toMatch(warning);
    const compiled = ociSeccomp(['compile', out, '--timeout', '0.2', '-o', join(folder, 'out.bpf')]);
    expect(compiled.stderr).toContain('ERR_LIBSECCOMP_TIMEOUT');
  });

  it('and not of rules that it does', () => {
    const path = profile('one.json', 1);
    const { stderr } = ociSeccomp([
      'union',
      path,
      path,
      '--for',
      'x86_64',
      '-o',
      join(folder, 'one-out.json'),
    ]);
    expect(stderr).not.toMatch(warning);
  });
});
