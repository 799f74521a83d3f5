import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import type { OciSeccompError } from '../../src/errors.ts';
import { configurationKeys, readConfiguration } from '../../src/hook/wrapper/wrapper-configuration.ts';
import type { Problem } from '../../src/oci/problems.ts';
import { root } from '../cli/run.ts';

const schema = JSON.parse(readFileSync(join(root, 'schemas/config.schema.json'), 'utf8')) as {
  properties: Record<
    string,
    { enum?: string[]; default?: string | boolean; description?: string; title?: string }
  >;
  required: string[];
};
const valid = new Ajv({ strict: true }).addVocabulary(['markdownDescription']).compile(schema);

function problemsOf(text: string): readonly Problem[] {
  try {
    readConfiguration(text, 'config.json');
    return [];
  } catch (error) {
    return (error as OciSeccompError).details.problems as readonly Problem[];
  }
}

const needed = { runtime: '/usr/bin/runc', profile: 'docker-default' };

describe('the configuration', () => {
  it('has defaults that filter every container', () => {
    expect(readConfiguration(JSON.stringify(needed), 'config.json')).toEqual({
      ...needed,
      as: 'oci',
      whenPresent: 'replace',
      unconfined: 'apply',
      otherLibrary: 'refuse',
      strict: false,
    });
  });

  const rows: readonly (readonly [object, boolean])[] = [
    [needed, true],
    [{ ...needed, $schema: 'https://cdn.jsdelivr.net/npm/oci-seccomp@0/schemas/config.schema.json' }, true],
    [{ ...needed, runtime: 'runc' }, true],
    [{ ...needed, runtime: 'bin/runc' }, false],
    [{ ...needed, runtime: '' }, false],
    [{ ...needed, runtime: 1 }, false],
    [{ ...needed, runtime: null }, false],
    [{ runtime: 'runc' }, false],
    [{ profile: 'docker-default' }, false],
    [{ ...needed, profile: 'none' }, false],
    [{ ...needed, profile: 'profile.json' }, false],
    [{ ...needed, profile: '/etc/oci-seccomp/p.json' }, true],
    [{ ...needed, profilesDir: '/etc/oci-seccomp' }, true],
    [{ ...needed, profilesDir: 'profiles' }, false],
    [{ ...needed, behavesAs: 'runc@1.1.5' }, true],
    [{ ...needed, behavesAs: 'crun' }, true],
    [{ ...needed, behavesAs: 'youki' }, false],
    [{ ...needed, library: 'libseccomp.so.2' }, true],
    [{ ...needed, as: 'bpf' }, true],
    [{ runtime: 'runc', choices: '/etc/choices.json' }, true],
    [{ runtime: 'runc', choices: 'choices.json' }, false],
    [{ runtime: 'runc' }, false],
    [{ ...needed, choices: '/etc/choices.json' }, false],
    [{ runtime: 'runc', choices: '/etc/choices.json', profilesDir: '/p' }, false],
    [{ runtime: '/usr/bin/runc', profile: 'docker-default', agent: '/run/a.sock' }, true],
    [{ runtime: 'runc', profile: 'docker-default', agent: '/run/a.sock' }, false],
    [{ ...needed, agent: 'a.sock' }, false],
    [{ ...needed, as: 'raw' }, false],
    [{ ...needed, as: 'bpf', backend: 'builtin' }, true],
    [{ ...needed, backend: 'libseccomp' }, true],
    [{ ...needed, backend: 'builtin' }, false],
    [{ ...needed, as: 'oci', backend: 'builtin' }, false],
    [{ ...needed, as: 'bpf', backend: 'other' }, false],
    [{ ...needed, whenPresent: 'keep' }, true],
    [{ ...needed, whenPresent: 'both' }, false],
    [{ ...needed, unconfined: 'leave' }, true],
    [{ ...needed, unconfined: true }, false],
    [{ ...needed, otherLibrary: 'accept' }, true],
    [{ ...needed, strict: true }, true],
    [{ ...needed, strict: false }, true],
    [{ ...needed, strict: 'true' }, false],
    [{ ...needed, strict: 1 }, false],
    [{ ...needed, strict: null }, false],
    [{ ...needed, profile: true }, false],
    [{ ...needed, onFailure: 'open' }, false],
    [{ ...needed, constructor: 'x' }, false],
    [[], false],
  ];

  it.each(rows)('%j is taken: %s; the schema says the same', (value, taken) => {
    expect(problemsOf(JSON.stringify(value)).length === 0).toBe(taken);
    expect(valid(value)).toBe(taken);
  });

  it('keeps the value of a switch', () => {
    expect(readConfiguration(JSON.stringify({ ...needed, strict: true }), 'config.json').strict).toBe(true);
  });

  it('is described by the schema key for key', () => {
    const { $schema, ...properties } = schema.properties;
    expect(Object.keys(properties)).toEqual(Object.keys(configurationKeys));
    for (const [key, row] of Object.entries(configurationKeys)) {
      expect(properties[key]).toMatchObject({
        title: expect.any(String),
        description: expect.stringMatching(/\.$/),
        ...(row.choices === undefined ? {} : { enum: row.choices }),
        ...(row.byDefault === undefined ? {} : { default: row.byDefault }),
      });
      expect(schema.required.includes(key)).toBe(row.required === true);
    }
    expect($schema).toBeDefined();
  });

  it('names every mistake with its place, and what was meant', () => {
    const text = '{\n  "runtime": "/usr/bin/runc",\n  "whenpresent": "keep",\n  "unconfined": "aply"\n}';
    const found = problemsOf(text).map(({ line, column, code, hint }) => [line, column, code, hint]);
    expect(found).toEqual([
      [
        1,
        1,
        'missing-key',
        'give it the name of a built-in profile or an absolute path; or give "choices" the path of a table',
      ],
      [3, 3, 'unknown-key', 'did you mean "whenPresent"?'],
      [4, 17, 'value-out-of-range', 'did you mean "apply"?'],
    ]);
  });

  it.each([
    ['a key given twice', '{"runtime":"runc","runtime":"crun","profile":"docker-default"}', 'duplicate-key'],
    ['a comment', '{"runtime":"runc",/* */"profile":"docker-default"}', 'comment'],
    ['no JSON', 'runtime: runc', 'yaml-document'],
    ['nothing', '', 'empty-document'],
  ])('refuses %s', (_what, text, code) => {
    expect(problemsOf(text)[0]?.code).toBe(code);
  });
});
