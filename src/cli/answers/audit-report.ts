/**
 * What a log says about denied calls, and what a profile says about each of them.
 * @module
 */
import { type ArchName, architectures } from '../../abi/architectures.ts';
import { isMade, treatmentOf } from '../../abi/carried-out.ts';
import type { Outcome } from '../../decision/space.ts';
import { OciSeccompError } from '../../errors.ts';
import type { CallDanger } from '../../lint/ask/call-company.ts';
import { dangerousCalls } from '../../lint/catalog/danger.ts';
import { harmlessDenied } from '../../lint/catalog/harmless-denied.ts';
import { type AuditGroup, type AuditSummary, createAuditReader } from '../../observe/audit-groups.ts';
import type { AuditRecord } from '../../observe/audit-record.ts';
import type { FilterSource } from '../../pipeline/filter-source.ts';
import { type Explanation, unlistedArch } from '../../report/explain-call.ts';
import type { ReadingOptions } from '../define/shared-options.ts';
import type { AuditLog } from '../operands/audit-log.ts';
import { parseQuestion } from '../operands/call-question.ts';
import {
  type DecidedFilter,
  decideWhole,
  type Filtered,
  filterOf,
  readSubject,
} from '../operands/filter-operand.ts';
import { requireUses } from '../operands/host-options.ts';
import type { EditableFile, EditedProfile } from './edited-profile.ts';
import { explainAsked, hostArchFor } from './explain-question.ts';

/** Whether a filter does what the record tells. */
type Agreement =
  /** All such calls get the recorded action. */
  | 'always'
  /** For some arguments, which a record does not hold. */
  | 'by-arguments'
  /** None does: the record is of another filter. */
  | 'never';

/** What a filter makes of the calls of a group. */
export interface Judgement {
  readonly explanation: Explanation;
  readonly filtered: Filtered;
  readonly agreement: Agreement;
  /** Rules of the profile that would allow the call if the container had these capabilities. */
  readonly opened: readonly { readonly rule: number; readonly capabilities: readonly string[] }[];
}

/** What is known of the danger of a call. */
type KnownDanger =
  | { readonly kind: 'dangerous'; readonly call: CallDanger }
  | { readonly kind: 'harmless'; readonly reason: string }
  | undefined;

export interface AuditEntry {
  readonly group: AuditGroup;
  /** `undefined`: no filter was given, or the record does not tell which call it was. */
  readonly judgement: Judgement | undefined;
  readonly danger: KnownDanger;
  /** The smallest edit of the profile's text that allows the call, proven; `undefined`: none, or none was searched. */
  readonly edit: EditedProfile | undefined;
}

export interface AuditReport {
  readonly log: AuditLog;
  readonly summary: AuditSummary;
  readonly entries: readonly AuditEntry[];
  /** The filter that was given. */
  readonly filter: string | undefined;
}

/** Reads a log to its end. @param progress - is told of each piece */
export async function readAuditLog(
  log: AuditLog,
  progress: (characters: number) => void,
): Promise<AuditSummary> {
  const reader = createAuditReader();
  for await (const piece of log.pieces()) {
    reader.add(piece);
    progress(piece.length);
  }
  return reader.end();
}

/** Entries that people are shown. The JSON has all. */
export const MAX_ENTRIES = 100;

/**
 * @param profile - an operand: what the records are judged by
 * @param isForPeople - edits are not searched that the text does not show
 */
export async function auditReport(
  log: AuditLog,
  summary: AuditSummary,
  profile: string | undefined,
  options: ReadingOptions,
  isForPeople: boolean,
): Promise<AuditReport> {
  const judge = profile === undefined ? undefined : await createJudge(profile, options);
  const judged: (Omit<AuditEntry, 'edit'> & { readonly name: string | undefined })[] = [];
  /** The calls that may be edited, and whether an edit is shown. */
  const shown = new Map<string, boolean>();
  for (const [index, group] of summary.groups.entries()) {
    const { sample } = group;
    const judgement = await judge?.(sample);
    const name = judgement === undefined ? undefined : nameToEdit(judgement);
    if (judgement !== undefined && name !== undefined) {
      const isNew = !shown.has(name) && shown.size < MAX_EDITS && isEditable(profile, judgement, sample);
      const isShown = !isForPeople || (index < MAX_ENTRIES && !isOfAnotherFilter(judgement, sample));
      if (isNew || shown.has(name)) shown.set(name, isShown || shown.get(name) === true);
    }
    const edited = name !== undefined && shown.has(name) ? name : undefined;
    judged.push({ group, judgement, danger: dangerOf(sample.syscall), name: edited });
  }
  const edits = new Map<string | undefined, EditedProfile | undefined>();
  const tryEdit = createEditor(profile ?? '', options);
  for (const [name, isShown] of shown) if (isShown) edits.set(name, await tryEdit(name));
  const entries = judged.map(({ name, ...entry }) => ({ ...entry, edit: edits.get(name) }));
  return { log, summary, entries, filter: profile };
}

/** Whether the calls were denied by a filter that is not the given one. What to change in the given one is then not said. */
export function isOfAnotherFilter({ agreement }: Judgement, sample: AuditRecord): boolean {
  return agreement === 'never' && isDeniedRecord(sample);
}

/** An edit of a large profile takes a tenth of a second, for it is proven on many hosts. */
const MAX_EDITS = 5;

/** Processes and standard input have no text to edit. */
function isEditable(
  profile: string | undefined,
  { filtered, explanation }: Judgement,
  sample: AuditRecord,
): boolean {
  if (profile === undefined || profile === '-' || filtered.work === undefined) return false;
  // Where arguments decide, only those that are needed should be allowed, and the record does not hold them.
  return !makesMultiplexed(sample) && blocks(explanation) && !dependsOnArguments(explanation);
}

/** The call that an edit of rules would be about. No rule is about one of an architecture that the profile leaves out. */
function nameToEdit({ explanation }: Judgement): string | undefined {
  return unlistedArch(explanation) === undefined ? explanation.asked.syscall : undefined;
}

/** Whether the answer is another for other arguments. */
export function dependsOnArguments({ ways }: Pick<Explanation, 'ways'>): boolean {
  return ways.some(({ answer }) => answer.outcomes.length > 1);
}

/** Whether the filter does not carry out all such calls. */
export function blocks({ ways }: Explanation): boolean {
  return ways.some(({ answer }) =>
    answer.outcomes.some((outcome) => outcome.kind !== 'word' || !isMade(outcome.word)),
  );
}

/**
 * Edits a profile for one call after the other. It is read once.
 *
 * @returns `undefined` if the profile is not JSON or cannot be edited for another reason. The report still names the rule.
 */
function createEditor(
  profile: string,
  { dialect, object, baseDir, arch }: ReadingOptions,
): (syscall: string) => Promise<EditedProfile | undefined> {
  const given = { dialect, object, baseDir, arch };
  const options = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  let text: Promise<EditableFile> | undefined;
  return async (syscall) => {
    try {
      const { editText, textToEdit } = await import('./edited-profile.ts');
      text ??= textToEdit(profile, options);
      return await editText(await text, 'allow', (own) => parseQuestion(syscall, [], own));
    } catch (error) {
      if (error instanceof OciSeccompError) return undefined;
      throw error;
    }
  };
}

interface Prepared {
  readonly filtered: Filtered;
  /** `undefined`: all calls together are too complex. */
  readonly whole: DecidedFilter | undefined;
}

type Judge = (record: AuditRecord) => Promise<Judgement | undefined>;

/** A profile is compiled once for each host that the records need, and each call is explained once. */
async function createJudge(profile: string, options: ReadingOptions): Promise<Judge> {
  const subject = await readSubject(profile, options);
  await requireUses(options, [subject], ['arch']);
  const prepared = new Map<ArchName, Prepared>();
  const known = new Map<string, Explanation>();
  return async (record) => {
    const { arch, nr } = record;
    if (arch === undefined || nr === undefined) return undefined;
    const host = options.arch === undefined ? hostArchFor(arch) : undefined;
    const key = host ?? arch;
    const own =
      prepared.get(key) ??
      (await prepare(subject, { ...options, ...(host === undefined ? {} : { arch: host }) }));
    prepared.set(key, own);
    const { filtered, whole } = own;
    const call = `${key} ${arch} ${nr}`;
    const explanation =
      known.get(call) ??
      (await explainAsked(filtered, whole, parseQuestion(String(nr), [], arch))).explanation;
    known.set(call, explanation);
    const agreement = agreementOf(explanation, record);
    return { explanation, filtered, agreement, opened: openedBy(explanation, filtered) };
  };
}

async function prepare(subject: FilterSource, options: ReadingOptions): Promise<Prepared> {
  const filtered = await filterOf(subject, { ...options, hasNoTable: true });
  return { filtered, whole: decideWhole(filtered) };
}

function agreementOf({ ways }: Explanation, { action }: AuditRecord): Agreement {
  const outcomes = ways.flatMap(({ answer }) => answer.outcomes);
  const same = outcomes.filter((outcome) => hasAction(outcome, action?.word));
  if (same.length === 0) return 'never';
  return same.length === outcomes.length ? 'always' : 'by-arguments';
}

/** Records have the action without its data. A kill of the process and of a thread were one before Linux 4.14. */
function hasAction(outcome: Outcome, word: number | undefined): boolean {
  const words = outcome.kind === 'word' ? [outcome.word] : outcome.kind === 'conflict' ? outcome.words : [];
  return word !== undefined && words.some((each) => (each & ACTION_BITS) >>> 0 === word);
}

const ACTION_BITS = 0xffff_0000;

function openedBy({ ways }: Explanation, { work }: Filtered): Judgement['opened'] {
  if (work === undefined) return [];
  const rules = new Map<number, readonly string[]>();
  for (const { rules: about } of ways) {
    for (const { rule, treatment } of about) {
      const step = work.resolution.steps.find(
        (each) => each.rule === rule && each.reason === 'includes-caps',
      );
      const opens = work.input.profile.rules[rule]?.action === 'SCMP_ACT_ALLOW';
      if (treatment.kind === 'dropped' && step !== undefined && opens) rules.set(rule, step.values);
    }
  }
  return [...rules].map(([rule, capabilities]) => ({ rule, capabilities }));
}

/** What the catalogs of lint know about a call. */
function dangerOf(syscall: string): KnownDanger {
  const holds = ({ calls }: { readonly calls: string }): boolean => calls.split(/\s+/).includes(syscall);
  const call = dangerousCalls.find(holds);
  if (call !== undefined) {
    // A record holds no arguments: whoever allows the call allows it with this value too.
    return { kind: 'dangerous', call: { ...call, isMeant: call.value === undefined } };
  }
  const harmless = harmlessDenied.find(holds);
  return harmless === undefined ? undefined : { kind: 'harmless', reason: harmless.reason };
}

/** Whether the recorded calls were not carried out. */
export function isDeniedRecord({ action }: AuditRecord): boolean {
  return action === undefined || !['made', 'left'].includes(treatmentOf(action.word));
}

/** What the filter would do in earnest with a call that was carried out and recorded, as in a trial. */
export type Earnest = 'denied' | 'by-arguments' | 'asked' | 'allowed';

/** @returns `undefined` if the record is of a call that was not carried out */
export function earnestOf({ explanation }: Judgement, sample: AuditRecord): Earnest | undefined {
  if (isDeniedRecord(sample)) return undefined;
  const outcomes = explanation.ways.flatMap(({ answer }) => answer.outcomes);
  const words = outcomes.flatMap((outcome) => (outcome.kind === 'word' ? [outcome.word] : []));
  if (outcomes.length === words.length && words.every(isMade)) return 'allowed';
  if (words.some(isMade)) return 'by-arguments';
  return words.some((word) => treatmentOf(word) === 'left') ? 'asked' : 'denied';
}

/** Whether 32-bit programs make several calls through this one, of which the record does not tell which. */
export function makesMultiplexed({ syscall, arch }: AuditRecord): boolean {
  return (
    (syscall === 'socketcall' || syscall === 'ipc') && arch !== undefined && architectures[arch].bits === 32
  );
}
