/**
 * The calls that a runtime itself makes under the filter, and that the filter denies.
 * @module
 */
import type { ReturnWord } from '../../abi/actions.ts';
import { treatmentOf } from '../../abi/carried-out.ts';
import type { RuntimeNeeds } from '../../consumers.ts';
import { type CallDenials, deniedAmong } from './denied-calls.ts';
import type { HostView } from './host-view.ts';
import { needsOf } from './needed-for-start.ts';

/** A call that the runtime needs and does not get. */
export interface RuntimeLack {
  readonly asked: CallDenials;
  readonly need: RuntimeNeeds;
}

/** The denied calls without which the runtime of a view starts no container. */
export function lacksOf(view: HostView): readonly RuntimeLack[] {
  const [native] = view.policy.architectures;
  return needsOf(view.runtime, view.container).flatMap((need) =>
    deniedAmong(view, native, need.calls.split(' ')).flatMap((asked) =>
      asked.denials.every((word) => stops(need, word)) ? [{ asked, need }] : [],
    ),
  );
}

/** Whether the runtime gives up after the answer. */
function stops({ copesWith, noticesFake }: RuntimeNeeds, word: ReturnWord): boolean {
  const treatment = treatmentOf(word);
  if (treatment === 'faked') return noticesFake === true;
  return copesWith === undefined || treatment === 'fatal';
}
