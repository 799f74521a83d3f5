/**
 * `restart_syscall` denied: the kernel makes a program call it when a wait continues after a stop, and the wait fails.
 * @module
 */
import { denialsOf, denyingPlace, formatDenials, listCalls } from '../ask/denied-calls.ts';
import { builtinRule } from '../engine/rule.ts';

/** Calls that the kernel resumes through restart_syscall (restart_syscall(2), man-pages 6.03; futex with a timeout). */
const restarted = ['clock_nanosleep', 'futex', 'nanosleep', 'poll'];

export const restartSyscallMissing = builtinRule({
  id: 'restart-syscall-missing',
  group: 'breakage',
  level: 'warn',
  title: 'Waits fail after the process was stopped and continued',
  seesGvisor: true,
  check: (context) => {
    for (const view of context.views) {
      const [native] = view.policy.architectures;
      const asked = denialsOf(view, native, 'restart_syscall');
      if (asked?.passes !== 'never') continue;
      const waits = restarted.filter((syscall) => denialsOf(view, native, syscall)?.passes === 'always');
      if (waits.length === 0) continue;
      context.report({
        pointer: denyingPlace(context, view, 'restart_syscall'),
        message: `restart_syscall gets ${formatDenials(asked)}, and so does a process in ${listCalls(waits)} when it is stopped and continued`,
        hint: 'allow restart_syscall: it only resumes a call that was allowed',
        view,
      });
    }
  },
});
