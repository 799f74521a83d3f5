/**
 * Units of systemd and policies of LXC and minijail, read and written here, against the filters that those programs install or
 * compile for the same text; and the filter that bubblewrap installs for the script.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ArchName } from '../../src/abi/architectures.ts';
import { decodeProgram } from '../../src/bpf/program.ts';
import { type DecidableProgram, decidePrograms } from '../../src/decision/answer-call.ts';
import { decidePolicy } from '../../src/decision/decide-policy.ts';
import { findDifferences } from '../../src/decision/difference.ts';
import { createSpace, type Node, type Space } from '../../src/decision/space.ts';
import { openLibrary } from '../../src/libseccomp/library.ts';
import { librarySyscallTable } from '../../src/libseccomp/syscall.ts';
import { builtinProfiles } from '../../src/oci/builtin/index.ts';
import { readForeign } from '../../src/oci/foreign/read-foreign.ts';
import { membersOf } from '../../src/oci/foreign/systemd-filter.ts';
import type { Host } from '../../src/oci/host.ts';
import type { Profile } from '../../src/oci/profile.ts';
import { readProfile } from '../../src/oci/read-profile.ts';
import { resolveProfile } from '../../src/oci/resolve-profile.ts';
import { bwrapScript } from '../../src/pipeline/bwrap-script.ts';
import { convertFilter, type PolicyForm } from '../../src/pipeline/convert-filter.ts';
import { expandPolicy } from '../../src/policy/expand-policy.ts';
import { lowerProfile } from '../../src/policy/lower-profile.ts';
import { createRandom } from '../decision/random.ts';
import { samples } from '../support/samples.ts';
import { describeWith } from './support/require.ts';
import { withStarted } from './support/started-process.ts';

const host: Host = { arch: 'x86_64', kernel: { kernel: 6, major: 18 }, capabilities: [] };
/** Those whose programs the kernel runs; what a filter says of others, no call can show. */
const run: readonly (ArchName | undefined)[] = ['x86_64', 'x86', 'x32'];

/** Names are those of the installed libseccomp, which the other programs use too. */
function meaning(space: Space, profile: Profile): Node {
  const table = librarySyscallTable(openLibrary());
  const { seccomp } = resolveProfile(profile, host);
  if (seccomp === undefined) throw new Error('seccomp is off');
  const { policy } = lowerProfile(seccomp, { runtime: 'plain', arch: host.arch, table });
  return decidePolicy(space, policy, expandPolicy(policy, table));
}

/** Where programs differ from a profile, as `arch name kind`. */
function differences(profile: Profile, programs: readonly DecidableProgram[] | undefined): readonly string[] {
  if (programs === undefined) return ['no process'];
  const space = createSpace();
  return findDifferences(space, meaning(space, profile), decidePrograms(space, programs))
    .filter(({ arch }) => run.includes(arch))
    .flatMap(({ arch, changes }) =>
      changes.flatMap(({ kind, numbers }) =>
        numbers.map(({ name, from }) => `${arch} ${name ?? from} ${kind}`),
      ),
    );
}

function read(text: string): Profile {
  const { profile, problems } = readProfile(text);
  if (profile === undefined) throw new Error(problems.map(({ message }) => message).join('; '));
  return profile;
}

const units: Readonly<Record<string, string>> = {
  allow:
    'SystemCallFilter=@system-service\nSystemCallFilter=~@privileged @resources\nSystemCallErrorNumber=EPERM\n',
  deny: 'SystemCallFilter=~@mount ptrace:ENOSYS swapon:kill\nSystemCallArchitectures=native\n',
  merged:
    'SystemCallFilter=~mount\nSystemCallFilter=\nSystemCallFilter=@system-service mount\nSystemCallFilter=~kill:EACCES mount\nSystemCallFilter=~@swap:ENOSYS\nSystemCallErrorNumber=kill\n',
  logged: 'SystemCallFilter=~swapon\nSystemCallLog=ptrace openat swapon\n',
  'all-logged': 'SystemCallLog=~read write openat execve\n',
  architectures: 'SystemCallFilter=~mount \\\n  # a comment\n  umount2\nSystemCallArchitectures=x86-64 x32\n',
  multiplexed: 'SystemCallFilter=~socket connect shmget\nSystemCallErrorNumber=EACCES\n',
  unknown:
    'SystemCallFilter=~mount no_such_call @no-such-set ptrace: getpid:EVIL\nSystemCallErrorNumber=9999\n',
  spelled:
    '# x\r[Service]\rSystemCallFilter=~mou\\nt:010 ptrace:0x10 swapon:0 reboot\u00a0kexec_load umount2\v pivot_root\nSystemCallErrorNumber=0\nSystemCallArchitectures="native" x8\\6\n[Socket]\nSystemCallFilter=~read\n',
};

const inUnit = (text: string): string => `[Service]\n${text}`;

const LEFT_OUT: readonly string[] = ['futex_waitv', 'getpgrp', 'sched_yield', 'setns', 'uretprobe'];

const policies: Readonly<Record<string, Omit<Profile, 'dialect'>>> = {
  strict: {
    defaultAction: 'SCMP_ACT_KILL_PROCESS',
    architectures: ['SCMP_ARCH_X86_64'],
    rules: [
      {
        // Not all of @default, which every allow-list of systemd has.
        names: (membersOf('@system-service', 252) ?? []).filter((name) => !LEFT_OUT.includes(name)),
        action: 'SCMP_ACT_ALLOW',
      },
      { names: ['futex_waitv', 'mount'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
    ],
  },
  loose: {
    defaultAction: 'SCMP_ACT_ALLOW',
    architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
    rules: [
      { names: ['mount', 'ptrace'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 },
      { names: ['swapon'], action: 'SCMP_ACT_ERRNO', errnoRet: 22 },
    ],
  },
};

function profileOf(name: string): Profile {
  const profile = policies[name];
  if (profile === undefined) throw new Error(name);
  return { dialect: 'oci', ...profile };
}

function written(profile: Profile, to: PolicyForm, stricter = false): string {
  const input = { operand: 'p', name: 'p', profile, documents: [], problems: [] };
  return convertFilter({ kind: 'profile', input }, { to, host, stricter }).text;
}

/** A service that goes on; the mark is its time in seconds. */
const service = (text: string, mark: string): string =>
  `[Unit]\nDefaultDependencies=no\n[Service]\nType=exec\nExecStart=/bin/sleep ${mark}\n${text.replace('[Service]\n', '')}`;

const BOOT = `mkdir -p /run/systemd/system
for each in systemd-tmpfiles-setup systemd-tmpfiles-clean systemd-sysctl systemd-journald; do
  ln -s /dev/null /run/systemd/system/$each.service
done
cp $FILES/*.service $FILES/all.target /run/systemd/system/
exec env -i PATH="$PATH" container=lxc SYSTEMD_LOG_TARGET=console /lib/systemd/systemd --system --unit=all.target`;

describeWith(['root', 'ptrace', 'x86_64', '32-bit programs', 'systemd'], 'services of systemd', () => {
  it('have the filters that are read from their units, and those that were written', async () => {
    const refused =
      'SystemCallFilter=@system-service\nSystemCallFilter=~@swap:EPERM\nSystemCallErrorNumber=EPERM\n';
    const texts: Readonly<Record<string, string>> = {
      ...Object.fromEntries(Object.entries(units).map(([name, text]) => [name, inUnit(text)])),
      refused: inUnit(refused),
      'logged-together': inUnit('SystemCallFilter=~socket:EPERM\nSystemCallLog=@network-io\n'),
      'written-strict': written(profileOf('strict'), 'systemd'),
      'written-loose': written(profileOf('loose'), 'systemd'),
    };
    const names = Object.keys(texts);
    const mark = (name: string): string => `98765.${process.pid}${names.indexOf(name) + 1}`;
    const files = Object.fromEntries(
      names.map((name) => [`${name}.service`, service(texts[name] ?? '', mark(name))]),
    );
    const last = service('[Service]\n', mark('last')).replace(
      'no\n',
      `no\nAfter=${names.map((name) => `${name}.service`).join(' ')}\n`,
    );
    const wants = [...names, 'last'].map((name) => `Wants=${name}.service\n`).join('');
    const target = `[Unit]\nDefaultDependencies=no\n${wants}`;
    await withStarted({ ...files, 'last.service': last, 'all.target': target }, BOOT, async (started) => {
      await started.waitFor(mark('last'));
      expect(started.filters(mark('refused')), started.output()).toBeUndefined();
      expect(readProfile(inUnit(refused)).problems[0]?.code).toBe('unit-refused');
      // socketcall(1, …) is denied by one program and logged by the other.
      const together = texts['logged-together'] ?? '';
      expect(readProfile(together).problems.map(({ code }) => code)).toEqual(['filter-not-read']);
      expect(differences(read(together), started.filters(mark('logged-together')))).toEqual([
        'x86 socketcall stricter',
      ]);
      for (const name of Object.keys(units)) {
        expect(
          differences(read(texts[name] ?? ''), started.filters(mark(name))),
          `${name}\n${started.output()}`,
        ).toEqual([]);
      }
      for (const name of Object.keys(policies)) {
        expect(differences(profileOf(name), started.filters(mark(`written-${name}`))), name).toEqual([]);
      }
    });
  });
});

const BUSYBOX_ROOT = `mkdir -p /run/root/bin /run/root/dev /run/root/proc /run/root/sys /run/lxc
cp /bin/busybox /run/root/bin/
cat > /run/lxc.conf <<CONF
lxc.rootfs.path = dir:/run/root
lxc.uts.name = x
lxc.net.0.type = none
lxc.autodev = 0
lxc.init.cmd = /bin/busybox sleep MARK
lxc.seccomp.profile = /run/files/policy
CONF
lxc-start -F -n x -f /run/lxc.conf -P /run/lxc -l ERROR -o /run/lxc.log || cat /run/lxc.log`;

const NEEDED =
  'read write openat close fstat mmap mprotect munmap brk execve exit exit_group rt_sigaction rt_sigprocmask rt_sigreturn arch_prctl nanosleep clock_nanosleep getuid geteuid getpid getrandom prlimit64 readlink set_tid_address set_robust_list rseq prctl'.split(
    ' ',
  );

const lxcPolicies: Readonly<Record<string, string>> = {
  denied:
    '2\ndenylist\nreject_force_umount\n[all]\nkexec_load errno 1\nioctl errno 5 [1,0x5401,==]\nread kill [0,3,&=,7][2,9,>]\n[x86]\nmount errno 13\n[arm64]\nptrace kill\n[x86_64]\nswapon trap\n kill\n',
  allowed: `2\nallowlist errno 38\n[all]\n${NEEDED.join('\n')}\nmount errno 1 # why\nno_such_call\nbind\tkill\n`,
  'carriage returns': '2\r\ndenylist\r\nmount errno 1\r\nptrace\r\nswapon trap\r\n\r\n',
};

describeWith(
  ['root', 'ptrace', 'x86_64', '32-bit programs', 'busybox', 'lxc-start'],
  'containers of LXC',
  () => {
    let count = 0;
    const start = async (policy: string): Promise<readonly DecidableProgram[] | undefined> => {
      const mark = `97531.${process.pid}${++count}`;
      return withStarted({ policy }, BUSYBOX_ROOT.replace('MARK', mark), async (started) => {
        await started.waitFor(mark);
        return started.filters(mark);
      });
    };

    it.each(Object.entries(lxcPolicies))(
      'have the filter that is read from the policy: %s',
      async (_, policy) => {
        expect(differences(read(policy), await start(policy))).toEqual([]);
      },
    );

    it('have the filter that is read from the policy of LXC itself, and from what is written of it', async () => {
      const policy = readFileSync('/usr/share/lxc/config/common.seccomp', 'utf8');
      expect(read(policy).rules.map(({ names }) => names[0])).toContain('umount2');
      for (const text of [policy, written(read(policy), 'lxc')])
        expect(differences(read(policy), await start(text))).toEqual([]);
    });

    it.each([
      '2\ndenylist\nread errno EPERM\n',
      '2\ndenylist\nread [0,1,==]\n',
      '2\ndenylist\n read\n',
      '2\ndenylist\nptrace allow\n',
      '2\ndenylist\nptrace errno 1 [0,1,==] # why\n',
      '2\ndenylist\nptrace errno 1 [0,-1,==]\n',
      '2\ndenylist\n[all] \nptrace errno 1\n',
      '2\ndenylist\nptrace errno 5000\n',
      '2\r\ndenylist\r\n[all]\r\nmount errno 1\r\n',
      '2\r\ndenylist\r\nread kill [0,3,==]\r\n',
      '2\ndenylist\nmount \u00a0errno 1\n',
      '2\ndenylist\nmount errno\u00a01\n',
      '2\ndenylist\nmount \terrno 1\n',
    ])('do not start where the policy is refused here: %j', async (policy) => {
      expect(readProfile(policy).problems[0]?.code).toBe('invalid-policy');
      expect(await start(policy)).toBeUndefined();
    });

    it('leave calls out that an architecture multiplexes, as the warning says', async () => {
      const policy = '2\ndenylist\nsocket errno 3\nshmget errno 4\n';
      expect(readProfile(policy).problems.map(({ code }) => code)).toEqual([
        'rule-left-out',
        'rule-left-out',
      ]);
      expect(differences(read(policy), await start(policy))).toEqual([
        'x86 socketcall looser',
        'x86 ipc looser',
        'x86 socket looser',
        'x86 shmget looser',
      ]);
    });

    it('have the filter of the profile that the policy was written for', async () => {
      const profile: Profile = {
        dialect: 'oci',
        defaultAction: 'SCMP_ACT_ALLOW',
        architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
        rules: [
          { names: ['mount', 'ptrace'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 },
          {
            names: ['clone'],
            action: 'SCMP_ACT_ERRNO',
            errnoRet: 22,
            args: [{ index: 0, value: 0x1000_0000n, valueTwo: 0x1000_0000n, op: 'SCMP_CMP_MASKED_EQ' }],
          },
          {
            names: ['ioctl'],
            action: 'SCMP_ACT_TRAP',
            args: [
              { index: 1, value: 0x5400n, op: 'SCMP_CMP_GE' },
              { index: 2, value: 0x1_0000_0000n, op: 'SCMP_CMP_LT' },
            ],
          },
          {
            names: ['personality'],
            action: 'SCMP_ACT_KILL',
            args: [
              { index: 0, value: 0xffff_ffffn, op: 'SCMP_CMP_NE' },
              { index: 1, value: 5n, op: 'SCMP_CMP_LE' },
            ],
          },
        ],
      };
      expect(differences(profile, await start(written(profile, 'lxc')))).toEqual([]);
    });
  },
);

describeWith(['x86_64', 'minijail'], 'policies of minijail', () => {
  const compiled = (text: string): readonly DecidableProgram[] => {
    const { stdout, stderr, status } = spawnSync('parse_seccomp_policy', ['--dump', '-'], { input: text });
    expect(status, String(stderr)).toBe(0);
    return [{ program: decodeProgram(stdout, 'little'), endian: 'little' }];
  };
  const conditions: Profile = {
    dialect: 'oci',
    defaultAction: 'SCMP_ACT_KILL',
    rules: [
      { names: ['read', 'write', 'exit_group'], action: 'SCMP_ACT_ALLOW' },
      {
        names: ['mmap'],
        action: 'SCMP_ACT_ALLOW',
        args: [{ index: 2, value: 4n, valueTwo: 0n, op: 'SCMP_CMP_MASKED_EQ' }],
      },
      {
        names: ['prctl'],
        action: 'SCMP_ACT_ALLOW',
        args: [
          { index: 0, value: 0xf0_0000_00ffn, valueTwo: 0x10_0000_0005n, op: 'SCMP_CMP_MASKED_EQ' },
          { index: 1, value: 9n, op: 'SCMP_CMP_LE' },
        ],
      },
      { names: ['ioctl'], action: 'SCMP_ACT_ALLOW', args: [{ index: 1, value: 0x5401n, op: 'SCMP_CMP_EQ' }] },
      {
        names: ['ioctl'],
        action: 'SCMP_ACT_ALLOW',
        args: [{ index: 1, value: 0x1_0000_0000n, op: 'SCMP_CMP_GT' }],
      },
      {
        names: ['lseek'],
        action: 'SCMP_ACT_ALLOW',
        args: [{ index: 1, value: 0xffff_ffff_ffff_fff0n, op: 'SCMP_CMP_GE' }],
      },
      {
        names: ['kill'],
        action: 'SCMP_ACT_ALLOW',
        args: [
          { index: 1, value: 9n, op: 'SCMP_CMP_NE' },
          { index: 0, value: 77n, op: 'SCMP_CMP_LT' },
        ],
      },
      { names: ['mount', 'ptrace'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
    ],
  };

  it('compile to the filter of the profile', () => {
    expect(differences(conditions, compiled(written(conditions, 'minijail')))).toEqual([]);
  });

  it.each([
    'read: 1\nwrite: arg0 == 1 || arg0 == 2\nopenat: return ENOENT\nexit_group: return',
    'mmap: arg2 in 0x3; return EPERM\nioctl: arg1 & 0x5401 && arg0 != 3; return 5',
    'kill: arg1 < 9 && arg0 >= 0x100000000; return EACCES\nread: arg0 & 0\nwrite: arg0 in ~0',
    'personality: arg0 == 0 || arg0 == 8 || arg0 == 0x20000 || arg0 == 0xffffffff; return EPERM',
    'ioctl: arg1 > 5 && arg1 <= 0x5401 && arg1 & 3 || arg1 != 7 && arg1 != 0x100000000; return 5;',
    'mprotect: arg2 in ~PROT_EXEC || arg2 in ~PROT_WRITE\nprctl: arg0 == (0x2|0x8)|~0xff',
  ])('are read as minijail compiles them: %s', (text) => {
    const { profile } = readForeign(text, 'a.policy', 'minijail');
    if (profile === undefined) throw new Error('not read');
    expect(differences(profile, compiled(text))).toEqual([]);
  });

  it('of random lines are read as minijail compiles them, or refused', () => {
    const random = createRandom(6);
    const value = (): string =>
      random.pick(['0', '1', '0x5401', '~4', '077', '0x100000003', '-1', '(1|6)|8']);
    const atom = (): string =>
      `arg${random.below(3)} ${random.pick(['==', '!=', '<', '<=', '>', '>=', '&', 'in'])} ${value()}`;
    const some = (make: () => string, joint: string): string =>
      Array.from({ length: 1 + random.below(2) }, make).join(joint);
    let [read, all] = [0, 0];
    for (let at = 0; at < samples(160); at++, all++) {
      const end = random.pick(['', '', '; return EACCES', '; return']);
      const text = ['read', 'write', 'ioctl']
        .map((name) => `${name}: ${some(() => some(atom, ' && '), ' || ')}${end}\n`)
        .join('');
      const { profile } = readForeign(text, 'a.policy', 'minijail');
      const programs = compiled(text);
      if (profile === undefined) continue;
      read++;
      expect(differences(profile, programs), text).toEqual([]);
    }
    // Those that are refused would need too many rules.
    expect(read).toBeGreaterThan(0.9 * all);
  });

  it('are refused here where minijail has no room for them', () => {
    const names = builtinProfiles['docker-default']().rules.flatMap((rule) => rule.names);
    const others = [...new Set(names)].filter((name) => name !== 'ioctl' && compiles(`${name}: 1`));
    // Conditions take instructions, and lines with an errno take labels.
    const counts = [
      [100, 368, true],
      [100, 369, false],
      [300, 210, true],
      [300, 211, false],
    ] as const;
    for (const [denied, compared, fits] of counts) {
      const profile: Profile = {
        ...conditions,
        rules: [
          { names: others.slice(0, denied), action: 'SCMP_ACT_ERRNO' },
          ...Array.from({ length: compared }, (_, at) => ({
            names: ['ioctl'],
            action: 'SCMP_ACT_ALLOW',
            args: [{ index: 1, value: BigInt(7 * at + 1), op: 'SCMP_CMP_EQ' }],
          })),
        ],
      };
      const text = [
        ...others.slice(0, denied).map((name) => `${name}: return EPERM`),
        `ioctl: ${Array.from({ length: compared }, (_, at) => `arg1 == ${7 * at + 1}`).join(' || ')}`,
      ].join('\n');
      expect(compiles(text), `${denied} ${compared}`).toBe(fits);
      if (fits) expect(differences(profile, compiled(written(profile, 'minijail')))).toEqual([]);
      else expect(() => written(profile, 'minijail')).toThrow('minijail has room for');
    }
  });

  it('are stricter than a profile of Docker, and not looser', () => {
    // minijail knows only the calls of the headers that it was built with.
    const profile = builtinProfiles['docker-default']();
    const text = written(profile, 'minijail', true);
    const known = text.split('\n').filter((line) => compiles(line));
    const kinds = new Set(
      differences(profile, compiled(known.join('\n'))).map((each) => each.split(' ').at(-1)),
    );
    expect([...kinds]).toEqual(['stricter']);
  });

  function compiles(line: string): boolean {
    return spawnSync('parse_seccomp_policy', ['--dump', '-'], { input: `${line}\n` }).status === 0;
  }
});

describeWith(['root', 'ptrace', 'x86_64', '32-bit programs', 'bwrap'], 'bubblewrap', () => {
  it.each([1, 2])('installs the filters of the script: %i', async (count) => {
    const space = createSpace();
    const nothing: DecidableProgram['program'] = [{ code: 6, jt: 0, jf: 0, k: 0x7fff_0000 }];
    const errno: DecidableProgram['program'] = [
      { code: 0x20, jt: 0, jf: 0, k: 0 },
      { code: 0x15, jt: 0, jf: 1, k: 165 },
      { code: 6, jt: 0, jf: 0, k: 0x0005_0001 },
      { code: 6, jt: 0, jf: 0, k: 0x7fff_0000 },
    ];
    const programs = [errno, nothing]
      .slice(0, count)
      .map((program) => ({ program, endian: 'little' as const }));
    const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-bwrap-'));
    try {
      writeFileSync(join(folder, 'check'), '');
      const mark = `96420.${process.pid}${count}`;
      const script = bwrapScript('a filter', programs);
      const found = await withStarted(
        { script },
        `exec sh $FILES/script --ro-bind / / --dev /dev /bin/sleep ${mark}`,
        async (started) => {
          await started.waitFor(mark);
          return started.filters(mark);
        },
      );
      expect(found?.map(({ program }) => program)).toEqual(programs.map(({ program }) => program));
      expect(decidePrograms(space, found ?? [])).toBe(decidePrograms(space, programs));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
