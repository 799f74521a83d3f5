/**
 * The schemas in the language service of Visual Studio Code, which other editors use too: what is completed, shown and underlined.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type * as Service from 'vscode-json-languageservice';
import { capabilities } from '../../src/abi/capabilities.ts';
import { allSyscallNames } from '../../src/abi/syscall-numbers.ts';
import { allRules } from '../../src/lint/engine/registry.ts';
import { readProfile } from '../../src/oci/read-profile.ts';

// Its modules for Node's `import` lack the endings of file names.
const { getLanguageService, TextDocument } = createRequire(import.meta.url)(
  'vscode-json-languageservice',
) as typeof Service;

const root = resolve(import.meta.dirname, '../..');
const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8')) as object;
const WARNING = 2;

interface Catalog {
  readonly schemas: readonly { readonly url: string; readonly fileMatch: string[] }[];
}
const catalog = read('schemas/catalog.json') as Catalog;
const dialects = ['oci', 'oci-config', 'docker', 'podman'] as const;

/** An editor that has the schemas of the catalog, and one a dialect for files `x.DIALECT.json`; it fetches nothing. */
const service = getLanguageService({
  schemaRequestService: (uri) => Promise.reject(new Error(`fetched ${uri}`)),
});
service.configure({
  validate: true,
  schemas: [
    ...catalog.schemas.map(({ url, fileMatch }) => ({
      uri: url,
      fileMatch,
      schema: read(`schemas/${url.split('/').pop()}`),
    })),
    ...dialects.map((dialect) => ({
      uri: `file:///schemas/${dialect}.json`,
      fileMatch: [`*.${dialect}.json`],
      schema: read(`schemas/${dialect}.schema.json`),
    })),
  ],
});

/** A document; `|` is where the cursor is. */
function open(file: string, marked: string) {
  const at = marked.indexOf('|');
  const text = at < 0 ? marked : marked.slice(0, at) + marked.slice(at + 1);
  const document = TextDocument.create(`file:///project/${file}`, 'json', 1, text);
  return {
    document,
    position: document.positionAt(Math.max(0, at)),
    json: service.parseJSONDocument(document),
  };
}

async function complaints(file: string, text: string) {
  const { document, json } = open(file, text);
  return service.doValidation(document, json);
}

async function completions(file: string, text: string): Promise<readonly string[]> {
  const { document, position, json } = open(file, text);
  const list = await service.doComplete(document, position, json);
  return (list?.items ?? []).map(({ label }) => label.replaceAll('"', ''));
}

async function hover(file: string, text: string): Promise<string> {
  const { document, position, json } = open(file, text);
  const shown = await service.doHover(document, position, json);
  const [first = ''] = [shown?.contents ?? []].flat() as readonly string[];
  return first;
}

describe.each(['docker', 'podman', 'oci'] as const)('a profile for %s', (dialect) => {
  const file = `x.${dialect}.json`;

  it('completes all names of calls', async () => {
    const found = await completions(file, '{"syscalls": [{"names": ["|"]}]}');
    expect(found.toSorted()).toEqual([...allSyscallNames()].sort());
  });

  it('points out a misspelt name, action and key, as a warning and not as an error', async () => {
    const text = (names: string, more = '') =>
      `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["${names}"], "action": "SCMP_ACT_ALLOW"${more}}]}`;
    expect(await complaints(file, text('openat'))).toEqual([]);
    const [name, ...others] = await complaints(file, text('opennat'));
    expect(others).toEqual([]);
    expect([name?.severity, name?.message]).toEqual([WARNING, expect.stringContaining('No system call')]);
    expect(name?.range.start.character).toBe(text('opennat').indexOf('"opennat"'));
    expect(await complaints(file, text('openat').replace('ACT_ALLOW', 'ACT_ALOW'))).toHaveLength(1);
    expect(await complaints(file, text('openat', ', "arg": []'))).toHaveLength(1);
  });
});

it.each(['docker', 'podman'])('a profile for %s completes all capabilities', async (dialect) => {
  const found = await completions(`x.${dialect}.json`, '{"syscalls": [{"includes": {"caps": ["|"]}}]}');
  const all = capabilities.map((name) => `CAP_${name.replace(/^CAP_/, '')}`);
  expect(found.toSorted()).toEqual(all.sort());
});

interface Keyed {
  readonly properties?: Readonly<
    Record<string, { readonly markdownDescription?: string; readonly title?: string }>
  >;
}

/** Where an object of each kind stands in a profile. */
const holders: Readonly<Record<string, readonly [before: string, after: string]>> = {
  rule: ['{"syscalls": [', ']}'],
  arg: ['{"syscalls": [{"args": [', ']}]}'],
  conditions: ['{"syscalls": [{"includes": ', '}]}'],
  archMapEntry: ['{"archMap": [', ']}'],
};

describe('every key', () => {
  const keys = (['oci', 'docker', 'podman'] as const).flatMap((dialect) => {
    const schema = read(`schemas/${dialect}.schema.json`) as Keyed & { definitions: Record<string, Keyed> };
    const objects = Object.entries(holders).map(
      ([name, place]) => [schema.definitions[name], place] as const,
    );
    return [[schema, ['', '']] as const, ...objects].flatMap(([described, [before, after]]) =>
      Object.entries(described?.properties ?? {}).map(
        ([key, { title, markdownDescription }]) =>
          [dialect, key, `${before}{"|${key}": null}${after}`, `${title}\n\n${markdownDescription}`] as const,
      ),
    );
  });

  it.each(keys)('%s: %s shows its own text', async (dialect, _, text, expected) => {
    // `$schema` of a document is one that the editor would fetch.
    if (text.includes('$schema')) return;
    expect(await hover(`x.${dialect}.json`, text)).toBe(expected);
  });

  it('is there to be shown', () => {
    expect(keys.length).toBeGreaterThan(60);
    for (const [, key, , expected] of keys) expect(expected, key).not.toContain('undefined');
  });
});

describe('the configuration of lint', () => {
  const file = 'oci-seccomp.config.json';

  it('completes all rules and levels, and shows what a rule is about', async () => {
    const found = await completions(file, '{"rules": {"|"}}');
    expect(found.toSorted()).toEqual(allRules.map(({ id }) => id).sort());
    expect(await completions(file, '{"rules": {"shadowed-rule": "|"}}')).toEqual(
      expect.arrayContaining(['error', 'warn', 'note', 'off']),
    );
    const title = allRules.find(({ id }) => id === 'shadowed-rule')?.title ?? 'no such rule';
    expect(await hover(file, '{"rules": {"shadow|ed-rule": "off"}}')).toContain(title);
  });

  it('takes rules of modules, and points out a misspelt rule', async () => {
    expect(
      await complaints(file, '{"rules": {"acme/max-names": ["warn", {"max": 4}], "tool/x": "off"}}'),
    ).toEqual([]);
    expect(await complaints(file, '{"rules": {"shadowd-rule": "off"}}')).toHaveLength(1);
  });
});

describe('sound fixtures', () => {
  const folder = join(root, 'fixtures/profiles/good');
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));

  it.each(files)('%s: no error, and no warning except for names that nobody knows', async (file) => {
    const text = readFileSync(join(folder, file), 'utf8').replace(/^\ufeff/, '');
    const { dialect } = readProfile(text, { name: file });
    if (dialect === undefined || !dialects.some((each) => each === dialect)) return;
    // The address of a schema is what an editor would fetch.
    const found = await complaints(`x.${dialect}.json`, text.replace(/"\$schema": "[^"]*",/, ''));
    const known = new Set([...allSyscallNames(), ...capabilities]);
    const { document } = open(file, text);
    const wrong = found.filter(
      ({ message, range }) =>
        !/^No (system call|capability)/.test(String(message)) ||
        known.has(document.getText(range).replaceAll('"', '')),
    );
    expect(wrong.map(({ message, range }) => `${range.start.line + 1}: ${message}`)).toEqual([]);
  });
});

describe('the catalog', () => {
  it.each([
    ['seccomp.json', true],
    ['web.seccomp.json', true],
    ['seccomp-profile.json', true],
    ['containers/seccomp.json', true],
    ['package.json', false],
  ])('knows what %s is: %s', async (file, known) => {
    const found = await complaints(file, '{"defaultAction": "SCMP_ACT_NOTHING"}');
    expect(found.length > 0).toBe(known);
  });

  it('has Podman keys for the file that Podman reads, and not for others', async () => {
    const text = '{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrno": "EPERM", "syscalls": []}';
    expect(await complaints('containers/seccomp.json', text)).toEqual([]);
    expect(await complaints('seccomp.json', text)).toHaveLength(1);
  });

  it('names schemas of the package by their own address', () => {
    for (const { url } of catalog.schemas) {
      const schema = read(`schemas/${url.split('/').pop()}`) as { $id: string };
      expect([schema.$id, url.startsWith('https://')]).toEqual([url, true]);
    }
  });
});

it('the schemas are what the generator makes of the tables', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-editor-'));
  try {
    execFileSync(process.execPath, ['tools/run.mjs', 'tools/generate-editor-schemas.ts', folder], {
      cwd: root,
      env: { ...process.env, NODE_OPTIONS: '--preserve-symlinks' },
    });
    for (const file of readdirSync(folder)) {
      expect(JSON.parse(readFileSync(join(folder, file), 'utf8'))).toEqual(read(`schemas/${file}`));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
