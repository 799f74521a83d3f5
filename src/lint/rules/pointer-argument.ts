/**
 * A comparison with an address: the filter sees where something is stored, never what, and programs choose where.
 */
import { U64_MAX } from '../../abi/operators.ts';
import type { ProfileArg } from '../../oci/profile.ts';
import { forEachView } from '../ask/call-openness.ts';
import { describeParameter, parameterAt } from '../ask/call-parameters.ts';
import type { HostView } from '../ask/host-view.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const pointerArgument = builtinRule({
  id: 'pointer-argument',
  group: 'openness',
  level: 'error',
  title: 'A comparison looks at an address, not at what is stored there',
  check: (context) => forEachView(context, (view) => checkView(context, view)),
});

function checkView(context: LintContext, view: HostView): void {
  const [arch] = view.policy.architectures;
  for (const [index, { names, args = [] }] of (view.seccomp.syscalls ?? []).entries()) {
    const rule = view.resolution.origins[index];
    if (rule === undefined) continue;
    for (const [argument, comparison] of args.entries()) {
      if (testsForNull(comparison)) continue;
      const syscall = names.find((name) => parameterAt(name, comparison.index, arch)?.pointer === true);
      if (syscall === undefined) continue;
      context.report({
        pointer: `${context.pointerOf(rule)}/args/${argument}`,
        message: `${describeParameter(syscall, comparison.index, arch)} of ${syscall} is an address: the comparison says nothing about what is stored there`,
        hint: `remove the comparison and decide about ${syscall} as a whole; only a comparison with 0 (no such argument) is useful`,
        view,
      });
    }
  }
}

/** Whether there is something at all. */
function testsForNull({ op, value, valueTwo = 0n }: ProfileArg): boolean {
  if (op === 'SCMP_CMP_MASKED_EQ') return valueTwo === 0n && value === U64_MAX;
  if (op === 'SCMP_CMP_GE' || op === 'SCMP_CMP_LT') return value <= 1n;
  return value === 0n;
}
