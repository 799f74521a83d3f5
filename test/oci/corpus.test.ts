import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../../src/oci/problems.ts';
import { readProfile } from '../../src/oci/read-profile.ts';

const data = `${import.meta.dirname}/../../../shared/data`;
const present = existsSync(`${data}/corpus/INDEX.tsv`);

const read = (file: string) => readProfile(readFileSync(`${data}/${file}`), { name: file });
const codes = (problems: readonly Problem[]) => [...new Set(problems.map(({ code }) => code))].sort();

/** Which dialect a corpus entry is, from its index; what a reader of JSON cannot read is left out. */
const dialectOf: Readonly<Record<string, string>> = {
  docker: 'docker',
  'docker(flat)': 'docker',
  'docker-old(name)': 'docker',
  'containers-common': 'podman',
  'oci-bundle (linux.seccomp)': 'oci-config',
  'oci/plain': 'oci',
};

interface Entry {
  readonly file: string;
  readonly dialect: string;
  readonly rules: number;
}

function entries(): Entry[] {
  if (!present) return [];
  const lines = readFileSync(`${data}/corpus/INDEX.tsv`, 'utf8').trimEnd().split('\n').slice(1);
  return lines.map((line) => {
    const [file = '', , dialect = '', rules = ''] = line.split('\t');
    return { file, dialect, rules: Number(rules) };
  });
}

/** Files that are not JSON as they stand: a line of prose or a shell command before the document. */
const notJson = new Set([
  's3fs-fuse__s3fs-fuse@6ea13f0506__seccomp.json',
  'genuinetools__binctr@fec7085140__seccomp.json',
  'jusito__docker-vsftpd-alpine@7f8a507b5f__seccomp_default.json',
]);

describe.skipIf(!present)('the corpus of published profiles (needs ../shared/data)', () => {
  it('is the whole corpus', () => {
    const files = readdirSync(`${data}/corpus`).filter((file) => file !== 'INDEX.tsv');
    expect(
      entries()
        .map(({ file }) => file)
        .sort(),
    ).toEqual(files.sort());
  });

  it.each(entries())('$file', ({ file, dialect: label, rules }) => {
    const { profile, dialect, problems } = read(`corpus/${file}`);
    if (/^(?:spo|k8s|[0-9]+×spo)/.test(label)) {
      expect(codes(problems)).toEqual(['yaml-document']);
      expect(problems[0]?.message).toContain('YAML');
    } else if (notJson.has(file)) {
      expect(problems.map(({ code, line, column }) => [code, line, column])).toEqual([
        ['invalid-json', 1, 1],
      ]);
    } else if (label.startsWith('none')) {
      expect(codes(problems)).toEqual(['not-a-profile']);
    } else {
      expect(dialect).toBe(dialectOf[label]);
      if (codes(problems).includes('trailing-comma')) return;
      expect(profile?.rules.length).toBe(rules);
      const errors = new Set(problems.flatMap(({ severity, code }) => (severity === 'error' ? [code] : [])));
      // What nobody refuses, and does not do what it reads like: found in published profiles.
      const kinds = ['cannot-start', 'mask-swapped', 'repeated-index'];
      expect([...errors].filter((code) => !kinds.includes(code))).toEqual([]);
    }
  });

  it.each([
    ['ihac__Cessa__profiles_nginx-test.profile', 'mask-swapped 215:30'],
    ['MrBekoX__MrBekoXBlogApp@f89d71a403__docker_seccomp-profile.json', 'unknown-syscall 61:33'],
    ['kgyrtkirk__hive-dev-box@c0196540dc__seccomp.json', 'unknown-key 2:2'],
    ['oskarirauta__seccomp-oci_cpp__seccomp.json', 'trailing-comma 33:30'],
    ['krukkeniels__safe-ai@27c8d7e1e4__config_seccomp.json', 'rule-is-default 13:7'],
  ])('%s has its known mistake', (file, expected) => {
    const found = read(`corpus/${file}`).problems.map(
      ({ code, line, column }) => `${code} ${line}:${column}`,
    );
    expect(found).toContain(expected);
  });

  it.each(['moby-default.json', 'containers-common-seccomp.json'])('%s has no problem', (file) => {
    const { profile, problems } = read(file);
    expect(problems).toEqual([]);
    expect(profile?.rules.length).toBe(
      (JSON.parse(readFileSync(`${data}/${file}`, 'utf8')) as { syscalls: [] }).syscalls.length,
    );
  });

  it('decodes what JSON.parse decodes, where that is exact', () => {
    for (const file of ['moby-default.json', 'containers-common-seccomp.json']) {
      const { profile } = read(file);
      const raw = JSON.parse(readFileSync(`${data}/${file}`, 'utf8')) as {
        syscalls: Record<string, unknown>[];
      };
      const plain = JSON.parse(
        JSON.stringify(profile?.rules, (_, v) => (typeof v === 'bigint' ? Number(v) : v)),
      );
      for (const [i, rule] of raw.syscalls.entries()) {
        const { place, ...decoded } = plain[i] as Record<string, unknown>;
        // Go's decoder takes null and empty strings for nothing.
        const expected = Object.entries(rule).filter(([, v]) => v !== null && v !== '');
        expect(decoded).toEqual(Object.fromEntries(expected));
        expect(place).toMatchObject({ pointer: `/syscalls/${i}` });
      }
    }
  });
});
