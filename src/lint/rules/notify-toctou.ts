/**
 * A supervisor that decides by what an argument points to. The program can change that memory before the kernel reads it.
 */
import { actionByOciAction } from '../../abi/actions.ts';
import { syscallSignature } from '../../abi/syscall-signatures.ts';
import { forEachView } from '../ask/call-openness.ts';
import { describeParameter, parameterAt } from '../ask/call-parameters.ts';
import type { HostView } from '../ask/host-view.ts';
import { listNames } from '../ask/list-names.ts';
import { namePointer } from '../ask/name-pointer.ts';
import { inputPointers, mereData } from '../catalog/input-pointers.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const notifyToctou = builtinRule({
  id: 'notify-toctou',
  group: 'openness',
  level: 'warn',
  title: 'A supervisor is asked about a call whose arguments are in memory that the program can change',
  check: (context) => forEachView(context, (view) => checkView(context, view)),
});

function checkView(context: LintContext, view: HostView): void {
  const [arch] = view.policy.architectures;
  for (const [index, { names, action }] of (view.seccomp.syscalls ?? []).entries()) {
    const rule = view.resolution.origins[index];
    if (rule === undefined || actionByOciAction(action)?.kind !== 'notify') continue;
    for (const syscall of names) {
      const read = (syscallSignature(syscall) ?? []).flatMap((_, at) => {
        const parameter = parameterAt(syscall, at, arch);
        if (parameter?.pointer !== true || mereData.has(`${syscall}.${parameter.name}`)) return [];
        const isRead = parameter.type.startsWith('const ') || inputPointers(syscall).includes(at);
        return isRead ? [describeParameter(syscall, at, arch)] : [];
      });
      if (read.length === 0) continue;
      context.report({
        pointer: namePointer(context, rule, syscall),
        message: `the supervisor is asked about ${syscall}, whose ${listNames(read)} ${read.length === 1 ? 'is' : 'are'} in memory that the program can change after the answer`,
        hint: `let the supervisor copy the arguments, make the call itself and return the result; never answer ${syscall} with CONTINUE because of what the memory held`,
        about: {
          names: [syscall],
          many: 'the supervisor is asked about …, which have arguments in memory that the program can change after the answer',
          hint: 'let the supervisor copy the arguments, make the call itself and return the result; never answer with CONTINUE because of what the memory held',
        },
        view,
      });
    }
  }
}
