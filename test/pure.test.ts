/**
 * `oci-seccomp/pure` where there is no Node: bundled as a web page would, run in a context that has the language and
 * what every browser adds to it (TextDecoder, TextEncoder, atob), and nothing else.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { rolldown } from 'rolldown';
import { beforeAll, describe, expect, it } from 'vitest';
import * as here from '../src/pure.ts';
import { ociSeccomp } from './cli/run.ts';

const root = resolve(import.meta.dirname, '..');
const good = join(root, 'fixtures/profiles/good');

type Pure = typeof here;

let bundle: { readonly code: string; readonly imports: readonly string[] };
let there: Pure;

beforeAll(async () => {
  const built = await rolldown({ input: join(root, 'src/pure.ts'), platform: 'browser', logLevel: 'silent' });
  const { output } = await built.generate({ format: 'iife', name: 'ociSeccomp', codeSplitting: false });
  await built.close();
  expect(output.length).toBe(1);
  bundle = { code: output[0].code, imports: output[0].imports };
  there = runInContext(
    `${bundle.code}\nociSeccomp`,
    createContext({ TextDecoder, TextEncoder, atob }),
  ) as Pure;
});

/** What a value of another context is made of, to be compared with one of this context. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each)) ?? 'null',
  );

describe('the bundle for browsers', () => {
  it('imports nothing', () => {
    expect(bundle.imports).toEqual([]);
    expect(bundle.code).not.toMatch(/\b(?:from|import|require)\s*\(?\s*["']node:/);
  });

  it('has every name that the module has', () => {
    expect(Object.keys(there).sort()).toEqual(Object.keys(here).sort());
  });

  const files = readdirSync(good).filter((name) => /\.(?:json|yaml)$/.test(name));
  it.each(files)('reads, resolves, lowers, decides and lints %s as Node does', async (name) => {
    const text = readFileSync(join(good, name), 'utf8');
    const answers = async (pure: Pure): Promise<unknown> => {
      const [read] = await pure.readProfiles(text, { name });
      const findings = (await pure.lintProfiles(text, { name })).map((result) => result.findings);
      if (read?.profile === undefined) return { problems: read?.problems, findings };
      const host = { arch: 'x86_64', kernel: { kernel: 6, major: 1 }, capabilities: [] } as const;
      const { seccomp } = pure.resolveProfile(read.profile, host);
      if (seccomp === undefined) return { findings };
      const { policy } = pure.lowerProfile(seccomp, {
        runtime: 'plain',
        arch: 'x86_64',
        table: pure.newestTable,
      });
      const space = pure.createSpace();
      const meaning = pure.decidePolicy(space, policy, pure.expandPolicy(policy, pure.newestTable));
      const call = { arch: 0xc000003e, instructionPointer: 0n, args: [40n, 1n, 0n, 0n, 0n, 0n] } as const;
      const verdicts = [0, 41, 59, 101, 165, 435].map((nr) => pure.evaluate(space, meaning, { ...call, nr }));
      return { findings, policy, verdicts };
    };
    const expected = plain(await answers(here));
    expect(plain(await answers(there))).toEqual(expected);
    expect(expected).toHaveProperty('findings');
  });

  it('compiles for a machine of the other byte order, and proves the program', () => {
    const answers = (pure: Pure): unknown => {
      const profile = pure.builtinProfiles['docker-default']();
      const host = { arch: 's390x', kernel: { kernel: 6, major: 1 }, capabilities: [] } as const;
      const { seccomp } = pure.resolveProfile(profile, host);
      if (seccomp === undefined) throw new Error('seccomp is off');
      const table = pure.releaseTable('2.5.4');
      const { policy } = pure.lowerProfile(seccomp, { runtime: 'runc', arch: 's390x', table });
      const { program } = pure.buildProgram(policy, pure.expandPolicy(policy, table));
      const proof = pure.proveProgram({ policy, table, program, endian: 'big' });
      return { bytes: [...pure.encodeProgram(program, 'big')], equal: proof.equal };
    };
    const written = ociSeccomp(
      'compile docker-default --backend builtin --table 2.5.4 --arch s390x --kernel 6.1 --caps none -q'.split(
        ' ',
      ),
    ).bytes;
    expect(plain(answers(there))).toEqual({ bytes: [...written], equal: true });
  });

  it('reads a program, lists it and runs it', () => {
    const text = readFileSync(join(root, 'fixtures/programs/chromium-renderer.b64'));
    const answers = (pure: Pure): unknown => {
      const { program, endian } = pure.readProgram(new Uint8Array(text), { name: 'a program' });
      return {
        listing: pure.disassemble(program, endian),
        problems: pure.findProgramProblems(program),
        endian,
      };
    };
    expect(plain(answers(there))).toEqual(plain(answers(here)));
  });
});
