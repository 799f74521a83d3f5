import { describe, expect, it } from 'vitest';
import { findHazard } from '../../src/compile/hazardous-rules.ts';
import { looping, ordinary, rulesOf, sequence, slow } from './hazard-sets.ts';

const several = 'several rules with several comparisons on socket';
const combinations = 'too many combinations of comparisons on socket';

describe('findHazard', () => {
  it.each(looping)('keeps out what makes libseccomp loop: %s', (_why, texts) => {
    expect(findHazard(rulesOf(texts), 1)).toBe(several);
  });

  it.each(slow)('keeps out what makes libseccomp search for long: %s', (_why, texts) => {
    expect(findHazard(rulesOf(texts), 1)).toBe(combinations);
  });

  it.each(ordinary)('lets pass: %s', (_why, texts) => {
    expect(findHazard(rulesOf(texts), 1)).toBeUndefined();
    expect(findHazard(rulesOf(texts), 3)).toBeUndefined();
  });

  it('looks at each system call by itself', () => {
    const rules = [...rulesOf(['a0 != 1, a1 > 1'], 'socket'), ...rulesOf(['a0 != 1, a1 != 1'], 'ioctl')];
    expect(findHazard(rules, 1)).toBeUndefined();
  });

  it('keeps out filters that may come near 65,536 instructions', () => {
    const rules = rulesOf(sequence(3000, (i) => sequence(6, (a) => `a${a} == ${i}`).join(', ')));
    expect(findHazard(rules, 1)).toBe('the filter may exceed 10000 instructions');
  });

  it('adds up the work of all architectures', () => {
    const rules = rulesOf(sequence(500, (i) => `a0 == ${i}`));
    expect(findHazard(rules, 1)).toBeUndefined();
    expect(findHazard(rules, 3)).toBe('the filter may exceed 10000 instructions');
    const searching = rulesOf(sequence(42, (i) => `a0 > ${BigInt(42 - i) << 32n}`));
    expect(findHazard(searching, 1)).toBeUndefined();
    expect(findHazard(searching, 4)).toBe(combinations);
  });

  it('looks at each rule of a long profile a few times', () => {
    const rules = sequence(1100, (i) => (i % 50 === 0 ? `a0 == ${i}` : '')).flatMap((text, i) =>
      rulesOf([text], `call${i % 400}`),
    );
    let looks = 0;
    const counted = rules.map(
      (rule) =>
        new Proxy(rule, {
          get: (target, key, receiver) => {
            looks++;
            return Reflect.get(target, key, receiver);
          },
        }),
    );
    expect(findHazard(counted, 1)).toBeUndefined();
    expect(looks).toBeGreaterThanOrEqual(rules.length);
    expect(looks).toBeLessThan(10 * rules.length);
  });
});
