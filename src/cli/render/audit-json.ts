/**
 * The report of `audit` as JSON.
 * @module
 */
import { wordsOf } from '../../decision/format-call.ts';
import { type AuditEntry, type AuditReport, earnestOf, isDeniedRecord } from '../answers/audit-report.ts';
import { unifiedDiff } from '../lint/unified-diff.ts';
import { basisJson } from './answer-basis.ts';
import { olderCalls } from './audit-footnotes.ts';
import { editCommand } from './edit-command.ts';
import { defaultActionJson } from './explanation-json.ts';
import { descriptionJson, outcomeJson } from './json-meaning.ts';

export function auditJson(
  { log, summary, entries, filter }: AuditReport,
  logged: readonly string[] | undefined,
) {
  const { records, ungrouped, lost, unreadable } = summary;
  const first = entries.find(({ judgement }) => judgement !== undefined)?.judgement?.filtered;
  return {
    log: log.name,
    records,
    ungrouped,
    lost,
    unreadable,
    actionsLogged: logged ?? null,
    profile: filter ?? null,
    restsOn: first === undefined ? null : basisJson(first.basis),
    calls: entries.map(entryJson),
  };
}

function entryJson({ group, judgement, danger, edit }: AuditEntry) {
  const { sample, count, firstTime, lastTime, pid } = group;
  return {
    program: sample.program ?? null,
    task: sample.task ?? null,
    label: sample.label ?? null,
    pid: pid ?? null,
    arch: sample.arch ?? null,
    archWord: sample.archWord ?? null,
    syscall: sample.syscall,
    nr: sample.nr ?? null,
    action: sample.action?.kind ?? null,
    actionWord: sample.actionWord ?? null,
    denied: isDeniedRecord(sample),
    count,
    first: isoTime(firstTime),
    last: isoTime(lastTime),
    danger: danger?.kind === 'dangerous' ? { what: danger.call.what, reason: danger.call.reason } : null,
    harmless: danger?.kind === 'harmless' ? danger.reason : null,
    olderCalls: olderCalls(sample.syscall),
    allow:
      edit === undefined
        ? null
        : {
            command: editCommand(edit),
            patch: unifiedDiff(edit.file, edit.before, edit.after),
            alsoChanges: edit.proof.others.length,
            also: edit.companions,
          },
    judgement: judgement === undefined ? null : judgementJson(judgement, sample),
  };
}

function isoTime(time: number | undefined): string | null {
  const date = new Date(time ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

function judgementJson(
  judgement: NonNullable<AuditEntry['judgement']>,
  sample: AuditEntry['group']['sample'],
) {
  const { explanation, filtered, agreement, opened } = judgement;
  return {
    agreement,
    inEarnest: earnestOf(judgement, sample) ?? null,
    defaultAction: defaultActionJson(filtered, explanation.asked.arch),
    ways: explanation.ways.map(({ call, answer, reason }) => ({
      nr: call.nr >>> 0,
      verdicts: answer.outcomes.map((outcome) => outcomeJson(outcome, call.arch)),
      ...descriptionJson(answer.description, wordsOf(call.arch, explanation.asked.syscall)),
      reason: reason ?? null,
    })),
    rules: explanation.ways.flatMap(({ rules }) =>
      rules.map(({ rule, treatment }) => ({
        rule,
        place: filtered.work?.input.profile.rules[rule]?.place ?? null,
        fate: treatment.kind,
      })),
    ),
    openedBy: opened,
  };
}
