/**
 * The calls of the library against the command line, whose answers the oracles hold against runtimes and the kernel.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { denyCall, lintProfile } from '../../src/lint/on-demand.ts';
import { builtinProfiles } from '../../src/oci/builtin/index.ts';
import {
  compileProfile,
  diffFilters,
  explainCall,
  isSubset,
  readFilter,
  simulate,
  validateProfile,
  verifyFilter,
} from '../../src/pipeline/one-call.ts';
import { ociSeccomp } from '../cli/run.ts';
import { installedLibraries, skipUnless } from '../oracle/libraries.ts';

const socket = 'fixtures/cli/socket.json';
const host = { arch: 'x86_64', kernel: '6.1' } as const;
const flags = ['--arch', 'x86_64', '--kernel', '6.1'];

describe.skipIf(skipUnless(installedLibraries().length > 0))(
  'the library [skipped, needs libseccomp]',
  () => {
    it.each(['runc', 'crun', 'runc@1.1.5', 'plain'])(
      'compiles for %s what the command writes',
      async (runtime) => {
        const { bytes } = await compileProfile(readFileSync(socket), { ...host, runtime, name: socket });
        const written = ociSeccomp(['compile', socket, ...flags, '-r', runtime, '-q']).bytes;
        expect(written.equals(bytes)).toBe(true);
      },
    );

    it('refuses a profile that the runtime refuses, with the place of the fault', async () => {
      const text = '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"action":"SCMP_ACT_ERRNO"}]}';
      await expect(compileProfile(text, { ...host, runtime: 'crun' })).rejects.toMatchObject({
        code: expect.stringMatching(/^ERR_PROFILE_/),
        details: { problems: expect.arrayContaining([expect.objectContaining({ line: 1, column: 47 })]) },
      });
    });

    it('compares as the commands do', async () => {
      const docker = await compileProfile(builtinProfiles['docker-default'](), host);
      const podman = await compileProfile(builtinProfiles['podman-default'](), host);
      expect(isSubset(docker, docker)).toBe(true);
      expect(isSubset(podman, docker)).toBe(
        ociSeccomp(['subset', 'podman-default', 'docker-default', ...flags]).status === 0,
      );
      expect(isSubset(docker, podman)).toBe(
        ociSeccomp(['subset', 'docker-default', 'podman-default', ...flags]).status === 0,
      );
      expect(diffFilters(docker, readFilter(docker.bytes))).toEqual([]);
      expect(diffFilters(docker, podman).length).toBe(3);
      const verified = await verifyFilter(
        builtinProfiles['docker-default'](),
        readFilter(docker.bytes),
        host,
      );
      expect(verified.equal).toBe(true);
      const other = await verifyFilter(builtinProfiles['docker-default'](), podman, host);
      expect(other.equal).toBe(false);
      expect(other.counterexample).toBeDefined();
    });

    it('explains by number and by name, and simulates the same', async () => {
      const filter = await compileProfile(builtinProfiles['docker-default'](), host);
      const outcomes = (args: readonly (bigint | string)[]) =>
        explainCall(filter, { syscall: 'socket', args, arch: 'amd64' }).outcomes;
      // asm/unistd_64.h socket 41; sys/socket.h AF_VSOCK 40. EPERM is 1.
      expect(outcomes(['AF_VSOCK'])).toEqual([{ kind: 'word', word: 0x00050001 }]);
      expect(outcomes([40n])).toEqual(outcomes(['AF_VSOCK']));
      expect(outcomes([1n])).toEqual([{ kind: 'word', word: 0x7fff0000 }]);
      const call = { nr: 41, arch: 0xc000003e, instructionPointer: 0n, args: [40n, 0n, 0n, 0n, 0n, 0n] };
      expect(simulate(filter, call)).toBe(0x00050001);
      expect(() => explainCall(filter, { syscall: 'socket', arch: 'vax' })).toThrow(/architecture 'vax'/);
      expect(() => explainCall(filter, { syscall: 'no_such_call' })).toThrow(/no_such_call/);
      expect(() => explainCall(filter, { syscall: 'monut' })).toThrow(
        expect.objectContaining({ hint: 'did you mean mount?' }),
      );
    });
  },
);

describe('the library without libseccomp', () => {
  const missing = { library: '/absent/libseccomp.so.2' };
  it.each([
    ['libseccomp 2.6.1', { backend: 'builtin' }, ['--backend', 'builtin']],
    ['libseccomp 2.5.4', { table: '2.5.4' }, ['--backend', 'builtin', '--table', '2.5.4']],
  ] as const)('compiles with the names of %s what the command writes', async (names, options, asked) => {
    const { bytes, claim, compiled } = await compileProfile(readFileSync(socket), { ...host, ...options });
    const written = ociSeccomp(['compile', socket, ...flags, ...asked, '-q'], {
      env: { OCI_SECCOMP_LIBRARY: missing.library },
    }).bytes;
    expect(written.equals(bytes)).toBe(true);
    expect([claim.result, compiled.backend, claim.table]).toEqual(['equal', 'builtin', names]);
    const same = await verifyFilter(readFileSync(socket), readFilter(bytes), { ...host, ...options });
    expect(same.equal).toBe(true);
  });

  it("verifies a filter of gVisor's, which is made without one", async () => {
    const named = process.env.OCI_SECCOMP_LIBRARY;
    process.env.OCI_SECCOMP_LIBRARY = missing.library;
    try {
      const runsc = { ...host, runtime: 'runsc' };
      const filter = await compileProfile(readFileSync(socket), runsc);
      expect((await verifyFilter(readFileSync(socket), filter, runsc)).equal).toBe(true);
      await expect(verifyFilter(readFileSync(socket), filter, host)).rejects.toMatchObject({
        code: 'ERR_LIBSECCOMP_MISSING',
      });
    } finally {
      if (named === undefined) delete process.env.OCI_SECCOMP_LIBRARY;
      else process.env.OCI_SECCOMP_LIBRARY = named;
    }
  });

  it('says which of two options to leave out', async () => {
    const both = compileProfile(readFileSync(socket), { ...host, ...missing, table: '2.5.4' });
    await expect(both).rejects.toMatchObject({ code: 'ERR_USAGE' });
  });
});

describe('simulate', () => {
  // kernel/seccomp.c: the lowest action word wins, of equal ones that of the filter installed last.
  const returning = (word: number) => readFilter(`ret  #0x${word.toString(16)}`).programs;
  const call = { nr: 0, arch: 0xc000003e, instructionPointer: 0n, args: [] };
  it.each([
    [[0x00050001, 0x00050002], 0x00050002],
    [[0x00050002, 0x7fff0000], 0x00050002],
    [[0x7fff0000, 0x80000000], 0x80000000],
    [[0x80000000, 0x00000000], 0x80000000],
  ])('%j: %i', (words, winner) => {
    expect(simulate({ programs: words.flatMap(returning) }, call)).toBe(winner);
  });

  it('asks no filter without programs', async () => {
    const none = { programs: [] };
    const data = { nr: 0, arch: 0xc000_003e, instructionPointer: 0n, args: [0n, 0n, 0n, 0n, 0n, 0n] };
    const usage: unknown = expect.objectContaining({
      code: 'ERR_USAGE',
      message: expect.stringMatching(/^\w+\.programs is a list of at least one program, not an empty list$/),
    });
    expect(() => simulate(none, data)).toThrow(usage as Error);
    expect(() => explainCall(none, { syscall: 'read', arch: 'x86_64' })).toThrow(usage as Error);
    expect(() => isSubset(none, none)).toThrow(usage as Error);
    await expect(verifyFilter('{"defaultAction": "SCMP_ACT_ALLOW"}', none)).rejects.toThrow(usage as Error);
  });
});

describe('what JavaScript lets through and types do not', () => {
  const text = readFileSync(socket, 'utf8');
  const program = readFilter('ret  #0x7fff0000');
  const loose = <T>(value: unknown): T => value as T;

  it.each<readonly [string, () => unknown, string]>([
    [
      'a misspelt option',
      () => compileProfile(text, loose({ strickt: true })),
      'compileProfile has no option "strickt"',
    ],
    [
      'a flag that is text',
      () => compileProfile(text, loose({ strict: 'true' })),
      'option strict of compileProfile is true or false',
    ],
    [
      'a set that does not exist',
      () => compileProfile(text, loose({ capabilities: 'dokcer' })),
      'is a list of capabilities, or one of',
    ],
    [
      'a capability that does not exist',
      () => compileProfile(text, { capabilities: ['SYS_ADMNI'] }),
      'unknown cap',
    ],
    [
      'a dialect that does not exist',
      () => compileProfile(text, loose({ dialect: 'x' })),
      'option dialect of compileProfile is one of',
    ],
    [
      'a backend that does not exist',
      () => compileProfile(text, loose({ backend: 'gcc' })),
      'option backend of compileProfile is one of',
    ],
    [
      'null',
      () => compileProfile(text, loose({ arch: null })),
      'option arch of compileProfile is text, not null',
    ],
    ['half a kernel', () => compileProfile(text, loose({ kernel: { kernel: 6 } })), 'is text such as 6.1'],
    [
      'a kernel before all',
      () => compileProfile(text, { kernel: { kernel: -1, major: 0 } }),
      'is text such as 6.1',
    ],
    [
      'all the time there is',
      () => compileProfile(text, { timeoutMs: Number.POSITIVE_INFINITY }),
      'up to 3600000',
    ],
    ['no time', () => compileProfile(text, { timeoutMs: 0 }), 'is a number above 0'],
    [
      'what JSON.parse made',
      () => compileProfile(JSON.parse(text)),
      'a profile is text, bytes, or one that was read',
    ],
    [
      'options that are none',
      () => verifyFilter(text, program, loose('x86_64')),
      'options of verifyFilter are a plain object',
    ],
    ['a list for a profile', () => validateProfile(loose([text])), 'a profile is text or bytes, not a list'],
    [
      'one runtime for a list',
      () => validateProfile(text, loose({ runtimes: 'runc' })),
      'option runtimes of validateProfile is a list',
    ],
    [
      'a list that is too long',
      () => explainCall(program, loose({ syscall: 'read', args: new Array(4e9) })),
      'option args of explainCall is a list, at most 100000 long, not a list',
    ],
    [
      "another call's option",
      () => lintProfile(text, loose({ arch: 'arm64' })),
      'lintProfile has no option "arch"',
    ],
    ['nothing to lint', () => lintProfile(loose(undefined)), 'a profile is text or bytes, not undefined'],
    [
      'a misspelt question',
      () => explainCall(program, loose({ syscall: 'read', arg: [1] })),
      'explainCall has no option "arg"',
    ],
    [
      'a misspelt call',
      () => denyCall(text, loose({ syscall: 'read', arg: [1] })),
      'the call has no option "arg"',
    ],
    ["a filter's option", () => readFilter('ret  #0', loose({ nam: 'f' })), 'readFilter has no option "nam"'],
    [
      'a filter that is none',
      () => simulate(loose(undefined), loose({})),
      'filter is a plain object, not undefined',
    ],
    ['a filter that is a number', () => readFilter(loose(1)), 'a filter is text or bytes, not 1'],
  ])('%s', async (_, work, message) => {
    await expect((async () => work())()).rejects.toMatchObject({
      code: 'ERR_USAGE',
      message: expect.stringContaining(message),
    });
  });

  it('takes a capability as people write it', async () => {
    const rule = '"names": ["mount"], "action": "SCMP_ACT_ALLOW", "includes": { "caps": ["CAP_SYS_ADMIN"] }';
    const profile = `{ "defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{ ${rule} }] }`;
    const programs = ['CAP_SYS_ADMIN', 'SYS_ADMIN', 'sys_admin'].map(async (name) => {
      const made = await compileProfile(profile, { ...host, backend: 'builtin', capabilities: [name] });
      return made.program.length;
    });
    const [first, ...others] = await Promise.all(programs);
    const without = await compileProfile(profile, { ...host, backend: 'builtin', capabilities: [] });
    expect(others).toEqual([first, first]);
    expect(without.program.length).not.toBe(first);
  });
});

describe('validateProfile', () => {
  it('judges for those who are named', async () => {
    const text =
      '{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read","write"],"action":"SCMP_ACT_ALLOW","errnoRet":1}]}';
    const judged = async (runtimes: readonly string[]) =>
      (await validateProfile(text, { runtimes })).problems.find(({ code }) => code === 'errno-not-taken')
        ?.severity;
    // crun 1.8.1 to 1.28 refuse it; runc ignores it.
    expect(await judged(['crun'])).toBe('error');
    expect(await judged(['runc'])).toBe('warning');
  });

  it('throws nothing for bad input', async () => {
    const { valid, problems } = await validateProfile('{');
    expect({ valid, count: problems.length > 0 }).toEqual({ valid: false, count: true });
  });
});

describe('the call that the library is asked about', () => {
  // seccomp_data: nr at 0, the lower half of argument 0 at 16, its upper half at 20 (linux/seccomp.h); close is 6 on x86.
  const closed = 'ld [0]\njeq #6, a, b\na: ld [16]\njeq #0xffffffff, c, b\nc: ld [20]\njeq #0, d, b\n';
  const filter = readFilter(`${closed}b: ret #0x7fff0000\nd: ret #0x50001\n`);
  const profile = JSON.stringify({
    defaultAction: 'SCMP_ACT_ERRNO',
    architectures: ['SCMP_ARCH_X86'],
    syscalls: [{ names: ['close'], action: 'SCMP_ACT_ALLOW' }],
  });

  it.each([
    [[1.5], /whole number/],
    [[Number.NaN], /whole number/],
    [[2 ** 53], /whole number/],
    [[2n ** 64n], /whole number/],
    [[-(2n ** 63n) - 1n], /whole number/],
    [['0x10000000000000000'], /64 bits/],
    [[1, 2, 3, 4, 5, 6, 7], /at most six/],
  ])('refuses arguments %s', async (args, why) => {
    const refused = { code: 'ERR_USAGE', message: expect.stringMatching(why) };
    await expect(denyCall(profile, { syscall: 'close', args })).rejects.toMatchObject(refused);
    const explain = () => explainCall(filter, { syscall: 'close', args, arch: 'x86' });
    expect(explain).toThrow(expect.objectContaining(refused));
  });

  it.each([-1, 1.5, Number.NaN, 2 ** 32 + 6])('refuses the number %d', (syscall) => {
    expect(() => explainCall(filter, { syscall, arch: 'x86' })).toThrow(/not a system call number/);
  });

  it('takes names of arguments for a call that is named by its number', () => {
    const asked = { syscall: 41, args: ['AF_VSOCK'], arch: 'x86_64' };
    expect(explainCall(filter, asked).outcomes).toEqual([{ kind: 'word', word: 0x7fff0000 }]);
  });

  // A 32-bit program's registers have no upper halves (arch/x86/include/asm/syscall.h, syscall_get_arguments).
  it.each([-1, -1n, '-1', 0xffff_ffff])('sees %s of a 32-bit program as the kernel shows it', async (arg) => {
    const call = { syscall: 'close', args: [arg] };
    expect(explainCall(filter, { ...call, arch: 'x86' }).outcomes).toEqual([{ kind: 'word', word: 0x50001 }]);
    const { after } = await denyCall(profile, call, { arch: 'x86' });
    const bare = {
      backend: 'builtin',

      arch: 'x86',
      kernel: '6.1',
      runtime: 'crun',
    } as const;
    const denied = await compileProfile(after, bare);
    const made = {
      nr: 6,
      arch: 0x4000_0003,
      instructionPointer: 0n,
      args: [0xffff_ffffn, 0n, 0n, 0n, 0n, 0n],
    };
    expect(simulate(denied, made)).toBe(0x50001);
  });
});
