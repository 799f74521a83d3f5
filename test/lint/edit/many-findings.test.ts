/**
 * A profile with ten thousand rules that each have a fix, or are edited: the work grows with the profile, not with its square.
 * Work is counted as looks at the tree, so a busy machine gives the same answer.
 */
import { expect, it } from 'vitest';
import { replaceRules } from '../../../src/lint/edit/call-edits.ts';
import { withSafeFixes } from '../../../src/lint/edit/safe-fixes.ts';
import { removeElement } from '../../../src/lint/edit/text-edits.ts';
import type { Finding } from '../../../src/lint/engine/finding.ts';
import { rangeOf } from '../../../src/lint/engine/locate-pointer.ts';
import { readProfile } from '../../../src/oci/read-profile.ts';

/** A document of so many rules, the list of which counts how often an element is read. */
function documentOf(count: number): ReturnType<typeof readProfile> & { readonly looks: () => number } {
  const rule = '{"names": ["read", "write"], "action": "SCMP_ACT_ALLOW"}';
  const text = `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [\n${Array(count).fill(rule).join(',\n')}\n]}`;
  const read = readProfile(text);
  const { document } = read;
  if (document?.root.kind !== 'object') throw new Error('not read');
  const member = document.root.members.find(({ key }) => key === 'syscalls');
  if (member?.value.kind !== 'array') throw new Error('no rules');
  let looks = 0;
  const elements = new Proxy(member.value.elements, {
    get: (target, key, receiver) => {
      if (typeof key === 'string' && /^\d+$/.test(key)) looks += 1;
      return Reflect.get(target, key, receiver) as unknown;
    },
  });
  Object.defineProperty(member.value, 'elements', { value: elements });
  return { ...read, looks: () => looks };
}

function looksAt(count: number): number {
  const { document, looks } = documentOf(count);
  const findings = Array.from({ length: count }, (_, at): Finding => {
    const pointer = `/syscalls/${at}`;
    const edits = removeElement(document, pointer) ?? [];
    const fix = { description: 'remove the rule', changesMeaning: false, edits };
    return {
      rule: 'x',
      level: 'warn',
      message: 'x',
      range: rangeOf(document, 'f', pointer),
      fix,
    };
  });
  expect(withSafeFixes(findings, document, []).every(({ fix }) => fix !== undefined)).toBe(true);
  return looks();
}

/** Each rule loses a name and is followed by a rule with a comparison, which no rule shows the layout of. */
function looksOfEdit(count: number): number {
  const { document, profile, looks } = documentOf(count);
  if (document === undefined || profile === undefined) throw new Error('not read');
  const args = [{ index: 0, value: 3n, op: 'SCMP_CMP_NE' }];
  const changes = profile.rules.map((old) => ({ old, now: [{ names: ['read'], action: old.action, args }] }));
  const text = replaceRules('read', changes)({ document, profile }) ?? '';
  expect(readProfile(text).profile?.rules.length).toBe(2 * count);
  return looks();
}

/** A finding at each key of an object; none of the keys has a meaning. */
function looksAtKeys(count: number): number {
  const keys = Array.from({ length: count }, (_, at) => `k${at}`);
  const { document } = readProfile(
    `{"defaultAction": "SCMP_ACT_ERRNO", ${keys.map((key) => `"${key}": 1`).join()}}`,
  );
  if (document?.root.kind !== 'object') throw new Error('not read');
  let looks = 0;
  const members = document.root.members.map(({ key, ...member }) => ({
    get key() {
      looks += 1;
      return key;
    },
    ...member,
  }));
  const counted = { ...document, root: { ...document.root, members } };
  for (const key of keys) expect(rangeOf(counted, 'f', `/${key}`, true).pointer).toBe(`/${key}`);
  return looks;
}

it.each([
  ['findings', looksAt],
  ['keys with a finding', looksAtKeys],
  ['rules that are edited', looksOfEdit],
])('ten times the %s are little more than ten times the work', (_, count) => {
  const [some, many] = [count(300), count(3000)];
  expect(some).toBeGreaterThan(300);
  expect(many / some).toBeLessThan(20);
});
