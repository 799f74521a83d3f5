/**
 * Filters in the languages of other programs. That those programs read the same is asked of them:
 * test/oracle/foreign-filters.test.ts.
 */
import { describe, expect, it } from 'vitest';
import { actions } from '../../src/abi/actions.ts';
import { architectures } from '../../src/abi/architectures.ts';
import { prepareProgram } from '../../src/bpf/simulate-program.ts';
import { compileProfile } from '../../src/index.ts';
import type { Host } from '../../src/oci/host.ts';
import type { Profile, ProfileRule } from '../../src/oci/profile.ts';
import { readProfile } from '../../src/oci/read-profile.ts';
import { type ConvertOptions, convertFilter, type PolicyForm } from '../../src/pipeline/convert-filter.ts';

const host: Host = { arch: 'x86_64', kernel: { kernel: 6, major: 1 }, capabilities: [] };
const all = ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'];

const at = (line: number) => ({ file: 'p.json', line, column: 5, pointer: '' });

function convert(profile: Omit<Profile, 'dialect'>, to: PolicyForm, options: Partial<ConvertOptions> = {}) {
  const input = {
    operand: 'p.json',
    name: 'p.json',
    profile: { dialect: 'oci', ...profile } as Profile,
    documents: [],
    problems: [],
  };
  return convertFilter({ kind: 'profile', input }, { to, host, stricter: false, ...options });
}

function refusal(work: () => unknown): readonly [string, readonly string[]] {
  try {
    work();
  } catch (error) {
    const { message, details } = error as Error & { details: { notes?: readonly string[] } };
    return [message, details.notes ?? []];
  }
  throw new Error('it was not refused');
}

const rule = (names: string, action: string, more: Partial<ProfileRule> = {}): ProfileRule => ({
  names: names.split(' '),
  action: `SCMP_ACT_${action}`,
  ...more,
});

describe('systemd', () => {
  it('takes calls of @default out that the profile denies, and lists no others of it', () => {
    const { text, lost } = convert(
      {
        defaultAction: 'SCMP_ACT_KILL_PROCESS',
        rules: [rule('read write execve exit_group', 'ALLOW'), rule('futex', 'ERRNO', { errnoRet: 38 })],
      },
      'systemd',
    );
    expect(lost).toEqual([]);
    const lines = text.split('\n');
    expect(lines).toContain('SystemCallFilter=read write');
    expect(text).toMatch(/^SystemCallFilter=~.*\bfutex:ENOSYS\b/m);
    expect(text).toMatch(/^SystemCallFilter=~.*\bbrk\b/m);
    expect(text).not.toMatch(/exit_group/);
    expect(lines).toContain('SystemCallArchitectures=native');
  });

  it('means the same in every release, whatever calls its @default has', () => {
    const denied = convert(
      { defaultAction: 'SCMP_ACT_ERRNO', rules: [rule('read write execve exit_group', 'ALLOW')] },
      'systemd',
    );
    // In @default since 257 with @sandbox, and never in 252's.
    expect(denied.text).toMatch(/^SystemCallFilter=~.*\bseccomp\b/m);
    const allowed = convert(
      { defaultAction: 'SCMP_ACT_ERRNO', rules: [rule('seccomp mseal', 'ALLOW')] },
      'systemd',
    );
    expect(allowed.text).toMatch(/^SystemCallFilter=mseal seccomp$/m);
    for (const { text } of [denied, allowed]) {
      const answers = (['systemd@252', 'systemd@257', 'systemd@262'] as const).map((dialect) => {
        const { profile } = readProfile(text, { dialect });
        const allow = profile?.rules.filter(({ action }) => action === 'SCMP_ACT_ALLOW') ?? [];
        return allow.flatMap(({ names }) => names).sort();
      });
      expect(answers[1]).toEqual(answers[0]);
      expect(answers[2]).toEqual(answers[0]);
    }
  });

  // systemd builds a filter for each architecture of its machine. One that is listed beside these has none: its calls are allowed.
  it('names the architectures and the calls of the machine alone', () => {
    const rules = [rule('read arm_sync_file_range', 'ALLOW')];
    const profile = { defaultAction: 'SCMP_ACT_ERRNO', architectures: [...all, 'SCMP_ARCH_AARCH64'], rules };
    const { text, lost } = convert(profile, 'systemd', { stricter: true });
    expect(text).toMatch(/^SystemCallArchitectures=native x86 x32$/m);
    expect(text).not.toContain('arm');
    expect(lost.map(({ arch }) => arch)).toEqual(['aarch64']);
    const { profile: again } = readProfile(text, { dialect: 'systemd' });
    if (again === undefined) throw new Error('not read');
    expect(convert(again, 'systemd').text).toBe(text);
  });

  // SystemCallErrorNumber=0 is ignored, and the process is then killed.
  it('gives the errno 0 to single calls alone', () => {
    const none = rule('mount umount2', 'ERRNO', { errnoRet: 0 });
    const { text } = convert({ defaultAction: 'SCMP_ACT_ALLOW', rules: [none] }, 'systemd');
    expect(text).toMatch(/^SystemCallFilter=~mount:0 umount2:0$/m);
    expect(text).not.toContain('SystemCallErrorNumber');
    const standard = { defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 0, rules: [rule('read', 'ALLOW')] };
    expect(refusal(() => convert(standard, 'systemd'))[0]).toMatch(/no default action ERRNO.*above 0/);
    expect(convert(standard, 'systemd', { stricter: true }).text).not.toContain('SystemCallErrorNumber');
  });

  it('logs where the default is to log', () => {
    const { text, lost } = convert(
      {
        defaultAction: 'SCMP_ACT_LOG',
        rules: [rule('read', 'ALLOW'), rule('mount', 'ERRNO', { errnoRet: 5 })],
      },
      'systemd',
    );
    expect(lost).toEqual([]);
    expect(text).toMatch(/^SystemCallErrorNumber=EIO\nSystemCallFilter=~mount\nSystemCallLog=~read\n/m);
  });

  // 89 is ENOSYS on MIPS and EDESTADDRREQ elsewhere; ENOSYS is 38 elsewhere, and no name there.
  it('names errors that the machine numbers as most do', () => {
    const rules = [
      rule('mount', 'ERRNO', { errnoRet: 89 }),
      rule('brk', 'ERRNO', { errnoRet: 38 }),
      rule('dup', 'ERRNO', { errnoRet: 5 }),
    ];
    const mips = { ...host, arch: 'mips64' } as const;
    const { text } = convert({ defaultAction: 'SCMP_ACT_ALLOW', rules }, 'systemd', { host: mips });
    expect(text).toMatch(/[:=]38\b/);
    expect(text).toMatch(/:89\b/);
    expect(text).not.toMatch(/ENOSYS|EDESTADDRREQ|EILSEQ/);
    expect(text).toMatch(/EIO/);
    expect(convert({ defaultAction: 'SCMP_ACT_ALLOW', rules }, 'systemd').text).toMatch(
      /ENOSYS|EDESTADDRREQ/,
    );
  });

  // systemd.exec(5): "~" logs all calls except the listed ones, and an empty assignment lists none.
  it('refuses to log every call', () => {
    const profile = { defaultAction: 'SCMP_ACT_LOG', rules: [rule('mount', 'ERRNO')] };
    expect(refusal(() => convert(profile, 'systemd', { stricter: true }))[0]).toMatch(
      /systemd cannot log every call/,
    );
  });

  it('refuses arguments and actions that it lacks, each with its place', () => {
    const profile = {
      defaultAction: 'SCMP_ACT_ALLOW',
      rules: [
        rule('clone', 'ERRNO', {
          args: [{ index: 0, value: 0x1000_0000n, valueTwo: 0x1000_0000n, op: 'SCMP_CMP_MASKED_EQ' }],
          place: at(3),
        }),
        rule('ptrace', 'TRAP', { place: at(4) }),
      ],
    };
    const [message, notes] = refusal(() => convert(profile, 'systemd'));
    expect([message, ...notes]).toEqual([
      'p.json:3:5: systemd cannot look at arguments: clone gets ERRNO EPERM (1) or ALLOW',
      'p.json:4:5: systemd has no action TRAP, which ptrace gets',
    ]);
    const { text, lost } = convert(profile, 'systemd', { stricter: true });
    expect(text).toContain('SystemCallFilter=~clone ptrace:kill');
    expect(
      lost.flatMap(({ changes }) =>
        changes.flatMap(({ kind, numbers }) => numbers.map(({ name }) => `${name} ${kind}`)),
      ),
    ).toEqual(['clone stricter', 'ptrace stricter']);
  });
});

describe('LXC', () => {
  it('says arguments with their masks', () => {
    const { text, lost } = convert(
      {
        defaultAction: 'SCMP_ACT_ERRNO',
        defaultErrnoRet: 38,
        architectures: all,
        rules: [
          rule('read', 'ALLOW'),
          rule('clone', 'ALLOW', {
            args: [{ index: 0, value: 0x7e02_0000n, valueTwo: 0n, op: 'SCMP_CMP_MASKED_EQ' }],
          }),
          rule('personality', 'ALLOW', { args: [{ index: 0, value: 8n, op: 'SCMP_CMP_EQ' }] }),
          rule('ioctl', 'ERRNO', {
            errnoRet: 25,
            args: [
              { index: 1, value: 0x5401n, op: 'SCMP_CMP_NE' },
              { index: 2, value: 1n, op: 'SCMP_CMP_GT' },
            ],
          }),
        ],
      },
      'lxc',
    );
    expect(text).toBe(
      '2\nallowlist errno 38\n[all]\nread allow\nclone allow [0,0,&=,0x7e020000]\npersonality allow [0,8,==]\nioctl errno 25 [1,0x5401,!=][2,1,>]\n',
    );
    expect(lost).toEqual([]);
  });

  // A value with bits outside its mask reads as if both were swapped.
  it('writes no bits of a value that its mask does not have', () => {
    const args = [{ index: 0, value: 4n, valueTwo: 0xffn, op: 'SCMP_CMP_MASKED_EQ' }];
    const rules = [rule('personality', 'ERRNO', { args })];
    const { text } = convert({ defaultAction: 'SCMP_ACT_ALLOW', architectures: all, rules }, 'lxc');
    expect(text).toContain('personality errno 1 [0,4,&=,4]');
  });

  it('refuses a profile of one architecture: LXC lets all of the machine make the same calls', () => {
    expect(
      refusal(() =>
        convert({ defaultAction: 'SCMP_ACT_ALLOW', rules: [rule('mount', 'ERRNO')] }, 'lxc', {
          stricter: true,
        }),
      )[0],
    ).toMatch(/x86 and x32 make the same calls/);
  });

  it('refuses to deny a call that it leaves out on x86', () => {
    const profile = { defaultAction: 'SCMP_ACT_ALLOW', architectures: all, rules: [rule('socket', 'ERRNO')] };
    expect(refusal(() => convert(profile, 'lxc', { stricter: true }))[0]).toMatch(
      /looser than the filter.*on x86$/,
    );
  });
});

describe('minijail', () => {
  it('gets the strictest of rules that contradict each other, and the calls are named', async () => {
    const one = (op: string) => ({ args: [{ index: 0, value: 1n, op: `SCMP_CMP_${op}` }] });
    const profile = {
      defaultAction: 'SCMP_ACT_KILL',
      rules: [rule('read', 'ALLOW'), rule('dup', 'ALLOW', one('LE')), rule('dup', 'ERRNO', one('GE'))],
    };
    const { text, lost, contradicted } = convert(profile, 'minijail');
    expect([lost, contradicted]).toEqual([[], [{ name: 'dup', metOn: ['x86_64'], refusedOn: [] }]]);
    expect(text).toContain('dup: arg0 == 0x0; return EPERM');
    // libseccomp lets dup(1) through.
    const input = JSON.stringify(
      { defaultAction: profile.defaultAction, syscalls: profile.rules },
      (_, value) => (typeof value === 'bigint' ? Number(value) : value),
    );
    const reading = { runtime: 'crun', arch: 'x86_64', kernel: '6.1', backend: 'libseccomp' } as const;
    const { program } = await compileProfile(input, reading);
    const args = [1n, 0n, 0n, 0n, 0n, 0n];
    const call = { nr: 32, arch: architectures.x86_64.auditArch, instructionPointer: 0n, args };
    expect(prepareProgram(program, { endian: 'little' }).verdict(call)).toBe(actions.allow.word);
    expect(convert({ ...profile, rules: [rule('read', 'ALLOW')] }, 'minijail').contradicted).toEqual([]);
  });

  it('allows under conditions, and returns an errno', () => {
    const { text, lost } = convert(
      {
        defaultAction: 'SCMP_ACT_KILL',
        rules: [
          rule('read', 'ALLOW'),
          rule('mmap', 'ALLOW', { args: [{ index: 2, value: 4n, valueTwo: 0n, op: 'SCMP_CMP_MASKED_EQ' }] }),
          rule('prctl', 'ALLOW', {
            args: [
              { index: 0, value: 0xffn, valueTwo: 0x05n, op: 'SCMP_CMP_MASKED_EQ' },
              { index: 1, value: 9n, op: 'SCMP_CMP_LE' },
            ],
          }),
          rule('mount', 'ERRNO', { errnoRet: 38 }),
        ],
      },
      'minijail',
    );
    expect(lost).toEqual([]);
    expect(text.split('\n').sort()).toEqual(
      [
        '# A policy of minijail for x86_64: every call that no line names ends its thread',
        '',
        'mmap: arg2 in 0xfffffffffffffffb',
        'mount: return ENOSYS',
        'prctl: arg0 in 0xffffffffffffff05 && arg0 & 0x1 && arg0 & 0x4 && arg1 <= 0x9',
        'read: 1',
      ].sort(),
    );
  });

  it('is read again where it allows nothing, and has a comment alone', () => {
    const { text } = convert({ defaultAction: 'SCMP_ACT_KILL', rules: [] }, 'minijail');
    expect(text.trim().split('\n').length).toBe(1);
    expect(readProfile(text).dialect).toBe('minijail');
  });

  // minijail compares numbers: a line for socket is none for socketcall(1, …), which s390x has beside it.
  it('is read again where a machine has multiplexers', () => {
    const s390x = { host: { ...host, arch: 's390x' } } as const;
    const text =
      '# A policy of minijail for s390x: every call that no line names ends its thread\nread: 1\nsocket: return EPERM\nsocketcall: arg0 != 0x5\n';
    const { profile } = readProfile(text, { dialect: 'minijail' });
    if (profile === undefined) throw new Error('not read');
    const { text: again, lost } = convert(profile, 'minijail', s390x);
    expect([again, lost]).toEqual([text, []]);
  });

  it('refuses another default, and further architectures', () => {
    const [message, notes] = refusal(() =>
      convert(
        {
          defaultAction: 'SCMP_ACT_ERRNO',
          defaultActionPlace: at(2),
          architectures: all,
          rules: [rule('read', 'ALLOW')],
        },
        'minijail',
      ),
    );
    expect(message).toMatch(/^p\.json:2:5: minijail kills the thread/);
    expect(notes).toHaveLength(1);
  });
});

describe('kills of LXC', () => {
  // LXC 5.0.2 makes SCMP_ACT_KILL of "kill", which ends the thread: less strict than to end the process.
  it('has nothing as strict as KILL_PROCESS, and says so also where stricter is allowed', () => {
    const profile = {
      defaultAction: 'SCMP_ACT_KILL_PROCESS',
      architectures: all,
      rules: [rule('read', 'ALLOW')],
    };
    for (const stricter of [false, true]) {
      const [message, notes] = refusal(() => convert(profile, 'lxc', { stricter }));
      expect(`${message} ${notes.join()}`).toMatch(/no action as strict as KILL_PROCESS/);
    }
    const thread = convert({ ...profile, defaultAction: 'SCMP_ACT_KILL_THREAD' }, 'lxc');
    expect([thread.lost, thread.text.split('\n')[1]]).toEqual([[], 'allowlist']);
  });
});
