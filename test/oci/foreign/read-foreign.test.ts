/**
 * Units of systemd and policies of LXC: what is read, where it stands, and what is wrong with it. What they mean is compared
 * with the filters that the programs install: test/oracle/foreign-filters.test.ts.
 */
import { describe, expect, it } from 'vitest';
import { detectFile } from '../../../src/oci/file-kind.ts';
import { readProfile } from '../../../src/oci/read-profile.ts';
import { readProfiles } from '../../../src/oci/read-profiles.ts';

const told = (text: string): readonly string[] =>
  readProfile(text).problems.map(
    ({ line, column, severity, code }) => `${line}:${column} ${severity} ${code}`,
  );

const rules = (text: string): readonly string[] =>
  (readProfile(text).profile?.rules ?? []).map(
    ({ names, action, errno, errnoRet = errno, place, includes }) =>
      `${place?.line}:${place?.column} ${names.slice(0, 2).join(' ')} ${action}${errnoRet === undefined ? '' : ` ${errnoRet}`}${
        includes === undefined ? '' : ` on ${includes.arches?.join(' ')}`
      }`,
  );

describe('a unit of systemd', () => {
  it('has the place of the word that a rule comes from', () => {
    const unit =
      '[Service]\n# a comment\nSystemCallFilter=~ptrace \\\n  ; another\n  @swap:ENOSYS mount:kill\nSystemCallErrorNumber=EPERM\n';
    expect(rules(unit)).toEqual([
      '3:19 ptrace SCMP_ACT_ERRNO 1',
      '5:3 swapoff swapon SCMP_ACT_ERRNO ENOSYS',
      '5:16 mount SCMP_ACT_KILL_PROCESS',
    ]);
    expect(told(unit)).toEqual([]);
  });

  it('begins anew after an empty line, and takes calls out of a list', () => {
    expect(
      rules(
        '[Service]\nSystemCallFilter=@known\nSystemCallFilter=\nSystemCallFilter=~mount umount2\nSystemCallFilter=mount\n',
      ),
    ).toEqual(['4:25 umount2 SCMP_ACT_KILL_PROCESS']);
  });

  it.each<readonly [string, readonly string[]]>([
    ['SystemCallFilter=read\n', ['1:1 warning ignored-setting', '1:1 error not-a-profile']],
    ['[Exec]\nSystemCallFilter=read\n', ['1:1 error not-a-profile', '2:1 warning ignored-setting']],
    ['[Service]\nSystemCallFilter=read @no-such-set\n', ['2:23 warning ignored-setting']],
    ['[Service]\nSystemCallFilter=read:EPERM write\n', ['2:18 warning ignored-setting']],
    [
      '[Service]\nSystemCallFilter=~read: write:EVIL\n',
      ['2:19 warning ignored-setting', '2:25 warning ignored-setting'],
    ],
    ['[Service]\nSystemCallFilter=~mont\n', ['2:19 warning unknown-syscall']],
    ['[Service]\nSystemCallFilter=~mount\nSystemCallErrorNumber=5000\n', ['3:23 warning ignored-setting']],
    ['[Service]\nSystemCallArchitectures=native amiga\n', ['2:32 warning ignored-setting']],
    ['[Service]\nSystemCallFilters=read\nSystemCallFilter=read\n', ['2:1 warning ignored-setting']],
    [
      '[Service]\nSystemCallFilter=~mount\nRestrictNamespaces=yes\nProtectClock=no\n',
      ['3:1 warning filter-not-read', '4:1 note filter-not-read'],
    ],
    // The log and the filter are two programs: on x86, the second denies socketcall(1, …), which a profile would log.
    ['[Service]\nSystemCallFilter=~socket\nSystemCallLog=@network-io\n', ['3:15 warning filter-not-read']],
    ['[Service]\nSystemCallFilter=~socket socketcall\nSystemCallLog=@network-io\n', []],
    ['[Service]\nSystemCallFilter=~mount\nSystemCallLog=@network-io\n', []],
    [
      '[Service]\nSystemCallErrorNumber=EPERM\nSystemCallFilter=@system-service\nSystemCallFilter=~@swap:EPERM\n',
      ['4:19 error unit-refused'],
    ],
    ['[Service]\nSystemCallFilter=~mo\0unt\n', ['2:21 error control-character']],
    [`[Service]\nSystemCallFilter=${'@known '.repeat(20_000)}\n`, ['1:1 error too-large']],
    ['[Service]\nnonsense\nSystemCallFilter=~mount\n', ['2:1 warning ignored-setting']],
    // What systemd-analyze 252 verify says of the same texts.
    ['[Service] # why\nSystemCallFilter=~mount\n', ['1:1 error unit-refused']],
    ['[Service]\nSystemCallFilter=~mount\n[Serv\n', ['3:1 error unit-refused']],
    ['[Service]\n#c\rSystemCallFilter=~mont\n', ['2:22 warning unknown-syscall']],
    [
      '[Service]\nSystemCallFilter=~mount\u00a0umount2 mount\v\n',
      ['2:19 warning unknown-syscall', '2:33 warning unknown-syscall'],
    ],
    ['[Service]\nSystemCallFilter=~mount\nSystemCallErrorNumber=0\n', ['3:23 warning ignored-setting']],
    [
      '[Service]\nSystemCallFilter=~read:-1 write:+4 open:4096 close:010 ioctl:08 poll:0b1 lseek:0o7 mount:0x10 umount2:0\n',
      ['2:19 warning ignored-setting', '2:36 warning ignored-setting', '2:56 warning ignored-setting'],
    ],
    [
      '[Service]\nSystemCallFilter=~mou\\nt\nSystemCallErrorNumber="EPERM"\n',
      ['3:23 warning ignored-setting'],
    ],
    [
      "[Service]\nSystemCallArchitectures=\"native\" 'x32' x8\\6 'arm native\n",
      ['2:45 warning ignored-setting'],
    ],
    [
      '[Socket]\nSystemCallFilter=~mount\n[Service]\nSystemCallFilter=~execve\n',
      ['4:1 warning ignored-setting'],
    ],
  ])('%j', (unit, problems) => {
    expect(told(unit)).toEqual(problems);
  });

  it('has the settings of the section that its name says', () => {
    const text = '[Socket]\nSystemCallFilter=~mount\n[Service]\nSystemCallFilter=~execve\n';
    const { profile, problems } = readProfile(text, { name: 'x.service' });
    expect(profile?.rules.map(({ names }) => names)).toEqual([['execve']]);
    expect(problems.map(({ line, message }) => [line, message])).toEqual([
      [2, 'SystemCallFilter= stands in [Socket], not in [Service]: systemd ignores it'],
    ]);
    const dropIn = readProfile(text, { name: 'x.socket.d/10.conf' });
    expect(dropIn.profile?.rules.map(({ names }) => names)).toEqual([['mount']]);
  });

  it('has errnos as numbers of any base, and names with a backslash in them', () => {
    expect(
      rules('[Service]\nSystemCallFilter=~mou\\nt:010 ptrace:0x10 swapon:0b11\nSystemCallErrorNumber=0o7\n'),
    ).toEqual([
      '2:19 mount SCMP_ACT_ERRNO 8',
      '2:30 ptrace SCMP_ACT_ERRNO 16',
      '2:42 swapon SCMP_ACT_ERRNO 3',
    ]);
  });

  it('is stricter than what is let through and logged, not than what is denied', () => {
    expect(rules('[Service]\nSystemCallFilter=~mount\nSystemCallLog=mount umount2\n')).toEqual([
      '2:19 mount SCMP_ACT_KILL_PROCESS',
      '3:21 umount2 SCMP_ACT_LOG',
    ]);
  });
});

describe('a policy of LXC', () => {
  it('has the places of its lines, and its sections as hosts', () => {
    const policy =
      '2\nallowlist errno 38\n[all]\nread\nioctl errno 1 [1,0x5401,==][2,3,&=,7]\n[arm64]\nwrite allow\nreject_force_umount\n';
    expect(rules(policy)).toEqual([
      '4:1 read SCMP_ACT_ALLOW',
      '5:1 ioctl SCMP_ACT_ERRNO 1',
      '7:1 write SCMP_ACT_ALLOW on arm64',
      '8:1 umount2 SCMP_ACT_ERRNO 13 on arm64',
    ]);
    const args = readProfile(policy).profile?.rules[1]?.args;
    expect(args).toEqual([
      { index: 1, value: 0x5401n, op: 'SCMP_CMP_EQ' },
      { index: 2, value: 7n, valueTwo: 3n, op: 'SCMP_CMP_MASKED_EQ' },
    ]);
  });

  it.each<readonly [string, readonly string[]]>([
    ['2\nallowlist\nread errno EPERM\n', ['3:6 error invalid-policy']],
    ['2\nallowlist\nread [0,1,==]\n', ['3:6 error invalid-policy']],
    ['2\nallowlist trace\nread\n', ['2:11 error invalid-policy']],
    ['2\nallowlist debug\nread\n', ['2:1 error invalid-policy']],
    ['2\nallowlist\n[i386]\nread\n', ['3:1 error invalid-policy']],
    ['2\nallowlist\n[all] \nread\n', ['3:1 error invalid-policy']],
    ['2\nallowlist\nread errno 1 [6,1,==]\n', ['3:1 error invalid-policy']],
    ['2\nallowlist\nread errno 1 [0,-1,==]\n', ['3:1 error invalid-policy']],
    ['2\nallowlist\nread errno 1 [0,1,=]\n', ['3:1 error invalid-policy']],
    ['2\nallowlist\nread errno 1 [0,1,==] # why\n', ['3:22 error invalid-policy']],
    ['2\nallowlist\nread errno 5000\n', ['3:6 error invalid-policy']],
    ['2\ndenylist\nread allow\n', ['3:1 error invalid-policy']],
    ['2\nallowlist\n read\nwrite\n', ['3:2 error invalid-policy']],
    ['2\nallowlist\n kill\nwrite\n', ['3:1 warning ignored-setting']],
    ['2\nallowlist\nread\t errno 1\n', ['3:1 warning ignored-setting']],
    ['2\nallowlist\nread\terrno 1\n', ['3:12 error invalid-policy']],
    ['2\nallowlist\nraed\n', ['3:1 warning unknown-syscall']],
    // LXC reads only ASCII's blanks as such, and a carriage return as a part of the line.
    ['2\r\ndenylist\r\nmount errno 1\r\nptrace\r\n\r\n', ['4:1 warning ignored-setting']],
    ['2\r\ndenylist\r\n[all]\r\nmount errno 1\r\n', ['3:1 error invalid-policy']],
    ['2\ndenylist\nmount \u00a0errno 1\n', ['3:7 error invalid-policy']],
    ['2\ndenylist\nmount errno\u00a01\n', ['3:7 error invalid-policy']],
    ['2\ndenylist\nmount \terrno 1\n', ['3:7 error invalid-policy']],
    ['2\ndenylist \terrno 5\n', ['2:10 error invalid-policy']],
    ['2\nallowlist\nre\0ad\n', ['3:3 error control-character']],
  ])('%j', (policy, problems) => {
    expect(told(policy)).toEqual(problems);
  });
});

it('names the parts of a masked comparison of LXC as LXC does', () => {
  const policy = '2\ndenylist\nread errno 1 [0,0x10,&=,0x0f]\nwrite errno 1 [0,0x10,&=]\n';
  const told = readProfile(policy).problems.map(({ message, hint }) => `${message}; ${hint}`);
  expect(told.join('\n')).not.toMatch(/value"|valueTwo/);
  expect(told).toEqual([
    'the bits 0x10 of the second number are outside the mask and are dropped; the last number is the mask, and the second number is what the masked argument must equal',
    'mask and value are swapped: the last number 0x0 is the mask, the second number 0x10 is what the masked argument must equal; write [INDEX,VALUE,&=,MASK], with the mask last',
  ]);
});

describe('both', () => {
  it.each([
    ['systemd', '[Unit]\nDescription=x\n\n[Service]\n  SystemCallFilter = read\n'],
    ['systemd', '\ufeff# x\n[Socket]\nSystemCallArchitectures=native\n'],
    ['systemd', '[Service]\nExecStart=docker inspect -f "{{.State}}" x\nSystemCallFilter=read\n'],
    ['lxc', '2\nblacklist\n[all]\nmount errno 1\n'],
    ['lxc', '2\r\ndenylist\r\nmount errno 1\r\n'],
  ])('%s is told by its content: %j', async (dialect, text) => {
    expect(detectFile(text)).toEqual({ kind: 'profile' });
    expect(readProfile(text).dialect).toBe(dialect);
    const [read] = await readProfiles(new TextEncoder().encode(text));
    expect(read?.dialect).toBe(dialect);
    expect(read?.profile?.rules.length).toBeLessThan(2);
    expect(read?.problems).toEqual([]);
  });

  it.each([
    '#!/bin/sh\ncat > x.service <<EOF\n[Service]\nSystemCallFilter=@system-service\nEOF\n',
    '# a manifest\nkey: value\nunit: |\n  [Service]\n  SystemCallFilter=~mount\n',
    'How to harden:\n\nSystemCallFilter=~mount\n',
    '[Service]\nSystemCallFilter={{ .Values.filter }}\n',
    '{{ if .Values.x }}\n[Service]\nSystemCallFilter=~mount\n{{ end }}\n',
  ])('are not what only has one in it: %j', (text) => {
    const { dialect, profile } = readProfile(text);
    expect([dialect, profile]).toEqual([undefined, undefined]);
    expect(readProfile(text, { dialect: 'systemd' }).dialect).toBe('systemd');
  });

  it('are not read as the other, nor as JSON', () => {
    expect(readProfile('[Service]\nSystemCallFilter=read\n', { dialect: 'lxc' }).problems[0]?.code).toBe(
      'invalid-policy',
    );
    expect(readProfile('2\nallowlist\nread\n', { dialect: 'systemd' }).profile).toBeUndefined();
    expect(readProfile('{"defaultAction":"SCMP_ACT_ALLOW"}', { dialect: 'lxc' }).profile).toBeUndefined();
    expect(readProfile('2\nallowlist\nread\n', { dialect: 'oci' }).profile).toBeUndefined();
  });

  it('end, whatever the text', () => {
    const pieces = [
      '[Service]',
      'SystemCallFilter=',
      '~',
      '@known',
      '\\',
      '\n',
      ' ',
      ':',
      '=',
      '2\nallowlist\n',
      '[',
      ']',
      'errno 1',
      ',',
      'x'.repeat(50_000),
    ];
    let seed = 7;
    const next = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % below;
    };
    for (let i = 0; i < 2000; i++) {
      const text = Array.from({ length: 1 + next(12) }, () => pieces[next(pieces.length)] ?? '').join('');
      for (const dialect of ['systemd', 'lxc'] as const) {
        const { profile, problems } = readProfile(text, { dialect });
        expect(profile !== undefined || problems.length > 0).toBe(true);
      }
    }
  });
});
