/**
 * Filters that real programs run under, written as profiles: what becomes of each is kept in decompiled.txt. The profile's
 * program, run by an interpreter that shares nothing with src/, lets through no call that the filter stops.
 * After an intended change: npx vitest run test/compose -u.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { actions } from '../../src/abi/actions.ts';
import { architectures } from '../../src/abi/architectures.ts';
import { effectiveReturnWord, precedenceOf } from '../../src/abi/return-word.ts';
import { BPF_ST, decodeProgram, encodeProgram, type Program } from '../../src/bpf/program.ts';
import { compilePolicy } from '../../src/compile/compile-policy.ts';
import { type Decompiled, synthesizeProfile } from '../../src/compose/index.ts';
import { decidePrograms } from '../../src/decision/answer-call.ts';
import { createSpace } from '../../src/decision/space.ts';
import { OciSeccompError } from '../../src/errors.ts';
import { builtinProfiles } from '../../src/oci/builtin/index.ts';
import type { Profile } from '../../src/oci/profile.ts';
import { resolveProfile } from '../../src/oci/resolve-profile.ts';
import { lowerProfile } from '../../src/policy/lower-profile.ts';
import { newestTable } from '../../src/policy/newest-table.ts';
import { boundsOf, policyWith, rulesOf } from '../compile/builtin/many-rules.ts';
import { buildProgram } from '../compile/builtin/support.ts';
import { createRandom } from '../decision/random.ts';
import { interestingWords, sampleCalls } from '../decision/samples.ts';
import { simulator } from '../oracle/support/simulate.ts';

const folder = join(import.meta.dirname, '../../fixtures/programs');
const { processes } = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as {
  readonly processes: readonly {
    readonly name: string;
    readonly filters: readonly { readonly file: string }[];
  }[];
};
const read = (file: string): Program =>
  decodeProgram(Buffer.from(readFileSync(join(folder, file), 'utf8'), 'base64'), 'little');

function decompile(programs: readonly Program[], allowStricter: boolean): Decompiled | undefined {
  const space = createSpace();
  const root = decidePrograms(
    space,
    programs.map((program) => ({ program, endian: 'little' as const })),
  );
  try {
    return synthesizeProfile(space, root, { allowStricter });
  } catch (error) {
    if (error instanceof OciSeccompError && error.code === 'ERR_INEXPRESSIBLE') return undefined;
    throw error;
  }
}

/** Killed is killed: the thread or the process. Data of TRAP is lost. */
function rank(word: number): number {
  const kept = precedenceOf(effectiveReturnWord(word));
  return kept === precedenceOf(actions.killProcess.word) ? precedenceOf(actions.killThread.word) : kept;
}

async function programOf({ profile, runtime, arch }: Decompiled): Promise<Program> {
  const { seccomp } = resolveProfile(profile, { arch, kernel: { kernel: 6, major: 18 }, capabilities: [] });
  if (seccomp === undefined) throw new Error('seccomp is off');
  const { policy } = lowerProfile(seccomp, { runtime, arch, table: newestTable });
  return (await compilePolicy(policy, { backend: 'builtin', table: newestTable })).program;
}

const AUDIT_ARCHS = [0xc000003e, 0x40000003];

/** The strictest answer of several filters, of equal actions the newest filter's: what the kernel takes. */
function together(
  programs: readonly Program[],
): (record: Parameters<ReturnType<typeof simulator>>[0]) => number {
  const all = programs.map((program) => simulator(encodeProgram(program, 'little')));
  return (record) =>
    all
      .map((run) => run(record))
      .reverse()
      .sort((a, b) => precedenceOf(a) - precedenceOf(b))[0] ?? 0;
}

async function faultsOf(programs: readonly Program[], decompiled: Decompiled): Promise<readonly string[]> {
  const own = together([await programOf(decompiled)]);
  const wanted = together(programs);
  const words = programs.flatMap(interestingWords);
  return sampleCalls(createRandom(3), words, 1000, 'little', AUDIT_ARCHS).flatMap(({ record }) => {
    const [is, was] = [own(record), wanted(record)];
    const isRight = decompiled.lost.length === 0 ? is === effectiveReturnWord(was) : rank(is) <= rank(was);
    return isRight ? [] : [`${was.toString(16)} became ${is.toString(16)}`];
  });
}

const decompiledFiles = new Map<string, Decompiled | undefined>();

/** What becomes of the filters in these files, which several tests ask. */
function decompileFiles(files: readonly string[]): Decompiled | undefined {
  const key = files.join(' ');
  if (!decompiledFiles.has(key)) {
    const programs = files.map(read);
    decompiledFiles.set(key, decompile(programs, false) ?? decompile(programs, true));
  }
  return decompiledFiles.get(key);
}

function summaryOf(files: readonly string[]): string {
  const found = decompileFiles(files);
  if (found === undefined) return 'no profile';
  const { profile, lost, runtime } = found;
  const names = (profile.architectures ?? []).map((name) => name.replace('SCMP_ARCH_', ''));
  const size = `${profile.defaultAction}, ${profile.rules.length} rules, ${names.join(' ')}, ${runtime}`;
  const kinds = lost.map(
    ({ arch, changes }) => `${arch} ${[...new Set(changes.map(({ kind }) => kind))].join(' ')}`,
  );
  return `${size}; ${lost.length === 0 ? 'equal' : `not the same: ${kinds.join(', ')}`}`;
}

describe('profiles of real filters', () => {
  it('are what they were', async () => {
    const files = readdirSync(folder).filter((file) => file.endsWith('.b64'));
    expect(files.length).toBeGreaterThan(50);
    const several = processes.filter(({ filters }) => filters.length > 1);
    const lines = [
      ...files.map((file) => `${file}: ${summaryOf([file])}`),
      ...several.map(({ name, filters }) => `all of ${name}: ${summaryOf(filters.map(({ file }) => file))}`),
    ];
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('decompiled.txt');
  });

  it.each(processes)('let through no call that the filters of $name stop', async ({ filters }) => {
    const files = filters.map(({ file }) => file);
    const decompiled = decompileFiles(files);
    if (decompiled !== undefined) expect(await faultsOf(files.map(read), decompiled)).toEqual([]);
  });

  // More rules of a call, in whatever program, take too many nodes to write down.
  it('compare arguments that the filter keeps in scratch memory', async () => {
    const { program } = buildProgram(policyWith(rulesOf(160, (n) => boundsOf(n).slice(0, 3))));
    expect(program.some(({ code }) => code === BPF_ST)).toBe(true);
    const decompiled = decompile([program], false);
    expect(decompiled?.profile.rules).toHaveLength(160);
    expect(decompiled?.lost).toEqual([]);
  });

  // libseccomp refuses these rules: on x86, both are rules for socketcall(1). The builtin compiler takes the strictest.
  it('give no rules of two actions for one call of socketcall', async () => {
    const rule = (action: string, op: string) => ({
      names: ['socket'],
      action: `SCMP_ACT_${action}`,
      args: [{ index: 0, op: `SCMP_CMP_${op}`, value: 16n }],
    });
    const profile: Profile = {
      dialect: 'oci',
      defaultAction: 'SCMP_ACT_ERRNO',
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
      rules: [rule('KILL_PROCESS', 'EQ'), rule('ALLOW', 'NE')],
    };
    const program = await programOf({ profile, runtime: 'plain', arch: 'x86_64', lost: [] });
    expect([decompile([program], false), decompile([program], true)]).toEqual([undefined, undefined]);
  });

  // runc's stub answers the ENOSYS of the machine: 89 on MIPS (test/oracle/runc-sources.test.ts).
  it.each(['mipsel', 'mips64', 's390x'] as const)('find the stub of runc on %s', async (arch) => {
    const profile = builtinProfiles['docker-default']();
    const program = await programOf({ profile, runtime: 'runc', arch, lost: [] });
    const space = createSpace();
    const root = decidePrograms(space, [{ program, endian: architectures[arch].endian }]);
    const { runtime, lost } = synthesizeProfile(space, root, { allowStricter: false });
    expect({ runtime, lost }).toEqual({ runtime: 'runc', lost: [] });
  });
});
