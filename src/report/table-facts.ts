/**
 * A table of system calls as plain values: its differences from our own. So the page knows the names of the library that was there
 * when it was written.
 * @module
 */
import { type ArchName, allArchitectures } from '../abi/architectures.ts';
import { allSyscallNames, syscallNumber } from '../abi/syscall-numbers.ts';
import { OciSeccompError } from '../errors.ts';
import type { SyscallTable } from '../policy/policy.ts';

/** A table by its differences from the newest. */
export interface TableFacts {
  /** `libseccomp 2.5.4` */
  readonly name: string;
  /** Names that it lacks on every architecture. */
  readonly lacks: readonly string[];
  /** `name@arch`: its number there, `null` for none. */
  readonly other: Readonly<Record<string, number | null>>;
  /** Architectures that it does not know. */
  readonly unknown: readonly ArchName[];
}

/** Asks a table about every name. */
export function factsOfTable(table: SyscallTable): TableFacts {
  const unknown = allArchitectures.map(({ name }) => name).filter((arch) => !knows(table, arch));
  const known = allArchitectures.filter(({ name }) => !unknown.includes(name));
  const lacks: string[] = [];
  const other: Record<string, number | null> = {};
  for (const syscall of allSyscallNames()) {
    const found = known.map(({ name }) => [name, table.resolve(syscall, name)] as const);
    if (found.every(([, nr]) => nr === undefined)) {
      if (known.some(({ name }) => syscallNumber(syscall, name) !== undefined)) lacks.push(syscall);
      continue;
    }
    for (const [arch, nr] of found) {
      if (nr !== syscallNumber(syscall, arch)) other[`${syscall}@${arch}`] = nr ?? null;
    }
  }
  return { name: table.name, lacks, other, unknown };
}

/** The table that the facts are of. */
export function tableOfFacts({ name, lacks, other, unknown }: TableFacts): SyscallTable {
  const missing = new Set(lacks);
  return {
    name,
    resolve: (syscall, arch) => {
      if (unknown.includes(arch)) {
        throw new OciSeccompError(
          'ERR_LIBSECCOMP_TOO_OLD',
          `${name} does not know the architecture ${arch}`,
          {
            hint: 'choose another architecture',
          },
        );
      }
      if (missing.has(syscall)) return undefined;
      const key = `${syscall}@${arch}`;
      return Object.hasOwn(other, key) ? (other[key] ?? undefined) : syscallNumber(syscall, arch);
    },
  };
}

function knows(table: SyscallTable, arch: ArchName): boolean {
  try {
    table.resolve('read', arch);
    return true;
  } catch (error) {
    if (error instanceof OciSeccompError) return false;
    throw error;
  }
}
