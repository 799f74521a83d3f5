/**
 * The cells of the matrix: a system call, its verdict in one letter, and what a reader should know of it.
 * @module
 */
import { actions, parseReturnWord, type ReturnWord } from '../abi/actions.ts';
import type { ArchName } from '../abi/architectures.ts';
import { isMade } from '../abi/carried-out.ts';
import { directSyscallNumbers, syscallName } from '../abi/syscall-numbers.ts';
import { formatOutcome } from '../decision/format-call.ts';
import type { Node, Outcome, Space } from '../decision/space.ts';
import { callsOf, dangerousOf, type SummarizedCall } from './call-states.ts';
import { subsystemOf } from './subsystems.ts';

/** What a cell's letter, colour and place in the legend say. */
interface VerdictKind {
  readonly letter: string;
  /** As the legend has it. */
  readonly label: string;
  /** What that means for a program. */
  readonly meaning: string;
  /** Whether the call is known to be able to happen. */
  readonly isOpen: boolean;
}

/** In the order of the legend. */
export const verdictKinds = {
  allowed: { letter: 'A', label: 'allowed', meaning: 'the kernel carries out the call', isOpen: true },
  logged: { letter: 'L', label: 'logged', meaning: 'the call is carried out and logged', isOpen: true },
  arguments: {
    letter: 'C',
    label: 'by arguments',
    meaning: 'conditional: the arguments decide',
    isOpen: true,
  },
  asked: {
    letter: 'N',
    label: 'asked',
    meaning: 'another process decides, or tells the answer',
    isOpen: true,
  },
  unclear: {
    letter: '?',
    label: 'contradicted',
    meaning: 'rules contradict each other',
    isOpen: true,
  },
  undecided: {
    letter: 'U',
    label: 'not decided',
    meaning: 'unknown: it is too complex to decide what becomes of the call',
    isOpen: false,
  },
  failed: { letter: 'E', label: 'fails', meaning: 'the call returns an error', isOpen: false },
  trapped: { letter: 'T', label: 'trapped', meaning: 'the program gets SIGSYS', isOpen: false },
  killed: { letter: 'K', label: 'kills', meaning: 'the thread or process is killed', isOpen: false },
} as const satisfies Record<string, VerdictKind>;

export type VerdictName = keyof typeof verdictKinds;

/** One system call of one architecture. */
export interface Cell {
  readonly syscall: string;
  readonly nr: number;
  readonly subsystem: string;
  readonly kind: VerdictName;
  /** `ALLOW or ERRNO EPERM (1)`. */
  readonly verdict: string;
  /** Why it is dangerous that it gets through, each completes "it …". */
  readonly dangers?: readonly string[];
  /** The library does not know the name. */
  readonly isLacking?: true;
}

/** The calls of an architecture, in the order of their numbers. */
export interface ArchCells {
  readonly arch: ArchName;
  readonly cells: readonly Cell[];
}

/** Makes the cells of an architecture. @param lacks - names that the library does not know */
export function cellsOf(space: Space, root: Node, arch: ArchName, lacks: ReadonlySet<string>): ArchCells {
  const calls = callsOf(space, root, arch, false);
  const dangers = new Map<string, string[]>();
  for (const { calls: names, danger } of dangerousOf(space, root, arch, calls)) {
    for (const name of names) dangers.set(name, [...(dangers.get(name) ?? []), danger.what]);
  }
  const cells = calls.map((call): Cell => {
    const { syscall, nr, subsystem, outcomes } = call;
    const kind = kindOf(call);
    const own = kind === 'undecided' ? undefined : dangers.get(syscall);
    return {
      syscall,
      nr,
      subsystem,
      kind,
      verdict: outcomes.map((outcome) => formatOutcome(outcome, arch)).join(' or '),
      ...(own === undefined ? {} : { dangers: own }),
      ...(lacks.has(syscall) ? { isLacking: true } : {}),
    };
  });
  return { arch, cells };
}

/** The cells of an architecture of which nothing could be decided. */
export function undecidedCells(arch: ArchName): ArchCells {
  const cells = directSyscallNumbers(arch).flatMap((nr): readonly Cell[] => {
    const syscall = syscallName(nr, arch);
    if (syscall === undefined) return [];
    return [{ syscall, nr, subsystem: subsystemOf(syscall), kind: 'undecided', verdict: 'undecided' }];
  });
  return { arch, cells };
}

function kindOf({ state, outcomes }: SummarizedCall): VerdictName {
  const words = outcomes.flatMap((outcome: Outcome) => (outcome.kind === 'word' ? [outcome.word] : []));
  if (outcomes.some(({ kind }) => kind === 'undecided')) return 'undecided';
  if (words.length < outcomes.length) return 'unclear';
  if (state === 'allowed') return words.some(isLogged) ? 'logged' : 'allowed';
  if (state === 'by-arguments') return 'arguments';
  if (state === 'asked') return words.some(isMade) ? 'arguments' : 'asked';
  if (words.some((word) => isKind(word, 'killProcess', 'killThread'))) return 'killed';
  if (words.some((word) => isKind(word, 'trap'))) return 'trapped';
  return words.some((word) => isKind(word, 'errno', 'trace')) ? 'failed' : 'killed';
}

function isLogged(word: ReturnWord): boolean {
  return isKind(word, 'log');
}

function isKind(word: ReturnWord, ...kinds: readonly (keyof typeof actions)[]): boolean {
  const { action } = parseReturnWord(word);
  return action !== undefined && kinds.some((kind) => actions[kind].word === action.word);
}
