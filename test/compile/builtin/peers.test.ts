/**
 * Programs of other compilers (fixtures/peers): made again from what they mean, and, where they were given docker-default,
 * compared with what it means here.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { capabilitySets } from '../../../src/abi/capabilities.ts';
import { directSyscallNumber } from '../../../src/abi/syscall-numbers.ts';
import { decodeProgram } from '../../../src/bpf/program.ts';
import { findProgramProblems } from '../../../src/bpf/program-problems.ts';
import { synthesizeProgram } from '../../../src/compile/builtin/synthesize.ts';
import { withBits } from '../../../src/decision/cofactor.ts';
import { decidePolicy } from '../../../src/decision/decide-policy.ts';
import { decideProgram } from '../../../src/decision/decide-program.ts';
import { FIELD_ARCH, FIELD_NR } from '../../../src/decision/diagram-variables.ts';
import { createSpace, type Node, type Space } from '../../../src/decision/space.ts';
import { builtinProfiles } from '../../../src/oci/builtin/index.ts';
import type { LinuxSeccomp, LinuxSeccompArg } from '../../../src/oci/index.ts';
import { resolveProfile } from '../../../src/oci/resolve-profile.ts';
import { expandPolicy } from '../../../src/policy/expand-policy.ts';
import { lowerProfile } from '../../../src/policy/lower-profile.ts';
import { newestTable } from '../../../src/policy/newest-table.ts';
import type { SyscallTable } from '../../../src/policy/policy.ts';
import { shapeFaults } from './program-shape.ts';

interface Peer {
  readonly name: string;
  readonly program: string;
}

const fixtures = `${import.meta.dirname}/../../../fixtures`;
const peers = JSON.parse(readFileSync(`${fixtures}/peers/programs.json`, 'utf8')) as readonly Peer[];

function read(peer: Peer) {
  return decodeProgram(Buffer.from(peer.program, 'base64'), 'little');
}

/** They compare two arguments with each other, which a diagram of bits is not made for: no guess comes out. */
const compareArguments = new Set([
  ...['1', '3', '4'].map((number) => `kafel-test_bitwise_operations-${number}`),
  ...[
    'var_cmp',
    'and_cmp_var',
    'and_eq_var_long',
    'and_eq_var_long_set',
    'and_eq_var_short_bottom',
    'and_eq_var_short_top',
  ].map((name) => `kafel-sample_${name}`),
]);

describe('programs of kafel and minijail, made again', () => {
  const lines = ['program | again | original'];

  it.each(peers)('$name: means the same and is no longer', (peer) => {
    const original = read(peer);
    const space = createSpace();
    const meant = decideProgram(space, original, 'little');
    if (compareArguments.has(peer.name)) {
      expect(() => synthesizeProgram(space, meant, 'little')).toThrow(
        'no program can be made of this decision',
      );
      return;
    }
    const again = synthesizeProgram(space, meant, 'little');
    expect(shapeFaults(again)).toEqual([]);
    expect(findProgramProblems(again)).toEqual([]);
    expect(decideProgram(space, again, 'little')).toBe(meant);
    expect(again.length).toBeLessThanOrEqual(original.length);
    lines.push(`${peer.name} | ${again.length} | ${original.length}`);
  });

  it('are as long as they were: after a change write the table again with -u, and read the diff', async () => {
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(
      `${fixtures}/golden/builtin-sizes-of-peers.txt`,
    );
  });
});

/** The two compilers were given the numbers of Linux 6.1: uretprobe came later, below the last one. */
const LAST = 450;
const URETPROBE = 335;
const linux61: SyscallTable = {
  name: 'Linux 6.1',
  resolve: (name, arch) => {
    const nr = directSyscallNumber(name, 'x86_64') ?? 0;
    return nr > LAST || nr === URETPROBE ? undefined : newestTable.resolve(name, arch);
  },
};

/** What a diagram says of x86_64's own numbers. */
function ofOwnNumbers(space: Space, node: Node): Node {
  const ofArch = withBits(space, node, FIELD_ARCH, 0xffff_ffff, 0xc000_003e);
  return withBits(space, ofArch, FIELD_NR, 0xc000_0000, 0);
}

function ofNumber(space: Space, node: Node, nr: number): Node {
  return withBits(space, node, FIELD_NR, 0xffff_ffff, nr);
}

describe('docker-default as other compilers understand it', () => {
  it.each([
    ['kafel-docker-default', 'SCMP_ACT_ERRNO'],
    ['minijail-docker-default', 'SCMP_ACT_KILL_THREAD'],
  ])('%s: means what it means here', (name, defaultAction) => {
    const peer = peers.find((each) => each.name === name);
    if (peer === undefined) throw new Error(`there is no ${name}`);
    const host = {
      arch: 'x86_64',
      kernel: { kernel: 6, major: 1 },
      capabilities: capabilitySets.docker,
    } as const;
    const { seccomp } = resolveProfile(builtinProfiles['docker-default'](), host);
    if (seccomp === undefined) throw new Error('the profile turns seccomp off');
    const { defaultErrnoRet = 1, ...others } = seccomp;
    const own = { ...others, architectures: ['SCMP_ARCH_X86_64'] };
    const { policy } = lowerProfile(
      { ...own, defaultAction, ...(defaultAction === 'SCMP_ACT_ERRNO' ? { defaultErrnoRet } : {}) },
      { runtime: 'crun', arch: 'x86_64', table: linux61 },
    );
    const space = createSpace();
    const theirs = decideProgram(space, read(peer), 'little');
    const ours = decidePolicy(space, policy, expandPolicy(policy, linux61));
    const [a, b] = [theirs, ours].map((node) => ofOwnNumbers(space, node));
    if (a === undefined || b === undefined) throw new Error('nothing to compare');
    // By number first, so that a failure says where.
    const differing = Array.from({ length: 2 * LAST }, (_, nr) => nr).filter(
      (nr) => ofNumber(space, a, nr) !== ofNumber(space, b, nr),
    );
    expect(differing).toEqual([]);
    expect(a).toBe(b);
    expect(synthesizeProgram(space, ours, 'little').length).toBeLessThan(read(peer).length);
  });
});

type Rule = NonNullable<LinuxSeccomp['syscalls']>[number];

const allow = (names: readonly string[], ...args: readonly LinuxSeccompArg[]): Rule => ({
  ...{ names, action: 'SCMP_ACT_ALLOW', args },
});
const errno = (names: readonly string[], ...args: readonly LinuxSeccompArg[]): Rule => ({
  ...{ names, action: 'SCMP_ACT_ERRNO', errnoRet: 1, args },
});
const equals = (index: number, value: bigint): LinuxSeccompArg => ({
  ...{ index, op: 'SCMP_CMP_EQ', value, valueTwo: 0n },
});
/** An argument that the kernel takes as 32 bits. */
const equalsInt = (index: number, valueTwo: bigint): LinuxSeccompArg => ({
  ...{ index, op: 'SCMP_CMP_MASKED_EQ', value: 0xffff_ffffn, valueTwo },
});

/** kafel's test/basic.c in words of a profile, as its tests say; what is not allowed ends the thread. */
const kafelTests: Readonly<Record<string, readonly Rule[]>> = {
  'default_kill-1': [],
  'default_kill-2': [allow(['exit'])],
  'actions-1': [allow(['exit', 'read'])],
  'actions-2': [allow(['exit'])],
  'actions-3': [allow(['exit']), errno(['read'])],
  'custom_args-1': [allow(['exit']), allow(['read'], equals(0, 0n))],
  'arch_guard_basic-1': [allow(['exit', 'read'])],
  'arch_guard_multi_arch_compile-1': [allow(['exit', 'io_uring_setup'])],
  'rules_order-1': [allow(['exit', 'read'])],
  'bitwise_operations-2': [allow(['exit']), errno(['read'], equals(2, 7n))],
  '32bit_args-1': [allow(['exit']), allow(['fcntl'], equalsInt(0, 0x1234n))],
  '32bit_args-2': [allow(['exit']), allow(['fcntl'], equals(0, 0x1_0000_1234n))],
  'long_constants_eq-1': [allow(['exit'])],
  'duplicate_action_after_conditional-1': [allow(['exit', 'read'])],
};

it.each(Object.entries(kafelTests))(
  "kafel's test %s means what its rules mean in a profile",
  (name, syscalls) => {
    const peer = peers.find((each) => each.name === `kafel-test_${name}`);
    if (peer === undefined) throw new Error(`there is no ${name}`);
    const seccomp = { defaultAction: 'SCMP_ACT_KILL_THREAD', architectures: ['SCMP_ARCH_X86_64'], syscalls };
    const { policy } = lowerProfile(seccomp, { runtime: 'plain', arch: 'x86_64', table: newestTable });
    const space = createSpace();
    const theirs = ofOwnNumbers(space, decideProgram(space, read(peer), 'little'));
    const ours = ofOwnNumbers(space, decidePolicy(space, policy, expandPolicy(policy, newestTable)));
    const differing = Array.from({ length: LAST }, (_, nr) => nr).filter(
      (nr) => ofNumber(space, theirs, nr) !== ofNumber(space, ours, nr),
    );
    expect(differing).toEqual([]);
    expect(theirs).toBe(ours);
  },
);
