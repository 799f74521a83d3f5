/**
 * From the rules of a policy back to the lines that their author wrote.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import type { ProfileRule } from '../oci/profile.ts';
import type { Resolution } from '../oci/resolve-profile.ts';
import type { LoadedProfile } from './load-profile.ts';

/**
 * `file:line:column` of a rule of `Profile.rules`; for a built-in, whose rules have no place, the names of the rule.
 */
export function locateRule({ profile }: LoadedProfile, index: number | undefined): string | undefined {
  const rule = index === undefined ? undefined : profile.rules[index];
  if (rule === undefined) return undefined;
  const { place } = rule;
  return place === undefined ? describe(rule) : `${place.file}:${place.line}:${place.column}`;
}

function describe({ names, action }: ProfileRule): string {
  const shown = names.slice(0, 3).join(', ');
  return `${action.replace('SCMP_ACT_', '')} ${shown}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;
}

/** The same for an index into `LinuxSeccomp.syscalls`. */
function locateOrigin(
  input: LoadedProfile,
  { origins }: Resolution,
  rule: number | undefined,
): string | undefined {
  return rule === undefined ? undefined : locateRule(input, origins[rule]);
}

/**
 * Does work on a resolved profile. If an error names rules, their places in the written profile are added to it.
 */
export async function atPlaces<T>(
  input: LoadedProfile,
  resolution: Resolution,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof OciSeccompError)) throw error;
    const { code, message, hint, details, cause } = error;
    const index = typeof details.rule === 'number' ? resolution.origins[details.rule] : undefined;
    const place = index === undefined ? undefined : input.profile.rules[index]?.place;
    const notes = notesOf(error, input, resolution);
    if (place === undefined && notes.length === 0) throw error;
    const prefix = place === undefined ? '' : `${place.file}:${place.line}:${place.column}: `;
    throw new OciSeccompError(code, `${prefix}${message}`, {
      hint,
      details: { ...details, ...(place === undefined ? {} : { place }), notes },
      cause,
    });
  }
}

/** The statement of a failed proof about each rule, with the rule's place. */
function notesOf(
  { details }: OciSeccompError,
  input: LoadedProfile,
  resolution: Resolution,
): readonly string[] {
  const rules = Array.isArray(details.rules)
    ? (details.rules as readonly { rule?: number; says: string }[])
    : [];
  return rules.map(({ rule, says }) => `${locateOrigin(input, resolution, rule) ?? 'a rule'}: ${says}`);
}
