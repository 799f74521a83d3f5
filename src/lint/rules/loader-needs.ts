/**
 * Profiles that allow much and deny what every dynamically linked program does before main.
 * @module
 */
import { treatmentOf } from '../../abi/carried-out.ts';
import { denialsOf, deniedAmong, denyingPlace, formatAllDenials, listCalls } from '../ask/denied-calls.ts';
import type { HostView } from '../ask/host-view.ts';
import { startUps } from '../catalog/start-up.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const loaderNeeds = builtinRule({
  id: 'loader-needs',
  group: 'breakage',
  level: 'warn',
  title: 'Programs do not reach main',
  seesGvisor: true,
  check: (context) => {
    for (const view of context.views) checkView(context, view);
  },
});

function checkView(context: LintContext, view: HostView): void {
  const [native] = view.policy.architectures;
  if (denialsOf(view, native, 'execve')?.passes === 'never') return;
  const broken = startUps.flatMap(({ arch, library, essential, optional }) => {
    if (arch !== native) return [];
    const missed = deniedAmong(view, native, essential);
    // A profile that allows hardly any of them is for other programs.
    if (2 * missed.length > essential.length) return [];
    const fatal = deniedAmong(view, native, optional).filter(({ denials }) =>
      denials.every((word) => treatmentOf(word) === 'fatal'),
    );
    const denied = [...missed, ...fatal];
    return denied.length === 0 ? [] : [{ library, denied }];
  });
  const denied = new Map(
    broken.flatMap((each) => each.denied.map((asked) => [asked.syscall, asked] as const)),
  );
  const [first] = denied.values();
  if (first === undefined) return;
  const libraries = broken.map(({ library }) => library);
  const [verb, object] = denied.size === 1 ? ['gets', 'it'] : ['get', 'them'];
  context.report({
    pointer: denyingPlace(context, view, first.syscall),
    message: `programs linked with ${listCalls(libraries)} do not reach main: ${listCalls([...denied.keys()])} ${verb} ${formatAllDenials([...denied.values()])}`,
    hint: `allow ${object}, or turn this rule off if only static programs run`,
    view,
  });
}
