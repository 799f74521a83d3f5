/**
 * Whether a filter lets a command start.
 *
 * The lists are what glibc 2.36 does between execve(2) and main, found by denying one call after the other
 * (test/oracle/run-filter.test.ts repeats it).
 * @module
 */
import { type ArchName, architectures } from '../../abi/architectures.ts';
import { treatmentOf } from '../../abi/carried-out.ts';
import { directSyscallNumber } from '../../abi/syscall-numbers.ts';
import type { Program } from '../../bpf/program.ts';
import { decideProgram } from '../../decision/decide-program.ts';
import { formatOutcome } from '../../decision/format-call.ts';
import { isCarriedOut, possibleOutcomes } from '../../decision/outcomes.ts';
import { createSpace, type Node, type Outcome, type Space } from '../../decision/space.ts';
import type { ExecutableKind } from './executable.ts';

/** A call of the dynamic loader and the C library, under every name that releases and architectures have for it. */
interface StartCall {
  readonly names: readonly string[];
  /** Whether the program fails to start if the call fails; without it only if the call ends the process. */
  readonly needed?: true;
  /** Not every loader makes it, but glibc's does. */
  readonly glibc?: true;
  /** Architectures that make it; all, if it is absent. */
  readonly on?: readonly ArchName[];
}

const startCalls: readonly StartCall[] = [
  { names: ['mmap', 'mmap2'], needed: true },
  { names: ['openat', 'open'], needed: true },
  { names: ['read'], needed: true },
  { names: ['pread64'], needed: true, glibc: true },
  { names: ['newfstatat', 'fstat', 'fstat64', 'fstatat64', 'statx'], needed: true },
  { names: ['close'], needed: true },
  { names: ['arch_prctl'], needed: true, on: ['x86_64', 'x32'] },
  { names: ['set_thread_area'], needed: true, on: ['x86'] },
  { names: ['mprotect'], needed: true },
  { names: ['brk'] },
  { names: ['access', 'faccessat'], glibc: true },
  { names: ['munmap'], glibc: true },
  { names: ['set_tid_address'] },
  { names: ['set_robust_list'], glibc: true },
  { names: ['rseq'], glibc: true },
  { names: ['prlimit64'], glibc: true },
  { names: ['getrandom'], glibc: true },
  { names: ['exit_group'] },
];

interface DeniedCall {
  readonly name: string;
  /** What it would get; where that depends on its arguments, the mildest. */
  readonly outcome: Outcome;
}

/** A program's meaning, for questions. */
export interface Meaning {
  readonly space: Space;
  readonly root: Node;
}

/** @throws OciSeccompError `ERR_UNDECIDED` if the program is too complex */
export function meaningOf(program: Program, endian: 'little' | 'big'): Meaning {
  const space = createSpace();
  return { space, root: decideProgram(space, program, endian) };
}

/**
 * The calls that the filter denies and without which the command does not start; execve comes first.
 *
 * @param arch - the architecture that execve is called with
 * @param kind - of the file that is started; of those without a loader, and unknown ones, only execve is known
 */
export function deniedAtStart(
  meaning: Meaning,
  arch: ArchName,
  kind: ExecutableKind | undefined,
): readonly DeniedCall[] {
  const execve = outcomeOf(meaning, 'execve', arch);
  const found: DeniedCall[] = [];
  if (execve !== undefined && !isCarriedOut(execve)) found.push({ name: 'execve', outcome: execve });
  if (kind?.loader === undefined) return found;
  const target = kind.arch ?? arch;
  for (const { names, needed, glibc, on } of startCalls) {
    if (glibc === true && kind.loader !== 'glibc') continue;
    if (on !== undefined && !on.includes(target)) continue;
    const outcomes = names.flatMap((name) => {
      const outcome = outcomeOf(meaning, name, target);
      return outcome === undefined ? [] : [{ name, outcome }];
    });
    const [first] = outcomes;
    // Which of its names a library uses is not known: one that is allowed may be the one.
    if (first === undefined || outcomes.some(({ outcome }) => isCarriedOut(outcome))) continue;
    if (needed === true || outcomes.every(({ outcome }) => isDeadly(outcome))) found.push(first);
  }
  return found;
}

/**
 * The architecture of the file's own calls, if it is another one than execve is called with and the filter ends the process at
 * each of them: a 32-bit program under a profile of 64-bit calls alone.
 */
export function endedArch(
  meaning: Meaning,
  arch: ArchName,
  kind: ExecutableKind | undefined,
): ArchName | undefined {
  const own = kind?.arch;
  if (own === undefined || own === arch) return undefined;
  const outcomes = [...startCalls.flatMap(({ names }) => names), 'exit'].flatMap(
    (name) => outcomeOf(meaning, name, own) ?? [],
  );
  return outcomes.every(isDeadly) ? own : undefined;
}

/** The mildest outcome that a call can have, whatever its arguments; `undefined` if the architecture has no such call. */
function outcomeOf({ space, root }: Meaning, name: string, arch: ArchName): Outcome | undefined {
  const nr = directSyscallNumber(name, arch);
  if (nr === undefined) return undefined;
  const outcomes = possibleOutcomes(space, root, { arch: architectures[arch].auditArch, nr, args: [] });
  // A call that is allowed with some arguments may well be made with those.
  return outcomes.find(isCarriedOut) ?? outcomes.find((each) => !isDeadly(each)) ?? outcomes[0];
}

/** Whether it ends the process. */
function isDeadly(outcome: Outcome): boolean {
  return outcome.kind === 'word' && treatmentOf(outcome.word) === 'fatal';
}

/** `execve: ERRNO EPERM (1)` */
export function formatDenied({ name, outcome }: DeniedCall): string {
  return `${name}: ${formatOutcome(outcome)}`;
}
