/**
 * A profile without architectures: the filter has the native one alone, and the first call of a 32-bit program kills it. That
 * is the strictest choice, so it is reported only if a configuration asks for it.
 * @module
 */
import { architectures } from '../../abi/architectures.ts';
import { builtinRule } from '../engine/rule.ts';

export const noArchitectures = builtinRule({
  id: 'no-architectures',
  group: 'form',
  level: 'off',
  title: 'No architectures are listed: 32-bit programs are killed',
  check: ({ profile, views, root, report }) => {
    const { architectures: listed = [], archMap = [] } = profile;
    if (listed.length > 0 || archMap.length > 0) return;
    for (const view of views) {
      const [native] = view.policy.architectures;
      if (architectures[native].bits === 32) continue;
      report({
        pointer: root,
        message:
          "the profile lists no architectures: calls of the host's other ones, of 32-bit programs above all, kill the thread",
        hint: 'list the architectures in "architectures" (or "archMap"), except those whose programs you want killed',
        view,
      });
    }
  },
});
