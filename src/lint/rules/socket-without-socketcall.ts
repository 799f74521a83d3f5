/**
 * On some 32-bit ABIs, socket and System V IPC calls also come through socketcall and ipc, with their arguments in memory. So
 * `socketcall` can do what a profile denies for `socket` by its arguments.
 */
import { type ArchName, architectures } from '../../abi/architectures.ts';
import { type MultiplexedCall, multiplexedCall } from '../../abi/syscall-numbers.ts';
import { equals } from '../../decision/condition-diagrams.ts';
import { lowHalf } from '../../decision/diagram-variables.ts';
import { and, FALSE } from '../../decision/space.ts';
import { callNode } from '../ask/call-meaning.ts';
import { forEachView, openCondition, openingPlaces, rulesNaming, shownCall } from '../ask/call-openness.ts';
import { denyWholly, isFiltered, namesToCarry } from '../ask/carried-calls.ts';
import type { HostView } from '../ask/host-view.ts';
import { listNames } from '../ask/list-names.ts';
import { callWhere } from '../ask/named-calls.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const socketWithoutSocketcall = builtinRule({
  id: 'socket-without-socketcall',
  group: 'openness',
  level: 'warn',
  title: 'socketcall or ipc lets through what the rules for socket or System V IPC calls deny',
  check: (context) => forEachView(context, (view) => checkView(context, view)),
});

/** A call that comes through a multiplexer although the profile filters it. */
interface Passage extends MultiplexedCall {
  readonly arch: ArchName;
  readonly syscall: string;
}

function checkView(context: LintContext, view: HostView): void {
  let names: readonly string[] | undefined;
  for (const { arch } of view.expanded) {
    // Most architectures have no multiplexer.
    if (multiplexedCall('socket', arch) === undefined) continue;
    names ??= namesToCarry(view);
    const passages = names.flatMap((syscall) => {
      const way = multiplexedCall(syscall, arch);
      const isOpen = way !== undefined && openThrough(view, arch, way) !== FALSE;
      return isOpen && isFiltered(view, arch, syscall) ? [{ ...way, arch, syscall }] : [];
    });
    for (const multiplexer of ['socketcall', 'ipc']) {
      reportPassages(
        context,
        view,
        passages.filter((each) => each.multiplexer === multiplexer),
      );
    }
  }
}

/** The arguments for which the multiplexer lets a call through. */
function openThrough(view: HostView, arch: ArchName, { nr, argument }: MultiplexedCall): number {
  const { space } = view;
  return and(
    space,
    openCondition(view, callNode(view, arch, nr)),
    equals(space, lowHalf(space, 0), argument),
  );
}

function reportPassages(context: LintContext, view: HostView, passages: readonly Passage[]): void {
  const [first] = passages;
  if (first === undefined) return;
  const { arch, multiplexer, nr } = first;
  const { space } = view;
  const open = openThrough(view, arch, first);
  const call = callWhere(view, { arch, nr }, open);
  const [pointer] = openingPlaces(context, view, { arch, nr, open });
  if (pointer === undefined) return;
  const names = listNames(passages.map(({ syscall }) => syscall));
  const [its, it] = passages.length === 1 ? ['its', 'it'] : ['their', 'them'];
  const named = rulesNaming(context, view, multiplexer).some(({ opens }) => opens);
  const deny = `${named ? `take ${multiplexer} out of the rule and ` : ''}${denyWholly(view, multiplexer)}`;
  const { ociArch } = architectures[arch];
  context.report({
    pointer,
    message: `on ${arch} ${multiplexer} lets ${names} through despite the rules for ${it}: there ${its} arguments are in memory, which no filter can read`,
    hint: `${deny} if programs of this ABI can do without it, or leave ${ociArch} out of the architectures`,
    ...(call === undefined ? {} : { witness: shownCall(space, callNode(view, arch, nr), call) }),
    view,
  });
}
