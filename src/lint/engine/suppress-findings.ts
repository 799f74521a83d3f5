/**
 * Turning findings off where a profile says so: `"comment": "oci-seccomp-disable-next RULE[, RULE] -- REASON"` in a rule
 * is about that rule, `oci-seccomp-disable` about the whole profile. A reason is required.
 *
 * Mistakes in such comments are findings too, and no comment turns them off. They are findings of the rules
 * `suppression-without-reason` and `unused-suppression`, and are made here.
 * @module
 */
import { nearest } from '../../abi/nearest-name.ts';
import type { ReadObjectResult } from '../../oci/read-profiles.ts';
import type { Finding, Level } from './finding.ts';
import { rangeOf } from './locate-pointer.ts';
import { type Complaint, readSuppressions, type Suppression } from './read-suppressions.ts';

/** The rules that can be suppressed. */
interface KnownRules {
  readonly levelOf: (rule: string) => Level;
  readonly ids: readonly string[];
}

interface Suppressed {
  readonly kept: readonly Finding[];
  readonly suppressed: readonly (Finding & { readonly reason: string })[];
}

/** Splits findings into those that stay and those that comments turn off, and adds what is wrong with the comments. */
export function applySuppressions(
  findings: readonly Finding[],
  read: ReadObjectResult,
  file: string,
  { levelOf, ids }: KnownRules,
): Suppressed {
  const complaints: Finding[] = [];
  const complain = (complaint: Complaint): void => {
    const level = levelOf(complaint.rule);
    if (level !== 'off') complaints.push({ ...complaint, level });
  };
  const suppressions = readSuppressions(read, file, complain);
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
    const range = rangeOf(read.document, file, `${pointer}/comment`);
    for (const rule of rules.filter((each) => !used.has(each))) {
      const wrong = whyUnused(rule, kept, { levelOf, ids });
      if (wrong !== undefined) complain({ rule: 'unused-suppression', range, ...wrong });
    }
  }
  return { kept: [...kept, ...complaints], suppressed };
}

/** What is wrong with naming a rule that found nothing to suppress. */
function whyUnused(
  rule: string,
  kept: readonly Finding[],
  { levelOf, ids }: KnownRules,
): Pick<Complaint, 'message' | 'hint'> | undefined {
  if (!ids.includes(rule)) {
    // Another configuration may know the rules of a namespace.
    if (rule.includes('/')) return undefined;
    const near = nearest(rule, ids);
    return {
      message: `nothing to suppress: there is no rule '${rule}'`,
      hint: near === undefined ? 'oci-seccomp rules lists them' : `did you mean ${near}?`,
    };
  }
  // A rule that is off finds nothing here. Where it is on, the comment may be needed.
  if (levelOf(rule) === 'off') return undefined;
  const elsewhere = kept.find((finding) => finding.rule === rule)?.range;
  return {
    message: `nothing to suppress: there is no finding of ${rule} here`,
    hint:
      elsewhere === undefined
        ? 'remove the rule id from the comment'
        : `remove the rule id from the comment, or move it to the rule that has the finding at ${elsewhere.line}:${elsewhere.column}`,
  };
}

function covers({ rules, pointer, wholeProfile }: Suppression, { rule, range }: Finding): boolean {
  if (!rules.includes(rule)) return false;
  return wholeProfile || range.pointer === pointer || range.pointer.startsWith(`${pointer}/`);
}
