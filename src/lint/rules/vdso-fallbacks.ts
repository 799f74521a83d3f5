/**
 * Time calls that look unused because the vDSO answers them in user space, until a machine's clock makes it ask the kernel.
 * @module
 */
import { treatmentOf } from '../../abi/carried-out.ts';
import { groupBy } from '../../abi/group-by.ts';
import {
  type CallDenials,
  denialsOf,
  denyingPlace,
  formatAllDenials,
  listCalls,
} from '../ask/denied-calls.ts';
import type { HostView } from '../ask/host-view.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

/** Functions of the vDSO that are calls as well (vdso(7), man-pages 6.03); the first two call the kernel for some clocks. */
const clocks = ['clock_gettime', 'gettimeofday'];
const others = ['getcpu', 'time'];
/** A profile that allows one of these is for programs that read the clock. */
const users = [...clocks, 'clock_nanosleep', 'epoll_wait', 'futex', 'nanosleep', 'poll'];

export const vdsoFallbacks = builtinRule({
  id: 'vdso-fallbacks',
  group: 'breakage',
  level: 'note',
  title: 'Programs can read the clock only where the vDSO does it without the kernel',
  check: (context) => {
    for (const view of context.views) checkView(context, view);
  },
});

function checkView(context: LintContext, view: HostView): void {
  const places = groupBy(findDenied(context, view), ({ syscall }) => denyingPlace(context, view, syscall));
  for (const [pointer, denied] of places) {
    const names = denied.map(({ syscall }) => syscall);
    const ends = denied.some(({ denials }) => denials.some((word) => treatmentOf(word) === 'fatal'));
    const what = `${formatAllDenials(denied)}; programs ${ends ? 'end' : 'notice this only'} where the vDSO cannot answer`;
    context.report({
      pointer,
      ...(ends ? { level: 'warn' as const } : {}),
      message: `${listCalls(names)} ${names.length === 1 ? 'gets' : 'get'} ${what}`,
      hint: 'allow the calls that read the clock: in a virtual machine or a debugger the call can become a real one',
      about: { names, many: `… get ${what}` },
      view,
    });
  }
}

function findDenied(context: LintContext, view: HostView): readonly CallDenials[] {
  const [native] = view.policy.architectures;
  const looksAtClock = users.some((syscall) => denialsOf(view, native, syscall)?.passes === 'always');
  return [...clocks, ...others].flatMap((syscall) => {
    const asked = denialsOf(view, native, syscall);
    if (asked?.passes !== 'never') return [];
    const isNamed = denyingPlace(context, view, syscall) !== `${context.root}/defaultAction`;
    return isNamed || (looksAtClock && clocks.includes(syscall)) ? [asked] : [];
  });
}
