/**
 * One rule set with one library: what comes of it, in one word and with a call that shows it.
 * @module
 */
import { errnoName } from '../../src/abi/errno.ts';
import { openLibrary } from '../../src/libseccomp/library.ts';
import { librarySyscallTable } from '../../src/libseccomp/syscall.ts';
import type { SyscallTable } from '../../src/policy/policy.ts';
import type { NamedLibrary } from './asked-options.ts';
import { type Builder, openBuilder } from './builder.ts';
import { type Judgement, judge, type Shown, worst } from './judge.ts';
import type { RuleSet } from './rule-set.ts';

/** `refused`, `looped` and `crashed`: there is no program. */
export type Kind =
  | 'right'
  | 'looser'
  | 'different'
  | 'stricter'
  | 'unknown'
  | 'looped'
  | 'refused'
  | 'crashed';

export interface Examined {
  readonly kind: Kind;
  /** A call that shows the worst that is wrong. */
  readonly shown?: Shown;
  /** The error or signal that ended it. */
  readonly note?: string;
  readonly program?: Uint8Array;
  readonly judgement?: Judgement;
}

export interface Examiner {
  readonly library: NamedLibrary;
  readonly table: SyscallTable;
  readonly examine: (set: RuleSet) => Promise<Examined>;
  readonly close: () => void;
}

/** Opens a library for examining; a process runs until `close`. */
export function openExaminer(library: NamedLibrary): Examiner {
  const builder = openBuilder(library.path);
  const table = librarySyscallTable(openLibrary(library.path));
  return { library, table, examine: (set) => examine(builder, table, set), close: builder.close };
}

async function examine(builder: Builder, table: SyscallTable, set: RuleSet): Promise<Examined> {
  const built = await builder.build(set);
  if (built.kind === 'looped') return { kind: 'looped' };
  if (built.kind === 'crashed') return { kind: 'crashed', note: built.signal };
  if (built.kind === 'refused') {
    return { kind: 'refused', note: `${built.call}: ${errnoName(built.errno) ?? built.errno}` };
  }
  const judgement = judge(set, built.program, table);
  const found = worst(judgement);
  const rest = { program: built.program, judgement };
  return found === undefined
    ? { kind: 'right', ...rest }
    : { kind: found.relation, shown: found.shown, ...rest };
}
