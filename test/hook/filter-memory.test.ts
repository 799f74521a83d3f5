/**
 * What an agent keeps in memory: a filter is used again for the same bytes, capabilities and options, and for no others.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createMemory } from '../../src/hook/agent/filter-memory.ts';
import { fileSignature, isCurrent, wayTo } from '../../src/hook/agent/fit-in-child.ts';
import type { ContainerState } from '../../src/hook/container-state.ts';
import { type CompileChoices, prepareFilter, type ReadyFilter } from '../../src/hook/prepare-filter.ts';
import { mappedFiles } from '../../src/kernel/process-maps.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-memory-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function stateWith(bounding: readonly string[] | undefined, annotations: object = {}): ContainerState {
  const process = bounding === undefined ? {} : { capabilities: { bounding } };
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ process, annotations, linux: {} }));
  const given = { ociVersion: '1.0', id: 'x', status: 'created', pid: 2, bundle: folder };
  return {
    id: 'x',
    status: 'created',
    pid: 2,
    bundle: folder,
    annotations: new Map(Object.entries(annotations)),
    given,
  };
}

const profile = (name: string, more = ''): { name: string; bytes: Uint8Array } => ({
  name,
  bytes: Buffer.from(
    `{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["swapon"],"action":"SCMP_ACT_ERRNO","includes":{"caps":["CAP_KILL"]}},{"names":["mkdir"],"action":"SCMP_ACT_ERRNO"}]${more}}`,
  ),
});

it('uses a filter again for the same request, and for no other', async () => {
  const memory = createMemory();
  const requests: readonly (readonly [
    string,
    ReturnType<typeof profile>,
    readonly string[] | undefined,
    CompileChoices,
  ])[] = [
    ['a profile', profile('/a'), ['CAP_KILL'], { runtime: 'runc' }],
    ['other bytes', profile('/a', ' '), ['CAP_KILL'], { runtime: 'runc' }],
    ['another name', profile('/b'), ['CAP_KILL'], { runtime: 'runc' }],
    ['other capabilities', profile('/a'), ['CAP_CHOWN'], { runtime: 'runc' }],
    ['one capability more', profile('/a'), ['CAP_KILL', 'CAP_CHOWN'], { runtime: 'runc' }],
    ['no capability', profile('/a'), [], { runtime: 'runc' }],
    ['no capability sets', profile('/a'), undefined, { runtime: 'runc' }],
    ['another runtime', profile('/a'), ['CAP_KILL'], { runtime: 'crun' }],
    ['another engine', profile('/a'), ['CAP_KILL'], { runtime: 'runc', engine: 'podman' }],
    ['other names', profile('/a'), ['CAP_KILL'], { runtime: 'runc', release: '2.5.4' }],
    ['strict', profile('/a'), ['CAP_KILL'], { runtime: 'runc', strict: true }],
    ['a trial', profile('/a'), ['CAP_KILL'], { runtime: 'runc', observe: true }],
  ];
  const made: ReadyFilter[] = [];
  for (const [what, source, bounding, choices] of requests) {
    const filter = await prepareFilter(source, stateWith(bounding), choices, memory);
    expect({ what, memory: filter.memory }).toEqual({ what, memory: undefined });
    made.push(filter);
  }
  expect(memory.size()).toBe(requests.length);
  for (const [i, [what, source, bounding, choices]] of requests.entries()) {
    const filter = await prepareFilter(source, stateWith(bounding), choices, memory);
    const { memory: found, ...rest } = filter;
    expect({ what, found }).toEqual({ what, found: 'used' });
    const { memory: _, ...first } = made[i] ?? filter;
    expect(rest).toEqual(first);
    // And it is what is made without memory.
    const plain = await prepareFilter(source, stateWith(bounding), choices);
    expect(Buffer.from(filter.program).equals(plain.program)).toBe(true);
  }
  expect([memory.hits(), memory.misses()]).toEqual([requests.length, requests.length]);
  memory.forget();
  expect(memory.size()).toBe(0);
});

it('checks the container each time, whatever is in memory', async () => {
  const memory = createMemory();
  const choices = { runtime: 'runc' };
  await prepareFilter(profile('/a'), stateWith([]), choices, memory);
  const handled = stateWith([], { 'run.oci.handler': 'wasm' });
  await expect(prepareFilter(profile('/a'), handled, choices, memory)).rejects.toThrow('without execve(2)');
});

const filter = (n: number): ReadyFilter => ({
  program: Uint8Array.of(n),
  flags: 0,
  listener: undefined,
  boundingSet: undefined,
  claim: undefined,
});

it('compiles once for containers that start at the same time', async () => {
  const memory = createMemory();
  let built = 0;
  const build = async (): Promise<ReadyFilter> => {
    built += 1;
    await new Promise((resolve) => setImmediate(resolve));
    return filter(1);
  };
  await Promise.all([1, 2, 3].map(() => memory.recall('a', build)));
  expect(built).toBe(1);
});

it('keeps no failure, and nothing that was begun before it forgot', async () => {
  const memory = createMemory();
  await expect(memory.recall('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await memory.recall('a', async () => filter(2))).toMatchObject({ program: Uint8Array.of(2) });
  let finish: (value: ReadyFilter) => void = () => {};
  const old = memory.recall(
    'b',
    () =>
      new Promise((resolve) => {
        finish = resolve;
      }),
  );
  memory.forget();
  finish(filter(3));
  await old;
  expect(memory.size()).toBe(0);
});

it('lets the filter go that was used longest ago', async () => {
  const memory = createMemory(2);
  const keep = (key: string): Promise<ReadyFilter> => memory.recall(key, async () => filter(0));
  for (const key of ['a', 'b', 'a', 'c']) await keep(key);
  expect(memory.size()).toBe(2);
  expect((await keep('a')).memory).toBe('used');
  expect((await keep('b')).memory).toBeUndefined();
});

it('keeps what was made with a library as long as the file of its name is the one that was used', async () => {
  const library = { version: '2.5.4', path: 'libseccomp.so.2' };
  const [file, other] = [join(folder, 'sleep'), join(folder, 'other')];
  for (const each of [file, other]) copyFileSync('/bin/sleep', each);
  const link = join(folder, 'libseccomp.so.2');
  symlinkSync(file, link);
  const way = wayTo(link);
  const used = { library, libraryFile: file, librarySignature: fileSignature(file), ...way };
  expect(isCurrent(used)).toBe(true);
  expect(isCurrent({ ...used, library: undefined, libraryFile: undefined })).toBe(true);
  expect(isCurrent({ ...used, libraryFile: undefined, librarySignature: undefined })).toBe(false);
  // The file stays, and the name that was asked for leads to another.
  rmSync(link);
  symlinkSync(other, link);
  expect(isCurrent(used)).toBe(false);
  rmSync(link);
  symlinkSync(file, link);
  expect(isCurrent(used)).toBe(true);
  expect(wayTo('libseccomp.so.2').waySignature).toBe(fileSignature('/etc/ld.so.cache'));
  // Exchanged while it is mapped, as a package manager does it.
  const child = spawn(file, ['1000']);
  try {
    await once(child, 'spawn');
    renameSync(other, file);
    const found = mappedFiles(child.pid ?? -1)?.find((path) => path.startsWith(file));
    expect(found).not.toBe(file);
    const librarySignature = fileSignature(found ?? '');
    expect(isCurrent({ library, libraryFile: found, librarySignature, ...way })).toBe(false);
  } finally {
    child.kill();
  }
  expect(isCurrent(used)).toBe(false);
});
