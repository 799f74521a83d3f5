/**
 * Records of a log, grouped by program, label, architecture, call and action: memory does not grow with the log.
 * @module
 */
import { lostRecords, readAuditLine } from './audit-line.ts';
import type { AuditRecord } from './audit-record.ts';

/** The records that agree in program, label, architecture, call and action. */
export interface AuditGroup {
  /** One of them: the first. */
  readonly sample: AuditRecord;
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly firstTime: number | undefined;
  readonly lastTime: number | undefined;
  /** The process of the last record. */
  readonly pid: number | undefined;
}

export interface AuditSummary {
  /** The newest first. */
  readonly groups: readonly AuditGroup[];
  /** All records, those of groups that found no room too. */
  readonly records: number;
  /** Records of groups beyond the limit. */
  readonly ungrouped: number;
  /** How many records the log says were lost. */
  readonly lost: number;
  /** Lines that name seccomp's record type and cannot be read. */
  readonly unreadable: number;
  /** The beginning of the first of them. */
  readonly unreadableLine: string | undefined;
  readonly characters: number;
}

interface OpenGroup {
  readonly sample: AuditRecord;
  /** Records with the kernel's serial number, and without: journals hold each record in both forms. */
  numbered: number;
  bare: number;
  firstTime: number | undefined;
  lastTime: number | undefined;
  pid: number | undefined;
}

/** No machine has so many programs, calls and actions, but somebody may have made a log up. */
export const MAX_GROUPS = 10_000;
/** The same record comes again within a few lines, where a log takes from several places. */
const MAX_RECENT = 8_192;
/** A line is read up to here; records of the kernel have less than 9,000 characters. */
export const MAX_LINE = 1 << 18;

/** How many characters of a line are shown that cannot be read. */
const MAX_SHOWN = 160;

/** Lines that may say something. */
const HIT =
  /code=|"code"|type=1326|[sS][eE][cC][cC][oO][mM][pP]|[sS][iI][gG][sS][yY][sS]|callbacks suppressed|"MESSAGE":\[/g;
/** Also what `ausearch --format csv` and `text` make of a record: neither its call nor its action. */
const SAYS_SECCOMP = /type=(?:1326|SECCOMP)\b|called-seccomp-controlled-syscall/;

/** Takes a log in pieces. */
interface AuditReader {
  readonly add: (text: string) => void;
  readonly end: () => AuditSummary;
}

/** Starts to read a log. */
export function createAuditReader(): AuditReader {
  const groups = new Map<string, OpenGroup>();
  const recent = new Set<string>();
  const total = { ungrouped: 0, lost: 0, unreadable: 0, characters: 0 };
  let unreadableLine: string | undefined;
  let rest = '';

  const takeLine = (line: string): void => {
    total.lost += lostRecords(line);
    const records = readAuditLine(line);
    if (records.length === 0 && SAYS_SECCOMP.test(line)) {
      total.unreadable += 1;
      unreadableLine ??= line.slice(0, MAX_SHOWN);
    }
    for (const record of records) takeRecord(record);
  };
  const takeRecord = (record: AuditRecord): void => {
    if (isRepeated(record, recent)) return;
    const key = keyOf(record);
    const group = groups.get(key) ?? (groups.size < MAX_GROUPS ? openGroup(record) : undefined);
    if (group === undefined) {
      total.ungrouped += 1;
      return;
    }
    groups.set(key, group);
    addTo(group, record);
  };
  return {
    add: (text) => {
      total.characters += text.length;
      const whole = rest + text;
      let end = whole.lastIndexOf('\n') + 1;
      if (end === 0 && whole.length > MAX_LINE) end = cutBeforeRecord(whole);
      for (const line of hitLines(whole.slice(0, end))) takeLine(line);
      rest = whole.slice(end);
    },
    end: () => {
      for (const line of hitLines(rest)) takeLine(line);
      rest = '';
      const found = [...groups.values()].map(closeGroup).sort(byTime);
      const records = found.reduce((sum, group) => sum + group.count, total.ungrouped);
      return { groups: found, records, ...total, unreadableLine };
    },
  };
}

/** Whether a record with a serial number was among the recent ones; it is now. */
function isRepeated({ id, pid, syscall }: AuditRecord, recent: Set<string>): boolean {
  if (id === undefined) return false;
  const seen = `${id} ${pid} ${syscall}`;
  if (recent.has(seen)) return true;
  recent.add(seen);
  if (recent.size > MAX_RECENT) recent.delete(first(recent));
  return false;
}

/** The lines of a text that may say something. */
function* hitLines(text: string): Generator<string> {
  HIT.lastIndex = 0;
  for (let hit = HIT.exec(text); hit !== null; hit = HIT.exec(text)) {
    const start = text.lastIndexOf('\n', hit.index) + 1;
    const newline = text.indexOf('\n', hit.index);
    const end = newline === -1 ? text.length : newline;
    yield text.slice(start, text[end - 1] === '\r' ? end - 1 : end);
    HIT.lastIndex = end + 1;
  }
}

/** What the records of a group have in common. */
function keyOf(record: AuditRecord): string {
  const { program, label, arch, archWord, syscall, actionWord } = record;
  return JSON.stringify([
    program,
    isConfined(record) ? label : undefined,
    arch ?? archWord,
    syscall,
    actionWord,
  ]);
}

function openGroup(sample: AuditRecord): OpenGroup {
  return { sample, numbered: 0, bare: 0, firstTime: undefined, lastTime: undefined, pid: undefined };
}

/** Whether the record has a label of AppArmor or SELinux that says something. With SELinux, containers differ in it. */
export function isConfined({ label }: AuditRecord): boolean {
  return label !== undefined && label !== 'unconfined' && label !== '=unconfined';
}

/** Where a line without an end is cut: in front of its last record. */
function cutBeforeRecord(text: string): number {
  const record = text.lastIndexOf('type=');
  return record > 0 ? record : text.length;
}

function addTo(group: OpenGroup, { id, time, pid }: AuditRecord): void {
  if (id === undefined) group.bare += 1;
  else group.numbered += 1;
  group.pid = pid ?? group.pid;
  if (time === undefined) return;
  group.firstTime = Math.min(time, group.firstTime ?? time);
  group.lastTime = Math.max(time, group.lastTime ?? time);
}

function closeGroup({ numbered, bare, ...group }: OpenGroup): AuditGroup {
  return { ...group, count: Math.max(numbered, bare) };
}

/** Newest first: what has just failed is what is asked about. Those without a time by their count. */
function byTime(a: AuditGroup, b: AuditGroup): number {
  return (
    (b.lastTime ?? 0) - (a.lastTime ?? 0) ||
    b.count - a.count ||
    compare(a.sample.program, b.sample.program) ||
    compare(a.sample.syscall, b.sample.syscall)
  );
}

/** The oldest. */
function first(set: ReadonlySet<string>): string {
  for (const each of set) return each;
  return '';
}

function compare(a = '', b = ''): number {
  return a < b ? -1 : Number(a > b);
}
