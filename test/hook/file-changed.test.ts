/**
 * A profile or program that somebody writes while it is read. What is written in between is put there by the reader's own
 * calls: each time it has read, the file changes.
 */
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { readTrustedFile } from '../../src/hook/trusted-file.ts';

const change = vi.hoisted(() => ({ before: () => {}, after: () => {} }));
vi.mock('node:fs', async (original) => {
  const actual = await original<typeof import('node:fs')>();
  const readFileSync = (...args: Parameters<typeof actual.readFileSync>) => {
    if (typeof args[0] !== 'number') return actual.readFileSync(...args);
    change.before();
    const result = actual.readFileSync(...args);
    change.after();
    return result;
  };
  return { ...actual, readFileSync };
});

const folder = fs.mkdtempSync(join(tmpdir(), 'oci-seccomp-changed-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'p.bpf');
const none = (): void => {};

describe('a trusted file', () => {
  const read = (before: () => void, after: () => void): string => {
    fs.writeFileSync(path, 'old text');
    Object.assign(change, { before, after });
    return Buffer.from(readTrustedFile(path, 'the profile')).toString();
  };

  it('is read if nobody changes it, or it is replaced whole', () => {
    expect(read(none, none)).toBe('old text');
    const replace = (): void => {
      fs.writeFileSync(join(folder, 'new'), 'new text, longer');
      fs.renameSync(join(folder, 'new'), path);
    };
    expect(read(replace, none)).toBe('old text');
    expect(read(none, replace)).toBe('old text');
  });

  it.each([
    ['grows', () => fs.appendFileSync(path, ' more'), none],
    ['is cut off', () => fs.truncateSync(path, 3), none],
    ['grows behind the reader', none, () => fs.appendFileSync(path, ' more')],
    ['is written with as many bytes', none, () => fs.writeFileSync(path, 'new text')],
  ])('is refused if it %s', (_, before, after) => {
    expect(() => read(before, after)).toThrow(/p\.bpf was changed while it was read/);
  });
});
