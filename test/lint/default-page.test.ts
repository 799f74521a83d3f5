/**
 * docs/default-profiles.md lists what lint finds in the default profiles: all of it, and nothing else.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { BuiltinName } from '../../src/oci/builtin/index.ts';
import { builtinProfiles } from '../../src/oci/builtin/index.ts';
import { type DefaultFinding, defaultFindings } from './default-findings.ts';

const page = readFileSync('docs/default-profiles.md', 'utf8');

/** The rows of a profile's tables, as `defaultFindings` has them. */
function rowsOf(name: BuiltinName): readonly DefaultFinding[] {
  const section = page.split(/^## /m).find((each) => each.startsWith(`${name}\n`)) ?? '';
  return section
    .split(/^### /m)
    .slice(1)
    .flatMap((part) => {
      const [, rule = '', level = ''] = /^(\S+) \((\w+)\)\n/.exec(part) ?? [];
      return [...part.matchAll(/^\| `(.+?)` \| (.+) \| (.+) \|$/gm)].map(
        ([, pointer = '', message = '', where = '']) => ({ rule, level, pointer, message, where }),
      );
    });
}

const byRow = (a: DefaultFinding, b: DefaultFinding): number =>
  JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;

describe.each(Object.keys(builtinProfiles) as BuiltinName[])('%s', (name) => {
  it('is listed as it is', async () => {
    const found = await defaultFindings(name);
    expect(rowsOf(name).toSorted(byRow)).toEqual(found.toSorted(byRow));
  });

  it('has an assessment for each rule', () => {
    const parts = page.split(/^##+ /m).filter((part) => /^\S+ \((?:warn|error)\)\n/.test(part));
    expect(parts.filter((part) => !/\n\n\*\*True/.test(part)).map((part) => part.split('\n')[0])).toEqual([]);
  });
});
