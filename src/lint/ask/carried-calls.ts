/**
 * Calls that 32-bit programs make through socketcall and ipc, where the profile filters them.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import { seemsAbsent } from '../../abi/carried-out.ts';
import { callOpennessOf, fallsBack, filteredNames } from './call-openness.ts';
import { writeEnosys } from './denied-calls.ts';
import type { HostView } from './host-view.ts';

/** The calls of the profile that a multiplexer could carry past its rules. */
export function namesToCarry(view: HostView): readonly string[] {
  // And socket, which everything else needs first.
  return [...new Set([...filteredNames(view), 'socket'])].sort();
}

/** Whether the call itself is not wholly open, on its own architecture or on the native one. */
export function isFiltered(view: HostView, arch: ArchName, syscall: string): boolean {
  const [native] = view.policy.architectures;
  return [arch, native].some((each) => {
    const asked = callOpennessOf(view, each, syscall);
    return asked !== undefined && asked.openness !== 'open' && !fallsBack(view, asked);
  });
}

/** The advice to deny a multiplexer by an answer that no runtime takes for the default action: such rules are skipped. */
export function denyWholly(view: HostView, multiplexer: string): string {
  const {
    defaultAction,
    architectures: [native],
  } = view.policy;
  const error = seemsAbsent(defaultAction, native) ? '"errnoRet": 1 (EPERM)' : writeEnosys(view);
  return `add a rule without conditions that denies ${multiplexer} with SCMP_ACT_ERRNO and ${error}, not with the default action, which runtimes skip,`;
}
