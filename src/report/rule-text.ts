/**
 * Rules of profiles as people read them.
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';
import { formatErrno } from '../abi/errno.ts';
import type { Profile, ProfileRule } from '../oci/profile.ts';

/** `profile.json:9:5`, the form editors make links of; `rule 3 of docker-default` where there is no text. */
export function placeOfRule(profile: Profile, index: number, name: string): string {
  const place = profile.rules[index]?.place;
  return place === undefined ? `rule ${index + 1} of ${name}` : `${place.file}:${place.line}:${place.column}`;
}

/** The place of the default action; `undefined` in built-ins and where none is written. */
export function placeOfDefault({ defaultActionPlace: place }: Profile): string | undefined {
  return place === undefined ? undefined : `${place.file}:${place.line}:${place.column}`;
}

/** `ERRNO ENOSYS (38)`: the action as it is written. */
export function formatRuleAction({ action, errnoRet, errno }: ProfileRule, arch: ArchName): string {
  const label = action.replace(/^SCMP_ACT_/, '');
  if (errno !== undefined) return `${label} ${errno}`;
  return errnoRet === undefined ? label : `${label} ${formatErrno(errnoRet, arch)}`;
}
