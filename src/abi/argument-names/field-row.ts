/**
 * Rows that give the values of an argument names, and what several of them say alike.
 * @module
 */
import type { ArchName } from '../architectures.ts';
import { type NameSet, namesOf, once } from './name-sets.ts';

/** `enum`: one name; `flags`: any number of them, joined by `|`; `enum+flags`: one in some bits, flags in the others. */
export type FieldKind = 'enum' | 'flags' | 'enum+flags';

export interface FieldRow {
  readonly syscalls: readonly string[];
  readonly index: number;
  /** The parameter's name in the man page. */
  readonly name: string;
  readonly kind: FieldKind;
  /** Names; for flags the ones printed first come first. */
  readonly sets: readonly NameSet[];
  /** The bits that hold the one name of `enum+flags`. */
  readonly enumMask?: number | NameSet;
  /** Permission bits: unnamed rest in octal. */
  readonly octal?: true;
  /** The only architectures it holds for. */
  readonly archs?: readonly ArchName[];
  /** Architectures it does not hold for. */
  readonly except?: readonly ArchName[];
  /** Holds only if another argument has one of these names. */
  readonly when?: { readonly index: number; readonly names: readonly string[] };
  /** Why a profile compares it, or what to know about it. */
  readonly reason: string;
}

/** EFD_CLOEXEC, EPOLL_CLOEXEC, SFD_NONBLOCK… are other names of these two. */
export const descriptorFlags = openFlags('O_CLOEXEC', 'O_NONBLOCK');
export const LOW_BYTE = 0xff;
export const s390: readonly ArchName[] = ['s390', 's390x'];

/** A few of the flags of open(2). */
export function openFlags(...names: readonly string[]): NameSet {
  const only = <T>(values: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));
  return once(() => {
    const { archs, values, differs } = namesOf('openFlags');
    return {
      archs,
      values: only(values),
      differs: differs?.map((each) => ({ ...each, values: only(each.values) })),
    };
  });
}

type Rest = Omit<FieldRow, 'syscalls' | 'index' | 'name' | 'kind' | 'sets' | 'reason'>;

/** A row in one line: `calls` is `syscalls index name`. */
export function row(
  calls: string,
  kind: FieldKind,
  sets: readonly NameSet[],
  reason: string,
  rest?: Rest,
): FieldRow {
  const syscalls = calls.split(' ');
  const name = syscalls.pop() ?? '';
  const index = Number(syscalls.pop());
  return rest === undefined
    ? { syscalls, index, name, kind, sets, reason }
    : { syscalls, index, name, kind, sets, reason, ...rest };
}
