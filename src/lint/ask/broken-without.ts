/**
 * What breaks if a call is denied: programs, the start of programs, and runtimes that make the call under the filter.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import { enosysOf } from '../../abi/carried-out.ts';
import { listWords } from '../../abi/list-words.ts';
import { splitWords } from '../../abi/split-words.ts';
import type { CallState } from '../../compose/prove-call-edit.ts';
import { type RuntimeName, type RuntimeNeeds, runtimeRows } from '../../consumers.ts';
import { type Indispensable, indispensable } from '../catalog/indispensable.ts';
import { probes } from '../catalog/probes.ts';
import { startUps } from '../catalog/start-up.ts';

/** Main clauses; empty for a call that programs and runtimes can do without. */
export function brokenWithout(syscall: string): readonly string[] {
  return [
    ...indispensable.filter((each) => each.syscall === syscall).map(({ breaks }) => breaks),
    ...(Object.keys(runtimeRows) as RuntimeName[]).flatMap((name) => {
      const runtime = stoppedRuntime(name, syscall);
      return runtime === undefined ? [] : [noStart(runtime, syscall)];
    }),
    ...mainOf(syscall),
  ];
}

/**
 * What breaks under a filter, in sentences with the calls that it denies: the end of programs and threads, and the start of containers. What programs need
 * before their main function is left out: static ones need little of it.
 *
 * @param stateOf - what becomes of calls
 */
export function brokenUnder(stateOf: StateOf): readonly string[] {
  const isDenied = deniedBy(stateOf);
  // Without execve nothing else is reached.
  if (isDenied('execve')) return brokenProgram(stateOf);
  const runtimes = (Object.keys(runtimeRows) as RuntimeName[]).flatMap((name) => {
    const groups = new Map<string, string[]>();
    for (const call of new Set(runtimeRows[name].needs.flatMap(({ calls }) => splitWords(calls)))) {
      const runtime = isDenied(call) ? stoppedRuntime(name, call) : undefined;
      if (runtime !== undefined) groups.set(runtime, [...(groups.get(runtime) ?? []), call]);
    }
    // If it never starts, when else it does not start is no news.
    const always = groups.get(name);
    return [...(always === undefined ? groups : [[name, always] as const])].map(([runtime, calls]) =>
      calls.length === 1
        ? because(`${calls[0]} is`, noStart(runtime, 'it'))
        : because(`${listWords(calls.toSorted())} are`, noStart(runtime, 'them')),
    );
  });
  return [...brokenProgram(stateOf), ...runtimes];
}

/** The same of a filter that no container runtime installs. @param start - what happens without execve */
export function brokenProgram(stateOf: StateOf, start?: string): readonly string[] {
  return brokenBy(
    indispensable.filter(({ syscall, ofSome }) => ofSome !== true && deniedBy(stateOf)(syscall)),
    start,
  );
}

/**
 * What breaks under a filter that no container runtime installs and that was written for another one. Calls that only the new one
 * denies are like calls denied by name: what many programs do without is said too, and so is what they need before their main
 * function.
 */
export function brokenByChange(before: StateOf, after: StateOf, start: string): readonly string[] {
  const isLost = (syscall: string): boolean => deniedBy(after)(syscall) && !deniedBy(before)(syscall);
  const isSaid = ({ syscall, ofSome }: Indispensable): boolean =>
    ofSome === true ? isLost(syscall) : deniedBy(after)(syscall);
  const needed = new Set(startUps.flatMap(({ essential }) => essential));
  return [
    ...brokenBy(indispensable.filter(isSaid), start),
    ...[...needed]
      .filter((syscall) => !deniedBy(after)('execve') && isLost(syscall))
      .flatMap((syscall) => mainOf(syscall).map((breaks) => because(`${syscall} is`, breaks))),
  ];
}

/** Without execve nothing else is reached. */
function brokenBy(denied: readonly Indispensable[], start: string | undefined): readonly string[] {
  const execve = denied.find(({ syscall }) => syscall === 'execve');
  return (execve === undefined ? denied : [execve]).map((each) =>
    because(`${each.syscall} is`, each === execve ? (start ?? each.breaks) : each.breaks),
  );
}

/**
 * What breaks because a call is denied with another error than ENOSYS: C libraries then do not make the older call.
 *
 * @param arch - whose number of ENOSYS is named
 */
export function withoutFallback(syscall: string, stateOf: StateOf, arch: ArchName): readonly string[] {
  if (stateOf(syscall) !== 'closed') return [];
  return probes.flatMap(({ syscall: probe, instead, reason }) => {
    const older = instead.find((each) => ['open', 'partly'].includes(stateOf(each) ?? ''));
    if (probe !== syscall || older === undefined) return [];
    return [
      `C libraries make ${older} in place of ${syscall} only after ENOSYS, and this profile gives another answer: ${reason}. "errnoRet": ${enosysOf(arch)} in a rule for ${syscall} (SCMP_ACT_ERRNO) prevents this`,
    ];
  });
}

type StateOf = (syscall: string) => CallState | undefined;

function deniedBy(stateOf: StateOf): (syscall: string) => boolean {
  return (syscall) => ['closed', 'fallback'].includes(stateOf(syscall) ?? '');
}

function because(calls: string, breaks: string): string {
  return `${calls} denied, so ${breaks}`;
}

function noStart(runtime: string, calls: string): string {
  return `no container can start under ${runtime}: the runtime itself calls ${calls} under the filter`;
}

/** The needs that no error stops the runtime at are left out: only an action that kills matters there. */
function stoppedRuntime(name: RuntimeName, syscall: string): string | undefined {
  const own = runtimeRows[name].needs.filter(
    ({ calls, copesWith }) => copesWith === undefined && calls.split(' ').includes(syscall),
  );
  const [need] = own.toSorted((a, b) => conditionsOf(a) - conditionsOf(b));
  if (need === undefined) return undefined;
  const { from, before, withPrivileges } = need;
  const version = from === undefined && before === undefined ? name : `some versions of ${name}`;
  const when = withPrivileges === true ? ' without noNewPrivileges' : '';
  return `${version}${when}`;
}

function conditionsOf({ from, before, withPrivileges }: RuntimeNeeds): number {
  return [from, before, withPrivileges].filter((each) => each !== undefined).length;
}

function mainOf(syscall: string): readonly string[] {
  const libraries = startUps
    .filter(({ essential }) => essential.includes(syscall))
    .map(({ library }) => library);
  if (libraries.length === 0) return [];
  return [`a program does not reach its main function with ${listWords(libraries)} on x86_64`];
}
