/**
 * A profile that allows whatever it does not name: every system call added to the kernel later is open.
 * @module
 */
import { callOpennessOf } from '../ask/call-openness.ts';
import { letsThroughByDefault } from '../ask/default-openness.ts';
import type { HostView } from '../ask/host-view.ts';
import { ifDecided } from '../ask/named-calls.ts';
import { dangersByDefault, isByDefault, listDangers } from '../ask/open-dangers.ts';
import { inLinux } from '../engine/create-context.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const defaultAllow = builtinRule({
  id: 'default-allow',
  group: 'openness',
  level: 'warn',
  title: 'The default action lets through every call that no rule names',
  seesGvisor: true,
  check: (context) => {
    if (!letsThroughByDefault(context)) return;
    const { profile, root, report } = context;
    const dangers = findDangers(context);
    const lets = dangers.length === 0 ? '' : `; it lets ${listDangers(dangers)}`;
    report({
      pointer: `${root}/defaultAction`,
      message: `the default action is ${profile.defaultAction}: calls that the rules do not name, and calls that later kernels add, get through${lets}`,
      hint: `deny by default and name what the program needs${dangers.length === 0 ? '' : ', or at least deny the dangerous calls by name'}`,
    });
  },
});

/** On any host: one profile is one finding. gVisor carries out no call of the host's kernel. */
function findDangers(context: LintContext): readonly string[] {
  const names = inLinux(context.views).flatMap((view) => ifDecided(() => namesOf(context, view)) ?? []);
  return [...new Set(names)];
}

function namesOf(context: LintContext, view: HostView): readonly string[] {
  const [arch] = view.policy.architectures;
  const isOpen = callOpennessOf(view, arch, 'personality')?.openness === 'open';
  const personality = isOpen && isByDefault(context, view, 'personality') ? ['personality'] : [];
  return [...dangersByDefault(context, view), ...personality];
}
