/**
 * One call alone: for calls that a look at all calls had no work left for, and for those that known arguments decide.
 * @module
 */
import { createSpace } from '../decision/space.ts';
import { createWork } from '../decision/work.ts';
import { expandPolicy } from '../policy/expand-policy.ts';
import type { CallQuestion } from './asked-call.ts';
import { rulesForCall } from './call-rules.ts';
import { type Judged, meaningOf } from './judge-profile.ts';
import { STEPS_A_LOOK } from './report-data.ts';

/**
 * The profile as far as one call goes, decided with an account of its own.
 *
 * NOTE: the root says nothing about other calls, nor about the call with other arguments.
 */
export function judgeCall(judged: Judged, asked: CallQuestion): Judged {
  const { lowered, table, host } = judged.subject.work;
  const { policy } = lowered;
  const inOrder = policy.runtime.traits.sentry !== undefined;
  const expanded = rulesForCall(expandPolicy(policy, table), asked, inOrder);
  const space = createSpace({ work: createWork(STEPS_A_LOOK) });
  const root = meaningOf(space, policy, expanded, host);
  return { ...judged, space, root, subject: { ...judged.subject, decided: { space, meant: root } } };
}
