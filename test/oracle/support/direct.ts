/**
 * The direct use of libseccomp: turns a resolved profile into the calls a runtime makes, from the runtimes' rules as
 * RUNTIMES facts state them and sharing nothing with `src/`, and has `libseccomp-build` make them.
 * @module
 */
import { fromHex, runHelper } from './native.ts';

export interface TestArg {
  readonly index: number;
  readonly value: bigint | number;
  readonly valueTwo?: bigint | number;
  readonly op: string;
}

export interface TestRule {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args?: readonly TestArg[];
}

export interface TestSeccomp {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly architectures?: readonly string[];
  readonly flags?: readonly string[];
  readonly syscalls?: readonly TestRule[];
}

export type Flavour = 'runc@1.1' | 'runc@1.2' | 'crun' | 'plain';

export interface Built {
  /** The last program that was exported, in the byte order of the filter's architectures; empty if none was. */
  readonly program: Uint8Array;
  /** All that were, one after the other. */
  readonly exported: readonly Uint8Array[];
  /** What each call returned, `verb result`, the export's bytes left out. */
  readonly returned: readonly string[];
}

/** seccomp.h of libseccomp. */
const actionWords: Readonly<Record<string, number>> = {
  SCMP_ACT_KILL_PROCESS: 0x80000000,
  SCMP_ACT_KILL_THREAD: 0,
  SCMP_ACT_KILL: 0,
  SCMP_ACT_TRAP: 0x00030000,
  SCMP_ACT_ERRNO: 0x00050000,
  SCMP_ACT_TRACE: 0x7ff00000,
  SCMP_ACT_NOTIFY: 0x7fc00000,
  SCMP_ACT_LOG: 0x7ffc0000,
  SCMP_ACT_ALLOW: 0x7fff0000,
};
const compares = ['', 'NE', 'LT', 'LE', 'EQ', 'GE', 'GT', 'MASKED_EQ'];
const EPERM = 1;
const ATTR_OPTIMIZE = 8;

function actionWord(action: string, errnoRet: number | undefined): number {
  const word = actionWords[action];
  if (word === undefined) throw new Error(`unknown action ${action}`);
  const takesData = action === 'SCMP_ACT_ERRNO' || action === 'SCMP_ACT_TRACE';
  return takesData ? (word | (errnoRet ?? EPERM)) >>> 0 : word;
}

function comparison({ index, op, value, valueTwo }: TestArg): string {
  return `${index}:${compares.indexOf(op.replace('SCMP_CMP_', ''))}:${value}:${valueTwo ?? 0}`;
}

function ruleLines(rule: TestRule, defaultWord: number): string[] {
  const word = actionWord(rule.action, rule.errnoRet);
  if (word === defaultWord) return [];
  const args = rule.args ?? [];
  const twice = new Set(args.map(({ index }) => index)).size !== args.length;
  const groups = twice ? args.map((arg) => [arg]) : [args];
  return rule.names.flatMap((name) =>
    groups.map((group) => ['rule', word, name, ...group.map(comparison)].join(' ')),
  );
}

/**
 * The script of calls for a profile.
 *
 * @param native - the host's architecture by libseccomp's name; the filter starts with it alone
 */
function libseccompScript(seccomp: TestSeccomp, flavour: Flavour, native = 'x86_64'): string {
  const defaultWord = actionWord(seccomp.defaultAction, seccomp.defaultErrnoRet);
  const rules = (seccomp.syscalls ?? []).flatMap((rule) => ruleLines(rule, defaultWord));
  const names = (seccomp.syscalls ?? []).reduce((sum, { names: each }) => sum + each.length, 0);
  const listed = (seccomp.architectures ?? []).map((name) => name.replace('SCMP_ARCH_', '').toLowerCase());
  const swap = native === 'x86_64' ? [] : ['arch-remove x86_64', `arch-add ${native}`];
  // An empty filter takes the byte order of the first architecture added, so the native one goes out first.
  const lines = [`init ${defaultWord}`, ...swap, ...listed.map((name) => `arch-add ${name}`)];
  if (flavour === 'runc@1.2' && names > 32) lines.push(`attr ${ATTR_OPTIMIZE} 2`);
  return [...lines, ...rules, 'export bpf', ''].join('\n');
}

/**
 * Makes the calls of a script against a library.
 *
 * @param library - a path, or a soname
 * @throws Error when the helper fails, or libseccomp does not come to an end in `cpuSeconds` of processor time
 */
export function runScript(library: string, script: string, cpuSeconds = 30): Built {
  const { status, signal, stdout, stderr } = runHelper('libseccomp-build', [library], script, cpuSeconds);
  if (status !== 0) throw new Error(`libseccomp-build: ${signal ?? status} ${stderr}`);
  const lines = stdout.trimEnd().split('\n');
  const exported = lines
    .filter((line) => line.startsWith('export '))
    .map((line) => fromHex(line.split(' ')[2] ?? ''));
  return {
    program: exported.at(-1) ?? new Uint8Array(),
    exported,
    returned: lines.map((line) => line.split(' ').slice(0, 2).join(' ')),
  };
}

/** A profile to build: for which runtime, and on which architecture, x86_64 unless told. */
export interface DirectBuild {
  readonly seccomp: TestSeccomp;
  readonly flavour: Flavour;
  readonly native?: string;
}

/** As {@link buildDirectly}, for each of many: one process makes the calls of all, each filter afresh. */
export function buildAllDirectly(library: string, builds: readonly DirectBuild[]): readonly Uint8Array[] {
  const script = builds.map(({ seccomp, flavour, native }) => libseccompScript(seccomp, flavour, native));
  const { exported } = runScript(library, script.join('clear\n'));
  if (exported.length !== builds.length)
    throw new Error('libseccomp-build: not one program for each profile');
  return exported;
}

/** What libseccomp exports for a profile when the calls of a runtime are made directly; without runc's stub. */
export function buildDirectly(
  library: string,
  seccomp: TestSeccomp,
  flavour: Flavour,
  native?: string,
): Uint8Array {
  return runScript(library, libseccompScript(seccomp, flavour, native)).program;
}
