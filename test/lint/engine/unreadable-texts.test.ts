/**
 * Where the mistake is in a text that cannot be read: a place in the text, also at its end.
 */
import { describe, expect, it } from 'vitest';
import { lintProfile, lintProfiles } from '../../../src/lint/engine/lint-profile.ts';

const texts = [
  '',
  '\n',
  '{',
  '{"defaultAction":\r\n  "SCMP_ACT_ERRNO", "syscalls": [',
  '{"syscalls": [}\n',
  '[1, 😀]',
];

describe('the end of a finding in a text that cannot be read', () => {
  it.each(texts)('%j', async (text) => {
    const bytes = new TextEncoder().encode(text);
    const [ofBytes] = await lintProfiles(bytes);
    const { findings } = await lintProfile(text);
    expect(findings.length).toBeGreaterThan(0);
    expect(ofBytes?.findings).toEqual(findings);
    const lines = text.split(/\r?\n/);
    for (const { range } of findings) {
      expect(range.endLine).toBe(range.line);
      expect(range.endColumn).toBeLessThanOrEqual((lines[range.line - 1]?.length ?? 0) + 1);
      expect(range.endColumn).toBeGreaterThanOrEqual(range.column);
    }
  });
});
