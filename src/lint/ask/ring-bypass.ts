/**
 * What a program does through an io_uring although the profile denies it as system calls.
 * @module
 */
import { FALSE } from '../../decision/space.ts';
import { ringOperations } from '../catalog/io-uring.ts';
import { type CallOpenness, callOpennessOf, fallsBack } from './call-openness.ts';
import { onceAView } from './once-a-view.ts';

interface RingBypass {
  /** `io_uring_setup`, which is open. */
  readonly setup: CallOpenness;
  /** Calls that are not open and that requests in a ring stand for, each once, sorted. */
  readonly filtered: readonly string[];
}

/** `undefined` if there is nothing to bypass, or no way to make a ring. */
export const ringBypassOf = onceAView((view): RingBypass | undefined => {
  const [arch] = view.policy.architectures;
  const setup = callOpennessOf(view, arch, 'io_uring_setup');
  if (setup === undefined || setup.open === FALSE) return undefined;
  const filtered = ringOperations.flatMap(({ calls }) =>
    calls.split(' ').filter((syscall) => {
      const asked = callOpennessOf(view, arch, syscall);
      return asked !== undefined && asked.openness !== 'open' && !fallsBack(view, asked);
    }),
  );
  return filtered.length === 0 ? undefined : { setup, filtered: [...new Set(filtered)].sort() };
});
