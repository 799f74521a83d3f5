/**
 * Which actions of profiles let a call be made.
 * @module
 */
import { actions } from '../../abi/actions.ts';
import { isMade } from '../../abi/carried-out.ts';

/** Whether a call with this action is made: SCMP_ACT_ALLOW and SCMP_ACT_LOG. */
export function isOpen(ociAction: string): boolean {
  return Object.values(actions).some((row) => row.ociAction === ociAction && isMade(row.word));
}
