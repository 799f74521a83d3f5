/**
 * The call that proves a finding, in words.
 * @module
 */
import { formatReturnWord } from '../../abi/return-word.ts';
import { formatCall } from '../../decision/format-call.ts';
import { archOfCall } from '../../decision/witness.ts';
import type { Witness } from './finding.ts';

/** `call: x86_64 socket(AF_VSOCK (40), …) gets ALLOW; meant: ERRNO EPERM (1)` */
export function describeWitness({ call, verdict, otherwise, meant }: Witness): string {
  const arch = archOfCall(call);
  const done = [verdict, ...(otherwise ?? [])].map((word) => formatReturnWord(word, arch)).join(' or ');
  const instead = meant === undefined ? '' : `; meant: ${formatReturnWord(meant, arch)}`;
  return `call: ${formatCall(call)} gets ${done}${instead}`;
}
