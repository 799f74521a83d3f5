/** What an edit of a profile changes for calls, held against libseccomp's programs, which the interpreter runs. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ociSeccomp as run } from '../run.ts';
import {
  conditionalProfile,
  createFiles,
  edit,
  openProfile,
  plainProfile,
  verdict,
  verdictOn,
} from './edited-profiles.ts';

const { file, folder } = createFiles();
const plain = file('plain.json', plainProfile);
const open = file('open.json', openProfile);
const conditional = file('conditional.json', conditionalProfile);

function changedLines(before: string, after: string): readonly string[] {
  const [a, b] = [before.split('\n'), after.split('\n')];
  return [...a.filter((line) => !b.includes(line)), ...b.filter((line) => !a.includes(line))];
}

const calls = ['read', 'personality', 'socket', 'mount'];

describe('an edit for one call', () => {
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

  it('is proven for machines of every architecture in a list', async () => {
    const path = file('listed.json', {
      defaultAction: 'SCMP_ACT_ERRNO',
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_AARCH64'],
      syscalls: [{ names: ['read'], action: 'SCMP_ACT_ALLOW' }],
    });
    const { proof } = await edit(path, 'allow', 'write');
    expect(proof.hosts.map(({ arch }) => arch)).toEqual(['x86_64', 'aarch64']);
  });
});
