/**
 * The report of `audit` for people: the calls of a log, what became of them, and what to change.
 * @module
 */
import type { ActionKind } from '../../abi/actions.ts';
import { formatReturnWord } from '../../abi/return-word.ts';
import { fileWord, shellCommand } from '../../abi/shell-word.ts';
import { syscallName } from '../../abi/syscall-numbers.ts';
import { formatOutcome, wordsOf } from '../../decision/format-call.ts';
import { addArchitecture } from '../../lint/edit/listed-architecture.ts';
import { type AuditGroup, type AuditSummary, isConfined } from '../../observe/audit-groups.ts';
import type { AuditRecord } from '../../observe/audit-record.ts';
import { namesBuiltin } from '../../oci/builtin/index.ts';
import { unlistedArch } from '../../report/explain-call.ts';
import { renderCases } from '../../report/explain-text.ts';
import { placeOfDefault, placeOfRule } from '../../report/rule-text.ts';
import {
  type AuditEntry,
  type AuditReport,
  blocks,
  dependsOnArguments,
  type Earnest,
  earnestOf,
  isDeniedRecord,
  isOfAnotherFilter,
  type Judgement,
  MAX_ENTRIES,
  makesMultiplexed,
} from '../answers/audit-report.ts';
import { unifiedDiff } from '../lint/unified-diff.ts';
import { fallback, footnotes, nextStep } from './audit-footnotes.ts';
import { dangerText } from './danger-text.ts';
import { COPY, editCommand } from './edit-command.ts';
import { plural } from './render-problems.ts';
import { safeText } from './safe-text.ts';
import { wrapText } from './wrap-text.ts';

const WIDTH = 110;
const INDENT = '      ';

/** What became of calls with an action, in the words of a person who sees the program fail. */
const effects: Readonly<Record<ActionKind, string>> = {
  killProcess: 'KILL_PROCESS: the kernel ended the process',
  killThread: 'KILL_THREAD: the kernel ended the thread, or the process if it had one',
  trap: 'TRAP: the program got the signal SIGSYS, which ends it unless it handles it',
  errno: 'ERRNO: the call failed with an error; the record does not hold which one',
  notify: 'USER_NOTIF: the process with the listener answered the call',
  trace: 'TRACE: a tracer decided; without one the call failed with ENOSYS',
  log: 'LOG: the call was carried out, and only recorded',
  allow: 'ALLOW: the call was carried out',
};

/** `ausearch -i` of audit 3 prints this word for both, a kill of the process and of a thread. */
const EITHER_KILL = 'kill';

function effectOf({ action, actionWord }: AuditRecord): string | undefined {
  if (actionWord === EITHER_KILL) {
    return 'KILL: the kernel ended the process or a thread of it: ausearch -i does not tell which, ausearch without -i does';
  }
  return action === undefined ? undefined : effects[action.kind];
}

/** The whole report. */
export function renderAudit(report: AuditReport): string {
  const { summary, entries, filter } = report;
  const shown = entries.slice(0, MAX_ENTRIES);
  const lines = [headline(report), ...trial(report), ...losses(summary), ''];
  for (const [program, own] of byProgram(shown)) {
    lines.push(program, ...own.flatMap(renderEntry), '');
  }
  if (shown.length < entries.length) {
    lines.push(`and ${entries.length - shown.length} more kinds: --json shows all of them`, '');
  }
  lines.push(...new Set(shown.flatMap(({ group }) => effectOf(group.sample) ?? [])));
  lines.push(...footnotes(shown), ...nextStep(entries, filter));
  return lines.map((line) => `${line}\n`).join('');
}

function headline({ log, summary }: AuditReport): string {
  const { groups, records } = summary;
  return `${log.name}: ${plural(records, 'record')} of seccomp, ${plural(groups.length, 'kind')}${period(groups)}`;
}

/** In a trial all calls are carried out and logged. Says how many of them the profile would deny. */
function trial({ entries, filter }: AuditReport): readonly string[] {
  if (filter === undefined) return [];
  const earnest = entries.flatMap(({ group, judgement }) => {
    const found = judgement === undefined ? undefined : earnestOf(judgement, group.sample);
    return found === undefined ? [] : [found];
  });
  if (earnest.length === 0) return [];
  const denied = earnest.filter((each) => each === 'denied').length;
  const some = earnest.filter((each) => each === 'by-arguments').length;
  const partly = some === 0 ? '' : `, and ${some} more with some arguments`;
  return [
    `${plural(earnest.length, 'kind')} only logged: ${safeText(filter)} would deny ${denied === 0 ? 'none' : denied} of them${partly}`,
  ];
}

function period(groups: readonly AuditGroup[]): string {
  const first = groups.flatMap(({ firstTime }) => firstTime ?? []);
  const last = groups.flatMap(({ lastTime }) => lastTime ?? []);
  if (first.length === 0) return '';
  const from = first.reduce((a, b) => Math.min(a, b));
  const to = last.reduce((a, b) => Math.max(a, b));
  return `, ${span(from, to)}`;
}

/** Length of `2026-11-29 `. */
const DAY = 11;

function span(from: number, to: number): string {
  const [start, end] = [formatTime(from), formatTime(to)];
  if (start === end) return `${start} UTC`;
  const isSameDay = start.slice(0, DAY) === end.slice(0, DAY);
  return `${start} to ${isSameDay ? end.slice(DAY) : end} UTC`;
}

/** `2026-11-29 08:00:01` */
function formatTime(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime())
    ? 'at a time out of range'
    : date.toISOString().slice(0, 19).replace('T', ' ');
}

function losses({ lost, ungrouped, unreadable, unreadableLine = '' }: AuditSummary): readonly string[] {
  return [
    ...(lost > 0
      ? [
          `the kernel left out ${plural(lost, 'message')} because there were too many: counts are too low, and calls can be missing; auditd loses fewer`,
        ]
      : []),
    ...(ungrouped > 0 ? [`${plural(ungrouped, 'record')} of further kinds are counted only`] : []),
    ...(unreadable > 0
      ? [
          `${plural(unreadable, 'line')} with a record could not be read${unreadable > 1 ? '; the first one' : ''}: ${safeText(unreadableLine)}`,
        ]
      : []),
  ];
}

function byProgram(entries: readonly AuditEntry[]): ReadonlyMap<string, readonly AuditEntry[]> {
  const found = new Map<string, AuditEntry[]>();
  for (const entry of entries) {
    const name = programName(entry.group.sample);
    found.set(name, [...(found.get(name) ?? []), entry]);
  }
  return found;
}

function programName(record: AuditRecord): string {
  const { program, label = '' } = record;
  const name = program === undefined ? 'a program that the record does not name' : safeText(program);
  return isConfined(record) ? `${name} (label ${safeText(label)})` : name;
}

function renderEntry(entry: AuditEntry): readonly string[] {
  const { group } = entry;
  const { sample, count, firstTime, lastTime, pid } = group;
  const when = firstTime === undefined || lastTime === undefined ? '' : `, ${span(firstTime, lastTime)}`;
  const process = pid === undefined ? '' : `, last by process ${pid}`;
  const head = `  ${actionName(sample)} ${archName(sample)} ${safeText(sample.syscall)}: ${count === 1 ? 'once' : `${count} times`}${when}${process}`;
  return [
    head,
    ...notes(entry).flatMap((note) => wrapText(`${INDENT}${note}`, { width: WIDTH, indent: 8 }).split('\n')),
  ];
}

function actionName({ action, actionWord = '' }: AuditRecord): string {
  if (actionWord === EITHER_KILL) return 'KILL';
  return action?.label ?? `unknown action ${safeText(actionWord)}`;
}

function archName({ arch, archWord }: AuditRecord): string {
  return (
    arch ??
    (archWord === undefined ? '(architecture not recorded)' : `unknown architecture ${safeText(archWord)}`)
  );
}

function notes({ group, judgement, danger, edit }: AuditEntry): readonly string[] {
  const { sample } = group;
  const isDenied = judgement === undefined ? isDeniedRecord(sample) : change(judgement, edit).length > 0;
  return [
    ...(makesMultiplexed(sample)
      ? [
          `${sample.syscall} carries many calls; its first argument tells which one, and the record does not hold it`,
        ]
      : []),
    ...(judgement === undefined ? [] : judgementNotes(judgement, sample, edit)),
    ...(isDenied ? fallback(sample) : []),
    ...(isDenied && danger?.kind === 'dangerous'
      ? [`before you allow it: ${dangerText(sample.syscall, danger.call)}`]
      : []),
    ...(isDenied && danger?.kind === 'harmless' ? [`lint has no warning about it: ${danger.reason}`] : []),
  ];
}

function judgementNotes(
  judgement: Judgement,
  sample: AuditRecord,
  edit: AuditEntry['edit'],
): readonly string[] {
  const { agreement, filtered, opened } = judgement;
  const { work, name } = filtered;
  const says = verdicts(judgement);
  if (isOfAnotherFilter(judgement, sample)) {
    return [
      `${name} does not do this: there the call gets ${says}; the record is of another filter, of another version of the profile, or of other options`,
    ];
  }
  return [
    ...(agreement === 'always' || (agreement === 'never' && isSingle(judgement))
      ? [`${inEarnest(earnestOf(judgement, sample), name)}: ${says}${reasonText(judgement)}`]
      : byArguments(judgement, sample)),
    ...opened.map(({ rule, capabilities }) => {
      const place = work === undefined ? '' : placeOfRule(work.input.profile, rule, name);
      const flags = capabilities.map((each) => `--cap-add ${each.replace(/^CAP_/, '')}`).join(' ');
      return `${capabilities.join(' and ')} would allow it (${place}): docker run ${flags}, if the program needs that capability anyway`;
    }),
    ...change(judgement, edit),
  ];
}

/** What the profile, once in force, does with a call of a trial. */
function inEarnest(earnest: Earnest | undefined, name: string): string {
  if (earnest === 'denied') return `would be denied by ${name}`;
  if (earnest === 'asked') return `would be put to a listener by ${name}`;
  return name;
}

function isSingle({ explanation }: Judgement): boolean {
  return explanation.ways.every(({ answer }) => answer.outcomes.length === 1);
}

function verdicts({ explanation }: Judgement): string {
  const all = explanation.ways.flatMap(({ answer, call }) =>
    answer.outcomes.map((outcome) => formatOutcome(outcome, call.arch)),
  );
  return [...new Set(all)].join(' or ');
}

/** `, because of profile.json:9:5` */
function reasonText({ explanation, filtered }: Judgement): string {
  const { work, name } = filtered;
  const reason = explanation.ways[0]?.reason;
  if (work === undefined || reason === undefined) return '';
  const { profile } = work.input;
  switch (reason.kind) {
    case 'rules': {
      const rules = [...reason.matching, ...reason.possible].map((rule) => placeOfRule(profile, rule, name));
      return `, because of ${rules.join(' and ')}`;
    }
    case 'default': {
      const { defaultAction } = work.lowered.policy;
      const place = placeOfDefault(profile);
      return `: no rule names it, and ${formatReturnWord(defaultAction, explanation.ways[0]?.call.arch)} is the default action${place === undefined ? '' : ` (${place})`}`;
    }
    case 'bad-arch':
      return `: the profile does not list the architecture (it lists ${reason.architectures.join(', ')})`;
    case 'stub':
      return `: its number is above ${reason.limit}, the largest that the profile names, and the runtime answers ENOSYS to newer calls`;
  }
}

function byArguments(judgement: Judgement, sample: AuditRecord): readonly string[] {
  const { explanation, filtered } = judgement;
  const way = explanation.ways[0];
  if (way === undefined) return [];
  const { call, answer } = way;
  const words = wordsOf(call.arch, syscallName(call.nr, call.arch));
  const cases = renderCases(answer.description, words, '  ');
  return [
    earnestOf(judgement, sample) === 'by-arguments'
      ? `would be denied by ${filtered.name} with some arguments, and the record does not hold them:`
      : `${filtered.name}: that depends on arguments, which the record does not hold:`,
    ...cases.map((line) => `  ${line.trim().replace(/ {2,}/g, ' ')}`),
    `strace -f -e trace=${explanation.asked.syscall ?? 'all'} COMMAND shows the arguments`,
  ];
}

function change({ filtered, explanation }: Judgement, edit: AuditEntry['edit']): readonly string[] {
  const { work } = filtered;
  const name = explanation.asked.syscall;
  if (work === undefined || name === undefined || !blocks(explanation)) return [];
  if (edit === undefined) return [`to allow it: ${fromRule(explanation, filtered, name)}`];
  const rest = edit.proof.others.length === 0 ? 'no other call changes' : 'other calls change too';
  return [
    `to allow it: ${shellCommand(editCommand(edit))} (proven; ${rest})`,
    ...changedLines(edit),
    ...edit.companions.map(({ syscall, reason }) => `you may need ${syscall} too: ${reason}`),
  ];
}

/** The changed lines of the patch, without context; none if they are many. */
function changedLines({ file, before, after }: NonNullable<AuditEntry['edit']>): readonly string[] {
  const lines = unifiedDiff(file, before, after).split('\n').slice(2);
  const changed = lines.filter((line) => /^[-+]/.test(line));
  return changed.length > MAX_CHANGED ? [] : changed.map((line) => `  ${line.replace(/\s+/g, ' ')}`);
}

const MAX_CHANGED = 6;

function fromRule(
  { ways }: Pick<Explanation, 'ways'>,
  { work, name }: Judgement['filtered'],
  call: string,
): string {
  const reason = ways[0]?.reason;
  const unlisted = unlistedArch({ ways });
  if (unlisted !== undefined) return addArchitecture(unlisted);
  if (call === 'socketcall' || call === 'ipc') {
    return `allow the call that it carries by that call's own name: for instance ${call === 'ipc' ? 'shmget' : 'socket'}`;
  }
  if (dependsOnArguments({ ways })) {
    const file = fileWord(name);
    const target = namesBuiltin(name) ? COPY : file;
    return `find out the arguments, then for these alone: ${shellCommand(['oci-seccomp', 'allow', file, call])} ARGUMENT... ${shellCommand(['-o', target])}`;
  }
  const denying = reason?.kind === 'rules' ? reason.matching : [];
  const [first] = denying;
  const rule = `{"names": ["${call}"], "action": "SCMP_ACT_ALLOW"}`;
  if (work !== undefined && namesBuiltin(name)) {
    return `${shellCommand(['oci-seccomp', 'allow', name, call, '-o', COPY])} (a copy)`;
  }
  if (first === undefined || work === undefined) return `add ${rule} to "syscalls"`;
  return `remove "${call}" from ${placeOfRule(work.input.profile, first, name)}, and add ${rule} if nothing else allows it`;
}

type Explanation = Judgement['explanation'];

/** The report on a log without records: why that proves nothing, and what to do. */
export function renderNothingFound(
  { log, summary }: Pick<AuditReport, 'log' | 'summary'>,
  logged: readonly string[] | undefined,
): string {
  const empty = log.name === 'the journal' ? 'it is empty, or nothing writes one here' : 'it is empty';
  const read = summary.characters === 0 ? empty : `${plural(summary.characters, 'character')} read`;
  if (summary.unreadable > 0) {
    const cut = [
      `${log.name}: no record of seccomp that can be read (${read})`,
      ...losses(summary),
      'A record has arch=, syscall= and code=. A line without them was cut, by a terminal, a copy or a log shipper: read the',
      'log where it is written, on the host: oci-seccomp audit there, or --journal. ausearch --format csv and text leave them',
      'out: use ausearch --raw',
    ];
    return cut.map((line) => `${line}\n`).join('');
  }
  const lines = [
    `${log.name}: no record of seccomp (${read})`,
    ...losses(summary),
    '',
    'That does not mean that nothing was denied. The kernel records',
    '  KILL and LOG   always, if its settings allow it',
    '  ERRNO and TRAP only of filters with the flag SECCOMP_FILTER_FLAG_LOG, which engines do not set by themselves',
    "Docker, Podman and Kubernetes deny with ERRNO: by default a container's denied calls are in no log.",
    ...machineLines(logged),
    '',
    'To see what a container calls that its profile denies:',
    '  1. run the container under a copy of the profile that logs in place of the denial; calls are then carried out, so do',
    '     this only where that is safe:',
    '       oci-seccomp resolve docker-default |',
    `         sed '/"defaultErrnoRet"/d; s/"defaultAction": .*/"defaultAction": "SCMP_ACT_LOG",/' >trial.json`,
    '       docker run --security-opt seccomp=trial.json IMAGE',
    '  2. or keep the denial and record it: add "flags": ["SECCOMP_FILTER_FLAG_LOG"] to the profile, where the engine hands it on',
    '  3. for a single command: oci-seccomp run --log --profile PROFILE -- COMMAND; with --observe in place of --log nothing is',
    '     denied, and hook createRuntime --observe does that for containers',
    'Then read the log again: oci-seccomp audit. The records are in /var/log/audit/audit.log if auditd runs,',
    'else in the log of the kernel of the host, not of the container: --dmesg, or --journal.',
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function machineLines(logged: readonly string[] | undefined): readonly string[] {
  if (logged === undefined) return [];
  const missing = ['kill_process', 'kill_thread', 'errno', 'log'].filter((each) => !logged.includes(each));
  return [
    '',
    `This machine records: ${logged.join(' ') || 'nothing'} (/proc/sys/kernel/seccomp/actions_logged)`,
    ...(missing.length === 0
      ? []
      : [
          `  to record ${missing.join(' ')} too: sysctl kernel.seccomp.actions_logged="${[...logged, ...missing].join(' ')}"`,
        ]),
  ];
}
