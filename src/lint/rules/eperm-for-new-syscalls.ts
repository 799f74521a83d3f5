/**
 * New calls that are denied with an error other than ENOSYS: libraries then do not use the older call that is allowed.
 * @module
 */
import { groupBy } from '../../abi/group-by.ts';
import {
  type CallDenials,
  denialsOf,
  denyingPlace,
  formatAllDenials,
  listCalls,
  seemsMissing,
  writeEnosys,
} from '../ask/denied-calls.ts';
import type { HostView } from '../ask/host-view.ts';
import { lacksOf } from '../ask/runtime-lacks.ts';
import { probes } from '../catalog/probes.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const epermForNewSyscalls = builtinRule({
  id: 'eperm-for-new-syscalls',
  group: 'breakage',
  level: 'warn',
  title: 'Libraries that try a new call get an error that is not ENOSYS',
  check: (context) => {
    for (const view of context.views) checkView(context, view);
  },
});

function checkView(context: LintContext, view: HostView): void {
  const places = groupBy(findDenied(view), ({ asked }) => denyingPlace(context, view, asked.syscall));
  for (const [pointer, denied] of places) {
    const [first] = denied;
    if (first === undefined) continue;
    const names = denied.map(({ asked }) => asked.syscall);
    const [verb, them] = names.length === 1 ? ['gets', 'it'] : ['get', 'them'];
    // The default action answers other calls too: a rule is enough, and every dialect has it.
    const isDefault = pointer === `${context.root}/defaultAction`;
    const answer = isDefault
      ? `add a rule that answers ${them} with SCMP_ACT_ERRNO and`
      : 'answer SCMP_ACT_ERRNO with';
    context.report({
      pointer,
      message: `${listCalls(names)} ${verb} ${formatAllDenials(denied.map(({ asked }) => asked))}, not ENOSYS: libraries do not fall back to ${listCalls([...new Set(denied.map(({ instead }) => instead))])}`,
      hint: `${answer} ${writeEnosys(view)}, or allow the calls that are harmless; otherwise ${first.reason}`,
      view,
    });
  }
}

interface Denied {
  readonly asked: CallDenials;
  readonly instead: string;
  readonly reason: string;
}

function findDenied(view: HostView): readonly Denied[] {
  const [native] = view.policy.architectures;
  // That the runtime itself cannot do without a call is said by cannot-start; no error number helps there.
  const needed = new Set(lacksOf(view).map(({ asked }) => asked.syscall));
  return probes.flatMap(({ syscall, instead, reason }) => {
    if (needed.has(syscall)) return [];
    const asked = denialsOf(view, native, syscall);
    if (asked?.passes !== 'never' || seemsMissing(asked)) return [];
    // An author who denies the older call too has decided about both.
    const older = instead.find((each) => (denialsOf(view, native, each)?.passes ?? 'never') !== 'never');
    return older === undefined ? [] : [{ asked, instead: older, reason }];
  });
}
