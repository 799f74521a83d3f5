/**
 * Names that a runtime skips because its table of system calls lacks them, and whether that opens or closes the calls.
 * @module
 */
import type { ReturnWord } from '../abi/actions.ts';
import type { ArchName } from '../abi/architectures.ts';
import { precedenceOf } from '../abi/return-word.ts';
import { syscallNumber } from '../abi/syscall-numbers.ts';
import { answeredByStub, stubWord } from '../policy/answered-by-stub.ts';
import type { LowerStep } from '../policy/lower-profile.ts';
import type { Policy } from '../policy/policy.ts';

/**
 * The effect of a skipped name on containers: the call gets a looser verdict than its rule says (`opens`), a
 * stricter one (`closes`), another one that is neither (`changes`), or no call of the filter's architectures has the
 * name (`nothing`).
 */
export type SkipEffect = 'opens' | 'closes' | 'changes' | 'nothing';

/** A name that the runtime's libseccomp does not know, so that the rule has no effect on this call. */
export interface SkippedName {
  /** The name of the system call. */
  readonly name: string;
  /** Index into `LinuxSeccomp.syscalls`. */
  readonly rule: number;
  /** What the rule says. */
  readonly wanted: ReturnWord;
  /** What the call gets instead: the default action, or ENOSYS from runc's stub. */
  readonly gets: ReturnWord;
  /** Whether that opens or closes the call. */
  readonly effect: SkipEffect;
}

/** Worst first. */
const effects: readonly SkipEffect[] = ['opens', 'changes', 'closes', 'nothing'];

/** The names that were skipped on the way to a policy, in the order of its steps. */
export function skippedNames(policy: Policy, steps: readonly LowerStep[]): readonly SkippedName[] {
  return steps.flatMap(({ kind, rule, syscall, returnWord }) => {
    if (kind !== 'unknown-syscall' || rule === undefined || syscall === undefined) return [];
    const wanted = returnWord ?? policy.defaultAction;
    const outcomes = verdictsOf(policy, syscall).map((gets) => ({ gets, effect: compare(wanted, gets) }));
    const worst = effects.flatMap((effect) => outcomes.find((each) => each.effect === effect) ?? [])[0];
    const { gets, effect } = worst ?? { gets: policy.defaultAction, effect: 'nothing' as const };
    return { name: syscall, rule, wanted, gets, effect };
  });
}

/** What a call gets without a rule, on each architecture that has it. A name that no architecture has counts as a call. */
function verdictsOf(policy: Policy, name: string): readonly ReturnWord[] {
  const numbers = policy.architectures.flatMap((arch): readonly (readonly [ArchName, number])[] => {
    const nr = syscallNumber(name, arch);
    return nr === undefined ? [] : [[arch, nr]];
  });
  if (numbers.length === 0) return [policy.defaultAction];
  return numbers
    .filter(([, nr]) => nr >= 0)
    .map(([arch, nr]) => {
      const stub = answeredByStub(policy, arch, nr) !== undefined;
      return stub ? stubWord(policy) : policy.defaultAction;
    });
}

function compare(wanted: ReturnWord, gets: ReturnWord): SkipEffect {
  if (wanted === gets) return 'nothing';
  const [a, b] = [precedenceOf(wanted), precedenceOf(gets)];
  if (a === b) return 'changes';
  return b > a ? 'opens' : 'closes';
}
