/**
 * 32-bit programs of glibc make socket and System V IPC calls through socketcall and ipc. Where these never get through, what
 * the profile allows of `socket` does not help them.
 * @module
 */
import { type ArchName, architectures } from '../../abi/architectures.ts';
import { multiplexedCall } from '../../abi/syscall-numbers.ts';
import { equals } from '../../decision/condition-diagrams.ts';
import { lowHalf } from '../../decision/diagram-variables.ts';
import { and, FALSE } from '../../decision/space.ts';
import { callNode } from '../ask/call-meaning.ts';
import { forEachView, openCondition, rulesNaming } from '../ask/call-openness.ts';
import { denyWholly, isFiltered, namesToCarry } from '../ask/carried-calls.ts';
import type { HostView } from '../ask/host-view.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const socketcallMissing = builtinRule({
  id: 'socketcall-missing',
  group: 'breakage',
  level: 'warn',
  title: '32-bit programs get no sockets or no System V IPC, although the profile allows them',
  check: (context) => forEachView(context, (view) => checkView(context, view)),
});

/** Without these first calls the others of the multiplexer are of no use. */
const firstCalls = [
  { syscall: 'socket', what: 'sockets' },
  { syscall: 'shmget', what: 'shared memory of System V' },
  { syscall: 'semget', what: 'semaphores of System V' },
  { syscall: 'msgget', what: 'message queues of System V' },
];

/** Where the profile filters what the multiplexer carries, to allow it would let all of that through. */
function adviceFor(view: HostView, arch: ArchName, multiplexer: string): string {
  const carries = namesToCarry(view).some(
    (syscall) =>
      multiplexedCall(syscall, arch)?.multiplexer === multiplexer && isFiltered(view, arch, syscall),
  );
  return carries
    ? `${denyWholly(view, multiplexer)} if programs of this ABI can do without it,`
    : `allow ${multiplexer}, or name it in a rule that denies it,`;
}

function checkView(context: LintContext, view: HostView): void {
  for (const { arch } of view.expanded) {
    for (const { syscall, what } of firstCalls) {
      const way = multiplexedCall(syscall, arch);
      const allowing = rulesNaming(context, view, syscall).find(({ opens }) => opens);
      if (way === undefined || allowing === undefined) continue;
      const { multiplexer, nr, argument } = way;
      // An author who names the multiplexer has decided about it.
      if (rulesNaming(context, view, multiplexer).length > 0) continue;
      const { space } = view;
      const open = openCondition(view, callNode(view, arch, nr));
      if (and(space, open, equals(space, lowHalf(space, 0), argument)) !== FALSE) continue;
      context.report({
        pointer: allowing.pointer,
        message: `${syscall} is allowed, but programs of ${arch} get no ${what}: there glibc makes the call through ${multiplexer}, which is denied`,
        hint: `${adviceFor(view, arch, multiplexer)} or leave ${architectures[arch].ociArch} out of the architectures`,
        view,
      });
    }
  }
}
