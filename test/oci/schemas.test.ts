import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { ociActions } from '../../src/abi/actions.ts';
import { allArchitectures } from '../../src/abi/architectures.ts';
import { ociFlags } from '../../src/abi/flags.ts';
import { ociOperators } from '../../src/abi/operators.ts';
import { type KeyInfo, keysOf, type ShapeName, shapes } from '../../src/oci/dialect-keys.ts';
import type { Dialect } from '../../src/oci/profile.ts';
import { readProfile } from '../../src/oci/read-profile.ts';
import { serializeProfile } from '../../src/oci/serialize.ts';

interface Schema {
  $id: string;
  title?: string;
  description?: string;
  examples?: unknown[];
  properties?: Record<string, Schema>;
  definitions: Record<string, Schema>;
  enum?: string[];
  $ref?: string;
  additionalProperties?: boolean;
}

const root = resolve(import.meta.dirname, '../..');
const dialects: readonly Dialect[] = ['oci', 'oci-config', 'docker', 'podman'];
const load = (dialect: Dialect) =>
  JSON.parse(readFileSync(`${root}/schemas/${dialect}.schema.json`, 'utf8')) as Schema;
const ajvFor = () =>
  new Ajv({ strict: true, allowUnionTypes: true, allErrors: true }).addVocabulary([
    'markdownDescription',
    'deprecationMessage',
  ]);

/** Where each object of a profile is described. */
function shapeIn(schema: Schema, dialect: Dialect, shape: ShapeName): Schema | undefined {
  if (shape !== 'profile') return schema.definitions[shape];
  return dialect === 'oci-config' ? schema.definitions.seccomp : schema;
}

/** An object with every key that the schema has, `$schema` apart: each has an example, or is an object of a profile itself. */
function objectWithAll(shape: ShapeName, schema: Schema, dialect: Dialect): Record<string, unknown> {
  const { properties = {} } = shapeIn(schema, dialect, shape) ?? {};
  const members = Object.entries(properties).filter(([key]) => key !== '$schema');
  return Object.fromEntries(
    members.map(([key, { examples = [] }]) => {
      const [example] = examples;
      const inner = keysOf(shape)[key]?.shape;
      if (inner === undefined) return [key, example];
      const object = objectWithAll(inner, schema, dialect);
      return [key, Array.isArray(example) ? [object] : object];
    }),
  );
}

describe.each(dialects)('schemas/%s.schema.json', (dialect) => {
  const schema = load(dialect);

  it('compiles in strict mode, and its examples hold', () => {
    const ajv = ajvFor();
    ajv.addSchema(schema);
    const failures: unknown[] = [];
    const visit = (part: unknown, pointer: string): void => {
      if (typeof part !== 'object' || part === null) return;
      const { examples, type, properties, allOf, enum: names } = part as Record<string, unknown>;
      if (Array.isArray(examples) && (type ?? properties ?? allOf ?? names) !== undefined) {
        const validate = ajv.getSchema(`${schema.$id}#${pointer}`);
        for (const example of examples) {
          if (validate?.(example) !== true) failures.push([pointer, example, validate?.errors]);
        }
      }
      for (const [key, child] of Object.entries(part)) {
        if (key !== 'examples') visit(child, `${pointer}/${key.replace('$', '%24')}`);
      }
    };
    visit(schema, '');
    expect(failures).toEqual([]);
  });

  it('describes every property with a title, a sentence and an example', () => {
    const bare: string[] = [];
    const visit = (part: Schema, name: string): void => {
      if (!part.title || !part.description?.endsWith('.') || !part.examples?.length) bare.push(name);
      for (const [key, child] of Object.entries(part.properties ?? {})) visit(child, `${name}.${key}`);
    };
    visit(schema, dialect);
    for (const [key, child] of Object.entries(schema.definitions)) visit(child, key);
    expect(bare).toEqual([]);
    expect(schema.$id).toBe(`https://cdn.jsdelivr.net/npm/oci-seccomp@0/schemas/${dialect}.schema.json`);
  });

  it('has the keys the reader knows', () => {
    for (const shape of Object.keys(shapes) as ShapeName[]) {
      const known = Object.entries<KeyInfo>(keysOf(shape)).filter(([, row]) =>
        row.dialects.includes(dialect),
      );
      const described = shapeIn(schema, dialect, shape);
      expect([shape, Object.keys(described?.properties ?? {}).sort()]).toEqual([
        shape,
        known.map(([key]) => key).sort(),
      ]);
      if (described !== undefined) expect(described.additionalProperties).toBe(false);
    }
  });

  it('has no key that is lost between reading and writing', () => {
    const whole = objectWithAll('profile', schema, dialect);
    const document = dialect === 'oci-config' ? { linux: { seccomp: whole } } : whole;
    const { profile } = readProfile(JSON.stringify(document), { dialect });
    if (profile === undefined) throw new Error('the examples of the schema are not read');
    expect(JSON.parse(serializeProfile(profile))).toEqual(document);
  });

  it('has the names the tables have', () => {
    const { action, operator, architecture, flag } = schema.definitions;
    expect(action?.enum?.toSorted()).toEqual([...ociActions].sort());
    expect(operator?.enum?.toSorted()).toEqual([...ociOperators].sort());
    expect(flag?.enum?.toSorted()).toEqual([...ociFlags].sort());
    const arches = ['SCMP_ARCH_NATIVE', ...allArchitectures.map((row) => row.ociArch)];
    expect(architecture?.enum?.toSorted()).toEqual(arches.sort());
  });

  it('takes every sound fixture of its dialect, and takes no document whose form is reported', () => {
    const validate = ajvFor().compile(schema);
    const folder = `${root}/fixtures/profiles`;
    let taken = 0;
    let refused = 0;
    for (const kind of ['good', 'bad']) {
      for (const file of readdirSync(`${folder}/${kind}`)) {
        const text = readFileSync(`${folder}/${kind}/${file}`, 'utf8').replace(/^\ufeff/, '');
        const result = readProfile(text, { name: file });
        if (result.dialect !== dialect || result.problems.some(({ code }) => tooLoose.has(code))) continue;
        const reported = result.problems.some(
          ({ code, pointer }) =>
            schemaCodes.has(code) ||
            (code === 'missing-names' && dialect.startsWith('oci')) ||
            (code === 'seccomp-off' && (dialect !== 'oci-config' || pointer !== '')),
        );
        const valid = validate(JSON.parse(text));
        expect([file, valid, valid ? [] : validate.errors]).toEqual([
          file,
          !reported,
          reported ? validate.errors : [],
        ]);
        if (valid) taken++;
        else refused++;
      }
    }
    expect(taken).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(0);
  });
});

/** JSON.parse refuses these or changes them, or they are about exact numbers. */
const tooLoose = new Set<string>([
  'errno-out-of-range',
  'value-out-of-range',
  'not-an-integer',
  'comment',
  'trailing-comma',
  'control-character',
  'duplicate-key',
  'key-case',
]);
/** What a schema can say, too. */
const schemaCodes = new Set<string>([
  'wrong-type',
  'missing-key',
  'unknown-key',
  'wrong-dialect-key',
  'unknown-action',
  'unknown-operator',
  'unknown-architecture',
  'unknown-flag',
]);
schemaCodes.add('missing-default-action').add('index-out-of-range');

describe('src/oci/generated', () => {
  it('is what the generator makes of the schemas', () => {
    const folder = mkdtempSync(`${tmpdir()}/validators-`);
    try {
      execFileSync(process.execPath, ['tools/run.mjs', 'tools/generate-validators.ts', folder], {
        cwd: root,
      });
      const textsOf = (from: string): readonly string[] =>
        readdirSync(from).map((name) => readFileSync(`${from}/${name}`, 'utf8'));
      const committed = textsOf(`${root}/src/oci/generated`);
      expect(committed.length).toBeGreaterThan(1);
      expect(textsOf(folder).join() === committed.join()).toBe(true);
      expect(committed.join('').length).toBeLessThan(100_000);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
