/**
 * Configuration files: that the schema for editors and the program agree, where they are found, and what overrides do.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, describe, expect, it } from 'vitest';
import { createConfigs, isIgnored, settingsFor } from '../../src/cli/lint/config.ts';
import { compilePattern } from '../../src/cli/lint/path-pattern.ts';
import { readConfig } from '../../src/cli/lint/read-config.ts';
import { OciSeccompError } from '../../src/errors.ts';
import type { Problem } from '../../src/oci/problems.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const schema = JSON.parse(readFileSync('schemas/lint-config.schema.json', 'utf8')) as object;
const validate = new Ajv({ allErrors: true, strict: true })
  .addVocabulary(['markdownDescription'])
  .compile(schema);

function write(text: string): string {
  const path = join(folder, 'oci-seccomp.config.json');
  writeFileSync(path, text);
  return path;
}

const good: readonly object[] = [
  {},
  { $schema: 'https://example.org/lint-config.schema.json' },
  { rules: { 'shadowed-rule': 'off', 'unknown-key': 'warn', 'default-allow': 'error' } },
  { hosts: [{ arch: 'x86_64', caps: 'all', kernel: '6.1' }, { arch: 'SCMP_ARCH_AARCH64' }, {}] },
  { runtimes: ['runc', 'runc@1.1.5', 'crun'], engine: 'podman' },
  { kernels: { oldest: '5.4', newest: '6.18' } },
  { plugins: [] },
  { preset: 'strict', overrides: [{ files: ['k8s/**'], preset: 'kubernetes' }] },
  { profilesDir: '.', seccompDefault: false, overrides: [{ files: ['*'], seccompDefault: true }] },
  { ignore: ['old/**'], overrides: [{ files: ['*.k8s.json'], rules: { 'shadowed-rule': 'error' } }] },
];

/** Each with the place of the first complaint. */
const bad: readonly (readonly [string, RegExp])[] = [
  ['{"rules": {\n  "shadowd-rule": "off"}}', /^2:3 there is no rule "shadowd-rule".*"shadowed-rule"/],
  ['{"rules": {"shadowed-rule": "wran"}}', /^1:29 "wran".*"warn"/],
  ['{"rule": {}}', /^1:2 there is no key "rule".*"rules"/],
  ['{"hosts": [{"caps": "some"}]}', /^1:21/],
  ['{"hosts": {"arch": "x86_64"}}', /^1:11 expected a list/],
  ['{"runtimes": ["rnuc"]}', /^1:15/],
  ['{"kernels": {"oldest": "5.4"}}', /^1:13.*newest/],
  ['{"kernels": {"oldest": "five", "newest": "6.1"}}', /^1:24/],
  ['{"overrides": [{"rules": {}}]}', /^1:16.*files/],
  ['{"preset": "strickt"}', /^1:12 "strickt".*"strict"/],
  ['{"ignore": "old/**"}', /^1:12 expected a list/],
  ['{"rules": {"shadowed-rule": ["off", 1]}}', /^1:37 shadowed-rule takes no settings/],
  [
    '{"rules": {"shadowed-rule": ["off", 1, 2]}}',
    /^1:29 expected a level, or a list of a level and settings/,
  ],
  ['{"rules": {"shadowed-rule": ["off"]}}', /^1:29 expected a level, or a list/],
  ['{"rules": {"shadowed-rule": []}}', /^1:29 expected a level, or a list/],
  ['{"plugins": "./rules.mjs"}', /^1:13 expected a list/],
  ['{"plugins": [1]}', /^1:14 expected a string/],
  ['{"profilesDir": 1}', /^1:17 expected a string/],
  ['{"seccompDefault": "yes"}', /^1:20 expected true or false/],
  ['{"ignore": [1]}', /^1:13 expected a string/],
];

describe('a configuration', () => {
  it.each(good.map((value) => JSON.stringify(value)))(
    'is taken by the program and the schema: %s',
    async (text) => {
      expect(await readConfig(write(text))).toHaveProperty('overrides');
      expect(validate(JSON.parse(text))).toBe(true);
    },
  );

  it.each(bad)('is refused with a place: %s', async (text, complaint) => {
    let thrown: unknown;
    try {
      await readConfig(write(text));
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(OciSeccompError);
    const { code, details } = thrown as OciSeccompError;
    expect(code).toBe('ERR_USAGE');
    const [first] = details.problems as readonly Problem[];
    expect(`${first?.line}:${first?.column} ${first?.message} ${first?.hint ?? ''}`).toMatch(complaint);
    // The schema knows neither the rules' ids nor which of them take settings.
    if (!/shadowd-rule|"off", 1]/.test(text)) expect(validate(JSON.parse(text))).toBe(false);
  });

  it('has an example in docs/lint.md with every key, and a line for each', async () => {
    const page = readFileSync('docs/lint.md', 'utf8');
    const section = page.split(/^## /m).find((each) => each.startsWith('Configuration\n')) ?? '';
    const [, example = ''] = /```json\n([\s\S]*?)```/.exec(section) ?? [];
    const keys = Object.keys((schema as { properties: object }).properties).toSorted();
    expect(Object.keys(JSON.parse(example) as object).toSorted()).toEqual(keys);
    expect([...section.matchAll(/^\| `([$\w]+)` \|/gm)].map(([, key]) => key).toSorted()).toEqual(keys);
    mkdirSync(join(folder, 'nodes/seccomp'), { recursive: true });
    const config = await readConfig(write(example));
    expect(settingsFor(config, join(folder, 'legacy/a.json')).rules).toMatchObject({
      'default-allow': 'warn',
    });
    expect(validate(JSON.parse(example))).toBe(true);
  });

  it('is found in the folder of the profile, else above it', async () => {
    const deep = join(folder, 'a/b');
    mkdirSync(deep, { recursive: true });
    write('{"rules": {"shadowed-rule": "off"}}');
    expect((await createConfigs().forFile(join(deep, 'p.json')))?.rules).toEqual({ 'shadowed-rule': 'off' });
    writeFileSync(join(folder, 'a/oci-seccomp.config.json'), '{}');
    expect((await createConfigs().forFile(join(deep, 'p.json')))?.rules).toBeUndefined();
  });

  it('lets later overrides win, and joins the levels', async () => {
    const config = await readConfig(
      write(
        JSON.stringify({
          rules: { 'shadowed-rule': 'off', 'unknown-key': 'off' },
          runtimes: ['crun'],
          ignore: ['old/**'],
          overrides: [
            { files: ['k8s/*.json'], rules: { 'shadowed-rule': 'warn' }, runtimes: ['runc'] },
            { files: ['x.json'], rules: { 'shadowed-rule': 'error' } },
          ],
        }),
      ),
    );
    const levels = (file: string): unknown =>
      settingsFor(config, join(folder, file)).rules?.['shadowed-rule'];
    expect([levels('y.json'), levels('k8s/y.json'), levels('k8s/x.json')]).toEqual(['off', 'warn', 'error']);
    expect(settingsFor(config, join(folder, 'k8s/x.json'))).toMatchObject({
      runtimes: ['runc'],
      rules: { 'unknown-key': 'off' },
    });
    expect([
      isIgnored(config, join(folder, 'old/a/b.json')),
      isIgnored(config, join(folder, 'a.json')),
    ]).toEqual([true, false]);
  });
});

describe('a pattern', () => {
  it.each([
    ['*.json', 'a/b.json', true],
    ['*.json', 'a/b.yaml', false],
    ['a/*.json', 'a/b.json', true],
    ['a/*.json', 'a/b/c.json', false],
    ['a/**/*.json', 'a/c.json', true],
    ['a/**', 'a/b/c.json', true],
    ['**/b.json', 'b.json', true],
    ['{a,b}/?.json', 'b/c.json', true],
    ['{a,b}/?.json', 'c/c.json', false],
    ['./a.json', 'a.json', true],
    ['a+(b).json', 'a+(b).json', true],
    ['{a.json', '{a.json', true],
  ])('%s on %s: %s', (pattern, path, expected) => {
    expect(compilePattern(pattern)(path)).toBe(expected);
  });
});
