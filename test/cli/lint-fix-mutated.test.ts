/**
 * Fixes of profiles with mistakes: what `--fix` and `--fix-all` leave is better than what was there, and a second run finds nothing
 * to do. The profiles are made at random with the mistakes that people make: misspelt names, names and rules that are
 * there twice or contradict each other, comparisons that always hold, keys in another letter case, all layouts.
 */
import { describe, expect, it } from 'vitest';
import { fixProfile } from '../../src/cli/lint/fix.ts';
import { type Linted, lintBytes } from '../../src/cli/lint/lint-files.ts';
import { isRefused } from '../../src/cli/lint/prove-fixes.ts';
import { lintOptionsFor } from '../../src/cli/lint/settings.ts';
import { singleFindings } from '../../src/lint/engine/merge-findings.ts';
import { createRandom, mutatedProfile } from '../lint/mutated-profiles.ts';

const lint = (text: string): Promise<Linted> =>
  lintBytes('p.json', Buffer.from(text), ({ profile }) => ({
    ...lintOptionsFor('p.json', profile, {}, { added: [] }, { compilers: [], rules: [] }),
    inherited: 'among',
  }));

function countsOf({ result }: Linted): readonly [all: number, errors: number] {
  const all = singleFindings(result.findings);
  return [all.length, all.filter(({ level }) => level === 'error').length];
}

/** The values of comments, in order. */
const commentsIn = (text: string): readonly string[] => text.match(/"comment": ?"(?:[^"\\]|\\.)+"/g) ?? [];

const SEEDS = Array.from({ length: 8 }, (_, i) => i);
const PROFILES = 10;

describe.each(SEEDS)('profiles of seed %i', (seed) => {
  it.each([
    ['--fix', false],
    ['--fix-all', true],
  ])('%s leaves fewer findings or errors, once and for all', async (_, all) => {
    const random = createRandom(seed);
    for (let i = 0; i < PROFILES; i += 1) {
      const text = mutatedProfile(random);
      const linted = await lint(text);
      const fixed = await fixProfile(linted, all);
      if (fixed.count === 0) {
        expect(fixed.text).toBe(text);
        continue;
      }
      const again = await lint(fixed.text);
      // A profile that was refused can show more once it is taken.
      if (!(await isRefused(linted))) {
        const [had, has] = [countsOf(linted), countsOf(again)];
        expect(has[0], text).toBeLessThanOrEqual(had[0]);
        expect(has[1], text).toBeLessThanOrEqual(had[1]);
        expect(has[0] + has[1], text).toBeLessThan(had[0] + had[1]);
      }
      expect(countsOf(again), text).toEqual(countsOf(fixed.linted));
      expect((await fixProfile(again, all)).count, text).toBe(0);
      expect(commentsIn(fixed.text), text).toEqual(commentsIn(text));
      expect(fixed.text.startsWith('\ufeff')).toBe(text.startsWith('\ufeff'));
      if (text.includes('\r\n')) expect(fixed.text.replaceAll('\r\n', ''), text).not.toContain('\n');
    }
  });
});

it('a key in two spellings is not renamed: it would be there twice', async () => {
  const text =
    '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["read", "read"], "Names": ["write"], "action": "SCMP_ACT_ALLOW"}]}';
  const linted = await lint(text);
  const found = linted.result.findings.find(({ rule }) => rule === 'key-case');
  expect([found?.range.column, found?.fix]).toEqual([text.indexOf('"Names"') + 1, undefined]);
});

it('a name is not corrected into a contradiction, and the finding says so', async () => {
  const text = `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["ptrace"], "action": "SCMP_ACT_KILL_PROCESS"},
  {"names": ["ptrce", "read"], "action": "SCMP_ACT_ALLOW"}
]}`;
  const fixed = await fixProfile(await lint(text), true);
  expect(fixed).toMatchObject({ count: 0, text });
  const left = fixed.linted.result.findings.find(({ rule }) => rule === 'unknown-syscall');
  expect(left?.hint).toMatch(/its fix \(write "ptrace"\) was not applied/);
  expect(left?.fix).toBeUndefined();
});

describe('two fixes that each keep the meaning, and not together', () => {
  // runc's stub answers ENOSYS above the largest number that a profile names, also in rules that it skips.
  const profile = (first: string, second: string): string => `{
  "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1, "architectures": ["SCMP_ARCH_X86_64"],
  "syscalls": [
    {"names": ["read", "write"], "action": "SCMP_ACT_ALLOW"},
    {"names": [${first}], "action": "SCMP_ACT_ERRNO", "errnoRet": 1},
    {"names": [${second}], "action": "SCMP_ACT_ERRNO", "errnoRet": 1}
  ]
}`;
  const rule = '\n    {"names": ["mseal"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1},';

  it.each([false, true])('are not both applied, with --fix-all: %s', async (all) => {
    const text = profile('"mseal"', '"mseal", "clone3"');
    const fixed = await fixProfile(await lint(text), all);
    expect([fixed.count, fixed.text]).toEqual([1, text.replace(rule, '')]);
  });

  it('are among others that are applied', async () => {
    const text = profile('"mseal"', '"mseal", "clone3"').replace('"read", ', '"read", "read", ');
    const fixed = await fixProfile(await lint(text), false);
    expect([fixed.count, fixed.text]).toEqual([
      2,
      text.replace(rule, '').replace('"read", "read"', '"read"'),
    ]);
  });
});

it('a file with a byte-order mark keeps the finding about it', async () => {
  const text =
    '\ufeff{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": null}]}';
  const fixed = await fixProfile(await lint(text), false);
  expect(fixed.count).toBe(1);
  expect(countsOf(fixed.linted)).toEqual(countsOf(await lint(fixed.text)));
});
