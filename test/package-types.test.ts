/**
 * The package as programs take it: types under each way TypeScript finds modules, `import` and `require` on the oldest
 * releases of Node that `engines` names, and on the last ones before them.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from './cli/run.ts';
import { skipUnless } from './oracle/libraries.ts';
import { installPacked } from './support/npm.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-types-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(() => {
  installPacked(root, folder, {});
  for (const name of ['use.mts', 'use.cts']) writeFileSync(join(folder, name), program);
});

/** Uses both entries; each line that must not compile is marked, so that types which are `any` are found out. */
const program = `
import { builtinProfiles, OciSeccompError, type Profile, rebaseProfile } from 'oci-seccomp';
import { allow, type ComparisonInput, errno, Filter, receiveNotification } from 'oci-seccomp/libseccomp';

export const profile: Profile = builtinProfiles['docker-default']();
const filter: Filter = new Filter(allow());
filter[Symbol.dispose]();
// @ts-expect-error a filter is no number
export const number: number = filter;

filter.addRule(errno('EACCES'), 'openat', [{ index: 2, op: '&=', value: 3, valueTwo: 1 }]);
filter.addRule(errno('EACCES'), 'openat', [{ index: 2, op: '==', value: 3 }]);
export const masked: ComparisonInput = { index: 2, op: 'SCMP_CMP_MASKED_EQ', value: 3, valueTwo: '0x1' };
// @ts-expect-error a masked comparison needs its second value
filter.addRule(errno('EACCES'), 'openat', [{ index: 2, op: '&=', value: 3 }]);
// @ts-expect-error likewise under its other names
filter.addRule(errno('EACCES'), 'openat', [{ index: 2, op: 'maskedEq', value: 3 }]);
// @ts-expect-error likewise in a variable
export const unmasked: ComparisonInput = { index: 2, op: 'SCMP_CMP_MASKED_EQ', value: 3 };
// @ts-expect-error no other comparison takes one
filter.addRule(errno('EACCES'), 'openat', [{ index: 2, op: '==', value: 3, valueTwo: 1 }]);
// @ts-expect-error a misspelt key
filter.addRule(errno('EACCES'), 'openat', [{ index: 2, op: '==', value: 3, valuetwo: 1 }]);
// @ts-expect-error a misspelt option
new Filter(allow(), { libary: 'x' });
// @ts-expect-error a misspelt option
filter.load({ thread: 'all' });
// @ts-expect-error a misspelt option
void receiveNotification(3, { sginal: undefined });
// @ts-expect-error an action has no other data than its own
filter.addRule({ kind: 'killProcess', errno: 1 }, 'openat');

export function describe(error: unknown): string {
  if (!(error instanceof OciSeccompError)) return 'another';
  if (error.code === 'ERR_PROFILE_SCHEMA') return (error.details.problems ?? []).map(({ line, message }) => line + message).join();
  if (error.code === 'ERR_KERNEL') return (error.details.errno ?? 0).toFixed();
  // @ts-expect-error it may be absent
  if (error.code === 'ERR_LIBSECCOMP') return error.details.errno.toFixed();
  if (error.hasCode('ERR_PROOF')) return error.details.counterexample?.relation ?? error.code;
  if (error.hasCode('ERR_PROFILE_SCHEMA')) return (error.details.problems ?? []).map(({ pointer, severity }) => pointer + severity).join();
  // @ts-expect-error a proof has no weaknesses
  if (error.hasCode('ERR_PROOF')) return error.details.weaknesses.join();
  // @ts-expect-error no such code
  if (error.code === 'ERR_KERNAL') return '';
  return String(error.details.anything);
}
// @ts-expect-error an errno is a number
new OciSeccompError('ERR_KERNEL', 'x', { details: { errno: 'EPERM' } });
export class OfAProgram extends OciSeccompError {
  readonly file = '';
}
export const unread: Error | undefined = [new OciSeccompError('ERR_USAGE', 'x')].find((each) => each instanceof OciSeccompError);
void rebaseProfile(profile, { onto: undefined, from: undefined, onConflict: undefined });
`;

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly engines: { readonly node: string };
  readonly exports: Readonly<Record<string, unknown>>;
};
/** So many functions and values at least, or the package was asked the wrong thing. */
const LEAST_VALUES = 250;

const own = join(root, 'node_modules/typescript');
const cached = join(root, '.cache/typescript');
const older = (existsSync(cached) ? readdirSync(cached) : []).map((version) => join(cached, version));
const versionOf = (typescript: string): string =>
  (JSON.parse(readFileSync(join(typescript, 'package.json'), 'utf8')) as { version: string }).version;

/** With what `lib` the types of the platform come: a browser's, or Node's. */
const platforms = {
  'lib dom': ['--lib', 'es2022,dom'],
  '@types/node': ['--lib', 'es2022', '--typeRoots', join(root, 'node_modules/@types'), '--types', 'node'],
};
const resolutions = {
  node16: ['--module', 'node16'],
  nodenext: ['--module', 'nodenext'],
  bundler: ['--module', 'esnext', '--moduleResolution', 'bundler'],
  node10: ['--module', 'commonjs', '--moduleResolution', 'node10'],
};

/** TypeScript without skipLibCheck, so that our declarations are checked too; its own are not. */
function typeErrors(
  typescript: string,
  resolution: keyof typeof resolutions,
  platform: keyof typeof platforms,
): string {
  const strict = ['--strict', '--exactOptionalPropertyTypes', '--skipDefaultLibCheck'];
  const options = ['--noEmit', ...strict, '--target', 'es2022'];
  const words = [...options, ...resolutions[resolution], ...platforms[platform], 'use.mts', 'use.cts'];
  return compile(typescript, words);
}

function compile(typescript: string, words: readonly string[]): string {
  const tsc = existsSync(join(typescript, 'bin/tsc')) ? 'bin/tsc' : 'lib/tsc.js';
  return spawnSync(process.execPath, [join(typescript, tsc), ...words], { cwd: folder, encoding: 'utf8' })
    .stdout;
}

describe(`types, TypeScript ${versionOf(own)}`, () => {
  // How modules are found and what the platform declares have nothing to do with each other: each with one of the others.
  it.each([
    ['node16', 'lib dom'],
    ['nodenext', '@types/node'],
    ['bundler', 'lib dom'],
  ] as const)('resolve under %s, with %s', (resolution, platform) => {
    expect(typeErrors(own, resolution, platform)).toBe('');
  });
});

it('a package that wraps calls of this one can name their types in its declarations', async () => {
  const lines = await Promise.all(
    Object.keys(manifest.exports)
      .filter((entry) => !/schemas|json/.test(entry))
      .map(async (entry, index) => {
        const specifier = join('oci-seccomp', entry);
        const names = Object.entries(await import(specifier)).map(
          ([name, value]) =>
            `export const ${name}_${index} = ${typeof value === 'function' && !/^class\b/.test(`${value}`) ? `(...all: Parameters<typeof entry${index}.${name}>) => entry${index}.${name}(...all)` : `entry${index}.${name}`};`,
        );
        return [`import * as entry${index} from '${specifier}';`, ...names];
      }),
  );
  expect(lines.flat().length).toBeGreaterThan(LEAST_VALUES);
  writeFileSync(join(folder, 'wrap.mts'), lines.flat().join('\n'));
  const words = ['--noEmit', '--declaration', '--strict', '--target', 'es2022', '--skipLibCheck'];
  const found = compile(own, [...words, ...resolutions.nodenext, ...platforms['@types/node'], 'wrap.mts']);
  expect(found).toBe('');
});

describe.skipIf(skipUnless(older.length > 0))('types, older TypeScript (needs npm run fetch)', () => {
  it('was fetched', () => expect(older.length).toBeGreaterThan(0));

  it.each(older.map((typescript) => [versionOf(typescript), typescript]))(
    'TypeScript %s: resolve under node10, which newer ones lack',
    (_, typescript) => {
      expect(typeErrors(typescript ?? '', 'node10', 'lib dom')).toBe('');
    },
  );
});

const oldest = join(root, '.cache/node-oldest');
const nodes = existsSync(oldest) ? readdirSync(oldest) : [];
const load = (node: string, flags: readonly string[], script: string) =>
  spawnSync(node, [...flags, '-e', script], { cwd: folder, encoding: 'utf8' });
const REQUIRE =
  "console.log(Object.keys(require('oci-seccomp').builtinProfiles).length > 1, typeof require('oci-seccomp/libseccomp').Filter)";
const IMPORT =
  "import { builtinProfiles } from 'oci-seccomp'; import { Filter } from 'oci-seccomp/libseccomp'; console.log(Object.keys(builtinProfiles).length > 1, typeof Filter)";

/** Whether `engines` admits a version, as npm reads it: `^A || >=B`. */
function isSupported(version: string): boolean {
  const [, same = '', from = ''] = /^\^([\d.]+) \|\| >=([\d.]+)$/.exec(manifest.engines.node) ?? [];
  const compare = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });
  const isSameMajor = version.split('.')[0] === same.split('.')[0];
  return (isSameMajor && compare(version, same) >= 0) || compare(version, from) >= 0;
}

describe('this Node', () => {
  it('requires and imports the package', () => {
    expect(load(process.execPath, [], REQUIRE).stdout).toBe('true function\n');
    expect(load(process.execPath, ['--input-type=module'], IMPORT).stdout).toBe('true function\n');
  });
});

describe.skipIf(skipUnless(nodes.length > 0))('the oldest Node (needs npm run fetch)', () => {
  it('was fetched, with the last before it', () => {
    expect(nodes.filter(isSupported)).toEqual(['20.19.0', '22.12.0']);
    expect(nodes.filter((version) => !isSupported(version))).toEqual(['20.18.3', '22.11.0']);
  });

  it.each(nodes)('%s imports the package; it requires it only if `engines` says so', (version) => {
    const node = join(oldest, version, 'bin/node');
    expect(load(node, ['--input-type=module'], IMPORT).stdout).toBe('true function\n');
    const { stdout, stderr } = load(node, [], REQUIRE);
    if (isSupported(version)) expect(stdout).toBe('true function\n');
    else expect(stderr).toMatch(/ERR_REQUIRE_ESM|ERR_PACKAGE_PATH_NOT_EXPORTED/);
  });
});
