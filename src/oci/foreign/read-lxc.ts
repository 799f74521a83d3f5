/**
 * Seccomp policies of LXC, version 2, as the tree of a profile.
 *
 * A section names the machines on which its lines apply. There, they apply to all architectures of the filter.
 *
 * Sources: lxc.container.conf(5), LXC 5.0.2 and 6.0 src/lxc/seccomp.c `parse_config_v2`; the filters that LXC 5.0.2 installed.
 * @module
 */
import { actions } from '../../abi/actions.ts';
import type { ArchName } from '../../abi/architectures.ts';
import { EACCES } from '../../abi/errno-constants.ts';
import { operators } from '../../abi/operators.ts';
import { multiplexedCall } from '../../abi/syscall-numbers.ts';
import type { Node, ObjectNode } from '../document.ts';
import type { FoundProblem } from '../problems.ts';
import { archMap, besidesOf, conditionOn } from './host-architectures.ts';
import { type ForeignTree, type TextPiece, type TreeBuilder, treeBuilder } from './tree.ts';

interface Verdict {
  readonly action: string;
  readonly errno?: number;
}

const ALLOW: Verdict = { action: 'SCMP_ACT_ALLOW' };
const KILL: Verdict = { action: 'SCMP_ACT_KILL' };

/** A line that LXC refuses, and the whole policy with it. */
class Refused extends Error {
  readonly piece: TextPiece;
  readonly hint: string | undefined;
  constructor(piece: TextPiece, message: string, hint?: string) {
    super(message);
    this.piece = piece;
    this.hint = hint;
  }
}

interface Context {
  readonly build: TreeBuilder;
  readonly findings: FoundProblem[];
  /** What a call gets that no line names. */
  readonly standard: Verdict;
  /** What a call gets whose line names no action. */
  readonly listed: Verdict;
}

/** Reads a policy. LXC starts no container whose policy has a line that it cannot read. */
export function readLxc(text: string): ForeignTree {
  const build = treeBuilder(text);
  const findings: FoundProblem[] = [];
  try {
    return { root: readPolicy(text, build, findings), findings };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const { piece, message, hint } = error;
    const at = build.spot(piece).start;
    const refused: FoundProblem = { code: 'invalid-policy', at, pointer: '', message, hint };
    return { root: undefined, findings: [...findings, refused] };
  }
}

function readPolicy(text: string, build: TreeBuilder, findings: FoundProblem[]): ObjectNode {
  const lines = linesOf(text);
  const [version, style, ...rest] = headOf(lines);
  // LXC 5.0.2 says "Invalid version" of it.
  if (version?.text.startsWith(MARK) === true) {
    throw new Refused(
      version,
      'the text begins with a byte-order mark, with which LXC does not find the version',
      'save the file without it',
    );
  }
  if (version === undefined || !/^[ \t\v\f\r]*2[ \t\v\f\r]*$/.test(version.text)) {
    throw new Refused(version ?? { text: '', at: 0 }, 'the first line of a policy is its version, 2');
  }
  if (style === undefined) throw new Refused(version, 'the policy has no line with allowlist or denylist');
  const { standard, listed } = readStyle(style);
  const context = { build, findings, standard, listed };
  const whole = build.spot({ text, at: 0 });
  const place = build.spot(style);
  return build.object(
    {
      defaultAction: build.string(standard.action, place),
      defaultErrnoRet: standard.errno === undefined ? undefined : build.number(standard.errno, place),
      archMap: archMap(build, place, besidesOfHost),
      syscalls: build.array(readRules(rest, context), whole),
    },
    whole,
  );
}

const MARK = '\ufeff';

/** LXC builds no filter for 31-bit programs on s390x. */
export function besidesOfHost(host: ArchName): readonly ArchName[] {
  return host === 's390x' ? [] : besidesOf(host);
}

/** The lines of a text; a carriage return at their end belongs to them. */
function linesOf(text: string): readonly TextPiece[] {
  let at = 0;
  const lines = text.split('\n').map((line) => {
    const piece = { text: line, at };
    at += line.length + 1;
    return piece;
  });
  return lines.at(-1)?.text === '' ? lines.slice(0, -1) : lines;
}

/** Blank lines may stand before the version and after it. */
function headOf(lines: readonly TextPiece[]): readonly TextPiece[] {
  const isWritten = ({ text }: TextPiece): boolean => !/^[ \t\v\f\r]*$/.test(text);
  const first = lines.findIndex(isWritten);
  const second = lines.findIndex((line, i) => i > first && isWritten(line));
  if (first === -1) return [];
  return second === -1 ? lines.slice(first, first + 1) : [lines[first] as TextPiece, ...lines.slice(second)];
}

function readStyle(line: TextPiece): { readonly standard: Verdict; readonly listed: Verdict } {
  const { text } = line;
  if (text.includes('debug'))
    throw new Refused(line, 'LXC does not support debug yet, and refuses the policy');
  const isDeny = /^(?:denylist|blacklist)/.test(text);
  if (!isDeny && !/^(?:allowlist|whitelist)/.test(text)) {
    throw new Refused(line, 'the second line of a policy is allowlist or denylist, and perhaps an action');
  }
  const blank = text.indexOf(' ');
  const given = blank === -1 ? '' : text.slice(blank + 1).replace(/^ +/, '');
  const standard =
    given === '' ? undefined : readAction({ text: given, at: line.at + text.length - given.length });
  return { standard: standard ?? (isDeny ? ALLOW : KILL), listed: isDeny ? KILL : ALLOW };
}

/** LXC compares only the beginning: `killer` is kill. */
function readAction(word: TextPiece): Verdict {
  const { text } = word;
  if (text.startsWith('kill')) return KILL;
  if (text.startsWith('allow')) return ALLOW;
  if (text.startsWith('trap')) return { action: 'SCMP_ACT_TRAP' };
  if (text.startsWith('notify')) return { action: 'SCMP_ACT_NOTIFY' };
  const [, digits] = /^errno[ \t\v\f\r]*([+-]?\d+)/.exec(text) ?? [];
  if (digits === undefined) {
    const hint = 'use kill, errno NUMBER, allow, trap or notify; LXC reads no names of errnos';
    throw new Refused(word, `'${cut(text)}' is not an action`, hint);
  }
  const errno = Number(BigInt.asUintN(16, BigInt(digits)));
  if (errno > actions.errno.maxData) throw new Refused(word, `libseccomp takes no errno ${errno}`);
  return { action: 'SCMP_ACT_ERRNO', errno };
}

function cut(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** The machines on which the lines of a section apply; `undefined`: all. */
const sections: Readonly<Record<string, readonly ArchName[] | undefined>> = {
  all: undefined,
  x86: ['x86', 'x86_64'],
  x32: ['x86_64'],
  x86_64: ['x86_64'],
  arm: ['arm', 'aarch64'],
  arm64: ['aarch64'],
  ppc64le: ['ppc64le'],
  ppc64: ['ppc64'],
  ppc: ['ppc', 'ppc64'],
  mips64: ['mips64'],
  mips64n32: ['mips64'],
  mips: ['mips', 'mips64'],
  mipsel64: ['mipsel64'],
  mipsel64n32: ['mipsel64'],
  mipsel: ['mipsel', 'mipsel64'],
  s390x: ['s390x'],
  s390: ['s390'],
  loongarch64: ['loongarch64'],
};

function readRules(lines: readonly TextPiece[], context: Context): readonly Node[] {
  const rules: Node[] = [];
  let hosts: readonly ArchName[] | undefined;
  for (const line of lines) {
    if (line.text === '' || line.text.startsWith('#')) continue;
    if (line.text.startsWith('[')) {
      hosts = readSection(line);
      continue;
    }
    const rule = readRule(line, hosts, context);
    if (rule !== undefined) rules.push(rule);
  }
  return rules;
}

const LINE_FEED = 'end lines with a line feed alone: LXC reads a carriage return as a part of the line';

function readSection(line: TextPiece): readonly ArchName[] | undefined {
  const [, name = ''] = /^\[(\w+)\]$/.exec(line.text) ?? [];
  const lower = name.toLowerCase();
  const isSpelled = name === lower || name === lower.toUpperCase();
  if (isSpelled && Object.hasOwn(sections, lower)) return sections[lower];
  const names = Object.keys(sections).map((each) => `[${each}]`);
  const hint = line.text.endsWith('\r')
    ? LINE_FEED
    : `use one of ${names.join(', ')}, with nothing behind it`;
  throw new Refused(line, `'${cut(line.text)}' is not a section of a policy`, hint);
}

const FORCED_UMOUNT = 'reject_force_umount';

function readRule(
  line: TextPiece,
  hosts: readonly ArchName[] | undefined,
  context: Context,
): Node | undefined {
  const { build, findings } = context;
  const { text, at } = line;
  const blank = text.indexOf(' ');
  const name = blank === -1 ? text : text.slice(0, blank);
  const after = blank === -1 ? '' : text.slice(blank).replace(/^ +/, '');
  const word = { text: after, at: at + text.length - after.length };
  const verdict = after === '' || after.startsWith('#') ? context.listed : readAction(word);
  const args = text.includes('[') ? readArgs(line) : [];
  const spot = build.spot({ text: name, at });
  const ignored = (message: string): undefined => {
    findings.push({
      code: 'ignored-setting',
      at: spot.start,
      pointer: '',
      message: `${message}: LXC ignores the line`,
    });
  };
  if (/^[ \t\v\f\r]*$/.test(name)) {
    return /^[ \t\v\f\r]*$/.test(text) ? undefined : ignored('the line begins with a blank');
  }
  if (name.startsWith(FORCED_UMOUNT)) return forcedUmount(line, hosts, context);
  if (name.endsWith('\r')) {
    return ignored('the line ends with a carriage return, which LXC reads as a part of the name');
  }
  if (/[^\w-]/.test(name)) return ignored(`'${cut(name)}' is not the name of a system call`);
  if (verdict.action === context.standard.action && verdict.errno === context.standard.errno) {
    const message = `${name} gets what every other call gets: libseccomp refuses such a rule, and LXC does not start the container`;
    throw new Refused(line, message, 'remove the line, or give another action');
  }
  const without = leftOutOn(name, hosts);
  if (without.length > 0) {
    const message = `LXC has no rule for ${name} on ${without.join(' and ')}, where programs make it through another call: there it gets what every other call gets`;
    findings.push({ code: 'rule-left-out', at: spot.start, pointer: '', message });
  }
  return toRule({ name, verdict, args: args.map((arg) => toArg(arg, build)) }, line, hosts, build);
}

/** The architectures of these hosts on which a call goes through a multiplexer. */
function leftOutOn(name: string, hosts: readonly ArchName[] = ['x86_64', 's390x']): readonly ArchName[] {
  const archs = new Set(hosts.flatMap((host) => [host, ...besidesOfHost(host)]));
  return [...archs].filter((arch) => multiplexedCall(name, arch) !== undefined);
}

interface Rule {
  readonly name: string;
  readonly verdict: Verdict;
  readonly args: readonly Node[];
}

function toRule(
  { name, verdict, args }: Rule,
  line: TextPiece,
  hosts: readonly ArchName[] | undefined,
  build: TreeBuilder,
): Node {
  const spot = build.spot(line);
  const start = build.spot({ text: name, at: line.at });
  return build.object(
    {
      names: build.array([build.string(name, start)], start),
      action: build.string(verdict.action, spot),
      errnoRet: verdict.errno === undefined ? undefined : build.number(verdict.errno, spot),
      args: args.length === 0 ? undefined : build.array(args, spot),
      includes: hosts === undefined ? undefined : conditionOn(build, spot, hosts),
    },
    spot,
  );
}

const MNT_FORCE = 1;

/** umount2 with MNT_FORCE gets EACCES, whatever else the line says. */
function forcedUmount(line: TextPiece, hosts: readonly ArchName[] | undefined, { build }: Context): Node {
  const force = {
    index: 1,
    value: BigInt(MNT_FORCE),
    op: 'SCMP_CMP_MASKED_EQ',
    mask: BigInt(MNT_FORCE),
    piece: line,
  };
  const verdict = { action: 'SCMP_ACT_ERRNO', errno: EACCES };
  return toRule({ name: 'umount2', verdict, args: [toArg(force, build)] }, line, hosts, build);
}

interface Arg {
  readonly index: number;
  readonly value: bigint;
  readonly op: string;
  readonly mask: bigint;
  readonly piece: TextPiece;
}

/** `==` or `SCMP_CMP_EQ`. */
function operatorOf(text: string): string | undefined {
  const rows = Object.values(operators);
  return rows.find(({ symbol, ociOperator }) => symbol === text || ociOperator === text)?.ociOperator;
}

const MAX_ARGS = 6;

/** `[index,value,op]` and `[index,value,op,mask]`, at the end of the line; LXC reads the first six. */
function readArgs({ text, at }: TextPiece): readonly Arg[] {
  const args: Arg[] = [];
  let from = 0;
  for (const part of text.split(']')) {
    const piece = { text: part, at: at + from };
    from += part.length + 1;
    if (part === '' || args.length === MAX_ARGS) continue;
    args.push(readArg(piece));
  }
  return args;
}

const ARG = /\[\s*([+-]?\w+),([^,]{1,23}),([^0-9^,]{1,30}),?([^,]{1,23})?/;

function readArg(piece: TextPiece): Arg {
  const [found, index = '', value = '', op = '', mask = '0'] = ARG.exec(piece.text) ?? [];
  const refuse = (what: string): Refused =>
    new Refused(
      piece,
      piece.text === '\r'
        ? 'a carriage return stands behind the arguments'
        : `${what} in '${cut(piece.text.trim())}]'`,
      piece.text === '\r'
        ? LINE_FEED
        : 'write [INDEX,VALUE,OP] or [INDEX,VALUE,&=,MASK], and nothing behind it',
    );
  if (found === undefined) throw refuse('no comparison of an argument can be read');
  const place = parseInteger(index);
  if (place === undefined || place >= MAX_ARGS) throw refuse(`'${index}' is not an argument, 0 to 5,`);
  const number = parseInteger(value);
  if (number === undefined) throw refuse(`'${value}' is not a number`);
  const bits = parseInteger(mask);
  if (bits === undefined) throw refuse(`'${mask}' is not a number`);
  const name = operatorOf(op);
  if (name === undefined) throw refuse(`'${op}' is not an operator`);
  return { index: Number(place), value: number, op: name, mask: bits, piece };
}

/** As strtoull(3) with base 0; `undefined` for a negative number, and for one of more than 64 bits. */
function parseInteger(text: string): bigint | undefined {
  const written = text.replace(/^[ \t\v\f\r]+/, '');
  if (!/^\+?(?:0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)$/.test(written)) return undefined;
  const digits = written.replace('+', '');
  const value = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  return value === BigInt.asUintN(64, value) ? value : undefined;
}

function toArg({ index, value, op, mask, piece }: Arg, build: TreeBuilder): Node {
  const spot = build.spot(piece);
  const isMasked = op === 'SCMP_CMP_MASKED_EQ';
  return build.object(
    {
      index: build.number(index, spot),
      value: build.number(isMasked ? mask : value, spot),
      valueTwo: isMasked ? build.number(value, spot) : undefined,
      op: build.string(op, spot),
    },
    spot,
  );
}
