/**
 * One machine, several ABIs: what the author decided for one of them is closed, or open, on another.
 *
 * An architecture that the filter does not have is never open: its calls get the bad-arch action. A profile that allows
 * by default thereby kills 32-bit programs. And where an architecture compares 32 bits, a comparison with a larger value
 * is one with its lower half.
 */
import { architectures } from '../../abi/architectures.ts';
import type { Comparison } from '../../abi/operators.ts';
import { formatReturnWord } from '../../abi/return-word.ts';
import { multiplexedCall } from '../../abi/syscall-numbers.ts';
import { withBits } from '../../decision/cofactor.ts';
import { highHalf } from '../../decision/diagram-variables.ts';
import { whereRelated } from '../../decision/relate.ts';
import { and, FALSE, type Node, type Space } from '../../decision/space.ts';
import { callOpennessOf, forEachView, opensByDefault, shownCall } from '../ask/call-openness.ts';
import { describeParameter } from '../ask/call-parameters.ts';
import { comparedCalls, comparisonOf } from '../ask/compared-calls.ts';
import type { HostView } from '../ask/host-view.ts';
import { callWhere } from '../ask/named-calls.ts';
import { subArchitectures } from '../catalog/sub-architectures.ts';
import { argumentIndex } from '../edit/comparison-fix.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const missingSubarch = builtinRule({
  id: 'missing-subarch',
  group: 'openness',
  level: 'warn',
  title: 'Programs of another ABI of the machine are killed, or make calls that other programs cannot',
  check: (context) =>
    forEachView(context, (view) => {
      if (opensByDefault(view)) checkClosed(context, view);
      checkOpen(context, view);
    }),
});

function checkClosed(context: LintContext, view: HostView): void {
  const [native] = view.policy.architectures;
  const { profile, root } = context;
  const key = (['archMap', 'architectures'] as const).find((each) => profile[each] !== undefined);
  for (const arch of subArchitectures[native] ?? []) {
    if (view.policy.architectures.includes(arch)) continue;
    const { ociArch } = architectures[arch];
    context.report({
      pointer: `${root}/${key ?? 'defaultAction'}`,
      message: `the default action is ${profile.defaultAction}, but every call of ${arch} programs gets ${formatReturnWord(view.policy.badArchAction, arch)}: the filter does not cover their architecture`,
      hint: `add "${ociArch}" to the architectures (the rules apply to all of them), and deny there what is denied elsewhere`,
      view,
    });
  }
}

function checkOpen(context: LintContext, view: HostView): void {
  const [native, ...others] = view.policy.architectures;
  // Where no value is cut, a 32-bit architecture compares what the others do.
  if (architectures[native].bits === 32 || !view.policy.rules.some((rule) => rule.comparisons.some(isCut)))
    return;
  for (const arch of others) {
    if (architectures[arch].bits === 64) continue;
    for (const call of comparedCalls(view, arch)) {
      const twin = callOpennessOf(view, native, call.syscall);
      if (twin === undefined || multiplexedCall(call.syscall, arch) !== undefined) continue;
      const { space } = view;
      const looser = whereRelated(space, lowerHalves(space, twin.node), call.node, ['looser']);
      const opened = and(space, call.open, looser);
      if (opened === FALSE) continue;
      for (const rule of call.rules) {
        for (const { index } of rule.comparisons) {
          const comparison = comparisonOf(view, rule, index);
          const profileRule = view.profileRule(rule.rule);
          if (comparison === undefined || profileRule === undefined || !isCut(comparison)) continue;
          const witness = callWhere(view, { arch, nr: call.nr }, opened);
          const argument = argumentIndex(context, profileRule, comparison);
          context.report({
            pointer: `${context.pointerOf(profileRule)}/args/${argument}/value`,
            message: `on ${arch} ${describeParameter(call.syscall, index, arch)} of ${call.syscall} has 32 bits, and the filter compares only the lower half of ${comparison.value}: it lets through calls that ${native} denies`,
            hint: `compare with a value below 2^32, or leave ${architectures[arch].ociArch} out`,
            ...(witness === undefined ? {} : { witness: shownCall(space, call.node, witness) }),
            view,
          });
        }
      }
    }
  }
}

/** What a diagram says of arguments below 2^32. */
function lowerHalves(space: Space, node: Node): Node {
  return [0, 1, 2, 3, 4, 5].reduce(
    (rest, index) => withBits(space, rest, highHalf(space, index), 0xffff_ffff, 0),
    node,
  );
}

/** A value that loses something in 32 bits; a negative number does not. */
function isCut({ op, value, valueTwo }: Comparison): boolean {
  const cut = (each: bigint): boolean =>
    each >> 32n !== 0n && each !== BigInt.asUintN(64, BigInt.asIntN(32, each));
  return cut(value) || (op === 'maskedEq' && cut(valueTwo & value));
}
