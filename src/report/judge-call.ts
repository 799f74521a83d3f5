/**
 * One call for itself: what a look at all calls had no work left for, or what is decided once arguments are known.
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';
import { directSyscallNumber, multiplexedCall } from '../abi/syscall-numbers.ts';
import { matchPartially } from '../decision/match-rules.ts';
import { createSpace } from '../decision/space.ts';
import { createWork } from '../decision/work.ts';
import { type ArchPolicy, type ArchRule, expandPolicy } from '../policy/expand-policy.ts';
import type { AskedCall } from './asked-call.ts';
import { waysOf } from './explain-call.ts';
import { type Judged, meaningOf } from './judge-profile.ts';
import { STEPS_A_LOOK } from './report-data.ts';

/**
 * The profile as far as one call goes, decided with an account of its own.
 *
 * NOTE: the root says nothing of other calls, nor of the call with other arguments than those given.
 */
export function judgeCall(judged: Judged, asked: AskedCall): Judged {
  const { lowered, table, host } = judged.subject.work;
  const { policy } = lowered;
  const inOrder = policy.runtime.traits.sentry !== undefined;
  const expanded = expandPolicy(policy, table).map((each) => ({
    ...each,
    rules: each.arch === asked.arch ? rulesLeft(each, asked, inOrder) : rulesNamed(each, asked.syscall),
  }));
  const space = createSpace({ work: createWork(STEPS_A_LOOK) });
  const root = meaningOf(space, policy, expanded, host);
  return { ...judged, space, root, subject: { ...judged.subject, decided: { space, meant: root } } };
}

/** The rules that the arguments do not rule out. */
function rulesLeft(own: ArchPolicy, asked: AskedCall, inOrder: boolean): readonly ArchRule[] {
  return waysOf(asked).flatMap(({ call }) => {
    const rules = own.rules.filter(({ nr }) => nr === call.nr >>> 0);
    const matches = matchPartially([own], call, inOrder);
    return rules.filter((_, at) => matches[at]?.matches !== false);
  });
}

function rulesNamed({ arch, rules }: ArchPolicy, syscall: string | undefined): readonly ArchRule[] {
  const numbers = syscall === undefined ? [] : numbersOf(syscall, arch);
  return rules.filter(({ nr }) => numbers.includes(nr));
}

function numbersOf(syscall: string, arch: ArchName): readonly number[] {
  const numbers = [directSyscallNumber(syscall, arch), multiplexedCall(syscall, arch)?.nr];
  return numbers.flatMap((nr) => (nr === undefined ? [] : [nr >>> 0]));
}
