/**
 * The profile is a copy of an older default profile, and the default has gone on.
 * @module
 */
import { fileWord, shellCommand } from '../../abi/shell-word.ts';
import { factsOf } from '../../compose/dated/rule-facts.ts';
import type { BaseMatch } from '../../compose/identify-base.ts';
import { isBundle } from '../../oci/dialect-rows.ts';
import { copiedBase } from '../ask/copied-base.ts';
import { listNames } from '../ask/list-names.ts';
import { builtinRule } from '../engine/rule.ts';

export const defaultDrift = builtinRule({
  id: 'default-drift',
  group: 'breakage',
  level: 'note',
  title: 'The profile is a copy of an older default profile',
  check: ({ profile, root, file, report }) => {
    // An engine writes the profile of a bundle anew for each container.
    if (isBundle(profile.dialect)) return;
    const nearest = copiedBase(profile);
    if (nearest === undefined) return;
    const named = factsOf(profile);
    const missing = nearest.behind.filter((call) => !named.has(call));
    if (missing.length === 0) return;
    const match = nearest.describe();
    const names = missing.length === 1 ? '1 call' : `${missing.length} calls`;
    report({
      pointer: root,
      message: `this is a copy of ${originOf(match)}; ${match.newest} names ${names} that it does not: ${listNames(missing)}`,
      hint: `${shellCommand(['oci-seccomp', 'rebase', fileWord(file)])} puts your changes onto the newest default, and shows and proves what changes`,
    });
  },
});

/** `docker-default of 20.10.4 to 20.10.9 (2021-02), with 3 changes` */
function originOf({ family, releases, date, changes }: BaseMatch): string {
  const [first, last] = [releases[0]?.version, releases.at(-1)?.version];
  const versions = first === last ? first : `${first} to ${last}`;
  const count = changes.added.length + changes.removed.length + changes.changed.length;
  const own = count === 0 ? '' : `, with ${count === 1 ? '1 change' : `${count} changes`}`;
  return `${family} of ${versions} (${date.slice(0, 7)})${own}`;
}
