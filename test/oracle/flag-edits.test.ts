/**
 * Edits about flags (`any:`, `all:`, `none:`) against programs of libseccomp, against the kernel that runs them, and against what runc
 * and crun install. What a set of flags means is said here again, in numbers. No part of the proof is used.
 */
import { describe, expect, it } from 'vitest';
import { isMade } from '../../src/abi/carried-out.ts';
import { directSyscallNumber } from '../../src/abi/syscall-numbers.ts';
import { decodeProgram } from '../../src/bpf/program.ts';
import { prepareProgram } from '../../src/bpf/simulate-program.ts';
import { OciSeccompError } from '../../src/errors.ts';
import { allowCall, compileProfile, denyCall, explainCall } from '../../src/index.ts';
import { builtinProfiles } from '../../src/oci/builtin/index.ts';
import { serializeProfile } from '../../src/oci/serialize.ts';
import { createRandom, type Random } from '../decision/random.ts';
import { samples } from '../support/samples.ts';
import { installedRuntimes } from './libraries.ts';
import { kernelDecisions } from './support/kernel.ts';
import { describeWith } from './support/require.ts';
import { exactJson, installedFilters } from './support/runtime.ts';

type How = 'any' | 'all' | 'none';

/** Of one and of several bits. O_TMPFILE is `__O_TMPFILE | O_DIRECTORY`, O_SYNC is `__O_SYNC | O_DSYNC`. */
const flagsOf = {
  clone: {
    index: 0,
    flags: { CLONE_NEWUSER: 0x1000_0000n, CLONE_NEWNS: 0x2_0000n, CLONE_VM: 0x100n, CLONE_IO: 0x8000_0000n },
  },
  unshare: { index: 0, flags: { CLONE_NEWUSER: 0x1000_0000n, CLONE_NEWNET: 0x4000_0000n, CLONE_FS: 0x200n } },
  openat: {
    index: 2,
    flags: { O_TMPFILE: 0x41_0000n, O_SYNC: 0x10_1000n, O_CREAT: 0x40n, O_DIRECTORY: 0x1_0000n },
  },
  mmap: { index: 2, flags: { PROT_EXEC: 4n, PROT_WRITE: 2n } },
} as const;
type Flagged = keyof typeof flagsOf;

const isIn = (how: How, flags: readonly bigint[], value: bigint): boolean => {
  const set = flags.filter((flag) => (value & flag) === flag);
  return how === 'none' ? set.length === 0 : how === 'any' ? set.length > 0 : set.length === flags.length;
};

const COMPARED = { kernel: '6.18', runtime: 'crun' } as const;

/** By libseccomp; by the builtin compiler where libseccomp gets the rules wrong, or is not asked outside a process of its own. */
async function compiledBy(text: string, arch: string) {
  const work = { ...COMPARED, arch } as const;
  try {
    return await compileProfile(text, { ...work, backend: 'libseccomp' });
  } catch {
    return await compileProfile(text, { ...work, backend: 'builtin', allowUnproven: true });
  }
}

async function programOf(text: string, arch: 'x86_64' | 's390x' | 'arm' = 'x86_64') {
  const { program, compiled, bytes } = await compiledBy(text, arch);
  const prepared = prepareProgram(program, { endian: compiled.endian });
  const words = { x86_64: 0xc000_003e, s390x: 0x8000_0016, arm: 0x4000_0028 };
  const made = (syscall: string, args: readonly bigint[]): boolean =>
    isMade(
      prepared.verdict({
        ...{ nr: directSyscallNumber(syscall, arch) ?? -1, arch: words[arch], instructionPointer: 0n },
        args: Array.from({ length: 6 }, (_, index) => args[index] ?? 0n),
      }),
    );
  return { made, bytes, program };
}

/** Values with some of the flags, some of their bits, other bits, and the upper half. */
function sampleValue({ below, chance, pick }: Random, flags: readonly bigint[]): bigint {
  let value = chance(0.5) ? 0n : BigInt(below(2 ** 31));
  for (const flag of flags) if (chance(0.4)) value |= flag;
  const bits = flags.flatMap((flag) =>
    Array.from({ length: 32 }, (_, bit) => 1n << BigInt(bit)).filter((bit) => (flag & bit) !== 0n),
  );
  if (chance(0.3)) value &= ~pick(bits);
  return chance(0.1) ? value | (1n << 40n) : value;
}

function randomRules({ below, chance, pick }: Random, name: Flagged): readonly object[] {
  const { index, flags } = flagsOf[name];
  const values = [...Object.values(flags), 0n, 0x11n, 0x7e02_0000n];
  return Array.from({ length: below(3) }, () => ({
    names: chance(0.3) ? [name, 'getppid'] : [name],
    action: pick(['SCMP_ACT_ALLOW', 'SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO']),
    args: chance(0.4)
      ? []
      : [
          {
            index: chance(0.8) ? index : 1,
            value: Number(pick(values)),
            ...(chance(0.5)
              ? { op: 'SCMP_CMP_MASKED_EQ', valueTwo: chance(0.7) ? 0 : Number(pick(values)) }
              : { op: `SCMP_CMP_${pick(['EQ', 'NE', 'GT', 'LE'])}` }),
          },
        ],
  }));
}

describe('edits about flags, in random profiles', () => {
  const ROUNDS = samples(480);
  it(`are of just the calls with these flags, in ${ROUNDS} profiles`, async () => {
    const random = createRandom(31);
    const { chance, pick } = random;
    const tally = { edits: 0, refused: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      const name = pick(Object.keys(flagsOf) as Flagged[]);
      const { index, flags } = flagsOf[name];
      const chosen = (Object.entries(flags) as [string, bigint][]).filter(() => chance(0.5));
      if (chosen.length === 0) continue;
      const how = pick<How>(['any', 'all', 'none']);
      const verb = chance(0.5) ? 'allow' : 'deny';
      const text = JSON.stringify({
        defaultAction: pick(['SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO']),
        architectures: chance(0.3) ? ['SCMP_ARCH_ARM'] : ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
        syscalls: [{ names: ['read'], action: 'SCMP_ACT_LOG' }, ...randomRules(random, name)],
      });
      const arch = text.includes('ARM') ? 'arm' : 'x86_64';
      // mmap is mmap2 there.
      if (arch === 'arm' && (name === 'mmap' || name === 'openat')) continue;
      const word = `${how}:${chosen.map(([flag]) => flag).join(chance(0.5) ? ',' : '|')}`;
      const args = [...Array.from({ length: index }, () => undefined), word];
      const what = `${verb} ${name} ${word} in ${text}`;
      let after: string;
      try {
        ({ after } = await (verb === 'allow' ? allowCall : denyCall)(
          text,
          { syscall: name, args },
          { arch },
        ));
      } catch (error) {
        if (!(error instanceof OciSeccompError) || error.code !== 'ERR_INEXPRESSIBLE') throw error;
        tally.refused++;
        continue;
      }
      const [before, now] = await Promise.all([programOf(text, arch), programOf(after, arch)]);
      tally.edits++;
      const bits = chosen.map(([, flag]) => flag);
      for (let call = 0; call < 150; call++) {
        const value = sampleValue(random, bits);
        const given = Array.from({ length: 6 }, (_, at) => (at === index ? value : BigInt(random.below(40))));
        const isAsked = isIn(how, bits, value);
        const wanted = isAsked ? verb === 'allow' : before.made(name, given);
        if (now.made(name, given) !== wanted) expect({ what, after, given, is: !wanted }).toBe(wanted);
      }
      expect(now.made('read', []), what).toBe(true);
      expect(now.made('getppid', []), what).toBe(before.made('getppid', []));
    }
    expect(tally.edits).toBeGreaterThan(ROUNDS / 2);
    expect(tally.refused).toBeLessThan(ROUNDS / 8);
  });
});

const docker = serializeProfile(builtinProfiles['docker-default']());
/** Allows clone without conditions, as containers with CAP_SYS_ADMIN have it. */
const openClone = async (): Promise<string> =>
  (await allowCall(docker, { syscall: 'clone' }, { name: 'open.json' })).after;

const SIGCHLD = 17n;
const cases: readonly (readonly [flags: bigint, isNamespace: boolean])[] = [
  [SIGCHLD, false],
  [0x1000_0000n | SIGCHLD, true],
  [0x1000_0100n | SIGCHLD, true],
  [0x7e02_0000n, true],
  [0x0002_0000n | SIGCHLD, false],
  [0x003d_0f00n, false],
  // The kernel reads 32 bits of the flags, and so does the mask.
  [0x1_1000_0000n | SIGCHLD, true],
  [0x1_0000_0000n | SIGCHLD, false],
];

describe('clone without user namespaces', () => {
  it('is denied for the flag whatever the others are, where the flags are on each architecture', async () => {
    const edit = await denyCall(await openClone(), { syscall: 'clone', args: ['any:CLONE_NEWUSER'] });
    expect(edit.proof.isMet).toBe(true);
    const [x86, s390x] = await Promise.all([programOf(edit.after), programOf(edit.after, 's390x')]);
    for (const [flags, isNamespace] of cases) {
      expect(x86.made('clone', [flags, 0x1000_0000n]), `${flags}`).toBe(!isNamespace);
      // The stack comes first there, and may have any bit.
      expect(s390x.made('clone', [0x1000_0000n, flags]), `${flags}`).toBe(!isNamespace);
    }
    // Its flags are in memory, and containers with CAP_SYS_ADMIN may call it.
    expect(edit.companions.map(({ syscall, reason }) => `${syscall} ${reason}`)).toContainEqual(
      expect.stringMatching(/^clone3 with CAP_SYS_ADMIN, it does the same, and no filter sees its flags/),
    );
  });

  it("is what Docker's own rule says of all namespace flags", async () => {
    const { after, before } = await denyCall(docker, { syscall: 'clone', args: ['any:0x7e020000'] }, {});
    const compiled = await compileProfile(docker, COMPARED);
    for (const [how, allowed] of [
      ['none', true],
      ['any', false],
      ['all', false],
    ] as const) {
      const { outcomes } = explainCall(compiled, {
        syscall: 'clone',
        args: [`${how}:0x7e020000`],
        arch: 'x86_64',
      });
      expect(
        outcomes.map((each) => each.kind === 'word' && isMade(each.word)),
        how,
      ).toEqual([allowed]);
    }
    expect(after).not.toBe(before);
  });
});

describe('names that are other numbers elsewhere', () => {
  const profile = (...archs: readonly string[]): string =>
    JSON.stringify({
      defaultAction: 'SCMP_ACT_ALLOW',
      architectures: archs.map((arch) => `SCMP_ARCH_${arch}`),
      syscalls: [],
    });

  it('are told: O_DIRECTORY is O_DIRECT on ARM (arch/arm64/include/uapi/asm/fcntl.h)', async () => {
    const text = profile('X86_64', 'X86', 'AARCH64', 'ARM');
    const call = (flag: string) => ({ syscall: 'openat', args: [undefined, undefined, flag] });
    const { elsewhere, after } = await denyCall(text, call('any:O_DIRECTORY'), { arch: 'x86_64' });
    expect(elsewhere).toEqual([
      {
        index: 2,
        archs: ['arm', 'aarch64'],
        value: { number: 0o20_0000n, name: 'O_DIRECTORY', nameThere: 'O_DIRECT' },
      },
    ]);
    expect((await programOf(after, 'arm')).made('openat', [0n, 0n, 0o4_0000n])).toBe(true);
    for (const flag of ['any:O_CREAT', 'O_CREAT', 'none:O_CLOEXEC']) {
      expect((await denyCall(text, call(flag), { arch: 'x86_64' })).elsewhere, flag).toEqual([]);
    }
  });

  it('and so are arguments that are in memory, or in another place', async () => {
    const elsewhere = async (syscall: string, index: number, archs: readonly string[]) => {
      const args = [...Array.from({ length: index }, () => undefined), 'any:1'];
      return (await denyCall(profile(...archs), { syscall, args }, { arch: 'x86_64' })).elsewhere;
    };
    // Linux 6.18: i386 has old_mmap, and splits loff_t; x32 has the calls of x86_64.
    expect(await elsewhere('mmap', 2, ['X86_64', 'X86', 'X32'])).toEqual([{ index: 2, archs: ['x86'] }]);
    expect(await elsewhere('sync_file_range', 3, ['X86_64', 'X86', 'X32'])).toEqual([
      { index: 3, archs: ['x86'] },
    ]);
    expect(await elsewhere('mprotect', 2, ['X86_64', 'X86', 'X32'])).toEqual([]);
    expect(await elsewhere('clone', 0, ['X86_64', 'X86', 'X32'])).toEqual([]);
  });

  it('a negative number is as many flags as it has bits', async () => {
    const text = profile('ARM');
    const edits = ['any:-1', 'any:0xffffffff'].map((flags) =>
      denyCall(text, { syscall: 'clone', args: [flags] }, { arch: 'arm' }),
    );
    const [negative, positive] = await Promise.all(edits);
    expect(negative?.after).toBe(positive?.after);
    expect((await programOf(negative?.after ?? '', 'arm')).made('clone', [1n])).toBe(false);
  });
});

describeWith(['x86_64', 'cc'], 'what else makes namespaces', () => {
  const bits = { CLONE_NEWUSER: 0x1000_0000n, CLONE_NEWNS: 0x2_0000n, CLONE_NEWNET: 0x4000_0000n } as const;
  const names = Object.keys(bits) as (keyof typeof bits)[];

  it('is said to be open if the kernel lets through such a call with the denied flags, and only then', async () => {
    const { chance, pick } = createRandom(5);
    const tally = { open: 0, closed: 0 };
    for (let round = 0; round < 40; round++) {
      const [asked, other] = pick([
        ['clone', 'unshare'],
        ['unshare', 'clone'],
      ] as const);
      const denied = names.filter(() => chance(0.5));
      let text = JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [] });
      const deny = async (syscall: string, flags: string) => {
        const edit = await denyCall(text, { syscall, args: [flags] }, { arch: 'x86_64' });
        text = edit.after;
        return edit;
      };
      const how = pick(['any', 'all'] as const);
      if (denied.length > 0) await deny(other, `${pick(['any', 'all'])}:${denied.join()}`);
      const flags = names.filter(() => chance(0.6));
      if (flags.length === 0) continue;
      const { companions } = await deny(asked, `${how}:${flags.join()}`);
      const { bytes } = await programOf(text);
      const values = Array.from({ length: 8 }, (_, subset) =>
        names.reduce((sum, name, bit) => (((subset >> bit) & 1) === 1 ? sum | bits[name] : sum), 0n),
      ).filter((value) => {
        const own = flags.map((name) => bits[name]);
        return isIn(how, own, value);
      });
      const nr = directSyscallNumber(other, 'x86_64') ?? -1;
      const verdicts = kernelDecisions(
        bytes,
        values.map((value) => ({ nr, args: [value] })),
      );
      const isOpen = verdicts.includes('errno 38');
      tally[isOpen ? 'open' : 'closed']++;
      const said = companions.map(({ syscall }) => syscall);
      expect(said.includes(other), `${asked} ${how}:${flags.join()} in ${text}`).toBe(isOpen);
      expect(said).toContain('clone3');
    }
    expect(tally.open).toBeGreaterThan(5);
    expect(tally.closed).toBeGreaterThan(5);
  });

  it.each([
    ['any:CLONE_VM', ['vfork', 'clone3']],
    ['none:0x7e020000', ['fork', 'vfork', 'clone3']],
    ['all:CLONE_VM,CLONE_THREAD', ['clone3']],
    ['CLONE_NEWUSER|SIGCHLD', ['unshare', 'clone3']],
    ['SIGCHLD', ['fork', 'clone3']],
  ])('clone %s is done by %j too', async (flags, same) => {
    const text = JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [] });
    const { companions } = await denyCall(text, { syscall: 'clone', args: [flags] }, { arch: 'x86_64' });
    expect(companions.map(({ syscall }) => syscall)).toEqual(same);
  });
});

describeWith(['x86_64', 'cc'], 'edits about flags in the kernel', () => {
  it('deny clone(2) with the flag, and nothing else', async () => {
    const { after } = await denyCall(await openClone(), { syscall: 'clone', args: ['any:CLONE_NEWUSER'] });
    const { bytes } = await programOf(after);
    const nr = directSyscallNumber('clone', 'x86_64') ?? -1;
    // What is allowed ends in ENOSYS, for nobody traces it: no process is made.
    expect(
      kernelDecisions(
        bytes,
        cases.map(([flags]) => ({ nr, args: [flags] })),
      ),
    ).toEqual(cases.map(([, isNamespace]) => (isNamespace ? 'errno 1' : 'errno 38')));
  });
});

describeWith(
  ['root', 'x86_64', 'busybox', 'cc', 'ptrace', 'runc', 'crun'],
  'edits about flags in containers (root, ptrace)',
  () => {
    const own = installedRuntimes().filter(({ origin }) => origin === 'system');
    it.each(own)('are what $name installs', async (runtime) => {
      const { after } = await denyCall(await openClone(), { syscall: 'clone', args: ['any:CLONE_NEWUSER'] });
      const { resolution } = await compileProfile(after, {
        ...COMPARED,
        arch: 'x86_64',
        allowUnproven: true,
      });
      const { filters, error } = installedFilters(runtime, exactJson(resolution.seccomp));
      expect(error).toBeUndefined();
      const program = decodeProgram(filters[0] ?? new Uint8Array(), 'little');
      const prepared = prepareProgram(program, { endian: 'little' });
      const nr = directSyscallNumber('clone', 'x86_64') ?? -1;
      for (const [flags, isNamespace] of cases) {
        const data = { nr, arch: 0xc000_003e, instructionPointer: 0n, args: [flags, 0n, 0n, 0n, 0n, 0n] };
        expect(isMade(prepared.verdict(data)), `${flags}`).toBe(!isNamespace);
      }
    });
  },
);
