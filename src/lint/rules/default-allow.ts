/**
 * A profile that allows whatever it does not name: every system call added to the kernel later is open.
 * @module
 */
import { actionByOciAction } from '../../abi/actions.ts';
import { builtinRule } from '../engine/rule.ts';

export const defaultAllow = builtinRule({
  id: 'default-allow',
  group: 'openness',
  level: 'warn',
  title: 'The default action lets through every call that no rule names',
  seesGvisor: true,
  check: ({ profile, root, report }) => {
    const kind = actionByOciAction(profile.defaultAction ?? '')?.kind;
    if (kind !== 'allow' && kind !== 'log') return;
    report({
      pointer: `${root}/defaultAction`,
      message: `the default action is ${profile.defaultAction}: calls that the rules do not name, and calls that later kernels add, get through`,
      hint: 'deny by default and name what the program needs',
    });
  },
});
