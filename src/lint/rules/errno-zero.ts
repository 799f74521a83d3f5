/**
 * ERRNO with errno 0: the call is not made and returns 0, which the program takes for success.
 * @module
 */
import { treatmentOf } from '../../abi/carried-out.ts';
import { groupBy } from '../../abi/group-by.ts';
import { answeredWords } from '../ask/answered-words.ts';
import { denialsOf, denyingPlace, type ErrnoKey, listCalls } from '../ask/denied-calls.ts';
import type { HostView } from '../ask/host-view.ts';
import { type TrustedCalls, trustedCalls } from '../catalog/trusted-success.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const errnoZero = builtinRule({
  id: 'errno-zero',
  group: 'meaning',
  level: 'error',
  title: 'A call that programs rely on is not made, but reports success',
  check: (context) => {
    for (const view of context.views) checkView(context, view);
  },
});

const hintFor = (key: ErrnoKey): string => `answer with an error number, for instance "${key}": 1 (EPERM)`;

function checkView(context: LintContext, view: HostView): void {
  if (!mayFake(view)) return;
  const byDefault: string[] = [];
  for (const trusted of trustedCalls) {
    const found = findFaked(view, trusted).map((syscall) => {
      const pointer = denyingPlace(context, view, syscall);
      return { syscall, pointer, rule: pointer.replace(/\/(?:names\/\d+|name)$/, '') };
    });
    for (const [rule, faked] of groupBy(found, (each) => each.rule)) {
      const names = faked.map(({ syscall }) => syscall);
      const pointer = faked[0]?.pointer ?? rule;
      if (pointer === `${context.root}/defaultAction`) byDefault.push(...names);
      else {
        const message = `${describe(names)}: the program goes on ${trusted.goesOn}`;
        context.report({ pointer, message, hint: hintFor('errnoRet'), view });
      }
    }
  }
  if (byDefault.length === 0) return;
  context.report({
    pointer: `${context.root}/defaultAction`,
    message: `${describe(byDefault)}, as do all calls that no rule names: programs go on as if they had been made`,
    hint: hintFor('defaultErrnoRet'),
    view,
  });
}

/** Whether any rule or the default action says so; few profiles do. */
function mayFake(view: HostView): boolean {
  return [...answeredWords(view)].some((word) => treatmentOf(word) === 'faked');
}

function describe(names: readonly string[]): string {
  return `${listCalls(names)} ${names.length === 1 ? 'is not made but returns' : 'are not made but return'} 0 (success)`;
}

/** Which of the calls return 0 without being made, for some arguments or all, on any architecture of the filter. */
function findFaked(view: HostView, { calls }: TrustedCalls): readonly string[] {
  return calls
    .split(' ')
    .filter((syscall) =>
      view.policy.architectures.some((arch) =>
        denialsOf(view, arch, syscall)?.denials.some((word) => treatmentOf(word) === 'faked'),
      ),
    );
}
