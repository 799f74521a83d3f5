/** Programs whose rules pass several constants in one word: by the prover, and by the words of their rules. */
import { describe, expect, it } from 'vitest';
import { returnWord } from '../../../src/abi/actions.ts';
import { createRandom } from '../../decision/random.ts';
import { samples } from '../../support/samples.ts';
import { compare, packedCalls, policyWith, rulesOf } from './many-rules.ts';
import { longPolicy } from './random-policies.ts';
import { faultOf, packPolicy, wrongByTheWords } from './support.ts';

const COUNT = 60;
describe('a rule passes its constants in one word', () => {
  it.each(Object.entries(packedCalls))('%s', (_, [most, comparisonsOf]) => {
    const work = policyWith(rulesOf(COUNT, comparisonsOf));
    const made = packPolicy(work);
    expect(faultOf(work, made)).toBeUndefined();
    expect(wrongByTheWords(work, made, createRandom(most), 200)).toEqual([]);
    expect(made.program.length).toBeLessThanOrEqual(most);
  });

  it('with rules of two answers', () => {
    const [, comparisonsOf] = packedCalls['two ranges'] ?? [0, () => []];
    const rules = rulesOf(COUNT, comparisonsOf).map((rule, n) => ({
      ...rule,
      returnWord: returnWord('errno', 1 + (n % 2)),
    }));
    const work = policyWith(rules);
    const made = packPolicy(work);
    expect(faultOf(work, made)).toBeUndefined();
    expect(wrongByTheWords(work, made, createRandom(2), 200)).toEqual([]);
  });

  // Ten groups: in most, the test of argument 1 leads to a comparison of argument 3 that no other test leads to any more. That
  // one must not be passed its constant in X, where the word is that the other way needs.
  it('and keeps it in X past a test with another comparison behind it', () => {
    const rules = rulesOf(160, (n) => {
      const value = n >> 1;
      const first = compare(0, 'eq', value);
      return n % 2 === 0
        ? [first, compare(1, 'maskedEq', 1, 1), compare(2, 'maskedEq', 0xffff, 7 * value + 1)]
        : [first, compare(1, 'maskedEq', 1, 0), compare(3, 'maskedEq', 0xff, 3 + (value % 10))];
    });
    const work = policyWith(rules);
    const made = packPolicy(work);
    expect(faultOf(work, made)).toBeUndefined();
    expect(wrongByTheWords(work, made, createRandom(3), 200)).toEqual([]);
  });

  // The kernel's search for calls that are always allowed ends at X.
  it('only behind the first look at an argument', () => {
    const calls = 'ioctl fcntl prctl clone mmap mprotect madvise socket bpf kill tkill dup dup3 shmat'.split(
      ' ',
    );
    const rules = calls.flatMap((syscall, n) =>
      rulesOf(1, () => [compare(1, 'ge', 7 * n), compare(1, 'le', 7 * n + 3)], syscall),
    );
    const work = policyWith(rules);
    expect(faultOf(work, packPolicy(work))).toBeUndefined();
  });

  it('in random policies', () => {
    for (let index = 0; index < samples(8); index++) {
      const work = longPolicy(11, index);
      const made = packPolicy(work);
      expect(faultOf(work, made), `policy ${index}`).toBeUndefined();
      expect(wrongByTheWords(work, made, createRandom(index), 20), `policy ${index}`).toEqual([]);
    }
  });
});
