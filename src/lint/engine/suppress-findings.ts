/**
 * Turning findings off where a profile says so: `"comment": "oci-seccomp-disable-next RULE[, RULE] -- REASON"` in a rule
 * is about that rule, `oci-seccomp-disable` about the whole profile. A reason is required.
 *
 * Mistakes in such comments are findings too, and no comment turns them off. They are findings of the rules
 * `suppression-without-reason` and `unused-suppression`, and are made here.
 * @module
 */
import type { ProfileRule } from '../../oci/profile.ts';
import type { ReadProfileResult } from '../../oci/read-profile-tree.ts';
import type { Finding, Level } from './finding.ts';
import { rangeOf } from './locate-pointer.ts';

interface Suppression {
  readonly rules: readonly string[];
  readonly reason: string;
  /** The rule object it stands in. */
  readonly pointer: string;
  readonly wholeProfile: boolean;
  used: Set<string>;
}

interface Suppressed {
  readonly kept: readonly Finding[];
  readonly suppressed: readonly (Finding & { readonly reason: string })[];
}

/** Matches ids of rules, with a namespace for rules of your own, and the reason. */
const FORM =
  /oci-seccomp-disable(-next)?\s+([a-z0-9-]+(?:\/[a-z0-9-]+)?(?:\s*,\s*[a-z0-9-]+(?:\/[a-z0-9-]+)?)*)(?:\s+--\s*(\S.*))?/;

/** Splits findings into those that stay and those that comments turn off, and adds what is wrong with the comments. */
export function applySuppressions(
  findings: readonly Finding[],
  read: ReadProfileResult,
  file: string,
  levelOf: (rule: string) => Level,
): Suppressed {
  const complaints: Finding[] = [];
  const complain: Complain = (rule, pointer, message, hint) => {
    const level = levelOf(rule);
    if (level === 'off') return;
    const range = rangeOf(read.document, file, `${pointer}/comment`);
    complaints.push({ rule, level, message, hint, range });
  };
  const suppressions = readSuppressions(read.profile?.rules ?? [], complain);
  const kept: Finding[] = [];
  const suppressed: (Finding & { reason: string })[] = [];
  for (const finding of findings) {
    const by = suppressions.find((suppression) => covers(suppression, finding));
    if (by === undefined) kept.push(finding);
    else {
      by.used.add(finding.rule);
      suppressed.push({ ...finding, reason: by.reason });
    }
  }
  for (const { rules, used, pointer } of suppressions) {
    // A rule that is off finds nothing here. Where it is on, the comment may be needed.
    for (const rule of rules.filter((each) => !used.has(each) && levelOf(each) !== 'off')) {
      const message = `nothing to suppress: there is no finding of ${rule} here`;
      complain('unused-suppression', pointer, message, 'remove the rule id from the comment');
    }
  }
  return { kept: [...kept, ...complaints], suppressed };
}

type Complain = (rule: string, pointer: string, message: string, hint: string) => void;

/** The suppressions that comments of rules give a reason for. */
function readSuppressions(profileRules: readonly ProfileRule[], complain: Complain): readonly Suppression[] {
  return profileRules.flatMap(({ comment, place }) => {
    // Most rules have a comment, and few profiles one of this form: V8 compiles it when it is first asked for.
    const match = comment?.includes('oci-seccomp-disable') === true ? FORM.exec(comment) : null;
    const pointer = place?.pointer;
    if (match === null || pointer === undefined) return [];
    const [, next, names = '', reason] = match;
    const rules = names.split(',').map((name) => name.trim());
    if (reason !== undefined)
      return [{ rules, reason, pointer, wholeProfile: next === undefined, used: new Set<string>() }];
    const message = `the suppression of ${rules.join(', ')} gives no reason and has no effect`;
    const hint = 'write "oci-seccomp-disable-next RULE -- REASON"';
    complain('suppression-without-reason', pointer, message, hint);
    return [];
  });
}

function covers({ rules, pointer, wholeProfile }: Suppression, { rule, range }: Finding): boolean {
  if (!rules.includes(rule)) return false;
  return wholeProfile || range.pointer === pointer || range.pointer.startsWith(`${pointer}/`);
}
