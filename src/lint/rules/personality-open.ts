/**
 * personality(2) turns protections of a process off, and of the programs it starts.
 */
import { testComparison, testWord } from '../../decision/condition-diagrams.ts';
import { lowHalf } from '../../decision/diagram-variables.ts';
import { and, FALSE, ifThenElse } from '../../decision/space.ts';
import { callOpennessOf, forEachView, openingPlaces, witnessWhere } from '../ask/call-openness.ts';
import { isSaidOfDefault } from '../ask/default-openness.ts';
import type { HostView } from '../ask/host-view.ts';
import { listNames } from '../ask/list-names.ts';
import { isByDefault } from '../ask/open-dangers.ts';
import { PERSONALITY_QUERY, weakeningPersonalities } from '../catalog/danger.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const personalityOpen = builtinRule({
  id: 'personality-open',
  group: 'openness',
  level: 'warn',
  title: 'personality is open for values that turn protections off',
  check: (context) => forEachView(context, (view) => checkView(context, view)),
});

const weakeningBits = weakeningPersonalities.reduce((all, { bit }) => all | bit, 0);

function checkView(context: LintContext, view: HostView): void {
  const [arch] = view.policy.architectures;
  const asked = callOpennessOf(view, arch, 'personality');
  if (asked === undefined) return;
  const { space } = view;
  const conditionOf = (op: 'eq' | 'maskedEq', value: bigint, valueTwo: bigint): number =>
    testComparison(space, { index: 0, op, value, valueTwo }, 64);
  const persona = { kind: 'bits', field: lowHalf(space, 0), shift: 0, mask: 0xffff_ffff, flip: 0 } as const;
  const weakening = and(space, asked.open, testWord(space, persona, 'set', weakeningBits));
  const changing = ifThenElse(space, conditionOf('eq', BigInt(PERSONALITY_QUERY), 0n), FALSE, weakening);
  if (changing === FALSE) return;
  // The upper half is ignored by the kernel: int-argument-high-bits is about that.
  const plain = and(space, conditionOf('maskedEq', 0xffff_ffff_0000_0000n, 0n), changing);
  const found = weakeningPersonalities.flatMap((row) => {
    const bit = BigInt(row.bit);
    const condition = and(space, plain, conditionOf('maskedEq', bit, bit));
    return condition === FALSE ? [] : [{ ...row, condition }];
  });
  if (asked.openness === 'open' && isByDefault(context, view, 'personality') && isSaidOfDefault(context))
    return;
  const byPlace = new Map<string, (typeof found)[number][]>();
  for (const each of found) {
    for (const pointer of openingPlaces(context, view, asked, each.condition)) {
      const bits = byPlace.get(pointer) ?? [];
      byPlace.set(pointer, [...bits, each]);
    }
  }
  for (const [pointer, bits] of byPlace) {
    const [first] = bits;
    if (first === undefined) continue;
    const names = listNames(bits.map(({ name }) => name));
    context.report({
      pointer,
      message: `personality is allowed with ${names}: it ${first.what}, for the process and the programs it starts`,
      hint: hintAt(pointer, bits),
      about: {
        names: bits.map(({ name }) => name),
        many: 'personality is allowed with …: they turn protections off, for the process and the programs it starts',
      },
      ...witnessWhere(view, asked, first.condition),
      view,
    });
  }
}

function hintAt(pointer: string, bits: readonly { readonly bit: number }[]): string {
  // Rules that allow change nothing where the default does.
  if (pointer.endsWith('/defaultAction'))
    return `deny each bit by a rule with SCMP_ACT_ERRNO and "op": "SCMP_CMP_MASKED_EQ", "value" and "valueTwo" the same: ${bits.map(({ bit }) => bit).join(', ')}`;
  return 'allow the values that programs need, each by a rule with "op": "SCMP_CMP_EQ": 0, 8 (PER_LINUX32) and 4294967295 (which only reads the value)';
}
