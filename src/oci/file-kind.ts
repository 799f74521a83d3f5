/**
 * What a file is, told from its content alone: a profile, a BPF program, or something else that people mistake for one.
 * This is the only place that decides it. Nothing is parsed here; readers of profiles and of programs say what is wrong
 * with what is theirs.
 *
 * Sources of the other formats: lxc.container.conf(5) (lxc.seccomp.profile), minijail0(5), kafel's README,
 * systemd.exec(5), firejail-profile(5), apparmor.d(5), Firecracker's docs/seccompiler.md, oci-hooks(5), elf(5).
 * @module
 */
import { listingForm } from '../abi/listing-form.ts';
import { isSyscallName } from '../abi/syscall-numbers.ts';
import type { ForeignDialect } from './dialect-rows.ts';

/**
 * - `profile`: a text that the reader of profiles should read; it may still be broken
 * - `program`: a BPF program in one of its forms; not `sure` if it is one only because it can be nothing else
 * - `other`: known, and neither of the two
 */
type FileKind =
  | { readonly kind: 'profile' }
  | { readonly kind: 'program'; readonly form: 'raw' | 'text' | 'json'; readonly sure: boolean }
  | ({ readonly kind: 'other' } & OtherFile);

/** A known kind of file that no reader of profiles or programs takes. */
interface OtherFile {
  /** With its article: `an LXC seccomp policy`. */
  readonly what: string;
  /** What the user can do, one sentence without a full stop. */
  readonly hint: string;
  /** Where the text shows it, as an offset in UTF-16 units; absent where all of it does. */
  readonly at?: number;
}

/** How many bytes are looked at: the beginning of a file shows its kind. */
const LOOKED_AT = 1 << 18;
/** A trace is searched further, because its filter may come late. */
const LISTED_AT = 1 << 22;

/** Tells what a file is. A blank text is a program that is not sure: every reader refuses it. */
export function detectFile(input: string | Uint8Array): FileKind {
  if (typeof input !== 'string') {
    const binary = detectBinary(input);
    if (binary !== undefined) return binary;
  }
  const whole = (typeof input === 'string' ? input : decode(input, LISTED_AT)).slice(0, LISTED_AT);
  const text = whole.slice(0, LOOKED_AT).replace(/^\ufeff/, '');
  const program = programText(text);
  if (program !== undefined) return program;
  const start = withoutComments(text);
  if (/^\{\s*(?:["'}/]|$)/.test(start)) return isProgramJson(text) ? PROGRAM_JSON : { kind: 'profile' };
  const isYaml = /^(?:---|(?:"?(?:apiVersion|kind|defaultAction|syscalls|metadata|spec)"?):)/.test(start);
  // A firejail log has lines like those of its profiles, and a long trace may come before a filter.
  if (!isYaml && listingForm(whole) !== undefined) return { kind: 'program', form: 'text', sure: true };
  if (!isYaml && foreignDialect(text) !== undefined) return { kind: 'profile' };
  const other = otherText(text);
  if (other !== undefined) return { kind: 'other', ...other };
  if (isYaml) return { kind: 'profile' };
  return { kind: 'program', form: 'text', sure: false };
}

/**
 * Names a file that could not be read as a profile.
 *
 * @param brokenAt - where it could not be read
 * @returns `undefined` if it is not known to be something else: its problems as a profile are then more useful
 */
export function notAProfileFile(input: string | Uint8Array, brokenAt?: number): OtherFile | undefined {
  const found = detectFile(input);
  if (found.kind === 'program') return found.sure ? program(found.form, input) : undefined;
  // A template may begin as any text does.
  if (found.kind === 'other') return found;
  const text = typeof input === 'string' ? input : decode(input);
  return isOutsideOfMarks(text.replace(/^\ufeff/, ''), brokenAt) ? undefined : templateOf(text);
}

/** Whether a JSON text is broken outside of the marks of templates: then it is broken, and no template. */
function isOutsideOfMarks(text: string, brokenAt: number | undefined): boolean {
  if (brokenAt === undefined || !/^\s*[{[]/.test(text)) return false;
  const marks = [...text.matchAll(new RegExp(TEMPLATE, 'g'))];
  return marks.every(({ 0: mark, index }) => brokenAt < index || brokenAt > index + mark.length);
}

const PROGRAM_JSON = { kind: 'program', form: 'json', sure: true } as const;

function program(form: 'raw' | 'text' | 'json', input: string | Uint8Array): OtherFile {
  const what = {
    raw: `a BPF program of ${input.length / INSTRUCTION} instructions`,
    text: 'a BPF program as a text',
    json: 'a BPF program as JSON',
  }[form];
  return {
    what,
    hint: 'oci-seccomp disasm shows it, and decompile makes a profile of it; explain, diff, subset and verify take it as it is',
  };
}

function decode(bytes: Uint8Array, length = LOOKED_AT): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, length));
}

const INSTRUCTION = 8;
/** The kernel's limit is 4096 instructions. */
const MAX_PROGRAM = 4096 * INSTRUCTION;

/** Files that begin with fixed bytes. */
const magics: readonly (readonly [bytes: readonly number[], file: OtherFile])[] = [
  [
    [0x7f, 0x45, 0x4c, 0x46],
    {
      what: 'an ELF file (an executable or a library)',
      hint: 'oci-seccomp run -- COMMAND runs a command under a profile; pid:PID stands for the filters of a process',
    },
  ],
  [[0x1f, 0x8b], { what: 'a file compressed with gzip', hint: 'unpack it first: gunzip FILE' }],
  [[0x28, 0xb5, 0x2f, 0xfd], { what: 'a file compressed with zstd', hint: 'unpack it first: unzstd FILE' }],
  [
    [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
    { what: 'a file compressed with xz', hint: 'unpack it first: unxz FILE' },
  ],
  [[0x42, 0x5a, 0x68], { what: 'a file compressed with bzip2', hint: 'unpack it first: bunzip2 FILE' }],
  [[0x50, 0x4b, 0x03, 0x04], { what: 'a ZIP archive', hint: 'unpack it first: unzip FILE' }],
];

/** `ustar` in the head of a tar's first file, POSIX pax(1). */
const USTAR = [0x75, 0x73, 0x74, 0x61, 0x72];
const USTAR_AT = 257;

function detectBinary(bytes: Uint8Array): FileKind | undefined {
  const known = magics.find(([magic]) => magic.every((byte, i) => bytes[i] === byte));
  if (USTAR.every((byte, i) => bytes[USTAR_AT + i] === byte)) {
    const hint = 'unpack it first: tar -xf FILE; the config.json of a bundle is in there as it is';
    return { kind: 'other', what: 'a tar archive', hint };
  }
  if (known !== undefined) return { kind: 'other', ...known[1] };
  // The reader of profiles says what to do about it.
  if (isUtf16(bytes)) return { kind: 'profile' };
  if (!bytes.subarray(0, LOOKED_AT).includes(0)) return undefined;
  return { kind: 'program', form: 'raw', sure: isRawProgram(bytes) };
}

/** A text in UTF-16: with its mark, or two ASCII characters with a 0 for every other byte. */
export function isUtf16(bytes: Uint8Array): boolean {
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) return true;
  const isText = (byte: number): boolean => (byte >= 0x20 && byte < 0x7f) || (byte >= 0x09 && byte <= 0x0d);
  const little = isText(a) && b === 0 && isText(c) && d === 0;
  const big = a === 0 && isText(b) && c === 0 && isText(d);
  return (little || big) && !isRawProgram(bytes);
}

/** Instructions of 8 bytes whose operation, in one of the byte orders, has a high byte of 0; the last one returns. */
function isRawProgram(bytes: Uint8Array): boolean {
  const { length } = bytes;
  if (length % INSTRUCTION !== 0 || length > MAX_PROGRAM) return false;
  return [0, 1].some((low) => {
    for (let at = 0; at < length; at += INSTRUCTION) if (bytes[at + 1 - low] !== 0) return false;
    // BPF_RET|BPF_K and BPF_RET|BPF_A
    return [0x06, 0x16].includes(bytes[length - INSTRUCTION + low] ?? 0);
  });
}

/** A text without the comments that it begins with, of whatever language. */
function withoutComments(text: string): string {
  return text.replace(/^(?:\s|\/\/.*|\/\*[\s\S]*?\*\/|#.*)+/, '');
}

function isProgramJson(text: string): boolean {
  return /"instructions"\s*:\s*\[/.test(text) && !/"(?:defaultAction|syscalls)"\s*:/.test(text);
}

const MNEMONIC = /^(?:\.endian|\.word|ldx?|ldb|ldh|ldi|stx?|jmp|ja|jn?eq|j[gl][te]|jset|ret|and|tax|txa)\b/;

/** Programs as texts that can be nothing else. */
function programText(text: string): FileKind | undefined {
  // JSON, which most files are, is no listing: its lines need not be looked at.
  const listing = !/^\s*[{[]/.test(text) && isListing(text);
  const array = /\bBPF_(?:STMT|JUMP)\s*\(|\bstruct\s+sock_filter\b/.test(text);
  return listing || array ? { kind: 'program', form: 'text', sure: true } : undefined;
}

/** What `asm` and `disasm` write: comments begin with a semicolon, and each line is an instruction. */
function isListing(text: string): boolean {
  const lines = text.slice(0, 1 << 14).split('\n');
  const written = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith(';'));
  return (
    written.length > 0 &&
    written.slice(0, 8).every((line) => MNEMONIC.test(line.replace(/^(?:[A-Za-z_]\w*:\s*|\d+\s+)+/, '')))
  );
}

const noLanguage =
  'oci-seccomp reads the profiles of containers, units of systemd, and policies of LXC in version 2 and of minijail';

/** How policies of minijail begin that are written here, in a comment: one that allows nothing has no other line. */
export const MINIJAIL_POLICY = 'A policy of minijail';

/** A text in a language that has a reader of its own, told by its content. */
export function foreignDialect(text: string): ForeignDialect | undefined {
  const start = text.slice(0, LOOKED_AT).replace(/^\ufeff/, '');
  // First what almost all texts are, and no LXC policy is: V8 compiles each expression anew in each run.
  if (/^\s*[{[]\s*["'{}]/.test(start)) return undefined;
  if (/^\s*2[ \t]*\r?\n\s*(?:allow|white|deny|black)list\b/.test(start)) return 'lxc';
  if (start.startsWith(`# ${MINIJAIL_POLICY} `) || isMinijail(writtenLines(start))) return 'minijail';
  // Other settings of a unit may hold what looks like a template: docker inspect -f "{{.State}}".
  const filters = start.replace(/^[ \t]*(?!SystemCall)\w+[ \t]*=.*$/gm, '');
  if (templateOf(filters) !== undefined) return undefined;
  // In scripts, manifests and prose, other lines stand before a unit.
  const [first = ''] = /^[^\S\n]*[^\s#;].*$/m.exec(start) ?? [];
  if (!/^\s*(?:\[|\w+[ \t]*=)/.test(first)) return undefined;
  return /^[ \t]*SystemCall(?:Filter|Architectures|ErrorNumber|Log)[ \t]*=/m.test(start)
    ? 'systemd'
    : undefined;
}

/** Without comments and blank lines. */
function writtenLines(text: string): readonly string[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
}

function otherText(text: string): OtherFile | undefined {
  const template = templateOf(text);
  if (template !== undefined) return template;
  if (text.includes('# pseudo filter code start')) {
    const hint = 'it cannot be turned into a program again; write the program with --format bpf, json or asm';
    return { what: "libseccomp's pseudo filter code (PFC), which is for reading only", hint };
  }
  const written = writtenLines(text);
  const [first = '', second = ''] = written;
  if (
    /^[12]$/.test(first) &&
    /^(?:(?:allow|white|deny|black)list\b|\[\w+\]|[a-z_]\w*(?:\s|$)|\d+$)/.test(second)
  ) {
    return { what: 'an LXC seccomp policy of version 1', hint: `${noLanguage}; LXC's liblxc reads this one` };
  }
  if (isKafel(withoutComments(text))) {
    return { what: 'a kafel policy', hint: `${noLanguage}; nsjail --seccomp_policy reads this one` };
  }
  if (/^\[[A-Z]\w*\]$/.test(first) && written.some((line) => /^[A-Z]\w*\s*=/.test(line))) {
    const hint = `it has no SystemCallFilter=; for what a running service has give pid:PID (systemctl show -p MainPID NAME)`;
    return { what: 'a systemd unit without a filter of system calls', hint };
  }
  if (written.some((line) => FIREJAIL.test(line))) {
    return { what: 'a firejail profile', hint: `${noLanguage}; for what firejail installs give pid:PID` };
  }
  if (
    /^(?:abi\s*<|#?include\s*<|profile\s.{1,200}\{$|\/\S{1,200}\s.{0,100}\{$)/.test(first) &&
    /\b(?:capability|deny|network|file)\b.*,\s*$/m.test(text)
  ) {
    return {
      what: 'an AppArmor profile',
      hint: 'AppArmor filters files and capabilities; give the seccomp profile',
    };
  }
  return undefined;
}

/** Marks of Go's templates, Jinja's and Mustache's, which JSON and YAML do not have; a C array has digits there. */
const TEMPLATE = /\{\{-?\s*(?:[a-z.$("'`]|\/\*)[^\n]{0,200}?\}\}|\{%-?\s*\w[^\n]{0,200}?%\}/;

function templateOf(text: string): OtherFile | undefined {
  const found = TEMPLATE.exec(text.slice(0, LOOKED_AT));
  if (found === null) return undefined;
  const isHelm =
    /\{\{-|-\}\}|\.(?:Values|Release|Chart|Files|Capabilities)\b|\{\{\s*(?:include|template|define|if|range|with|end)\b/.test(
      text,
    );
  const hint = isHelm
    ? 'render the chart first: helm template CHART > FILE'
    : 'render the template first and give the result';
  return { what: isHelm ? 'a Helm template' : 'a template', hint, at: found.index };
}

const MINIJAIL_ACTION =
  /^(?:1|allow|kill|kill-process|kill-thread|trap|trace|log|user-notify)$|^return\b|\barg[0-5]\b|^\{/;

/** `name: action` lines, and lines that begin with `@`. */
function isMinijail(written: readonly string[]): boolean {
  if (written.length === 0) return false;
  let policies = 0;
  for (const line of written) {
    if (/^@(?:include|frequency|default)\b/.test(line)) {
      policies += 1;
      continue;
    }
    const [, name = '', action = ''] = /^([a-z_]\w*)(?:\[[^\]]*\])?\s*:\s*(.*)$/.exec(line) ?? [];
    if (isSyscallName(name) && MINIJAIL_ACTION.test(action)) policies += 1;
    // A policy may continue in the next line.
    else if (!/\barg[0-5]\b|^[\w|&=<> ()]+[}\\]?$/.test(line)) return false;
  }
  return policies * 2 > written.length;
}

function isKafel(start: string): boolean {
  return /^(?:#define\s|POLICY\s+\w+|USE\s+\w+|DEFAULT\s+[A-Z]|(?:ALLOW|KILL|KILL_PROCESS|DENY|LOG|USER_NOTIF|(?:ERRNO|TRAP|TRACE)\s*\([^)]*\))\s*\{)/.test(
    start,
  );
}

const FIREJAIL =
  /^(?:seccomp(?:\.(?:drop|keep|32(?:\.\w+)?|block-secondary))?(?:\s+[!\w@]|$)|caps\.(?:drop|keep)\s|(?:no)?blacklist\s+[/$]|noblacklist\s|include\s+\S+\.(?:inc|local|profile)$|private-(?:bin|dev|etc|tmp)\b)/;
