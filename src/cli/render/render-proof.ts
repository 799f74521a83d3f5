/**
 * What `compile` says of a proof that failed, or that found rules which contradict each other.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import { formatReturnWord } from '../../abi/return-word.ts';
import { syscallName } from '../../abi/syscall-numbers.ts';
import { formatCounterexample } from '../../compile/proof-error.ts';
import type { Proof } from '../../compile/prove.ts';
import { formatCall } from '../../decision/format-call.ts';
import { OciSeccompError } from '../../errors.ts';
import type { Policy } from '../../policy/policy.ts';

/** Warnings: the program is unproven or wrong, or rules of the profile contradict each other. */
export function renderDoubts(proof: Proof | OciSeccompError, policy: Policy): string {
  if (proof instanceof OciSeccompError) return `warning: not proven: ${proof.message}\n`;
  const { counterexample } = proof;
  const failed =
    counterexample === undefined
      ? ''
      : `warning: not what the profile says: ${formatCounterexample(counterexample)}\n`;
  const [native] = policy.architectures;
  // The same rules conflict on every architecture, so one line for each conflict is enough.
  const conflicts = proof.conflicts.filter(
    ({ arch, nr }) =>
      arch === native ||
      !proof.conflicts.some((other) => other.arch === native && nameOf(other) === nameOf({ arch, nr })),
  );
  return failed + conflicts.map(renderConflict).join('');
}

function renderConflict({ call, arch, words, done }: Proof['conflicts'][number]): string {
  const result = done === undefined ? '' : `, the program does ${formatReturnWord(done, arch)}`;
  return `warning: rules contradict each other: ${formatCall(call)} matches rules of ${words.map((word) => formatReturnWord(word, arch)).join(' and ')}${result}\n`;
}

function nameOf({ arch, nr }: { arch: ArchName | undefined; nr: number }): string | undefined {
  return arch === undefined ? undefined : syscallName(nr, arch);
}
