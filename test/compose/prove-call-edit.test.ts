/**
 * What is proven of an edit, held against programs of the profiles before and after it, which an interpreter runs: whether the
 * call gets what was asked for, which other calls change, and which calls cross runc's border of ENOSYS. No diagram is used.
 */
import { describe, expect, it } from 'vitest';
import { architectures } from '../../src/abi/architectures.ts';
import { isMade } from '../../src/abi/carried-out.ts';
import type { SeccompData } from '../../src/abi/seccomp-data.ts';
import {
  directSyscallNumber,
  directSyscallNumbers,
  multiplexedCall,
  syscallName,
} from '../../src/abi/syscall-numbers.ts';
import { prepareProgram } from '../../src/bpf/simulate-program.ts';
import { compilePolicy, tableOf } from '../../src/compile/compile-policy.ts';
import { hostsOfProfile, proveCallEdit } from '../../src/compose/prove-call-edit.ts';
import type { Profile, ProfileRule } from '../../src/oci/profile.ts';
import { resolveProfile } from '../../src/oci/resolve-profile.ts';
import { lowerProfile } from '../../src/policy/lower-profile.ts';

type Arch = 'x86_64' | 'x86';
type Call = (arch: Arch, name: string, args: readonly bigint[]) => number;

const ENOSYS = 0x0005_0026;

async function programOf(profile: Profile, arch: Arch, runtime: string): Promise<Call> {
  const host = { arch, kernel: { kernel: 6, major: 18 }, capabilities: [] };
  const { seccomp } = resolveProfile(profile, host);
  if (seccomp === undefined) throw new Error('seccomp is off');
  const table = tableOf('builtin', undefined);
  const { policy } = lowerProfile(seccomp, { runtime, arch, table });
  const { program, endian } = await compilePolicy(policy, { backend: 'builtin', table });
  const { verdict } = prepareProgram(program, { endian });
  return (on, name, given) => {
    const args = Array.from({ length: 6 }, (_, at) => given[at] ?? 0n) as unknown as SeccompData['args'];
    const nr = directSyscallNumber(name, on) ?? -1;
    return verdict({ arch: architectures[on].auditArch, nr, instructionPointer: 0n, args });
  };
}

const values = [0n, 1n, 2n, 3n, 16n, 17n, 40n, 0x1_0000_0010n];
const samples = values.flatMap((first) => [0n, 2n, 3n, 6n].map((second) => [first, second]));

interface Row {
  readonly archs: readonly [Arch, ...Arch[]];
  readonly before: readonly ProfileRule[];
  readonly after: readonly ProfileRule[];
  readonly verb: 'allow' | 'deny';
  readonly call: readonly [name: string, ...args: readonly (bigint | undefined)[]];
  readonly runtimes: readonly string[];
}

const allow = (
  names: readonly string[],
  ...args: readonly (readonly [number, string, bigint, bigint?])[]
) => ({
  names,
  action: 'SCMP_ACT_ALLOW',
  args: args.map(([index, op, value, valueTwo]) => ({
    index,
    op: `SCMP_CMP_${op}`,
    value,
    ...(valueTwo === undefined ? {} : { valueTwo }),
  })),
});

const both = ['x86_64', 'x86'] as const;
const all = ['runc', 'crun', 'youki'];
const rows: readonly (readonly [string, Row, { readonly isMet: boolean }])[] = [
  [
    'a name more',
    {
      archs: both,
      before: [allow(['read', 'openat2'])],
      after: [allow(['read', 'getcpu', 'openat2'])],
      verb: 'allow',
      call: ['getcpu'],
      runtimes: all,
    },
    { isMet: true },
  ],
  [
    'a name that opens another call too',
    {
      archs: both,
      before: [allow(['read', 'openat2'])],
      after: [allow(['read', 'getcpu', 'chmod', 'openat2'])],
      verb: 'allow',
      call: ['getcpu'],
      runtimes: all,
    },
    { isMet: true },
  ],
  [
    'more values than were asked for',
    {
      archs: both,
      before: [allow(['read', 'openat2'])],
      after: [allow(['read', 'openat2']), allow(['personality'], [0, 'LE', 16n])],
      verb: 'allow',
      call: ['personality', 16n],
      runtimes: all,
    },
    { isMet: true },
  ],
  [
    'another value than was asked for',
    {
      archs: both,
      before: [allow(['read', 'openat2'])],
      after: [allow(['read', 'openat2']), allow(['personality'], [0, 'EQ', 16n])],
      verb: 'allow',
      call: ['personality', 17n],
      runtimes: all,
    },
    { isMet: false },
  ],
  [
    'sockets of one family, all of them through socketcall',
    {
      archs: both,
      before: [allow(['read', 'openat2'])],
      after: [allow(['read', 'openat2']), allow(['socket'], [0, 'EQ', 2n])],
      verb: 'allow',
      call: ['socket', 2n],
      runtimes: all,
    },
    { isMet: true },
  ],
  [
    'a name newer than all others',
    {
      archs: both,
      before: [allow(['read', 'getcpu'])],
      after: [allow(['read', 'getcpu', 'openat2'])],
      verb: 'allow',
      call: ['openat2'],
      runtimes: all,
    },
    { isMet: true },
  ],
  [
    'the newest name gone',
    {
      archs: both,
      before: [allow(['read', 'getcpu', 'openat2'])],
      after: [allow(['read', 'getcpu'])],
      verb: 'deny',
      call: ['openat2'],
      runtimes: all,
    },
    { isMet: true },
  ],
  [
    'a value taken out of a mask',
    {
      archs: ['x86_64'],
      before: [allow(['read', 'openat2']), allow(['mmap'], [1, 'MASKED_EQ', 4n, 0n])],
      after: [allow(['read', 'openat2']), allow(['mmap'], [1, 'MASKED_EQ', 6n, 0n])],
      verb: 'deny',
      call: ['mmap', undefined, 2n],
      runtimes: ['runc', 'crun'],
    },
    { isMet: true },
  ],
  [
    'socketcall alone: runc answers ENOSYS for socket, after which C libraries use it',
    {
      archs: ['x86'],
      before: [allow(['read'])],
      after: [allow(['read', 'socketcall'])],
      verb: 'allow',
      call: ['socket'],
      runtimes: ['runc'],
    },
    { isMet: true },
  ],
  [
    'socketcall alone: crun answers EPERM for socket, after which they give up',
    {
      archs: ['x86'],
      before: [allow(['read'])],
      after: [allow(['read', 'socketcall'])],
      verb: 'allow',
      call: ['socket'],
      runtimes: ['crun'],
    },
    { isMet: false },
  ],
  [
    'socketcall, through which a call of another rule still goes',
    {
      archs: both,
      before: [allow(['read', 'bind', 'openat2', 'socketcall'])],
      after: [allow(['read', 'bind', 'openat2'])],
      verb: 'deny',
      call: ['socketcall'],
      runtimes: all,
    },
    { isMet: false },
  ],
  [
    'socket beyond the newest call that runc counts, which are not those of a multiplexer',
    {
      archs: ['x86'],
      before: [allow(['read', 'socket'])],
      after: [allow(['read', 'socket', 'chmod'])],
      verb: 'deny',
      call: ['socket'],
      runtimes: ['runc'],
    },
    { isMet: true },
  ],
];

/** What the call gets, as a program sees that makes it: after ENOSYS it tries the multiplexer. */
function isThrough(program: Call, arch: Arch, name: string, args: readonly bigint[]): boolean {
  const word = program(arch, name, args);
  const way = multiplexedCall(name, arch);
  if (word !== ENOSYS || way === undefined) return isMade(word);
  return isMade(program(arch, way.multiplexer, [BigInt(way.argument)]));
}

async function isMetBy({ archs, after, verb, call: [name, ...given], runtimes }: Row): Promise<boolean> {
  const own = given.map((value) => value ?? 0n);
  const asked = [...samples, own].map((args) => args.map((arg, index) => given[index] ?? arg));
  for (const runtime of runtimes) {
    const program = await programOf(profileOf(archs, after), archs[0], runtime);
    for (const arch of archs.filter((each) => directSyscallNumber(name, each) !== undefined)) {
      const results = asked.map((args) =>
        // What is denied is the call's own number: the multiplexer is told apart from it.
        verb === 'allow' ? isThrough(program, arch, name, args) : !isMade(program(arch, name, args)),
      );
      if (results.includes(false)) return false;
    }
  }
  return true;
}

function profileOf(archs: readonly Arch[], rules: readonly ProfileRule[]): Profile {
  const names = archs.map((arch) => architectures[arch].ociArch);
  return { dialect: 'oci', defaultAction: 'SCMP_ACT_ERRNO', architectures: names, rules };
}

const key = (arch: string | undefined, name: string): string => `${arch} ${name}`;

/** Calls of which some answer changes, that were not asked for: by name and architecture. */
function changedIn(row: Row, [before, after]: readonly [Call, Call]): ReadonlySet<string> {
  const [asked, ...given] = row.call;
  const found = new Set<string>();
  for (const arch of row.archs) {
    for (const name of directSyscallNumbers(arch).flatMap((nr) => syscallName(nr, arch) ?? [])) {
      const way = multiplexedCall(asked, arch);
      for (const args of samples) {
        if (before(arch, name, args) === after(arch, name, args)) continue;
        const isAsked =
          name === asked
            ? given.every((value, index) => value === undefined || value === args[index])
            : given.length === 0 && name === way?.multiplexer && args[0] === BigInt(way.argument);
        if (!isAsked) found.add(key(arch, name));
      }
    }
  }
  return found;
}

describe.each(rows)('the proof of an edit: %s', (_, row, { isMet }) => {
  const [before, after] = [row.before, row.after].map((rules) => profileOf(row.archs, rules)) as [
    Profile,
    Profile,
  ];
  const [syscall, ...args] = row.call;
  const proof = proveCallEdit(
    before,
    after,
    { syscall, args },
    row.verb,
    hostsOfProfile(before).filter(({ arch }) => arch === row.archs[0]),
    row.runtimes,
  );
  const programs = async (runtime: string) =>
    [await programOf(before, row.archs[0], runtime), await programOf(after, row.archs[0], runtime)] as const;

  it('says whether the call gets what was asked for', async () => {
    expect(await isMetBy(row)).toBe(isMet);
    expect(proof.isMet).toBe(isMet);
  });

  it('names all other calls that change, and no more', async () => {
    const told = proof.others.flatMap(({ arch, calls }) => calls.map((name) => key(arch, name)));
    expect(new Set(told)).toEqual(changedIn(row, await programs('crun')));
    for (const { calls, isOwn } of proof.others) {
      const own = new Set([syscall, multiplexedCall(syscall, 'x86')?.multiplexer]);
      if (isOwn) expect(calls.filter((name) => !own.has(name))).toEqual([]);
      else expect(calls).not.toContain(syscall);
    }
  });

  it('names the calls that cross the border of ENOSYS', async () => {
    const [plain, withStub] = [await programs('crun'), await programs('runc')];
    const crossing = (from: 0 | 1, to: 0 | 1) =>
      row.archs.flatMap((arch) =>
        directSyscallNumbers(arch)
          .flatMap((nr) => syscallName(nr, arch) ?? [])
          .filter((name) => name !== syscall)
          .filter((name) => {
            const isStubbed = (which: 0 | 1) =>
              withStub[which](arch, name, []) === ENOSYS && plain[which](arch, name, []) !== ENOSYS;
            return isStubbed(from) && !isStubbed(to);
          })
          .map((name) => key(arch, name)),
      );
    const told = (side: 'reached' | 'left') =>
      new Set(proof.borders.flatMap((each) => each[side].map((name) => key(each.arch, name))));
    const isCounted = row.runtimes.includes('runc');
    expect(told('reached')).toEqual(new Set(isCounted ? crossing(0, 1) : []));
    expect(told('left')).toEqual(new Set(isCounted ? crossing(1, 0) : []));
  });
});
