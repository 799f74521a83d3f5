/**
 * Engines, runtimes, dialects and formats: what is derived from their rows, and that the pages name each of them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emitFormats } from '../src/compile/emit-formats.ts';
import {
  compiledSpellings,
  engines,
  enginesThat,
  listRuntimes,
  runtimeFamilies,
  runtimeNames,
  runtimeSpellings,
  runtimesThat,
} from '../src/consumers.ts';
import { dialects, isForeign, profilePointer } from '../src/oci/dialect-rows.ts';
import { parseRuntime } from '../src/policy/runtimes.ts';

const root = join(import.meta.dirname, '..');

describe('who refuses what', () => {
  it('is derived from rows', () => {
    // Each of these was tried on the programs; see test/oracle/runtime-facts.test.ts and test/oci/bad-profiles.test.ts.
    expect(runtimesThat((traits) => traits.refusesNotifyOnStartPath)).toEqual(['runc', 'youki']);
    expect(runtimesThat((traits) => traits.errnoOnOtherActions === 'refused')).toEqual(['crun']);
    expect(runtimesThat((_, reading) => reading.takesEmptyNames)).toEqual(['crun', 'youki']);
    expect(enginesThat((row) => row.readsErrnoNames)).toEqual(['podman', 'cri-o']);
  });

  it('never names what starts no container', () => {
    expect(runtimesThat(() => true)).toEqual(runtimeFamilies);
    expect(runtimeFamilies).not.toContain('plain');
    expect(runtimeNames).toContain('plain');
  });
});

describe('spellings', () => {
  it('are all read', () => {
    for (const spelling of runtimeSpellings) expect(() => parseRuntime(spelling), spelling).not.toThrow();
    expect(listRuntimes()).toBe(
      'runc, runc@1.1, runc@1.2, crun, youki (read, not run), runsc (gVisor), or plain (libseccomp alone)',
    );
  });
});

describe('the pages', () => {
  const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((page) => `docs/${page}`)]
    .filter((page) => page.endsWith('.md'))
    .map((page) => readFileSync(join(root, page), 'utf8'))
    .join('\n')
    .toLowerCase();

  it.each([...runtimeFamilies, ...engines])('name %s', (name) => {
    expect(pages).toContain(name);
  });

  it.each(dialects.filter((dialect) => !isForeign(dialect)))('%s has a schema', (dialect) => {
    const schema = JSON.parse(readFileSync(join(root, `schemas/${dialect}.schema.json`), 'utf8')) as object;
    const at = profilePointer(dialect).split('/').slice(1);
    // The schema has the profile where the row says.
    let node: unknown = schema;
    for (const key of at) node = (node as { properties?: Record<string, unknown> }).properties?.[key];
    expect(node).toBeDefined();
  });

  it('show the options of the rows', () => {
    const help = readFileSync(join(root, 'test/cli/transcripts/help-compile.txt'), 'utf8').replace(
      /\s+/g,
      ' ',
    );
    for (const name of [...emitFormats, ...dialects, ...engines]) expect(help).toContain(`"${name}"`);
    for (const spelling of compiledSpellings) expect(help).toContain(spelling);
    expect(help).not.toContain('runsc');
  });
});
