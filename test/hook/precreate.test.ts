/**
 * A config.json in, a config.json out: changed where it must be, and nowhere else.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { RAW_PROGRAM } from '../../src/hook/config-json.ts';
import { type PrecreateOptions, rewriteConfig } from '../../src/hook/precreate.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-precreate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const profile = join(folder, 'p.json');
writeFileSync(
  profile,
  '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["swapon"],"action":"SCMP_ACT_ERRNO","errnoRet":7}]}',
);
const program = join(folder, 'p.bpf');
const allow = Buffer.from([6, 0, 0, 0, 0, 0, 0xff, 0x7f]);
writeFileSync(program, allow);

/** What JSON.parse would break: RLIM_INFINITY, the order of keys that are numbers, spelling of numbers, spaces. */
const HEAD = '{ "x":18446744073709551615,"2":0,"1":1e2,\n "annotations":{"a":"\\u00e9"},';
const TAIL = '"process":{"rlimits":[{"hard":18446744073709551615}]}, "y" : [1.0] }';
const own = '"linux":{"seccomp":{"defaultAction":"SCMP_ACT_KILL"},"z":9007199254740993},';

const options: PrecreateOptions = { profile, runtime: 'runc', crunBpf: false };
const rewrite = async (change: Partial<PrecreateOptions>, text: string): Promise<string> => {
  const result = await rewriteConfig(
    { requireOwnFiles: () => {}, readInput: () => Buffer.from(text), elapsed: () => 1 },
    { ...options, ...change },
    {},
  );
  return result.text;
};

describe('a precreate hook', () => {
  it("puts the profile in the place of the engine's", async () => {
    const text = await rewrite({}, `${HEAD}${own}${TAIL}`);
    expect(text.startsWith(HEAD)).toBe(true);
    expect(text.endsWith(`,"z":9007199254740993},${TAIL}`)).toBe(true);
    expect(JSON.parse(text).linux.seccomp).toMatchObject({
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['swapon'], errnoRet: 7 }],
    });
  });

  it('puts it where there was none', async () => {
    const text = await rewrite({}, `${HEAD}${TAIL}`);
    expect(text.endsWith(`${HEAD.slice(2)}${TAIL}`)).toBe(true);
    expect(JSON.parse(text).linux.seccomp.defaultAction).toBe('SCMP_ACT_ALLOW');
  });

  it.each([
    ['a profile, compiled', profile],
    ['a program, as it is', program],
  ])('hands crun %s', async (_, path) => {
    const { annotations, linux } = JSON.parse(
      await rewrite({ profile: path, crunBpf: true }, `${HEAD}${own}${TAIL}`),
    );
    // Other runtimes do not know the annotation: they refuse this action.
    expect(linux.seccomp).toEqual({ defaultAction: expect.stringContaining('only crun') });
    expect(annotations.a).toBe('é');
    const raw = Buffer.from(annotations[RAW_PROGRAM], 'base64');
    if (path === program) expect(raw).toEqual(allow);
    else expect(raw.length).toBeGreaterThan(16);
  });

  // crun loads a raw program without flags and without a listener.
  it.each([
    ['a listener', { syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' }] }, 'SCMP_ACT_NOTIFY'],
    ['a listener for all else', { defaultAction: 'SCMP_ACT_NOTIFY' }, 'SCMP_ACT_NOTIFY'],
    ['logging', { flags: ['SECCOMP_FILTER_FLAG_LOG'] }, 'SECCOMP_FILTER_FLAG_LOG'],
    ['a tracer', { syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_TRACE' }] }, undefined],
    ['flags that change no answer', { flags: ['SECCOMP_FILTER_FLAG_SPEC_ALLOW'] }, undefined],
  ])('hands crun no program of a profile that needs %s from it', async (_, more, lost) => {
    const path = join(folder, 'needs.json');
    const text = { defaultAction: 'SCMP_ACT_ALLOW', listenerPath: '/run/agent.sock', ...more };
    writeFileSync(path, JSON.stringify(text));
    const done = (crunBpf: boolean) => rewrite({ profile: path, runtime: 'crun', crunBpf }, `${HEAD}${TAIL}`);
    expect(await done(false)).toContain('"seccomp"');
    if (lost === undefined) expect(await done(true)).toContain(RAW_PROGRAM);
    else
      await expect(done(true)).rejects.toMatchObject({
        code: 'ERR_HOOK',
        message: expect.stringContaining(lost) as string,
      });
  });

  it("takes a container's own program for crun away", async () => {
    const text = await rewrite({}, `{"annotations":{"${RAW_PROGRAM}":"AAAA"}}`);
    expect(JSON.parse(text).annotations).toEqual({});
  });

  it('changes nothing where that is configured', async () => {
    const { profile: _, ...others } = options;
    const { text } = await rewriteConfig(
      {
        requireOwnFiles: () => {},
        readInput: () => Buffer.from(`${HEAD}${own}${TAIL}`),
        elapsed: () => 1,
      },
      { ...others, defaultProfile: 'none' },
      {},
    );
    expect(text).toBe(`${HEAD}${own}${TAIL}`);
  });

  it.each([
    [
      'a program that has nowhere to go',
      { profile: program },
      `${HEAD}${TAIL}`,
      'give --crun-bpf',
      'is a program',
    ],
    [
      'a choice that is not open',
      {},
      '{"annotations":{"dev.oci-seccomp.profile":"x"}}',
      '',
      'may not choose',
    ],
    ['a key twice', {}, '{"linux":{},"linux":{}}', '', 'is not a config.json with one clear meaning'],
    ['no JSON', {}, '{', '', 'is not a config.json'],
  ])('refuses %s', async (_, change, text, hint, message) => {
    const error = await rewrite(change, text).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ message: expect.stringContaining(message) });
    if (hint !== '') expect(error).toMatchObject({ hint: expect.stringContaining(hint) });
  });
});
