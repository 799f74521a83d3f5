/**
 * Tests of arguments that hold together, as rules of a profile have them: one test for each argument.
 *
 * Values that pass several tests are cut into ranges, and ranges into blocks of values with the same upper bits, each of which one
 * comparison says.
 * @module
 */

/** A comparison of one argument. */
interface ArgumentTest {
  readonly index: number;
  readonly op: 'EQ' | 'NE' | 'LT' | 'LE' | 'GT' | 'GE' | 'MASKED_EQ';
  /** For MASKED_EQ the mask. */
  readonly value: bigint;
  readonly wanted?: bigint;
}

/** Tests that must all hold. */
export type Conjunction = readonly ArgumentTest[];

/**
 * Every choice of one alternative from each list, without those that say less than another one.
 *
 * @returns `undefined` if they are more than `most`
 */
export function choicesOf(
  lists: readonly (readonly Conjunction[])[],
  most: number,
): readonly Conjunction[] | undefined {
  if (lists.length > most) return undefined;
  let found: readonly Conjunction[] = [[]];
  for (const list of lists) {
    found = found.flatMap((tests) => {
      const keys = new Set(tests.map(keyOf));
      const isImplied = list.some((each) => each.every((test) => keys.has(keyOf(test))));
      if (isImplied) return [tests];
      return list.map((each) => [...tests, ...each.filter((test) => !keys.has(keyOf(test)))]);
    });
    if (found.length > most) return undefined;
  }
  const single = new Set(
    found.flatMap(([test, ...others]) => (test && others.length === 0 ? [keyOf(test)] : [])),
  );
  return found.filter((tests) => tests.length === 1 || !tests.some((test) => single.has(keyOf(test))));
}

/** A text for each test. */
export function keyOf({ index, op, value, wanted }: ArgumentTest): string {
  return `${index} ${op} ${value} ${wanted ?? ''}`;
}

/**
 * The alternatives of a choice with one test for each argument; none: nothing passes.
 *
 * @param max - the largest value of an argument
 * @returns `undefined` if they are more than `most`
 */
export function oneTestEach(
  choice: Conjunction,
  max: bigint,
  most: number,
): readonly Conjunction[] | undefined {
  let found: readonly Conjunction[] = [[]];
  for (const index of new Set(choice.map((test) => test.index))) {
    const tests = choice.filter((test) => test.index === index);
    const alternatives = together(tests, max);
    if (found.length * alternatives.length > most) return undefined;
    found = found.flatMap((before) => alternatives.map((test) => [...before, test]));
  }
  return found;
}

/** @param tests - of one argument */
function together(tests: readonly ArgumentTest[], max: bigint): readonly ArgumentTest[] {
  const [first, ...others] = tests.toSorted((a, b) => Number(isMasked(a)) - Number(isMasked(b)));
  if (first === undefined || others.length === 0) return tests;
  return others
    .reduce(
      (sum, test) => {
        const sets = setsOf(test, max);
        return sum.flatMap((a) => sets.flatMap((b) => meet(a, b, max)));
      },
      setsOf(first, max),
    )
    .flatMap((values) => testsOf(first.index, values, max));
}

function isMasked({ op }: ArgumentTest): boolean {
  return op === 'MASKED_EQ';
}

/** Values from one to another, or with given bits. */
type Values =
  | { readonly least: bigint; readonly most: bigint }
  | { readonly mask: bigint; readonly wanted: bigint };

function setsOf({ op, value, wanted = 0n }: ArgumentTest, max: bigint): readonly Values[] {
  const range = (least: bigint, most: bigint): readonly Values[] => (least <= most ? [{ least, most }] : []);
  const below = range(0n, value - 1n);
  const above = range(value + 1n, max);
  const same = range(value, value);
  switch (op) {
    case 'EQ':
      return same;
    case 'NE':
      return [...below, ...above];
    case 'LT':
      return below;
    case 'LE':
      return range(0n, value);
    case 'GT':
      return above;
    case 'GE':
      return range(value, max);
    case 'MASKED_EQ':
      return [{ mask: value, wanted }];
  }
}

function meet(a: Values, b: Values, max: bigint): readonly Values[] {
  if ('least' in a && 'least' in b) {
    const least = a.least > b.least ? a.least : b.least;
    const most = a.most < b.most ? a.most : b.most;
    return least <= most ? [{ least, most }] : [];
  }
  return blocksOf(a, max).flatMap((x) =>
    blocksOf(b, max).flatMap((y) =>
      (x.wanted & y.mask) === (y.wanted & x.mask)
        ? [{ mask: x.mask | y.mask, wanted: x.wanted | y.wanted }]
        : [],
    ),
  );
}

type Block = Extract<Values, { readonly mask: bigint }>;

/** The fewest blocks of values with the same upper bits. */
function blocksOf(values: Values, max: bigint): readonly Block[] {
  if ('mask' in values) return [values];
  const blocks: Block[] = [];
  for (let at = values.least; at <= values.most; ) {
    let size = 1n;
    while ((at & (2n * size - 1n)) === 0n && at + 2n * size - 1n <= values.most) size *= 2n;
    blocks.push({ mask: max & ~(size - 1n), wanted: at });
    at += size;
  }
  return blocks;
}

function testsOf(index: number, values: Values, max: bigint): readonly ArgumentTest[] {
  if ('least' in values) {
    const { least, most } = values;
    if (least === most) return [{ index, op: 'EQ', value: least }];
    if (most === max) return [{ index, op: 'GE', value: least }];
    if (least === 0n) return [{ index, op: 'LE', value: most }];
  }
  return blocksOf(values, max).map(({ mask, wanted }) =>
    mask === max ? { index, op: 'EQ', value: wanted } : { index, op: 'MASKED_EQ', value: mask, wanted },
  );
}
