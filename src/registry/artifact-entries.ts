/**
 * How many rules the entries of an artifact make, and whether they contradict each other. A runtime makes a rule for each name of an
 * entry. If several comparisons are about one argument, they are alternatives, and it makes a rule for each of them. It makes none
 * for an entry that says what the default says.
 * @module
 */
import type { Problem } from '../oci/problems.ts';
import type { Place, Profile, ProfileArg, ProfileRule } from '../oci/profile.ts';
import { quote } from '../oci/read-json.ts';

/** Entries of `syscalls` that name one system call. */
const MAX_ENTRIES_PER_CALL = 128;
/** Rules for one system call. */
const MAX_RULES_PER_CALL = 256;
/** Names of one entry. */
const MAX_NAMES = 1024;
/** Rules for all system calls. */
const MAX_RULES = 16_384;
/** The actions that have an errno, or data for a tracer. */
export const WITH_DATA: readonly string[] = ['SCMP_ACT_ERRNO', 'SCMP_ACT_TRACE'];
/** What runtimes take for an errno that is not given. */
const EPERM = 1;

/** Something in a profile that an artifact may not have, with its place. */
export type ArtifactProblem = Omit<Problem, 'code'> & { readonly code: ArtifactProblemCode };

type ArtifactProblemCode =
  | 'artifact-listener'
  | 'artifact-limit'
  | 'artifact-value'
  | 'artifact-repeated'
  | 'artifact-conflict';

/** Makes a problem of its place and message. */
export type MakeProblem = (
  code: ArtifactProblemCode,
  at: At,
  message: string,
  hint?: string,
) => ArtifactProblem;
export type At = Pick<Place, 'line' | 'column' | 'pointer'>;

export const placeOfRule = ({ place }: ProfileRule): At => place ?? { line: 1, column: 1, pointer: '' };

/** What is known of one system call after the entries so far. */
interface CallCount {
  entries: number;
  rules: number;
  /** What each condition leads to. */
  readonly results: Map<string, string>;
  isConflict: boolean;
}

/** Finds the problems of all entries. It stops at too many rules, because the rest is not worth the work. */
export function* checkEntries(profile: Profile, report: MakeProblem): Generator<ArtifactProblem> {
  const counts = new Map<string, CallCount>();
  const ofDefault = resultOf(profile.defaultAction, profile.defaultErrnoRet);
  let all = 0;
  for (const rule of profile.rules) {
    const { names } = rule;
    if (names.length > MAX_NAMES) {
      const message = `the entry has ${names.length} names, and ${MAX_NAMES} are the most`;
      yield report('artifact-limit', placeOfRule(rule), message, 'make two entries of it');
    }
    const result = resultOf(rule.action, rule.errnoRet);
    const conditions = result === ofDefault ? [] : conditionsOf(rule.args ?? []);
    all += conditions.length * names.length;
    if (all > MAX_RULES) {
      const message = `with this entry, runtimes make more than ${MAX_RULES} rules of the profile`;
      yield report('artifact-limit', placeOfRule(rule), message);
      return;
    }
    for (const name of names) {
      const count = counts.get(name) ?? { entries: 0, rules: 0, results: new Map(), isConflict: false };
      counts.set(name, count);
      yield* checkName(name, rule, count, { result, conditions, report });
    }
  }
}

interface Made {
  readonly result: string;
  readonly conditions: readonly string[];
  readonly report: MakeProblem;
}

/** Reports each problem once, at the first entry that is one too many or in conflict. */
function* checkName(
  name: string,
  rule: ProfileRule,
  count: CallCount,
  { result, conditions, report }: Made,
): Generator<ArtifactProblem> {
  count.entries++;
  if (count.entries === MAX_ENTRIES_PER_CALL + 1) {
    const message = `${quote(name)} stands in more than ${MAX_ENTRIES_PER_CALL} entries, the most for one system call`;
    yield report('artifact-limit', placeOfRule(rule), message);
  }
  const before = count.rules;
  count.rules += conditions.length;
  if (before <= MAX_RULES_PER_CALL && count.rules > MAX_RULES_PER_CALL) {
    const message = `${quote(name)} has more than ${MAX_RULES_PER_CALL} rules, the most for one system call`;
    yield report('artifact-limit', placeOfRule(rule), message);
  }
  for (const condition of conditions) {
    const earlier = count.results.get(condition) ?? result;
    count.results.set(condition, earlier);
    if (earlier === result || count.isConflict) continue;
    count.isConflict = true;
    const message = `${quote(name)} gets ${quote(result)} here and ${quote(earlier)} in an earlier entry, under the same condition`;
    yield report(
      'artifact-conflict',
      placeOfRule(rule),
      message,
      'a runtime keeps only one: remove the other',
    );
  }
}

function resultOf(action: string | undefined, errno: number | undefined): string {
  return WITH_DATA.includes(action ?? '') ? `${action} ${errno ?? EPERM}` : `${action}`;
}

/** A text for each rule that a name of the entry gets; equal conditions are equal texts. */
function conditionsOf(args: readonly ProfileArg[]): readonly string[] {
  const texts = args.map(({ index, op, value, valueTwo = 0n }) => {
    const second = op === 'SCMP_CMP_MASKED_EQ' ? ` ${valueTwo & value}` : '';
    return `${index} ${op} ${value}${second}`;
  });
  const isOneEach = new Set(args.map(({ index }) => index)).size === args.length;
  return isOneEach ? [texts.toSorted().join(', ')] : texts;
}
