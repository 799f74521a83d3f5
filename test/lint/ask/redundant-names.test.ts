import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actions } from '../../../src/abi/actions.ts';
import { architectures } from '../../../src/abi/architectures.ts';
import type { HostView } from '../../../src/lint/ask/host-view.ts';
import { nameEntries } from '../../../src/lint/ask/named-calls.ts';
import { findRedundancies } from '../../../src/lint/ask/redundant-names.ts';
import type { Profile, ProfileArg, ProfileRule } from '../../../src/oci/profile.ts';
import { samples } from '../../support/samples.ts';
import { viewsOf } from '../views.ts';

const compare = (index: number, op: string, value: number, valueTwo = 0): ProfileArg => ({
  index,
  op: `SCMP_CMP_${op}`,
  value: BigInt(value),
  valueTwo: BigInt(valueTwo),
});

function ioctlRule(action: string, args: readonly ProfileArg[]): ProfileRule {
  return { names: ['ioctl'], action: `SCMP_ACT_${action}`, args };
}

async function viewed(
  rules: readonly ProfileRule[],
): Promise<{ readonly profile: Profile; readonly view: HostView }> {
  const { profile, views } = await viewedOn('x86_64', rules);
  const [view] = views;
  if (view === undefined) throw new Error('no view');
  return { profile, view };
}

async function viewedOn(
  arch: 'x86_64' | 's390x',
  rules: readonly ProfileRule[],
): Promise<{ readonly profile: Profile; readonly views: readonly HostView[] }> {
  const profile: Profile = {
    dialect: 'docker',
    defaultAction: 'SCMP_ACT_ERRNO',
    architectures: [architectures[arch].ociArch],
    rules,
  };
  const host = { arch, kernel: { kernel: 6, major: 18 }, capabilities: [] };
  return { profile, views: await viewsOf(profile, { hosts: [host] }) };
}

/** What becomes of calls; values up to 7 are compared: the bits above are as good as one. */
function answers(rules: readonly ProfileRule[]): string {
  const plain = rules.find(({ args = [] }) => args.length === 0);
  const seen: string[] = [];
  for (let first = 0; first <= 15; first += 1) {
    for (let second = 0; second <= 15; second += 1) {
      if (plain !== undefined) {
        seen.push(`${plain.action}`);
        continue;
      }
      const matching = rules.filter(({ args = [] }) =>
        args.every((arg) => holds(arg, arg.index === 1 ? first : second)),
      );
      seen.push([...new Set(matching.map(({ action }) => action))].sort().join('+'));
    }
  }
  return seen.join();
}

function holds({ op, value, valueTwo = 0n }: ProfileArg, argument: number): boolean {
  const [is, wanted] = [argument, Number(value)];
  if (op === 'SCMP_CMP_EQ') return is === wanted;
  if (op === 'SCMP_CMP_NE') return is !== wanted;
  if (op === 'SCMP_CMP_LT') return is < wanted;
  if (op === 'SCMP_CMP_GE') return is >= wanted;
  return (is & wanted) === (Number(valueTwo) & wanted);
}

const value = fc.integer({ min: 0, max: 7 });
const args = fc
  .subarray([1, 2])
  .chain((indexes) =>
    fc.tuple(
      ...indexes.map((index) =>
        fc
          .tuple(fc.constantFrom('EQ', 'NE', 'LT', 'GE', 'MASKED_EQ'), value, value)
          .map(([op, one, two]) => compare(index, op, one, two)),
      ),
    ),
  );
const always = fc.constantFrom(compare(1, 'GE', 0), compare(1, 'MASKED_EQ', 0, 5)).map((arg) => [arg]);
const rule = fc
  .tuple(fc.constantFrom('ALLOW', 'LOG'), fc.oneof({ weight: 9, arbitrary: args }, always))
  .map(([action, list]) => ioctlRule(action, list));

function without<Element>(list: readonly Element[], indexes: readonly number[]): readonly Element[] {
  return list.filter((_, index) => !indexes.includes(index));
}

async function redundantRules(rules: readonly ProfileRule[]): Promise<readonly number[]> {
  const { profile, view } = await viewed(rules);
  return findRedundancies({ profile, views: [view] }).map((each) => each.rule);
}

describe('findRedundancies', () => {
  it('finds rules that may go, one alone as well as all together, and then no other may', async () => {
    let found = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(rule, { maxLength: 9 }), async (rules) => {
        const redundant = await redundantRules(rules);
        for (const one of redundant) expect(answers(without(rules, [one]))).toBe(answers(rules));
        const left = without(rules, redundant);
        expect(answers(left)).toBe(answers(rules));
        for (const index of left.keys()) expect(answers(without(left, [index]))).not.toBe(answers(left));
        found += redundant.length;
      }),
      { numRuns: samples(4000) },
    );
    expect(found).toBeGreaterThan(samples(4000));
  });

  it('keeps a rule that overrules another, though the other one alone says the same', async () => {
    const [plain, always] = [ioctlRule('ALLOW', []), ioctlRule('ALLOW', [compare(1, 'MASKED_EQ', 0)])];
    expect(await redundantRules([plain, always])).toEqual([1]);
    expect(await redundantRules([always, plain])).toEqual([1]);
    expect(await redundantRules([always, plain, ioctlRule('LOG', [])])).toEqual([0, 2]);
    const halves = [ioctlRule('ALLOW', [compare(1, 'LT', 6)]), ioctlRule('ALLOW', [compare(1, 'GE', 5)])];
    expect(await redundantRules([...halves.slice(0, 1), plain, ...halves.slice(1)])).toEqual([0, 2]);
  });

  it('keeps one of two rules that contradict a third where a multiplexer carries the call', async () => {
    const limited: ProfileRule = { names: ['socket'], action: 'SCMP_ACT_LOG', args: [compare(0, 'EQ', 2)] };
    const rules: readonly ProfileRule[] = [{ names: ['socket'], action: 'SCMP_ACT_ALLOW' }, limited, limited];
    // socketcall loses the comparison of argument 0: there the rules are alternatives, and without LOG there would be none.
    const found = findRedundancies(await viewedOn('s390x', rules));
    expect(found.map((each) => each.rule)).toEqual([2]);
  });

  it('says what a call gets where a rule decides that does not always apply', async () => {
    const rules: readonly ProfileRule[] = [
      { ...ioctlRule('KILL', []), includes: { arches: ['amd64'] } },
      ioctlRule('ALLOW', []),
      ioctlRule('ALLOW', [compare(1, 'EQ', 1)]),
      ioctlRule('LOG', []),
      ioctlRule('KILL', []),
    ];
    const found = findRedundancies(await viewedOn('x86_64', rules));
    const said = found.flatMap(({ rule, names }) => names.map(({ kind, by }) => [rule, kind, by]));
    // The last one is what its calls get here, though not everywhere.
    expect(said).toEqual([
      [2, 'moot', [0, 1]],
      [3, 'contradicted', [0, 1]],
    ]);
    const words = found.flatMap(({ names }) => names.map(({ seen }) => seen?.plain?.returnWord));
    expect(words).toEqual([actions.killThread.word, actions.killThread.word]);
  });

  it('takes steps in proportion to rules for one call', async () => {
    const stepsOf = async (count: number): Promise<number> => {
      const rules = Array.from({ length: count }, (_, i) =>
        ioctlRule('ALLOW', [compare(1, 'EQ', (7919 * i) % 1_000_003)]),
      );
      const { profile, view } = await viewed(rules);
      expect(findRedundancies({ profile, views: [view] })).toEqual([]);
      return view.space.work.steps;
    };
    const [some, twice] = [await stepsOf(400), await stepsOf(800)];
    expect(twice / some).toBeLessThan(2.6);
    // A rule of lint may take 4,000,000.
    expect(some / 400).toBeLessThan(400);
  });

  it('looks at the rules of a name that is repeated in a row in proportion to them', async () => {
    const looksOf = async (count: number): Promise<number> => {
      const names = Array<string>(count).fill('read');
      const { profile, view } = await viewed([{ names, action: 'SCMP_ACT_ALLOW' }]);
      let looks = 0;
      for (const entry of nameEntries(view)) {
        const value = new Proxy(entry.policyRules, {
          get: (target, key, receiver) => {
            looks += 1;
            return Reflect.get(target, key, receiver) as unknown;
          },
        });
        Object.defineProperty(entry, 'policyRules', { value });
      }
      findRedundancies({ profile, views: [view] });
      return looks;
    };
    expect((await looksOf(1000)) / (await looksOf(100))).toBeLessThan(20);
  });

  it('leaves no room taken by what thousands of rules match together', async () => {
    const rules = Array.from({ length: 3000 }, (_, i) => ioctlRule('ALLOW', [compare(1, 'EQ', 7919 * i)]));
    const { profile, view } = await viewed(rules);
    // Others ask for it too.
    view.meaningByCall();
    const before = view.space.count;
    findRedundancies({ profile, views: [view] });
    expect(view.space.count).toBeLessThan(before + 100);
  });
});
