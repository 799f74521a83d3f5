/**
 * The table of choices: its form, its patterns, and which row fits a container. test/oracle/hook-choices.test.ts asks
 * engines what they tell of a container.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, describe, expect, it } from 'vitest';
import type { OciSeccompError } from '../../src/errors.ts';
import { choicesKeys, readChoices } from '../../src/hook/choices/choices-table.ts';
import { chooseByTable } from '../../src/hook/choices/choose-by-table.ts';
import { chooseRow } from '../../src/hook/choices/choose-row.ts';
import { imageSourceNames, labelSourceNames } from '../../src/hook/choices/container-facts.ts';
import { matchesGlob } from '../../src/hook/choices/glob.ts';
import { matchesImage, parseImageName, parseImagePattern } from '../../src/hook/choices/image-name.ts';
import { PROFILE_ANNOTATION } from '../../src/hook/profile-annotation.ts';
import { xorshift32 } from '../support/xorshift.ts';

const schema = JSON.parse(readFileSync('schemas/choices.schema.json', 'utf8'));
const valid = new Ajv().compile(schema);

interface Problem {
  readonly code: string;
  readonly line: number;
  readonly column: number;
  readonly pointer: string;
}
const problemsOf = (text: string): readonly Problem[] => {
  try {
    readChoices(text, 'choices.json');
    return [];
  } catch (error) {
    return (error as OciSeccompError).details.problems as unknown as readonly Problem[];
  }
};

const row = { name: 'web', image: 'nginx', profile: 'docker-default' };
const table = { imageFrom: ['containerd'], rows: [row] };

describe('the form of a table', () => {
  it.each<[unknown, boolean]>([
    [table, true],
    [{ rows: [] }, true],
    [{ ...table, default: 'none', $schema: 'x' }, true],
    [{ ...table, default: '/etc/p.json' }, true],
    [{}, false],
    [[], false],
    [{ ...table, default: 'web' }, false],
    [{ ...table, default: 'etc/p.json' }, false],
    [{ ...table, defaultProfile: 'none' }, false],
    [{ ...table, imageFrom: 'containerd' }, false],
    [{ ...table, imageFrom: ['docker'] }, false],
    [{ ...table, labelsFrom: ['podman'] }, false],
    [{ ...table, rows: row }, false],
    [{ ...table, rows: [null] }, false],
    [{ ...table, rows: [{ ...row, name: undefined }] }, false],
    [{ ...table, rows: [{ ...row, name: '' }] }, false],
    [{ ...table, rows: [{ ...row, name: 'a\nb' }] }, false],
    [{ ...table, rows: [{ ...row, name: 'a'.repeat(65) }] }, false],
    [{ ...table, rows: [{ ...row, image: undefined }] }, false],
    [{ ...table, rows: [{ ...row, image: [] }] }, false],
    [{ ...table, rows: [{ ...row, image: ['a', 'b:1'] }] }, true],
    [{ ...table, rows: [{ ...row, profile: undefined }] }, false],
    [{ ...table, rows: [{ ...row, profile: undefined, profilesDir: '/p' }] }, true],
    [{ ...table, rows: [{ ...row, profilesDir: 'p' }] }, false],
    [{ ...table, rows: [{ ...row, images: 'a' }] }, false],
    [{ ...table, rows: [{ ...row, labels: {} }], labelsFrom: ['cri-o'] }, false],
    [{ ...table, rows: [{ ...row, labels: { a: 'b' } }], labelsFrom: ['cri-o'] }, true],
    [{ ...table, rows: [{ ...row, labels: { a: [] } }], labelsFrom: ['cri-o'] }, false],
    [{ ...table, rows: [{ ...row, labels: { a: 1 } }], labelsFrom: ['cri-o'] }, false],
    [{ ...table, rows: [{ ...row, annotations: { a: 'b' } }], trustedAnnotations: ['a'] }, true],
    [{ ...table, rows: [{ ...row, constructor: 'b' }] }, false],
  ])('%j is taken: %s; the schema says the same', (value, taken) => {
    const text = JSON.stringify(value);
    expect(problemsOf(text).length === 0).toBe(taken);
    expect(valid(JSON.parse(text))).toBe(taken);
  });

  // What a schema cannot say.
  it.each<[string, unknown, string]>([
    ['an image that nobody may tell', { rows: [row] }, '/rows/0/image'],
    ['labels that nobody may tell', { rows: [{ ...row, labels: { a: 'b' } }] }, '/rows/0/image'],
    [
      'an annotation that is not trusted',
      { ...table, rows: [{ ...row, annotations: { a: 'b', c: 'd' } }], trustedAnnotations: ['a'] },
      '/rows/0/annotations/c',
    ],
    [
      'a name of an image that there cannot be',
      { ...table, rows: [{ ...row, image: 'Web:1' }] },
      '/rows/0/image',
    ],
    [
      'an annotation whose key a pointer has to escape',
      { ...table, rows: [{ ...row, annotations: { 'example.org/tier~1': 'b' } }] },
      '/rows/0/annotations/example.org~1tier~01',
    ],
    ['two rows of one name', { ...table, rows: [row, row] }, '/rows/1/name'],
  ])('refuses %s, at its place', (_, value, pointer) => {
    expect(problemsOf(JSON.stringify(value))[0]?.pointer).toBe(pointer);
  });

  it('refuses a key that is given twice, and text that is no JSON', () => {
    expect(problemsOf('{"rows":[],"rows":[]}')[0]).toMatchObject({
      code: 'duplicate-key',
      line: 1,
      column: 12,
    });
    expect(problemsOf('rows: []').length).toBe(1);
  });

  it('is described by the schema key for key', () => {
    expect(Object.keys(schema.properties)).toEqual([...choicesKeys.table]);
    expect(Object.keys(schema.definitions.row.properties)).toEqual([...choicesKeys.row]);
    expect(schema.properties.imageFrom.items.enum).toEqual(imageSourceNames);
    expect(schema.properties.labelsFrom.items.enum).toEqual(labelSourceNames);
  });
});

describe('patterns', () => {
  it('fit as regular expressions do', () => {
    const next = xorshift32(16);
    const random = (most: number): number => next() % most;
    const pick = (letters: string, most: number): string =>
      Array.from({ length: random(most) }, () => letters[random(letters.length)]).join('');
    let fitting = 0;
    for (let i = 0; i < 3_000; i += 1) {
      const [text, pattern] = [pick('ab/', 8), pick('ab/**', 6)];
      for (const [separator, any] of [
        [undefined, '.*'],
        ['/', '[^/]*'],
      ] as const) {
        const expected = new RegExp(`^${pattern.replaceAll('*', any)}$`).test(text);
        if (expected) fitting += 1;
        expect([text, pattern, matchesGlob(text, pattern, separator)]).toEqual([text, pattern, expected]);
      }
    }
    expect(fitting).toBeGreaterThan(300);
  });

  it('take no time that grows with the product of stars and text', () => {
    expect(matchesGlob('a'.repeat(100_000), `${'*a'.repeat(200)}*b`)).toBe(false);
  });

  const digest = `sha256:${'0'.repeat(64)}`;
  it.each([
    ['nginx', 'docker.io/library/nginx', true],
    ['docker.io/library/nginx:1.25', 'nginx', true],
    ['docker.io/nginx', 'nginx', true],
    ['index.docker.io/library/nginx', 'nginx', true],
    ['team/web', 'docker.io/team/web', true],
    ['localhost/web', 'web', false],
    ['registry.example/nginx', 'nginx', false],
    ['registry.example:5000/a/web:1', 'registry.example:5000/a/web', true],
    ['registry.example:5000/a/web', 'registry.example/a/web', false],
    ['Registry.Example/web', 'registry.example/web', true],
    ['nginx:1', 'nginx:1', true],
    ['nginx', 'nginx:latest', true],
    ['nginx', 'nginx:1', false],
    ['nginx:1.25.3', 'nginx:1.*', true],
    ['nginx:11', 'nginx:1.*', false],
    // A tag beside a digest counts for nothing: whoever names the image writes there what they like.
    [`nginx:1@${digest}`, 'nginx:1', false],
    [`nginx:1@${digest}`, `nginx@${digest}`, true],
    [`nginx:1@${digest}`, `nginx:2@${digest}`, true],
    [`nginx@${digest}`, 'nginx', true],
    ['nginx', `nginx@${digest}`, false],
    ['registry.example/team/web', 'registry.example/*/web', true],
    ['registry.example/team/x/web', 'registry.example/*/web', false],
    ['registry.example/team/web', 'registry.example/*', false],
    ['registry.example.evil.org/team/web', 'registry.example*/team/web', true],
    ['evil.org/registry.example/web', 'registry.example/web', false],
    ['registry.example/web-evil', 'registry.example/web', false],
    ['registry.example/web', '*/web', true],
  ])('the image %s is of %s: %s', (text, pattern, expected) => {
    const [name, wanted] = [parseImageName(text), parseImagePattern(pattern)];
    if (name === undefined || wanted === undefined) throw new Error('not a name');
    expect(matchesImage(name, wanted)).toBe(expected);
  });

  it.each([
    '',
    ' nginx',
    'nginx ',
    'nginx\n',
    'a b',
    'web/',
    '/web',
    'a//b',
    `${'0'.repeat(64)}`,
    digest,
    'Web',
    'x@sha256:1',
  ])('%j names no image', (text) => {
    expect(parseImageName(text)).toBeUndefined();
  });

  it('are in tables, not in names that containers bring', () => {
    expect(parseImageName('docker.io/library/*')).toBeUndefined();
    expect(parseImagePattern('docker.io/library/*')).toBeDefined();
  });
});

describe('the row of a container', () => {
  const text = JSON.stringify({
    imageFrom: ['containerd', 'cri-o'],
    labelsFrom: ['cri-o'],
    trustedAnnotations: ['team'],
    rows: [
      { name: 'pause', annotations: { team: ['infra', 'ops-*'] }, profile: 'none' },
      { name: 'system', labels: { 'io.kubernetes.pod.namespace': 'kube-*' }, profile: 'crio-default' },
      { name: 'both', image: 'nginx', annotations: { team: 'web' }, profile: 'podman-default' },
      { name: 'web', image: ['nginx', 'httpd:2'], profile: 'docker-default' },
    ],
    default: 'containerd-default',
  });
  const containerd = (name: string) => ({ 'io.kubernetes.cri.image-name': name });
  const crio = (name: string) => ({ 'io.kubernetes.cri-o.ImageName': name });
  const labels = (given: object) => ({ 'io.kubernetes.cri-o.Labels': JSON.stringify(given) });
  const choose = (annotations: object, source = text) =>
    chooseRow(readChoices(source, 'c.json'), {
      annotations: new Map(Object.entries(annotations)),
      bundle: undefined,
    });

  it.each<[string, object, string | undefined]>([
    ['an annotation', { team: 'infra' }, 'pause'],
    ['a pattern', { team: 'ops-1' }, 'pause'],
    ['a label', labels({ 'io.kubernetes.pod.namespace': 'kube-system' }), 'system'],
    ['all that a row asks', { ...labels({}), ...crio('nginx'), team: 'web' }, 'both'],
    ['the image alone', { ...labels({}), ...containerd('nginx:1'), team: 'x' }, 'web'],
    ['two sources that agree', { ...labels({}), ...containerd('nginx'), ...crio('nginx') }, 'web'],
    ['no row: the default', { ...labels({}), ...containerd('redis') }, undefined],
    ['a tag that is asked for', { ...labels({}), ...containerd('httpd:2.4') }, undefined],
  ])('%s', (_, annotations, expected) => {
    expect(choose(annotations).row).toBe(expected);
  });

  it.each<[string, object, string]>([
    [
      'labels that nobody tells',
      containerd('nginx'),
      "asks for the container's labels, which cri-o does not tell",
    ],
    [
      'an image that nobody tells',
      labels({}),
      "asks for the container's image, which containerd and cri-o do not tell",
    ],
    ['an image without a name', { ...labels({}), ...crio('') }, 'do not tell'],
    ['the id of an image', { ...labels({}), ...crio('0'.repeat(64)) }, 'is not a name of an image'],
    ['a pattern in place of a name', { ...labels({}), ...crio('*/web') }, 'is not a name of an image'],
    [
      'two sources that disagree',
      { ...labels({}), ...containerd('nginx'), ...crio('httpd') },
      'say two names',
    ],
    ['labels that are none', { 'io.kubernetes.cri-o.Labels': '[1]' }, 'is not an object of strings'],
    ['labels that are not JSON', { 'io.kubernetes.cri-o.Labels': '{' }, 'is not JSON'],
  ])('ends the search at %s', (_, annotations, message) => {
    expect(() => choose(annotations)).toThrow(message);
  });

  it('shows a hostile name on one line', () => {
    expect(() => choose({ ...labels({}), ...crio(`x\n\u001b[31m${'y'.repeat(500)}`) })).toThrow(
      /^[ -~]{1,400}$/,
    );
  });

  it('lets no container start that fits nowhere, without a default', () => {
    const bare = JSON.stringify({ ...JSON.parse(text), default: undefined });
    expect(() => choose({ ...labels({}), ...containerd('redis') }, bare)).toThrow('no row of c.json fits');
  });
});

describe('a profile by a table', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-choices-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'choices.json');
  const profiles = join(folder, 'profiles');
  mkdirSync(profiles);
  writeFileSync(join(profiles, 'own.json'), 'own');
  const rows = [
    { name: 'free', annotations: { team: 'a' }, profilesDir: profiles },
    { name: 'half', annotations: { team: 'b' }, profilesDir: profiles, profile: 'docker-default' },
    { name: 'off', annotations: { team: 'c' }, profile: 'none' },
  ];
  writeFileSync(file, JSON.stringify({ trustedAnnotations: ['team'], rows, default: 'podman-default' }));
  const choose = (annotations: Record<string, string>, written = annotations) =>
    chooseByTable(file, {
      annotations: new Map(Object.entries(annotations)),
      written: async () => new Map(Object.entries(written)),
    });
  const asks = (name: string) => ({ [PROFILE_ANNOTATION]: name });

  it.each<[Record<string, string>, string, string | undefined]>([
    [{ team: 'a', ...asks('own.json') }, 'free', join(profiles, 'own.json')],
    [{ team: 'b', ...asks('own.json') }, 'half', join(profiles, 'own.json')],
    [{ team: 'b' }, 'half', 'docker-default'],
    [{ team: 'c' }, 'off', undefined],
    [{}, 'default', 'podman-default'],
  ])('%j: the row %s, %s', async (annotations, row, name) => {
    const chosen = await choose(annotations);
    expect([chosen.row, chosen.source?.name]).toEqual([row, name]);
  });

  it.each<[Record<string, string>, string]>([
    [{ team: 'a' }, 'the container names no profile'],
    [{ team: 'a', ...asks('../choices.json') }, 'a name that is not allowed'],
    [{ team: 'c', ...asks('own.json') }, 'does not let it choose'],
    [asks('own.json'), 'does not let it choose'],
  ])('%j does not start: %s', async (annotations, message) => {
    await expect(choose(annotations)).rejects.toThrow(message);
  });

  it('takes only what the state and config.json both say', async () => {
    await expect(choose({ team: 'c' }, { 'team=c': '' })).rejects.toThrow('disagree on the annotation team');
    // Others do not decide.
    expect((await choose({ team: 'c', x: '1' }, { team: 'c', x: '2' })).row).toBe('off');
  });
});
