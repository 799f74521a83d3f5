/**
 * Every published profile at hand: lint neither fails nor stalls on it, and says where each finding is.
 */
import { describe, expect, it } from 'vitest';
import { lintProfile } from '../../src/lint/engine/lint-profile.ts';
import { allRules } from '../../src/lint/engine/registry.ts';
import { cpuClock } from '../support/cpu-time.ts';
import { corpusSamples, hasCorpus } from './samples.ts';

const levels = Object.fromEntries(allRules.map(({ id }) => [id, 'warn'] as const));
const name = hasCorpus ? 'published profiles' : 'published profiles (needs ../shared/data/corpus)';

describe.skipIf(!hasCorpus)(name, () => {
  it.each(corpusSamples())('$name', async (sample) => {
    const { text } = sample;
    const lines = text.split('\n');
    const spent = cpuClock();
    const { findings } = await lintProfile(text, { levels });
    // Below a tenth of a second is usual.
    expect(spent(), 'seconds of processor time').toBeLessThan(30);
    for (const { rule, range, message } of findings) {
      const place = `${rule} at ${range.line}:${range.column}`;
      expect(range.line, place).toBeGreaterThan(0);
      expect(range.column, place).toBeLessThanOrEqual((lines[range.line - 1]?.length ?? 0) + 1);
      expect(message, place).not.toMatch(/\.$|undefined/);
      const length = 100_000 * (range.endLine - range.line) + range.endColumn - range.column;
      expect(length, place).toBeGreaterThan(0);
    }
  });
});
