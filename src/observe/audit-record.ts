/**
 * What a record about seccomp says: fields of the kernel's audit message, or of a dump of the signal SIGSYS.
 *
 * The kernel writes no arguments and no data of the action into it: a record of ERRNO does not tell which error.
 *
 * Sources: Linux 6.18 kernel/auditsc.c (`audit_seccomp`, `audit_log_task`), kernel/audit.c
 * (`audit_log_n_untrustedstring`), kernel/seccomp.c (`seccomp_log`); ausearch(8).
 * @module
 */
import { type ActionInfo, actions, parseReturnWord } from '../abi/actions.ts';
import type { ArchName } from '../abi/architectures.ts';
import { findArchitecture } from '../abi/find-architecture.ts';
import { directSyscallNumber, formatCallNumber, syscallName } from '../abi/syscall-numbers.ts';
import { isX32Number } from '../abi/x32-number.ts';

/** What a record tells of one call. */
export interface AuditRecord {
  /** The path of the program; else the name of the task; `undefined`: the record has neither. */
  readonly program: string | undefined;
  /** The name of the task (`comm`), which can differ from the program's: threads have names. */
  readonly task: string | undefined;
  readonly pid: number | undefined;
  /** `undefined`: the record names none (kernels before 3.16), or one that is not known: see `archWord`. */
  readonly arch: ArchName | undefined;
  /** As the record has it. */
  readonly archWord: string | undefined;
  /** As filters see it: u32, of x32 with bit 30. `undefined`: a name that the architecture does not have. */
  readonly nr: number | undefined;
  /** The name, or the record's own word for a call without a name. */
  readonly syscall: string;
  /** `undefined`: an action that no kernel knows, or none in the record. */
  readonly action: ActionInfo | undefined;
  readonly actionWord: string | undefined;
  /** The security label of the task: AppArmor's or SELinux's. */
  readonly label: string | undefined;
  /** Milliseconds since 1970; `undefined`: the record has no time that can be read. */
  readonly time: number | undefined;
  /** `TIME:SERIAL` of the kernel, which tells records apart; `undefined` where a log leaves it out. */
  readonly id: string | undefined;
}

/** Fields of a record by their key. */
type Fields = ReadonlyMap<string, string>;

/** Where a record comes from, besides its fields. */
export interface Stamp {
  readonly time: number | undefined;
  readonly id: string | undefined;
}

/** Names in a record are at most so long here: a path has 4,095 bytes, and what is longer is no program's. */
const MAX_NAME = 4096;

/** Makes a record of its fields; `undefined` if they are not about seccomp. */
export function recordOf(fields: Fields, stamp: Stamp): AuditRecord | undefined {
  const word = fields.get('syscall');
  const code = fields.get('code');
  if (word === undefined || (code === undefined && !endsBySigsys(fields))) return undefined;
  const archWord = fields.get('arch');
  const call = readCall(word, archWord);
  const raw = /^-?\d+$/.test(word) && (archWord === undefined || HEX_WORD.test(archWord));
  const program = readName(fields.get('exe'), raw);
  const task = readName(fields.get('comm'), raw);
  const pid = fields.get('pid');
  return {
    program: program ?? task,
    task,
    pid: pid !== undefined && /^\d{1,10}$/.test(pid) ? Number(pid) : undefined,
    archWord,
    ...call,
    action: code === undefined ? actions.killThread : readAction(code),
    actionWord: code,
    label: readName(fields.get('subj'), false),
    ...stamp,
  };
}

const HEX_WORD = /^(?:0x)?[0-9a-f]{1,8}$/i;

/** Records of kernels before 3.7 have no code: only a kill was recorded, with its signal. */
function endsBySigsys(fields: Fields): boolean {
  return fields.get('sig') === '31' && fields.has('ip');
}

/** A number of 32 bits, as filters see it; the kernel writes it with its sign. */
function readNumber(word: string): number | undefined {
  const number = /^(?:-?\d{1,10}|0x[0-9a-f]{1,8})$/i.test(word) ? Number(word) : Number.NaN;
  return number >= -(2 ** 31) && number < 2 ** 32 ? number >>> 0 : undefined;
}

/** The call and its architecture, of which x86_64 and x32 share a word. */
function readCall(word: string, archWord: string | undefined): Pick<AuditRecord, 'arch' | 'nr' | 'syscall'> {
  const found = archWord === undefined ? undefined : findArchitecture(wordSpelling(archWord))?.name;
  const number = readNumber(word);
  const isX32 = found === 'x86_64' && number !== undefined && isX32Number(number);
  const arch = isX32 ? 'x32' : found;
  const name = word.replace(/^(?:__NR_|SYS_)(?=.)/, '');
  if (number === undefined) {
    return { arch, nr: arch === undefined ? undefined : directSyscallNumber(name, arch), syscall: name };
  }
  const known = arch === undefined ? undefined : syscallName(number, arch);
  return { arch, nr: number, syscall: known ?? `system call ${formatCallNumber(number)}` };
}

/** `c000003e` and `14` in hexadecimal as records have them; a name as `ausearch -i` has it. */
function wordSpelling(word: string): string {
  return HEX_WORD.test(word) ? `arch=${word}` : word;
}

const byLabel = new Map<string, ActionInfo>([
  ...Object.values(actions).map((row) => [row.label.toLowerCase(), row] as const),
  // What ausearch of audit 3 prints: of both kills, and of a notification.
  ['kill', actions.killThread],
  ['user_notify', actions.notify],
]);

/** `0x50000`, `errno`, `kill-process`: the word, or what `ausearch -i` makes of it. */
function readAction(code: string): ActionInfo | undefined {
  if (/^(?:0x)?[0-9a-f]{1,8}$/i.test(code)) return parseReturnWord(Number.parseInt(code, 16)).action;
  return byLabel.get(code.toLowerCase().replaceAll('-', '_'));
}

/**
 * A name as the kernel writes what it does not trust: in quotes, or in hexadecimal digits if it has blanks, quotes or
 * control characters.
 *
 * @param raw - the record is the kernel's own; `ausearch -i` has decoded the names of others
 */
function readName(text: string | undefined, raw: boolean): string | undefined {
  if (text === undefined || text === '' || text === '(null)' || text === '?' || text === '(none)')
    return undefined;
  const quoted = /^"(.*)"?$/s.exec(text)?.[1]?.replace(/"$/, '');
  const name = quoted ?? text;
  if (name.length > 2 * MAX_NAME) return `${name.slice(0, MAX_NAME)}…`;
  if (quoted !== undefined) return quoted === '' ? undefined : quoted;
  if (!raw || !/^(?:[0-9A-F]{2})+$/.test(text)) return text;
  const bytes = Uint8Array.from(text.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
  return new TextDecoder().decode(bytes);
}
