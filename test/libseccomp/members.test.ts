/**
 * The tables of docs/libseccomp.md: every name of the C, Python and Go interfaces is in them, and every name here that
 * they promise exists and is exercised by a test.
 *
 * Not checked: the Perl column (no package brings Linux::Seccomp), and names of releases newer than what is installed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorCodes } from '../../src/errors.ts';
import { type ComparisonInput, parseComparisons } from '../../src/libseccomp/comparison.ts';
import * as binding from '../../src/libseccomp/index.ts';
import { installedLibraries, skipUnless } from '../oracle/libraries.ts';
import { describeWith } from '../oracle/support/require.ts';

const root = join(import.meta.dirname, '../..');

interface Name {
  readonly text: string;
  /** `(after 2.6.1)`: what a name belongs to that installed releases need not have. */
  readonly note: string | undefined;
}

interface Row {
  /** First libseccomp release, numbers compared in order; empty if C has no such thing. */
  readonly since: readonly number[];
  readonly c: readonly Name[];
  readonly here: readonly Name[];
  readonly python: readonly Name[];
  readonly go: readonly Name[];
}

const page = readFileSync(join(root, 'docs/libseccomp.md'), 'utf8');

const rows: readonly Row[] = page
  .slice(page.indexOf('## Every name'))
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (?:C|---) \|/.test(line))
  .map((line) => {
    const [c = '', since = '', here = '', python = '', , go = ''] = line.slice(2, -2).split(' | ');
    const numbers = since === '—' ? [] : since.split('.').map(Number);
    return { c: names(c), since: numbers, here: names(here), python: names(python), go: names(go) };
  });

function names(cell: string): readonly Name[] {
  return [...cell.matchAll(/`([^`]+)`(?: \(([^)]+)\))?/g)].map(([, text = '', note]) => ({ text, note }));
}

const promised = [...new Set(rows.flatMap(({ here }) => here.map(({ text }) => text)))];

/** Whether a release has what came with another. */
function reaches(release: readonly number[], since: readonly number[]): boolean {
  const differs = since.findIndex((number, i) => number !== (release[i] ?? 0));
  return differs === -1 || (release[differs] ?? 0) > (since[differs] ?? 0);
}

function column(key: 'c' | 'python' | 'go'): ReadonlySet<string> {
  return new Set(rows.flatMap((row) => row[key].map(({ text }) => text)));
}

/** Names of a column that a release must have: neither newer nor marked. */
function due(key: 'c' | 'python' | 'go', release: readonly number[]): readonly string[] {
  return rows
    .filter(({ since }) => reaches(release, since))
    .flatMap((row) => row[key].filter(({ note }) => note === undefined).map(({ text }) => text));
}

const sources = readdirSync(join(root, 'src/libseccomp'))
  .map((file) => readFileSync(join(root, 'src/libseccomp', file), 'utf8'))
  .join('\n');

/** A name as the tables write it: an export, `Filter.method`, `NotifyRequest.field`, or a `'value'` the API takes. */
function exists(name: string): boolean {
  const literal = /^'(.+)'$/.exec(name)?.[1];
  if (literal !== undefined) return isLiteral(literal);
  const [owner = '', member] = name.split('.');
  if (member === undefined) return Object.hasOwn(binding, owner);
  if (owner === 'Filter') return Object.hasOwn(binding.Filter.prototype, member);
  const declared = new RegExp(`^export (?:interface|class) ${owner} [^{]*\\{\\n(.*?)^\\}`, 'ms').exec(
    sources,
  )?.[1];
  return new RegExp(`^ {2}(?:readonly )?${member}\\??[(:]`, 'm').test(declared ?? '');
}

function isLiteral(literal: string): boolean {
  const tables = [binding.architectures, binding.attributes, errorCodes, { native: true }];
  return tables.some((table) => Object.hasOwn(table, literal)) || isOperator(literal);
}

function isOperator(op: string): boolean {
  return [{}, { valueTwo: 0 }].some((more) => {
    try {
      return parseComparisons([{ index: 0, op, value: 0, ...more } as ComparisonInput]).length === 1;
    } catch {
      return false;
    }
  });
}

/** What the tests say: their code and the case tables they read, but not this file. */
const tested = ['test/libseccomp', 'test/oracle', 'fixtures/cases']
  .filter((folder) => existsSync(join(root, folder)))
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  )
  .filter((file) => /\.(?:ts|mjs|cases)$/.test(file) && !file.endsWith('members.test.ts'))
  .map((file) => readFileSync(join(root, file), 'utf8'))
  .join('\n');

/** The same without comments and quoted texts, in which a short name such as `log` proves nothing. */
const testedCode = tested.replace(/\/\*.*?\*\//gs, '').replace(/^\s*\/\/.*$|'[^'\n]*'/gm, '');

function isExercised(name: string): boolean {
  const literal = /^'(.+)'$/.exec(name)?.[1];
  if (literal !== undefined && /^\w+$/.test(literal)) return new RegExp(`\\b${literal}\\b`).test(tested);
  if (literal !== undefined) return tested.includes(` ${literal} `) || tested.includes(name);
  const [owner = '', member] = name.split('.');
  return new RegExp(member === undefined ? `\\b${owner}\\b` : `\\.${member}\\b`).test(testedCode);
}

/** A suite about what a Debian package brings: skipped by name without it, or failing if nothing may be skipped. */
function describeIf(present: boolean, name: string, packageName: string, body: () => void): void {
  const missing = present ? '' : ` [needs apt-get install ${packageName}]`;
  describe.skipIf(skipUnless(present))(`${name}${missing}`, body);
}

describe('the tables of docs/libseccomp.md', () => {
  it('are read', () => {
    expect(rows.length).toBeGreaterThan(110);
    expect(promised.length).toBeGreaterThan(90);
  });

  it('name nothing here that does not exist', () => {
    expect(promised.filter((name) => !exists(name))).toEqual([]);
  });

  it('name nothing here that no test exercises', () => {
    expect(promised.filter((name) => !isExercised(name))).toEqual([]);
  });

  it('name everything here', () => {
    const methods = Object.getOwnPropertyNames(binding.Filter.prototype).map((name) => `Filter.${name}`);
    const all = [...Object.keys(binding), ...methods].filter((name) => name !== 'Filter.constructor');
    expect(all.filter((name) => !promised.includes(name))).toEqual([]);
  });
});

describeWith(['cc'], 'the C column and the newest installed library', () => {
  const libraries = installedLibraries();
  const newest = libraries.toSorted((a, b) => b.version.localeCompare(a.version, 'en', { numeric: true }))[0];
  const symbols = (): readonly string[] => {
    const { stdout } = spawnSync('nm', ['-D', '--defined-only', newest?.path ?? ''], { encoding: 'utf8' });
    return [...stdout.matchAll(/ T (seccomp_\w+)/g)].map((match) => match[1] ?? '');
  };

  it('has every function', () => {
    expect(symbols().length).toBeGreaterThan(30);
    expect(symbols().filter((name) => !column('c').has(name))).toEqual([]);
  });

  it('has no function that the library lacks', () => {
    const release = (newest?.version ?? '').split('.').map(Number);
    const functions = due('c', release).filter((name) => /^seccomp_(?!notif(?:_|$))/.test(name));
    const found = symbols();
    expect(functions.length).toBeGreaterThan(30);
    expect(functions.filter((name) => !found.includes(name))).toEqual([]);
  });
});

const header = ['/usr/include/seccomp.h', '/usr/local/include/seccomp.h'].find((path) => existsSync(path));

describeIf(header !== undefined, 'the C column and seccomp.h', 'libseccomp-dev', () => {
  const text = header === undefined ? '' : readFileSync(header, 'utf8');
  const version = (part: string): number =>
    Number(new RegExp(`SCMP_VER_${part}\\s+(\\d+)`).exec(text)?.[1] ?? Number.NaN);
  const release = [version('MAJOR'), version('MINOR'), version('MICRO')];
  const declared = declarations(text);

  it('has every function, type, constant and macro', () => {
    expect(declared.length).toBeGreaterThan(100);
    expect(declared.filter((name) => !column('c').has(name))).toEqual([]);
  });

  it('has nothing that the header lacks', () => {
    // The structures of notifications are linux/seccomp.h's, which newer headers of libseccomp leave to it.
    const missing = due('c', release).filter((name) => !declared.includes(name));
    expect(missing.filter((name) => !/^seccomp_notif(?:_resp)?$/.test(name))).toEqual([]);
  });
});

/** What a C header declares for its users. */
function declarations(text: string): readonly string[] {
  const code = text.replace(/\/\*.*?\*\//gs, '');
  const found = [
    /^#define\s+(\w+)/gm,
    /^\s+(SCMP_\w+)\s*=/gm,
    /\b(seccomp_\w+)\(/g,
    /^(?:struct|enum) (\w+) \{/gm,
    /^typedef .*?(\w+);/gm,
  ].flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1] ?? ''));
  const own = found.filter((name) => /^(?:SCMP_|SECCOMP_|__NR_SCMP_|scmp_|seccomp_)/.test(name));
  return [...new Set(own)];
}

const introspection = `
import inspect, seccomp
for name, value in vars(seccomp).items():
    if name.startswith('_') or inspect.ismodule(value): continue
    print(name)
    if isinstance(value, type):
        for member in vars(value):
            if not member.startswith('_'): print(name + '.' + member)
`;

const python = ['python3', '/usr/bin/python3']
  .map((program) => spawnSync(program, ['-c', introspection], { encoding: 'utf8' }))
  .find(({ status }) => status === 0);

describeIf(python !== undefined, 'the Python column', 'python3-seccomp', () => {
  // c_str is Cython's helper for texts, not of the API.
  const members = (python?.stdout ?? '').split('\n').filter((name) => name !== '' && name !== 'c_str');

  it('has every member of the module', () => {
    expect(members.length).toBeGreaterThan(70);
    expect(members.filter((name) => !column('python').has(name))).toEqual([]);
  });

  it('has nothing that the module lacks', () => {
    const release = members.includes('SyscallFilter.precompute') ? [2, 6, 0] : [2, 5, 4];
    expect(due('python', release).filter((name) => !members.includes(name))).toEqual([]);
  });
});

const goFolder = '/usr/share/gocode/src/github.com/seccomp/libseccomp-golang';

describeIf(existsSync(goFolder), 'the Go column', 'golang-github-seccomp-libseccomp-golang-dev', () => {
  const members = existsSync(goFolder) ? goExports(goFolder) : [];

  it('has every exported name of the package', () => {
    expect(members.length).toBeGreaterThan(110);
    expect(members.filter((name) => !column('go').has(name))).toEqual([]);
  });

  it('has nothing that the package lacks', () => {
    // Go 0.11.0 took over what libseccomp 2.6.0 brought.
    const release = members.includes('ScmpFilter.Precompute') ? [2, 6, 0] : [2, 5, 4];
    expect(due('go', release).filter((name) => !members.includes(name))).toEqual([]);
  });
});

/** Exported names of a Go package formatted by gofmt: functions, methods, types with their fields, constants. */
function goExports(folder: string): readonly string[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.go') && !file.endsWith('_test.go'));
  const code = files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
  const functions = [...code.matchAll(/^func (?:\(\w+ \*?([A-Z]\w*)\) )?([A-Z]\w*)\(/gm)].map(
    ([, type, name = '']) => (type === undefined ? name : `${type}.${name}`),
  );
  const types = [...code.matchAll(/^type ([A-Z]\w*)/gm)].map((match) => match[1] ?? '');
  const fields = [...code.matchAll(/^type ([A-Z]\w*) struct \{\n(.*?)^\}/gms)].flatMap(
    ([, type, body = '']) => [...body.matchAll(/^\t([A-Z]\w*) /gm)].map((match) => `${type}.${match[1]}`),
  );
  const single = [...code.matchAll(/^(?:const|var) ([A-Z]\w*)/gm)].map((match) => match[1] ?? '');
  const grouped = [...code.matchAll(/^(?:const|var) \(\n(.*?)^\)/gms)].flatMap(([, body = '']) =>
    [...body.matchAll(/^\t([A-Z]\w*)/gm)].map((match) => match[1] ?? ''),
  );
  return [...new Set([...functions, ...types, ...fields, ...single, ...grouped])];
}
