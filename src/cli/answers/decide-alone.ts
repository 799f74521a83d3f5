/**
 * Calls that are decided one by one, because all of them together are too complex, or a call with any arguments is. A call that is
 * too complex leaves only itself open.
 * @module
 */
import { allArchitectures } from '../../abi/architectures.ts';
import { directSyscallNumber, directSyscallNumbers } from '../../abi/syscall-numbers.ts';
import { type DecidableProgram, onKernel } from '../../decision/answer-call.ts';
import { decideCalls, decideEachCall } from '../../decision/decide-calls.ts';
import { decideWhatCanBe } from '../../decision/decide-policy.ts';
import type { KnownCall } from '../../decision/partial-call.ts';
import { createSpace, type Node, type Space } from '../../decision/space.ts';
import { expandPolicy } from '../../policy/expand-policy.ts';
import type { CallQuestion } from '../../report/asked-call.ts';
import { rulesForCall } from '../../report/call-rules.ts';
import { callsOf, waysOf } from '../../report/explain-call.ts';
import type { DecidedFilter, Filtered } from '../operands/filter-operand.ts';

/** Decides what a filter does with one call, and what its rules say to it; of other calls the diagrams say nothing. */
export function decideAsked({ programs, work }: Filtered, asked: CallQuestion): DecidedFilter {
  const space = createSpace();
  if (work !== undefined) {
    const calls = callsOf(asked, work.lowered.policy);
    const root = decideEachCall(space, programs, calls);
    return { space, root, meant: meantByRules(space, work, asked), isPart: true };
  }
  const { syscall } = asked;
  const elsewhere = allArchitectures.flatMap(({ name: arch }): readonly KnownCall[] => {
    const nr = syscall === undefined || arch === asked.arch ? undefined : directSyscallNumber(syscall, arch);
    return nr === undefined ? [] : [{ arch, nr, args: [] }];
  });
  const calls = [...waysOf(asked).map(({ call }) => call), ...elsewhere];
  return { ...decideEach(space, programs, calls), meant: undefined };
}

function meantByRules(
  space: Space,
  { lowered, table, host }: NonNullable<Filtered['work']>,
  asked: CallQuestion,
) {
  const { policy } = lowered;
  const inOrder = policy.runtime.traits.sentry !== undefined;
  const rules = rulesForCall(expandPolicy(policy, table), asked, inOrder);
  return onKernel(space, decideWhatCanBe(space, policy, rules), host.kernel);
}

/** Decides what a filter does with every call that has a name, and with a number that none has. */
export function decideCallByCall({ programs }: Filtered, unknownNumber: number): DecidedFilter {
  const calls = allArchitectures.flatMap(({ name: arch }) =>
    [...directSyscallNumbers(arch), unknownNumber].map((nr) => ({ arch, nr, args: [] })),
  );
  return { ...decideEach(createSpace(), programs, calls), meant: undefined };
}

function decideEach(
  space: Space,
  programs: readonly DecidableProgram[],
  calls: readonly KnownCall[],
): Omit<DecidedFilter, 'meant'> {
  const root = decideCalls(space, programs, calls);
  const each: readonly Node[] =
    programs.length < 2 ? [] : programs.map((program) => decideCalls(space, [program], calls));
  return { space, root, each, isPart: true };
}
