/**
 * The tables of the binding against the headers of all releases: which release has a name first, and what functions take.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { architectures } from '../../src/abi/architectures.ts';
import { attributes } from '../../src/libseccomp/attribute.ts';
import { prototypes } from '../../src/libseccomp/symbols.ts';
import { root } from '../cli/run.ts';

const clone = process.env.OCI_SECCOMP_LIBSECCOMP_CLONE ?? join(root, '.cache/repositories/libseccomp');
const git = (...words: readonly string[]): string =>
  execFileSync('git', ['-C', clone, ...words], { encoding: 'utf8', maxBuffer: 1 << 26 });

/** In no release yet, but in the development branch. */
const UNRELEASED = ['seccomp_notify_addfd'];

describe.skipIf(!existsSync(clone))('the headers of all releases (needs a clone of libseccomp)', () => {
  const since = new Map<string, string>();
  const header = (release: string): string =>
    git('show', `${release}:include/${release === 'v2.0.0' ? 'seccomp.h' : 'seccomp.h.in'}`);

  beforeAll(() => {
    const releases = git('tag', '-l', 'v2.*', '--sort=version:refname').trim().split('\n');
    for (const release of releases) {
      for (const [name] of header(release).matchAll(/\b(?:seccomp_\w+|SCMP_\w+)\b/g)) {
        if (!since.has(name)) since.set(name, release.slice(1));
      }
    }
  });

  it('have each name first where the tables say', () => {
    const told = [
      ...Object.entries(prototypes).map(([name, row]) => [name, row.since]),
      ...Object.entries(attributes).map(([name, row]) => [`SCMP_FLTATR_${name}`, row.since]),
      ...Object.values(architectures).map((row) => [row.ociArch, row.since]),
    ].filter(([name = '']) => !UNRELEASED.includes(name));
    expect(told).toEqual(told.map(([name = '']) => [name, since.get(name)]));
  });

  it('have the names of each row of the page first where it says', () => {
    const page = readFileSync(join(root, 'docs/libseccomp.md'), 'utf8');
    const wrong = [...page.matchAll(/^\| (`.*?) \| (\d+(?:\.\d+)+) \|/gm)].flatMap(
      ([, cell = '', told = '']) =>
        [...cell.matchAll(/`(\w+)[^`]*`(?! \()/g)].flatMap(([, name = '']) => {
          const first = since.get(name);
          return first === undefined || first === told || first === `${told}.0`
            ? []
            : [`${name}: ${told}, not ${first}`];
        }),
    );
    expect(wrong).toEqual([]);
  });

  it('declare what is called as it is called', () => {
    const kindOf = (type: string): string =>
      /\*|scmp_filter_ctx|text$/.test(type)
        ? 'pointer'
        : type.replace(/^enum .*/, 'int').replace(/^const /, '');
    const declared = new Map(
      [...header('main').matchAll(/^([a-z][\w ]*?[ *]+)(seccomp_\w+)\(([^)]*)\);/gm)].map(
        ([, result = '', name = '', parameters = '']) => [
          name,
          [result, ...(parameters === 'void' ? [] : parameters.split(','))].map((each, at) =>
            kindOf(at === 0 ? each.trim() : each.trim().replace(/\w+$/, '').trim()),
          ),
        ],
      ),
    );
    const called = Object.entries(prototypes).map(([name, { result, parameters }]) => [
      name,
      [result, ...parameters].map(kindOf),
    ]);
    expect(called).toEqual(called.map(([name]) => [name, declared.get(name as string)]));
    // Those with variable parameters have twins that take a list.
    const uncalled = [...declared.keys()].filter((name) => !Object.hasOwn(prototypes, name));
    expect(uncalled).toEqual(['seccomp_rule_add', 'seccomp_rule_add_exact']);
  });
});
