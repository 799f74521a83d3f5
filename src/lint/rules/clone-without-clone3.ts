/**
 * clone3 does what clone does, with its flags in memory: a filter that looks at clone's flags cannot look at these.
 */
import { cloneFlagsIndex } from '../../abi/clone-arguments.ts';
import { FALSE } from '../../decision/space.ts';
import {
  callOpennessOf,
  forEachView,
  openingPlaces,
  rulesNaming,
  witnessWhere,
} from '../ask/call-openness.ts';
import { comparedCalls, comparedIndexes } from '../ask/compared-calls.ts';
import { writeEnosys } from '../ask/denied-calls.ts';
import type { HostView } from '../ask/host-view.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const cloneWithoutClone3 = builtinRule({
  id: 'clone-without-clone3',
  group: 'openness',
  level: 'error',
  title: 'clone is filtered, but clone3 is open and does the same with flags that no filter sees',
  seesGvisor: true,
  check: (context) => forEachView(context, (view) => checkView(context, view)),
});

function checkView(context: LintContext, view: HostView): void {
  const rules = rulesNaming(context, view, 'clone');
  for (const { arch } of view.expanded) {
    const [clone, clone3] = [callOpennessOf(view, arch, 'clone'), callOpennessOf(view, arch, 'clone3')];
    if (clone === undefined || clone3 === undefined || clone3.open === FALSE) continue;
    const compared = comparedCalls(view, arch).find(({ nr }) => nr === clone.nr);
    const byFlags =
      clone.openness === 'partly' &&
      compared !== undefined &&
      comparedIndexes(compared).includes(cloneFlagsIndex(arch));
    const denied = clone.openness === 'closed' && rules.some(({ opens, fallsBack }) => !opens && !fallsBack);
    if (!byFlags && !denied) continue;
    const what = byFlags ? 'clone is allowed with certain flags only' : 'clone is denied';
    const related = rules.map(({ pointer }) => ({ pointer, message: 'clone is filtered here' }));
    for (const pointer of openingPlaces(context, view, clone3)) {
      context.report({
        pointer,
        message: `${what}, but clone3 is open: it takes all flags of clone in memory, which no filter can read`,
        hint: `${pointer.endsWith('/defaultAction') ? 'add a rule' : 'take clone3 out of the rule and add one'} that answers clone3 with "action": "SCMP_ACT_ERRNO", ${writeEnosys(view)}: C libraries then use clone`,
        ...witnessWhere(view, clone3, clone3.open),
        related,
        view,
      });
    }
    return;
  }
}
