/**
 * A default action that kills: the program cannot say what it missed, and cannot do without it.
 * @module
 */
import { actionByOciAction } from '../../abi/actions.ts';
import { builtinRule } from '../engine/rule.ts';

export const killDefaultHardToDebug = builtinRule({
  id: 'kill-default-hard-to-debug',
  group: 'breakage',
  level: 'warn',
  title: 'A call that no rule names kills its caller without a message',
  check: ({ profile, root, report }) => {
    const kind = actionByOciAction(profile.defaultAction ?? '')?.kind;
    if (kind !== 'killProcess' && kind !== 'killThread') return;
    report({
      pointer: `${root}/defaultAction`,
      message: `the default action kills the ${kind === 'killThread' ? 'thread' : 'process'}: a call that no rule names ends it without a message, even if it could work without the call`,
      hint: 'answer SCMP_ACT_ERRNO by default, and kill only for calls that only an attack makes; or turn this rule off if you want this',
    });
  },
});
