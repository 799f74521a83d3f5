/**
 * The profile allows an older call, but not calls of newer kernels that do no more.
 * @module
 */
import { hasRule } from '../ask/call-openness.ts';
import { denialsOf, listCalls, seemsMissing, writeEnosys } from '../ask/denied-calls.ts';
import type { HostView } from '../ask/host-view.ts';
import { lacksOf } from '../ask/runtime-lacks.ts';
import { cameBetween, introductionOf } from '../catalog/introductions.ts';
import { probes } from '../catalog/probes.ts';
import { successors } from '../catalog/successors.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

/** Those that libraries try first are a matter of the error they get, which has a rule of its own. */
const probed = probes.map(({ syscall }) => syscall);

export const newerSyscallsMissing = builtinRule({
  id: 'newer-syscalls-missing',
  group: 'breakage',
  level: 'warn',
  title: 'Successors of allowed calls are denied',
  seesGvisor: true,
  check: (context) => {
    for (const view of context.views) checkView(context, view);
  },
});

function checkView(context: LintContext, view: HostView): void {
  const names = findDenied(context, view);
  if (names.length === 0) return;
  const since = names.map((name) => `${name} (Linux ${introductionOf(name)})`);
  const [verb, them] = names.length === 1 ? ['is', 'it'] : ['are', 'them'];
  context.report({
    pointer: `${context.root}/defaultAction`,
    message: `${listCalls(since)} ${verb} denied, though the profile allows what came before ${them}`,
    hint: `allow ${them}, or add a rule that answers ${them} with SCMP_ACT_ERRNO and ${writeEnosys(view)}, so that programs work without ${them}`,
    view,
  });
}

function findDenied({ kernels }: LintContext, view: HostView): readonly string[] {
  const [native] = view.policy.architectures;
  // That the runtime itself cannot do without a call is said by cannot-start; no error number helps there.
  const needed = lacksOf(view).map(({ asked }) => asked.syscall);
  return successors.flatMap(({ syscall, after }) => {
    // An author who names it has decided about it. Most profiles name most, so their versions are looked up last.
    if (hasRule(view, syscall) || needed.includes(syscall) || probed.includes(syscall)) return [];
    const asked = denialsOf(view, native, syscall);
    if (asked?.passes !== 'never' || seemsMissing(asked)) return [];
    if (!cameBetween(syscall, kernels.oldest, kernels.newest)) return [];
    return after.some((older) => denialsOf(view, native, older)?.passes === 'always') ? [syscall] : [];
  });
}
