/**
 * Units of systemd: what SystemCallFilter=, SystemCallErrorNumber=, SystemCallArchitectures= and SystemCallLog= say, as the
 * tree of a profile.
 *
 * systemd installs several filters: one that kills other architectures, and for each architecture one for the log and one for the
 * filter. The strictest answer wins. The profile says what they do together.
 *
 * Sources: systemd.exec(5), systemd 252 src/core/{load-fragment,execute}.c, src/shared/seccomp-util.c; the filters of services
 * that systemd 252 started.
 * @module
 */
import { actions } from '../../abi/actions.ts';
import type { ArchName } from '../../abi/architectures.ts';
import { multiplexedCall } from '../../abi/syscall-numbers.ts';
import type { SystemdRelease } from '../dialect-rows.ts';
import type { Node, ObjectNode } from '../document.ts';
import type { FoundProblem } from '../problems.ts';
import { archMap, besidesOf } from './host-architectures.ts';
import {
  addLine,
  type CallList,
  type Denial,
  type Ignore,
  type Listed,
  type ListKind,
} from './systemd-filter.ts';
import {
  type Errno,
  errnoMember,
  type ForeignTree,
  namedErrno,
  type Spot,
  type TextPiece,
  type TreeBuilder,
  treeBuilder,
} from './tree.ts';
import { type Assignment, quotableWordsOf, readUnitLines, wordsOf } from './unit-lines.ts';

/** The sections that have the settings of systemd.exec(5); a unit has one of them. */
const SECTIONS = ['Service', 'Socket', 'Mount', 'Swap'];

/** The section that the unit's name asks for; if it asks for none, the first one of the unit. */
function sectionOf(name: string, assignments: readonly Assignment[]): string | undefined {
  const kind = /\.(service|socket|mount|swap)(?:\.d\/[^/]*)?$/.exec(name)?.[1];
  return (
    SECTIONS.find((each) => each.toLowerCase() === kind) ??
    assignments.find(({ section = '' }) => SECTIONS.includes(section))?.section
  );
}

function brokenSection(header: TextPiece, build: TreeBuilder): FoundProblem {
  return {
    code: 'unit-refused',
    at: build.spot(header).start,
    pointer: '',
    message:
      'this line begins as a section and does not end with ]: systemd does not load such a unit, and reads a drop-in only up to here',
    hint: 'write [Service] alone on the line; comments have lines of their own',
  };
}

/** No real unit has more words. Each word can be a set of hundreds of calls. */
const MAX_WORDS = 10_000;

interface Unit {
  filter: CallList | undefined;
  log: CallList | undefined;
  denial: { readonly value: Denial; readonly at: TextPiece | undefined };
  architectures: { readonly names: ReadonlySet<ArchName | 'native'>; readonly at: TextPiece } | undefined;
  readonly others: Map<string, Assignment>;
}

/** Reads a unit file, a drop-in, or both one after the other as `systemctl cat` prints them. */
export function readSystemd(text: string, name: string, release: SystemdRelease): ForeignTree {
  const build = treeBuilder(text);
  const findings: FoundProblem[] = [];
  const ignore: Ignore = (word, message) =>
    findings.push({
      code: 'ignored-setting',
      at: build.spot(word).start,
      pointer: '',
      message: `${message}: systemd ignores it`,
    });
  const { assignments, ignored, broken } = readUnitLines(text);
  if (broken !== undefined) return { root: undefined, findings: [brokenSection(broken, build)] };
  for (const line of ignored) {
    if (line.text !== '') ignore(line, 'this line is neither a section nor an assignment');
  }
  const words = assignments.reduce((sum, { value }) => sum + value.flatMap(wordsOf).length, 0);
  if (words > MAX_WORDS) {
    const message = `the unit has more than ${MAX_WORDS} words, the most that are read`;
    return { root: undefined, findings: [{ code: 'too-large', at: START, pointer: '', message }] };
  }
  const unit = readAssignments(assignments, sectionOf(name, assignments), { release, ignore });
  if (unit.filter === undefined && unit.log === undefined && unit.architectures === undefined) {
    const message =
      'the unit filters no system calls: it has no SystemCallFilter=, SystemCallLog= or SystemCallArchitectures= in [Service], [Socket], [Mount] or [Swap]';
    return {
      root: undefined,
      findings: [...findings, { code: 'not-a-profile', at: START, pointer: '', message }],
    };
  }
  for (const other of unit.others.values()) findings.push(otherFilter(other, build));
  findings.push(...loggedMultiplexers(unit, build));
  return { root: toTree(unit, build, text, findings), findings };
}

const START = { line: 1, column: 1, offset: 0 };

function readAssignments(
  assignments: readonly Assignment[],
  own: string | undefined,
  { release, ignore }: { readonly release: SystemdRelease; readonly ignore: Ignore },
): Unit {
  const filterKind: ListKind = { implied: '@default', takesDenials: true, parseDenial, release };
  const logKind: ListKind = {
    implied: undefined,
    takesDenials: false,
    parseDenial: () => undefined,
    release,
  };
  const unit: Unit = {
    filter: undefined,
    log: undefined,
    denial: { value: 'kill', at: undefined },
    architectures: undefined,
    others: new Map(),
  };
  for (const assignment of assignments) {
    const { section, key, value } = assignment;
    const isOurs = key.text.startsWith('SystemCall');
    if (section === undefined || section !== own) {
      const where = section === undefined ? 'before any section' : `in [${section}]`;
      const right = own === undefined ? '[Service], [Socket], [Mount] or [Swap]' : `[${own}]`;
      if (isOurs) ignore(key, `${key.text}= stands ${where}, not in ${right}`);
      continue;
    }
    if (key.text === 'SystemCallFilter') unit.filter = addLine(unit.filter, value, filterKind, ignore);
    else if (key.text === 'SystemCallLog') unit.log = addLine(unit.log, value, logKind, ignore);
    else if (key.text === 'SystemCallErrorNumber') unit.denial = readDenial(unit.denial, value, ignore);
    else if (key.text === 'SystemCallArchitectures') addArchitectures(unit, value, ignore);
    else if (isOurs) ignore(key, `there is no setting ${key.text}=`);
    else if (Object.hasOwn(otherFilters, key.text)) unit.others.set(key.text, assignment);
  }
  return unit;
}

function parseDenial(text: string): Denial | undefined {
  if (text === 'kill') return text;
  const [, minus, digits] =
    /^(?:\+|(-))?(0[xX][0-9a-fA-F]{1,9}|0b[01]{1,20}|0o?[0-7]{1,9}|0|[1-9]\d{0,9})$/.exec(text) ?? [];
  if (digits === undefined) return namedErrno(text);
  const number = Number(digits.replace(/^0(?=\d)/, '0o'));
  return number <= actions.errno.maxData && (minus === undefined || number === 0) ? number : undefined;
}

function readDenial(before: Unit['denial'], value: readonly TextPiece[], ignore: Ignore): Unit['denial'] {
  const [word, ...others] = value.filter(({ text }) => text !== '');
  if (word === undefined) return { value: 'kill', at: undefined };
  const denial = others.length === 0 ? parseDenial(word.text) : undefined;
  // 0 is an errno for a single call alone: the call then does nothing and succeeds.
  if (denial !== undefined && denial !== 0) return { value: denial, at: word };
  ignore(word, `'${word.text}' is not an errno, nor kill`);
  return before;
}

/** As systemd spells them: ConditionArchitecture= without the ABIs of one kernel. */
export const architectureNames: Readonly<Record<string, ArchName | 'native'>> = {
  native: 'native',
  x86: 'x86',
  'x86-64': 'x86_64',
  x32: 'x32',
  arm: 'arm',
  arm64: 'aarch64',
  loongarch64: 'loongarch64',
  mips: 'mips',
  mips64: 'mips64',
  'mips64-n32': 'mips64n32',
  'mips-le': 'mipsel',
  'mips64-le': 'mipsel64',
  'mips64-le-n32': 'mipsel64n32',
  parisc: 'parisc',
  parisc64: 'parisc64',
  ppc: 'ppc',
  ppc64: 'ppc64',
  'ppc64-le': 'ppc64le',
  riscv64: 'riscv64',
  s390: 's390',
  s390x: 's390x',
};

function addArchitectures(unit: Unit, value: readonly TextPiece[], ignore: Ignore): void {
  const words = value.flatMap(quotableWordsOf);
  const [at] = words;
  if (at === undefined) {
    unit.architectures = undefined;
    return;
  }
  const names = new Set(unit.architectures?.names);
  for (const word of words) {
    const name = Object.hasOwn(architectureNames, word.text) ? architectureNames[word.text] : undefined;
    if (name === undefined) ignore(word, `'${word.text}' is not an architecture`);
    else names.add(name);
  }
  if (names.size > 0) unit.architectures = { names, at: unit.architectures?.at ?? at };
}

/** The settings for which systemd installs filters of their own. */
const otherFilters: Readonly<Record<string, string>> = {
  DynamicUser: 'RestrictSUIDSGID=, which it implies',
  LockPersonality: 'personality',
  MemoryDenyWriteExecute: 'mmap, mprotect, pkey_mprotect and shmat',
  PrivateDevices: 'the calls of @raw-io',
  ProtectClock: 'the calls of @clock',
  ProtectHostname: 'sethostname and setdomainname',
  ProtectKernelLogs: 'syslog',
  ProtectKernelModules: 'the calls of @module',
  ProtectKernelTunables: '_sysctl',
  RestrictAddressFamilies: 'socket',
  RestrictNamespaces: 'clone, unshare and setns',
  RestrictRealtime: 'sched_setscheduler',
  RestrictSUIDSGID: 'chmod, mknod, open and others that can set the bits',
};

function otherFilter({ key, value }: Assignment, build: TreeBuilder): FoundProblem {
  const isOff = value.every(({ text }) => /^(?:|no?|false|f|off|0)$/i.test(text));
  const filter = `${key.text}= makes systemd install a further filter, on ${otherFilters[key.text]}, which is not read here`;
  return {
    code: 'filter-not-read',
    severity: isOff ? 'note' : 'warning',
    at: build.spot(key).start,
    pointer: '',
    message: isOff
      ? `${key.text}= is off, and installs no filter`
      : `${filter}: the service is at least as strict as what is read`,
  };
}

/**
 * The log and the filter are two programs. A profile is one, where a rule for all of `socketcall` decides before rules for `socket`.
 */
function loggedMultiplexers(unit: Unit, build: TreeBuilder): readonly FoundProblem[] {
  const { filter, log } = unit;
  if (filter === undefined || log?.isAllowList !== true) return [];
  return ['socketcall', 'ipc'].flatMap((name) => {
    const logged = log.calls.get(name);
    const carried = [...filter.calls].find(
      ([call, listed]) =>
        multiplexedCall(call, 'x86')?.multiplexer === name &&
        !isSame(filterVerdict(unit, listed), filterVerdict(unit, undefined)),
    );
    if (logged === undefined || carried === undefined || filter.calls.has(name)) return [];
    const message = `SystemCallLog= has ${name}, and SystemCallFilter= has ${carried[0]}, which 32-bit programs of some machines make through it; they are read as one filter, in which ${name} is logged: the service is at least as strict as what is read`;
    return [{ code: 'filter-not-read', at: build.spot(logged.word).start, pointer: '', message }];
  });
}

/** What a call gets. */
interface Verdict {
  readonly action: string;
  readonly errno?: Errno;
}

const ALLOW: Verdict = { action: 'SCMP_ACT_ALLOW' };
const LOG: Verdict = { action: 'SCMP_ACT_LOG' };

function denied(denial: Denial): Verdict {
  return denial === 'kill'
    ? { action: 'SCMP_ACT_KILL_PROCESS' }
    : { action: 'SCMP_ACT_ERRNO', errno: denial };
}

/** @param call - `undefined`: a call that the list does not have */
function filterVerdict(unit: Unit, call: Listed | undefined): Verdict {
  const { filter } = unit;
  if (filter === undefined) return ALLOW;
  if (call?.denial !== undefined) return denied(call.denial);
  return (call !== undefined) === filter.isAllowList ? ALLOW : denied(unit.denial.value);
}

function logVerdict({ log }: Unit, isListed: boolean): Verdict {
  return log !== undefined && isListed === log.isAllowList ? LOG : ALLOW;
}

/** The stricter of the two: LOG is stricter than ALLOW, and all other answers are stricter than LOG. */
function together(filter: Verdict, log: Verdict): Verdict {
  return filter === ALLOW ? log : filter;
}

function isSame(a: Verdict, b: Verdict): boolean {
  return a.action === b.action && a.errno === b.errno;
}

function toTree(unit: Unit, build: TreeBuilder, text: string, findings: FoundProblem[]): ObjectNode {
  const whole = build.spot({ text, at: 0 });
  const standard = together(filterVerdict(unit, undefined), logVerdict(unit, false));
  const start = unit.denial.at ?? unit.filter?.start ?? unit.log?.start;
  const place = start === undefined ? whole : build.spot(start);
  const own = unit.architectures === undefined ? whole : build.spot(unit.architectures.at);
  return build.object(
    {
      defaultAction: build.string(standard.action, place),
      ...errnoMember(build, place, standard.errno, ['defaultErrnoRet', 'defaultErrno']),
      archMap: archMap(build, own, (host) => beside(unit, host)),
      syscalls: build.array(rulesOf(unit, standard, build, findings), whole),
    },
    whole,
  );
}

/** The architectures of a host's programs that are not killed, beside its own. */
function beside({ architectures }: Unit, host: ArchName): readonly ArchName[] | undefined {
  if (architectures === undefined) return besidesOf(host);
  const { names } = architectures;
  // x32 programs call what is in their vDSO as x86_64.
  const isIn = (arch: ArchName): boolean => names.has(arch) || (arch === 'x86_64' && names.has('x32'));
  if (!isIn(host) && !names.has('native')) return undefined;
  return besidesOf(host).filter(isIn);
}

interface Group {
  readonly names: string[];
  readonly listed: Listed;
  readonly verdict: Verdict;
}

function rulesOf(
  unit: Unit,
  standard: Verdict,
  build: TreeBuilder,
  findings: FoundProblem[],
): readonly Node[] {
  const { filter, log } = unit;
  const groups = new Map<string, Group>();
  for (const name of new Set([...(filter?.calls.keys() ?? []), ...(log?.calls.keys() ?? [])])) {
    const inFilter = filter?.calls.get(name);
    const inLog = log?.calls.get(name);
    const listed = inFilter ?? inLog;
    if (listed === undefined) continue;
    const own = filterVerdict(unit, inFilter);
    if (inFilter !== undefined && isSame(own, filterVerdict(unit, undefined)))
      refuse(inFilter, build, findings);
    const verdict = together(own, logVerdict(unit, inLog !== undefined));
    if (isSame(verdict, standard)) continue;
    const key = `${listed.word.at} ${verdict.action} ${verdict.errno ?? ''}`;
    const group = groups.get(key) ?? { names: [], listed, verdict };
    group.names.push(name);
    groups.set(key, group);
  }
  return [...groups.values()].map((group) => ruleOf(group, build));
}

/** libseccomp refuses a rule with the default action, and systemd then does not start the service. */
function refuse({ word, set }: Listed, build: TreeBuilder, findings: FoundProblem[]): void {
  const at = build.spot(word).start;
  if (findings.some((each) => each.code === 'unit-refused' && each.at.offset === at.offset)) return;
  const message = `${set ?? word.text} gets what every other call gets: libseccomp refuses such a rule, and systemd does not start the service`;
  findings.push({
    code: 'unit-refused',
    at,
    pointer: '',
    message,
    hint: 'leave the errno out, or use another one',
  });
}

function ruleOf({ names, listed, verdict }: Group, build: TreeBuilder): Node {
  const spot: Spot = build.spot(listed.word);
  return build.object(
    {
      names: build.array(
        names.map((name) => build.string(name, spot)),
        spot,
      ),
      action: build.string(verdict.action, spot),
      ...errnoMember(build, spot, verdict.errno),
      comment: listed.set === undefined ? undefined : build.string(listed.set, spot),
    },
    spot,
  );
}
