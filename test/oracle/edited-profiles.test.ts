/**
 * Edits of allow and deny against libseccomp's own programs, which the interpreter runs: the asked call gets what was asked
 * for, and a sample of other calls gets what it got before, unless the edit names it. No part of the proof is used.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { applyPatch } from 'diff';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { ReturnWord } from '../../src/abi/actions.ts';
import { isMade } from '../../src/abi/carried-out.ts';
import { directSyscallNumber, directSyscallNumbers, syscallName } from '../../src/abi/syscall-numbers.ts';
import { prepareProgram } from '../../src/bpf/simulate-program.ts';
import { unifiedDiff } from '../../src/cli/lint/unified-diff.ts';
import { OciSeccompError } from '../../src/errors.ts';
import { allowCall, type CallEdit, compileProfile, denyCall } from '../../src/index.ts';
import { createRandom, type Random } from '../decision/random.ts';
import { samples } from '../support/samples.ts';

const corpus = `${import.meta.dirname}/../../../shared/data/corpus`;
const good = `${import.meta.dirname}/../../fixtures/profiles/good`;
const jsonIn = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => `${folder}/${name}`);

/** Known to every libseccomp that is supported. None goes through a multiplexer. */
const calls = [
  'read',
  'chmod',
  'personality',
  'clone',
  'ptrace',
  'mount',
  'ioctl',
  'keyctl',
  'getcpu',
  'unshare',
];
const values = [0n, 1n, 2n, 8n, 16n, 40n, 0x1000_0000n, 0x7e02_0000n, 0xffff_ffffn, 0x1_0000_0010n];

interface Call {
  readonly nr: number;
  readonly args: readonly bigint[];
}

const dataOf = ({ nr, args }: Call) => ({ nr, arch: AUDIT_ARCH_X86_64, instructionPointer: 0n, args });
const AUDIT_ARCH_X86_64 = 0xc000_003e;

async function programOf(text: string, name: string) {
  const reading = { name, runtime: 'crun', arch: 'x86_64', kernel: '6.18' };
  const { program, compiled } = await compileProfile(text, { ...reading, allowUnproven: true });
  const prepared = prepareProgram(program, { endian: compiled.endian });
  return (call: Call): ReturnWord => prepared.verdict(dataOf(call));
}

/** Most calls by number, with arguments that profiles compare; the asked one often. */
function sampleCalls(random: Random, asked: number): readonly Call[] {
  const numbers = directSyscallNumbers('x86_64');
  return Array.from({ length: 400 }, (_, i) => ({
    nr: i % 4 === 0 ? asked : (numbers[random.below(numbers.length)] ?? 0),
    args: Array.from({ length: 6 }, () => values[random.below(values.length)] ?? 0n),
  }));
}

/** The rules of a text, without a call and without rules that name nothing else. */
function rulesWithout(text: string, syscall: string): unknown {
  const strip = (value: unknown): unknown => {
    if (Array.isArray(value)) {
      return value.map(strip).filter((each) => each !== syscall && !isEmptied(each));
    }
    if (typeof value !== 'object' || value === null) return value;
    // A profile without a list of rules gets one.
    const whole = 'defaultAction' in value ? { syscalls: [], ...value } : value;
    return Object.fromEntries(Object.entries(whole).map(([key, each]) => [key, strip(each)]));
  };
  const isEmptied = (rule: unknown): boolean => {
    if (typeof rule !== 'object' || rule === null || !('action' in rule)) return false;
    const { names, name } = rule as { readonly names?: readonly string[]; readonly name?: string };
    return (names ?? []).length === 0 && (name === undefined || name === '' || name === syscall);
  };
  return strip(parse(text.replace(/^\ufeff/, ''), { intAsBigInt: true }));
}

interface Tally {
  edits: number;
  refused: string[];
}

async function checkEdit(path: string, random: Random, tally: Tally, style: Style): Promise<void> {
  const text = style(readFileSync(path, 'utf8'), random);
  const syscall = calls[random.below(calls.length)] ?? 'read';
  const args = random.below(2) === 0 ? [] : [values[random.below(values.length)]];
  const asked = directSyscallNumber(syscall, 'x86_64') ?? 0;
  const before = await programOf(text, path);
  const own = { nr: asked, args: [args[0] ?? 8n, 0n, 0n, 0n, 0n, 0n] };
  const verb = isMade(before(own)) ? 'deny' : 'allow';
  let edit: CallEdit;
  try {
    edit = await (verb === 'allow' ? allowCall : denyCall)(text, { syscall, args }, { name: path });
  } catch (error) {
    if (!(error instanceof OciSeccompError) || error.code !== 'ERR_INEXPRESSIBLE') throw error;
    tally.refused.push(`${path} ${verb} ${syscall} ${args}`);
    return;
  }
  tally.edits++;
  const what = `${path} ${verb} ${syscall} ${args}`;
  expect(edit.before, what).toBe(text);
  const after = await programOf(edit.after, path);
  const named = new Set(
    edit.proof.others.filter(({ arch }) => arch === 'x86_64').flatMap((each) => each.calls),
  );
  expect(isMade(after(own)), what).toBe(verb === 'allow');
  for (const call of sampleCalls(random, asked)) {
    const isAsked = call.nr === asked && (args.length === 0 || call.args[0] === args[0]);
    const [old, now] = [before, after].map((verdict) => verdict(call));
    // Where the kernel reads 32 bits of the argument, this is the asked call too.
    const isSame = call.nr === asked && BigInt.asUintN(32, call.args[0] ?? 0n) === args[0];
    if (isSame && verb === 'deny' && !isMade(now ?? 0)) continue;
    const isRight = isAsked ? isMade(now ?? 0) === (verb === 'allow') : now === old;
    if (isRight || (!isAsked && named.has(syscallName(call.nr, 'x86_64') ?? ''))) continue;
    expect({ what, call, now }).toBe(isAsked ? verb : `as before: ${old}`);
  }
  expect(applyPatch(text, unifiedDiff(path, edit.before, edit.after)), what).toBe(edit.after);
  expect(rulesWithout(edit.after, syscall), what).toEqual(rulesWithout(text, syscall));
}

/** How the text of a file is written before it is edited. */
type Style = (text: string, random: Random) => string;

const asItIs: Style = (text) => text;

/** As a Kubernetes object in YAML; `yaml` of npm writes it in some style. */
const asYaml: Style = (text, { chance }) => {
  const profile = parse(text.replace(/^\ufeff/, ''), { intAsBigInt: true });
  const object = {
    apiVersion: 'security-profiles-operator.x-k8s.io/v1beta1',
    kind: 'SeccompProfile',
    metadata: { name: 'written' },
    spec: profile.spec ?? profile,
  };
  const written = stringify(object, {
    indentSeq: chance(0.5),
    defaultStringType: chance(0.5) ? 'PLAIN' : chance(0.5) ? 'QUOTE_DOUBLE' : 'QUOTE_SINGLE',
    collectionStyle: chance(0.3) ? 'flow' : 'any',
    indent: chance(0.5) ? 2 : 4,
    lineWidth: chance(0.5) ? 40 : 0,
  });
  // Begins like YAML also if it is one flow mapping.
  return `---\n${written}`;
};

async function checkAll(paths: readonly string[], rounds: number, style = asItIs): Promise<Tally> {
  const random = createRandom(13);
  const tally: Tally = { edits: 0, refused: [] };
  for (const path of paths) {
    for (let round = 0; round < rounds; round++) {
      try {
        await checkEdit(path, random, tally, style);
      } catch (error) {
        // What an engine or a runtime refuses has no filter before the edit.
        if (!(error instanceof OciSeccompError) || !/^ERR_(PROFILE|USAGE|CLAIM)/.test(error.code))
          throw error;
      }
    }
  }
  return tally;
}

describe('edits of allow and deny, run by the interpreter', () => {
  it('do what was asked for and nothing else, in profiles of every dialect', async () => {
    const { edits, refused } = await checkAll(jsonIn(good), 5);
    expect(edits).toBeGreaterThan(40);
    expect(refused).toEqual([]);
  });

  it('do so in YAML of every style', async () => {
    const paths = jsonIn(good).filter((path) => /\/(?:oci|kubernetes)[^/]*$/.test(path));
    const { edits, refused } = await checkAll(paths, 8, asYaml);
    expect(edits).toBeGreaterThan(40);
    expect(refused).toEqual([]);
  });

  it.skipIf(!existsSync(corpus))('do so in profiles of people (needs ../shared/data)', async () => {
    const all = jsonIn(corpus);
    const { edits, refused } = await checkAll(
      all.filter((_, i) => i % Math.ceil(all.length / 12) === 0),
      1,
    );
    expect(edits).toBeGreaterThan(6);
    expect(refused).toEqual([]);
  });
});

/** What libseccomp says to the rules of a profile; some of the programs that it builds are wrong, which is another matter. */
async function answerOfLibseccomp(text: string): Promise<string | undefined> {
  try {
    const reading = { name: 'random', runtime: 'crun', arch: 'x86_64', kernel: '6.18' } as const;
    await compileProfile(text, { ...reading, backend: 'libseccomp', allowUnproven: true });
    return undefined;
  } catch (error) {
    if (!(error instanceof OciSeccompError)) throw error;
    return error.code === 'ERR_LIBSECCOMP' ? error.message : undefined;
  }
}

const carried = ['socket', 'connect', 'bind', 'socketcall', 'semop', 'msgget', 'ipc', 'read'];
const actions = ['SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO', 'SCMP_ACT_LOG', 'SCMP_ACT_KILL_PROCESS'];

/** Rules of several actions for calls that meet at one number of 32-bit x86. */
function randomProfile({ chance, pick, below }: Random): string {
  const syscalls = carried
    .filter(() => chance(0.5))
    .flatMap((name) => {
      const action = pick(actions);
      return Array.from({ length: 1 + below(2) }, () => ({
        names: [name],
        action: chance(0.8) ? action : pick(actions),
        args: chance(0.3)
          ? []
          : [{ index: below(2), op: `SCMP_CMP_${pick(['EQ', 'NE', 'GT'])}`, value: below(4) }],
      }));
    });
  const architectures = ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'];
  return JSON.stringify({ defaultAction: pick(actions), architectures, syscalls });
}

describe('edits of calls that socketcall and ipc carry', () => {
  const PROFILES = samples(240);
  it(`are taken by libseccomp, in ${PROFILES} random profiles`, async () => {
    const random = createRandom(14);
    const failed: string[] = [];
    let edited = 0;
    for (let index = 0; index < PROFILES; index++) {
      const text = randomProfile(random);
      const call = { syscall: random.pick(carried), args: random.chance(0.4) ? [] : [random.below(4)] };
      const verb = random.pick(['allow', 'deny'] as const);
      if ((await answerOfLibseccomp(text)) !== undefined) continue;
      try {
        const { before, after } = await (verb === 'allow' ? allowCall : denyCall)(text, call);
        if (after === before) continue;
        edited++;
        const answer = await answerOfLibseccomp(after);
        if (answer !== undefined) failed.push(`${verb} ${call.syscall} ${call.args}: ${answer}\n${after}`);
      } catch (error) {
        if (!(error instanceof OciSeccompError) || error.code !== 'ERR_INEXPRESSIBLE') throw error;
      }
    }
    expect(failed.slice(0, 3)).toEqual([]);
    expect(edited).toBeGreaterThan(PROFILES / 4);
  });

  it('are refused with the call for which rules would contradict each other', async () => {
    const kill = { index: 0, op: 'SCMP_CMP_EQ', value: 16 };
    const text = JSON.stringify({
      defaultAction: 'SCMP_ACT_ERRNO',
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
      syscalls: [{ names: ['socket'], action: 'SCMP_ACT_KILL_PROCESS', args: [kill] }],
    });
    await expect(allowCall(text, { syscall: 'socket', args: [2] })).rejects.toMatchObject({
      code: 'ERR_INEXPRESSIBLE',
      message: expect.stringMatching(
        /on x86 socketcall\(SYS_SOCKET \(1\), 0\) would get ALLOW and KILL_PROCESS at once$/,
      ),
      hint: expect.stringMatching(/^allow socket without arguments, or take SCMP_ARCH_X86 out of /),
    });
    const { after } = await allowCall(text, { syscall: 'socket' });
    expect(await answerOfLibseccomp(after)).toBe(undefined);
  });
});
