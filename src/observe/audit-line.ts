/**
 * Finds records about seccomp in a line of any log: audit.log, the kernel's log, journals, syslog, what ausearch prints,
 * container logs, JSON; and dumps of the signal SIGSYS as strace, gdb and Chromium print them.
 *
 * A line can hold several records. Work is linear in the length of the line: lines can be hostile.
 *
 * Sources: Linux 6.18 kernel/audit.c (`type=1326 audit(…)`); auditd(8); systemd-journald (`audit[PID]: SECCOMP …`);
 * strace 6 (`--- SIGSYS {…} ---`); gdb (`$_siginfo`); Chromium sandbox/linux/seccomp-bpf-helpers/sigsys_handlers.cc;
 * the container runtime interface's log format (`TIME stdout F TEXT`); laurel and go-audit (JSON).
 * @module
 */
import { type AuditRecord, recordOf, type Stamp } from './audit-record.ts';
import { sigsysFields } from './sigsys-dump.ts';

const NO_STAMP: Stamp = { time: undefined, id: undefined };

/** What every line with a record has. */
const RELEVANT = /code=|"code"|seccomp|sigsys|type=1326|"MESSAGE":\[/i;

/** Reads all records of a line, in their order. */
export function readAuditLine(line: string): readonly AuditRecord[] {
  if (!RELEVANT.test(line)) return [];
  const json = /^[^{]{0,200}(\{.*\})\s*$/s.exec(line)?.[1];
  const value = json === undefined ? undefined : parseJson(json);
  if (value !== undefined) return readValue(value, NO_STAMP, 0);
  // A container log that was cut: its text is still escaped.
  return readText(line.includes('\\"') ? line.replaceAll('\\"', '"') : line, NO_STAMP);
}

function parseJson(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

const MAX_DEPTH = 8;

/** Records in the texts of a JSON value, and objects that are one: keys of several programs. */
function readValue(value: object, stamp: Stamp, depth: number): readonly AuditRecord[] {
  if (depth > MAX_DEPTH) return [];
  const own = stampOf(value, stamp);
  const entries = Object.entries(value);
  const record = recordOf(fieldsOf(entries), own);
  if (record !== undefined) return [record];
  return entries.flatMap(([key, each]: [string, unknown]) => {
    if (typeof each === 'string') return readText(each, own);
    if (typeof each !== 'object' || each === null) return [];
    const text = Array.isArray(each) && key === 'MESSAGE' ? bytesOf(each) : undefined;
    return text === undefined ? readValue(each, own, depth + 1) : readText(text, own);
  });
}

function fieldsOf(entries: readonly (readonly [string, unknown])[]): ReadonlyMap<string, string> {
  return new Map(
    entries.flatMap(([key, value]) =>
      typeof value === 'string' || typeof value === 'number' ? [[key, String(value)]] : [],
    ),
  );
}

/** The journal writes a message that is not text as a list of its bytes. */
function bytesOf(list: readonly unknown[]): string | undefined {
  if (!list.every((each) => typeof each === 'number')) return undefined;
  return new TextDecoder().decode(Uint8Array.from(list as readonly number[]));
}

/** Times of the kernel first: those of a log say when a line was written. */
function stampOf(value: object, outer: Stamp): Stamp {
  const of = (key: string): string | undefined => {
    const found = (value as Readonly<Record<string, unknown>>)[key];
    return typeof found === 'string' || typeof found === 'number' ? String(found) : undefined;
  };
  const id =
    of('ID') ??
    (/^\d{9,11}\.\d{3}$/.test(of('timestamp') ?? '') ? idOf(of('timestamp'), of('sequence')) : undefined);
  if (id !== undefined) return kernelStamp(id) ?? outer;
  const micros = of('__REALTIME_TIMESTAMP');
  if (micros !== undefined && /^\d{13,17}$/.test(micros)) return { ...outer, time: Number(micros) / 1000 };
  const text = of('time') ?? of('@timestamp') ?? of('timestamp');
  const time = text === undefined ? undefined : isoTime(text);
  return time === undefined ? outer : { ...outer, time };
}

function idOf(seconds: string | undefined, serial: string | undefined): string {
  return `${seconds}:${serial ?? ''}`;
}

/** `1795938683.915:64296` */
function kernelStamp(id: string): Stamp | undefined {
  const [, seconds, serial] = /^(\d{1,11}(?:\.\d{1,9})?):(\d{0,20})$/.exec(id) ?? [];
  if (seconds === undefined) return undefined;
  return { time: Math.round(Number(seconds) * 1000), id: serial === '' ? undefined : id };
}

/** `audit(…)`, or `KEY=` at the start of a word: a run of letters is looked at once. */
const TOKEN = /(?<![A-Za-z_])(?:audit\(([^()]{1,64})\)|([A-Za-z_]{1,32})=)/g;

function readText(whole: string, outer: Stamp): readonly AuditRecord[] {
  const text = withoutMessage(whole);
  if (!RELEVANT.test(text)) return [];
  const dump = sigsysFields(text);
  if (dump !== undefined) {
    const record = recordOf(dump, { ...outer, time: outer.time ?? lineTime(text) });
    return record === undefined ? [] : [record];
  }
  const records: AuditRecord[] = [];
  let fields = new Map<string, string>();
  let stamp: Stamp | undefined;
  const flush = (): void => {
    const record = recordOf(fields, stamp ?? { ...outer, time: outer.time ?? lineTime(text) });
    if (record !== undefined) records.push(record);
    fields = new Map();
  };
  const tokens = tokensOf(text);
  for (const [i, { 0: token, 1: head, 2: key, index }] of tokens.entries()) {
    if (head !== undefined) {
      flush();
      stamp = headStamp(head) ?? stamp;
      continue;
    }
    if (key === undefined) continue;
    // A key that comes again begins the next record. `msg=audit(…)` and `type=` stand in front of the head.
    if (key === 'type' || fields.has(key)) flush();
    const start = index + token.length;
    const end = tokens[i + 1]?.index ?? text.length;
    fields.set(key, valueAt(text, start, end, key));
  }
  flush();
  return records;
}

/** Keys of programs' names. Those that `ausearch -i` has decoded can have blanks, and reach to the next key. */
const NAMES = new Set(['comm', 'exe']);

/**
 * Cuts off what a process has the kernel write as its own message (AUDIT_USER and the like), which is any text and stands
 * last. Docker's containers may send such messages: they have CAP_AUDIT_WRITE.
 */
function withoutMessage(text: string): string {
  const head = text.indexOf('audit(');
  const message = head === -1 ? -1 : text.indexOf(" msg='", head);
  return message === -1 ? text : text.slice(0, message);
}

/**
 * The tokens of a text, without those in the names of programs: programs choose these, and `code=0x7fff0000` is a name that
 * the kernel writes as it is.
 */
function tokensOf(text: string): readonly RegExpExecArray[] {
  let nameEnd = 0;
  return [...text.matchAll(TOKEN)].filter(({ 0: whole, 2: key, index }) => {
    if (index < nameEnd) return false;
    const start = index + whole.length;
    if (key !== undefined && NAMES.has(key) && text[start] === '"') nameEnd = text.indexOf('"', start + 1);
    return true;
  });
}

function valueAt(text: string, start: number, end: number, key: string): string {
  if (text[start] === '"') {
    const close = text.indexOf('"', start + 1);
    return close === -1 ? text.slice(start, end) : text.slice(start, close + 1);
  }
  const value = text.slice(start, end).trim();
  return NAMES.has(key) ? value : (/^[^\s\p{Cc}"\\]*/u.exec(value)?.[0] ?? '');
}

function headStamp(head: string): Stamp | undefined {
  const exact = kernelStamp(head);
  if (exact !== undefined) return exact;
  // ausearch -i: the locale's date, which is month first in C and English.
  const [, month, day, year, hour, minute, second, milli, serial] =
    /^(\d{1,2})\/(\d{1,2})\/(\d{2}|\d{4}) (\d{1,2}):(\d{2}):(\d{2})\.(\d{3}):(\d{1,20})$/.exec(head) ?? [];
  if (year === undefined) return undefined;
  const full = Number(year) + (year.length === 2 ? 2000 : 0);
  const date = new Date(
    full,
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
    Number(milli),
  );
  return { time: date.getTime(), id: `${date.getTime()}:${serial}` };
}

/**
 * When a line without a head was written, if the year is told: `2026-11-29T08:00:00.123+00:00`, `1795951571.524000 host …`
 * (journalctl -o short-unix). Without a zone it is this machine's time, which journalctl prints.
 */
function lineTime(text: string): number | undefined {
  const seconds = /^(\d{10}\.\d{6}) /.exec(text)?.[1];
  if (seconds !== undefined) return Math.round(Number(seconds) * 1000);
  const [, found, zone] =
    /^\D{0,40}(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[0-9.,:+Z-]{0,20})(?: (UTC)\b)?/.exec(text) ?? [];
  return found === undefined ? undefined : isoTime(zone === undefined ? found : `${found}Z`);
}

function isoTime(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d[T ]/.test(text)) return undefined;
  const time = Date.parse(text.replace(',', '.').replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  return Number.isNaN(time) ? undefined : time;
}

/** Records that a line says were lost before anybody could read them. */
export function lostRecords(line: string): number {
  const suppressed = /kauditd_printk_skb: (\d{1,9}) callbacks suppressed/.exec(line)?.[1];
  return suppressed === undefined ? 0 : Number(suppressed);
}
