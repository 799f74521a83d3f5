/**
 * Applies the fixes of findings by position, so that the formatting stays, until nothing is left to fix.
 *
 * A rule may say that its fix keeps the meaning, and that it mends something. This module believes neither. It proves that the
 * profile means the same (prove-fixes.ts), and it lints what a fix gives: a fix that leaves more findings or errors, or as
 * many of both, is not applied. Two fixes that each keep the meaning need not keep it together: each may rest on the rule
 * that the other removes. Then one of them is applied.
 * @module
 */
import { firstThat } from '../../lint/edit/first-that.ts';
import { applyEdits } from '../../lint/edit/text-edits.ts';
import type { Edit, Finding, Fix } from '../../lint/engine/finding.ts';
import { singleFindings } from '../../lint/engine/merge-findings.ts';
import { markOf } from '../../oci/source-text.ts';
import { type Linted, lintBytes } from './lint-files.ts';
import { findChange, isRefused, otherMeaning } from './prove-fixes.ts';

const MAX_ROUNDS = 10;
/** How often the fixes of one round are tried in parts, if together they make a profile worse. */
const MAX_TRIES = 32;

interface Fixed {
  /** The text as it is to be written, byte-order mark included. */
  readonly text: string;
  /** Fixes that were applied. */
  readonly count: number;
  /** What is left, in the new text. */
  readonly linted: Linted;
}

/**
 * Fixes a profile.
 *
 * @param all - also fixes that change what the profile means, after the others
 * @returns what was done; with the text as it was if no fix could be applied
 * @throws OciSeccompError `ERR_PROOF` if a fix that should keep the meaning does not
 */
export async function fixProfile(linted: Linted, all: boolean): Promise<Fixed> {
  const text = linted.read.document?.text;
  const original =
    typeof linted.bytes === 'string'
      ? linted.bytes
      : new TextDecoder('utf-8', { ignoreBOM: true }).decode(linted.bytes);
  const mark = markOf(original);
  // Positions of edits count in the text as it was read.
  if (text === undefined || original !== mark + text) return { text: original, count: 0, linted };
  const kept = await applyRounds(linted, true);
  const last = all ? await applyRounds(kept.linted, false) : { ...kept, count: 0 };
  const after = last.linted.read.document?.text ?? text;
  return {
    text: mark + after,
    count: kept.count + last.count,
    linted: withoutFixes(last.linted, last.leftOut),
  };
}

interface Rounds {
  readonly linted: Linted;
  readonly count: number;
  /** Findings of `linted` whose fixes would make it worse. */
  readonly leftOut: ReadonlySet<Finding>;
}

/** @param keepsMeaning - only fixes that keep the meaning, together too */
async function applyRounds(start: Linted, keepsMeaning: boolean): Promise<Rounds> {
  let linted = start;
  let count = 0;
  let leftOut = new Set<Finding>();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const left = singleFindings(linted.result.findings).filter((finding) => !leftOut.has(finding));
    const wanted = (fix: Fix): boolean => !keepsMeaning || !fix.changesMeaning;
    const chosen = choose(left, wanted, textOf(linted).length);
    if (chosen.length === 0) break;
    const { better, applied } = await applyWhatMends(linted, chosen, keepsMeaning);
    // What overlaps a fix that makes it worse is chosen in the next round.
    leftOut = better === undefined ? new Set([...leftOut, ...chosen]) : new Set();
    linted = better ?? linted;
    count += applied.length;
  }
  return { linted, count, leftOut };
}

function textOf({ read }: Linted): string {
  return read.document?.text ?? '';
}

interface Mended {
  readonly better: Linted | undefined;
  readonly applied: readonly Finding[];
}

/**
 * Applies fixes at once. If that makes the profile worse, or changes a meaning that should stay, applies those halves of them,
 * and of the halves, that do not.
 */
async function applyWhatMends(
  linted: Linted,
  chosen: readonly Finding[],
  keepsMeaning: boolean,
): Promise<Mended> {
  let better: Linted | undefined;
  let applied: readonly Finding[] = [];
  let tries = 0;
  const attempt = async (some: readonly Finding[]): Promise<void> => {
    if (some.length === 0 || tries === MAX_TRIES) return;
    tries += 1;
    const together = [...applied, ...some];
    const next = await lintWith(linted, together);
    const mended = next !== undefined && (await mends(better ?? linted, next));
    const change = mended && keepsMeaning ? await findChange(better ?? linted, next) : undefined;
    const [first, second] = together;
    // Two may not go together; one alone is wrong.
    if (first !== undefined && second === undefined && change !== undefined)
      throw otherMeaning(first, change);
    if (mended && change === undefined) {
      better = next;
      applied = together;
    } else if (some.length > 1) {
      const middle = some.length >> 1;
      await attempt(some.slice(0, middle));
      await attempt(some.slice(middle));
    }
  };
  await attempt(chosen);
  return { better, applied };
}

/** Lints the text with the fixes of findings; `undefined` if they do not go together. */
async function lintWith(linted: Linted, findings: readonly Finding[]): Promise<Linted | undefined> {
  const text = applyEdits(
    textOf(linted),
    findings.flatMap(({ fix }) => fix?.edits ?? []),
  );
  const { bytes, options, read } = linted;
  if (text === undefined) return undefined;
  // A byte-order mark is a finding too.
  return lintBytes(read.document?.name ?? '<input>', markOf(bytes) + text, () => options, options);
}

/** Whether a text is left with fewer findings or errors and more of neither, or is taken now and may show more than before. */
async function mends(before: Linted, after: Linted): Promise<boolean> {
  const isRead = ({ read, parts = [] }: Linted): boolean =>
    read.profile !== undefined && parts.every((part) => part.read.profile !== undefined);
  if (before.parts?.length !== after.parts?.length || (isRead(before) && !isRead(after))) return false;
  const [had, has] = [singleFindings(before.result.findings), singleFindings(after.result.findings)];
  const [more, errors] = [has.length - had.length, countErrors(has) - countErrors(had)];
  if (more <= 0 && errors <= 0 && more + errors < 0) return true;
  return (await isRefused(before)) && !(await isRefused(after));
}

function countErrors(findings: readonly Finding[]): number {
  return findings.filter(({ level }) => level === 'error').length;
}

/** The findings whose fixes can be applied together: where two overlap the first wins. */
function choose(
  findings: readonly Finding[],
  wanted: (fix: Fix) => boolean,
  length: number,
): readonly Finding[] {
  /** In order, without overlaps. */
  const taken: Edit[] = [];
  return findings.filter(({ fix }) => {
    if (fix === undefined || !wanted(fix) || fix.edits.length === 0) return false;
    const places = fix.edits.map((edit) => firstThat(taken, ({ end }) => end >= edit.start));
    // Edits that only touch count too: one may remove the text that the other is about.
    const fits = fix.edits.every(
      ({ start, end }, i) =>
        0 <= start && start <= end && end <= length && (taken[places[i] ?? 0]?.start ?? Infinity) > end,
    );
    if (fits) {
      for (const edit of fix.edits)
        taken.splice(
          firstThat(taken, ({ end }) => end >= edit.start),
          0,
          edit,
        );
    }
    return fits;
  });
}

/** Findings whose fixes are not to be applied say so, and offer them no more. */
function withoutFixes(linted: Linted, leftOut: ReadonlySet<Finding>): Linted {
  if (leftOut.size === 0) return linted;
  const without = (finding: Finding): Finding => {
    const { fix, places, ...rest } = finding;
    const isLeftOut = (places ?? [finding]).some((place) => leftOut.has(place));
    if (fix === undefined && !isLeftOut) return finding;
    const hint = `its fix (${fix?.description ?? 'see the rule'}) was not applied: lint would find as much or more then`;
    return isLeftOut
      ? {
          ...rest,
          hint: [rest.hint, hint].filter((each) => each !== undefined).join('; '),
          ...(places === undefined ? {} : { places: places.map(without) }),
        }
      : finding;
  };
  const result = { ...linted.result, findings: linted.result.findings.map(without) };
  return {
    ...linted,
    result,
    ...(linted.parts === undefined
      ? {}
      : {
          parts: linted.parts.map((part) => ({
            ...part,
            result: { ...part.result, findings: part.result.findings.map(without) },
          })),
        }),
  };
}
