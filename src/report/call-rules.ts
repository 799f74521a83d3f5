/**
 * The rules that matter to one call: the others need not be decided to answer for it.
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';
import type { Comparison } from '../abi/operators.ts';
import { directSyscallNumber, multiplexedCall } from '../abi/syscall-numbers.ts';
import { matchPartially, type PartialComparison } from '../decision/match-partially.ts';
import type { ArchPolicy, ArchRule } from '../policy/expand-policy.ts';
import type { CallQuestion } from './asked-call.ts';
import { waysOf } from './explain-call.ts';

/**
 * Finds the rules for a call that its arguments do not rule out and, on other architectures, all rules for calls of its name.
 *
 * NOTE: these rules say nothing about other calls, nor about the call with other arguments.
 *
 * @param inOrder - the first rule that matches decides
 */
export function rulesForCall(
  expanded: readonly ArchPolicy[],
  asked: CallQuestion,
  inOrder: boolean,
): readonly ArchPolicy[] {
  return expanded.map((each) => ({
    ...each,
    rules: each.arch === asked.arch ? rulesLeft(each, asked, inOrder) : rulesNamed(each, asked.syscall),
  }));
}

function rulesLeft(own: ArchPolicy, asked: CallQuestion, inOrder: boolean): readonly ArchRule[] {
  return waysOf(asked).flatMap(({ call }) => {
    const rules = own.rules.filter(({ nr }) => nr === call.nr >>> 0);
    const matches = matchPartially([own], call, inOrder);
    return rules.flatMap((rule, at) => {
      const match = matches[at];
      if (match?.matches === false) return [];
      return [{ ...rule, comparisons: match?.comparisons.map(settled) ?? rule.comparisons }];
    });
  });
}

/** A comparison that always holds, in place of one that is known to hold: rules without comparisons would decide before all others. */
function settled({ holds, ...comparison }: PartialComparison): Comparison {
  return holds === true ? { ...comparison, op: 'ge', value: 0n, valueTwo: 0n } : comparison;
}

function rulesNamed({ arch, rules }: ArchPolicy, syscall: string | undefined): readonly ArchRule[] {
  const numbers = syscall === undefined ? [] : numbersOf(syscall, arch);
  return rules.filter(({ nr }) => numbers.includes(nr));
}

function numbersOf(syscall: string, arch: ArchName): readonly number[] {
  const numbers = [directSyscallNumber(syscall, arch), multiplexedCall(syscall, arch)?.nr];
  return numbers.flatMap((nr) => (nr === undefined ? [] : [nr >>> 0]));
}
