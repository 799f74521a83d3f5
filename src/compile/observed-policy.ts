/**
 * A trial of a policy: its filter carries out every call, and the kernel logs those that the policy does not let through.
 *
 * All actions but ALLOW and LOG become LOG: TRACE too, because the call fails in a process that nobody traces, and NOTIFY,
 * because the listener could deny the call. A trial denies nothing and asks nobody.
 * @module
 */
import { actions, type ReturnWord } from '../abi/actions.ts';
import { type ArchName, architectures } from '../abi/architectures.ts';
import { isMade } from '../abi/carried-out.ts';
import { directSyscallNumbers } from '../abi/syscall-numbers.ts';
import { decidePolicy } from '../decision/decide-policy.ts';
import { decideProgram } from '../decision/decide-program.ts';
import { FIELD_ARCH, FIELD_NR } from '../decision/diagram-variables.ts';
import { isCarriedOut } from '../decision/outcomes.ts';
import { compareOutcomes, mapWords, whereOutcome, whereRelated } from '../decision/relate.ts';
import { createSpace, FALSE, type Node, type Space } from '../decision/space.ts';
import { evaluate, findWitness, restrict } from '../decision/witness.ts';
import { OciSeccompError } from '../errors.ts';
import { expandPolicy } from '../policy/expand-policy.ts';
import type { Policy } from '../policy/policy.ts';
import type { ProofInput } from './prove.ts';

/** What a trial answers if the policy says `word`. */
function observedWord(word: ReturnWord): ReturnWord {
  return isMade(word) ? word : actions.log.word;
}

/** The policy of the trial. {@link proveObserved} checks the program without it. */
export function observedPolicy(policy: Policy): Policy {
  const { defaultAction, badArchAction, rules, flags } = policy;
  return {
    ...policy,
    defaultAction: observedWord(defaultAction),
    badArchAction: observedWord(badArchAction),
    rules: rules.map((rule) => ({ ...rule, returnWord: observedWord(rule.returnWord) })),
    // Runtimes put a stub only in front of a default action that denies: without it such calls get LOG by default.
    enosysStub: undefined,
    // The kernel takes this flag only with a listener.
    flags: flags.filter((flag) => flag !== 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'),
  };
}

/** What is proven of a trial's program. */
export interface Observed {
  /** How many system calls of the native architecture the policy does not let through, with some arguments or with all. */
  readonly calls: number;
}

/**
 * Proves for every call that a program carries it out, and logs it if the policy does not let it through.
 *
 * @param input - the policy is the one that is tried, as it would be in force
 * @throws OciSeccompError `ERR_PROOF` for a program that does anything else; `ERR_UNDECIDED`
 */
export function proveObserved({ policy, table, program, endian }: ProofInput): Observed {
  const space = createSpace();
  const meant = decidePolicy(space, policy, expandPolicy(policy, table));
  const expected = mapWords(space, meant, observedWord);
  const done = decideProgram(space, program, endian);
  const [native] = policy.architectures;
  requireNothingDenied(space, done, native);
  const differs = whereRelated(space, expected, done, ['looser', 'different', 'stricter', 'unknown']);
  const call = differs === FALSE ? undefined : findWitness(space, differs, policy.architectures);
  if (call !== undefined) {
    const [wanted, got] = [evaluate(space, expected, call), evaluate(space, done, call)];
    throw new OciSeccompError('ERR_PROOF', 'the program of the trial does not log what the profile denies', {
      hint: 'this is a defect of oci-seccomp, please report it',
      details: { witness: call, wanted, got, relation: compareOutcomes(wanted, got) },
    });
  }
  return { calls: countStopped(space, meant, native) };
}

function requireNothingDenied(space: Space, done: Node, native: ArchName): void {
  const denied = whereOutcome(space, done, (outcome) => !isCarriedOut(outcome));
  if (denied === FALSE) return;
  throw new OciSeccompError('ERR_PROOF', 'the program of the trial does not carry out every call', {
    hint: 'this is a defect of oci-seccomp, please report it',
    details: { witness: findWitness(space, denied, [native]) },
  });
}

function countStopped(space: Space, meant: Node, native: ArchName): number {
  const stopped = whereOutcome(space, meant, (outcome) => !isCarriedOut(outcome));
  const own = restrict(space, stopped, FIELD_ARCH, architectures[native].auditArch);
  return directSyscallNumbers(native).filter((nr) => restrict(space, own, FIELD_NR, nr >>> 0) !== FALSE)
    .length;
}
