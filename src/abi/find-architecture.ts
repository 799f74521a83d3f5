/**
 * Architectures in every spelling that people meet: of profiles, Go, uname, the kernel's headers and audit records.
 * @module
 */
import { type Architecture, allArchitectures, architectureByOciArch } from './architectures.ts';
import { auditArchByName } from './audit-arch.ts';

/** Made on first use: most commands are told no architecture. */
let known: ArchitectureMaps | undefined;

interface ArchitectureMaps {
  readonly bySpelling: ReadonlyMap<string, Architecture>;
  readonly byWord: ReadonlyMap<number, Architecture>;
}

function makeMaps(): ArchitectureMaps {
  const bySpelling = new Map<string, Architecture>();
  const byWord = new Map<number, Architecture>();
  for (const row of allArchitectures) {
    for (const spelling of [row.name, row.goArch, ...row.uname, ...row.aliases]) {
      if (spelling !== undefined && !bySpelling.has(spelling)) bySpelling.set(spelling, row);
    }
    // The kernel's word and libseccomp's token. The word that x86_64 and x32 share stands for x86_64.
    for (const word of row.name === 'x32' ? [row.scmpArch] : [row.auditArch, row.scmpArch])
      byWord.set(word, row);
  }
  return { bySpelling, byWord };
}

/** `c000003e` or `arch=c000003e` of audit records, which drop leading zeros after `arch=`; `0xc000003e` of C. */
const WORD = /^(?:arch=(?:0x)?([0-9a-f]{1,8})|0x([0-9a-f]{1,8})|([0-9a-f]{8}))$/;
/** `si_arch=` of strace, `_arch=` of gdb, which prints the word in decimal digits, and `arch=x86_64` of `ausearch -i`. */
const KEYED = /^(?:si_arch=|_arch=|arch=)(\w+)$/;
const DECIMAL = /^[0-9]{10}$/;

/**
 * Finds an architecture by any spelling people use: libseccomp's name, `SCMP_ARCH_*`, GOARCH, `uname -m`, alias; the
 * kernel's `AUDIT_ARCH_*`, and its word as audit records and programs show it, `c000003e`, `arch=c000003e`, `0xc000003e`,
 * `si_arch=AUDIT_ARCH_X86_64`, 3221225534.
 *
 * @returns the row, or `undefined` for a name no architecture has; letter case is ignored
 */
export function findArchitecture(spelling: string): Architecture | undefined {
  known ??= makeMaps();
  const { bySpelling, byWord } = known;
  const lower = spelling.toLowerCase();
  const named = architectureByOciArch(spelling.toUpperCase()) ?? bySpelling.get(lower);
  if (named !== undefined) return named;
  const word = WORD.exec(lower)
    ?.slice(1)
    .find((digits) => digits !== undefined);
  if (word !== undefined) return byWord.get(Number.parseInt(word, 16));
  if (DECIMAL.test(lower)) return byWord.get(Number(lower));
  const keyed = KEYED.exec(lower)?.[1];
  if (keyed !== undefined) return findArchitecture(keyed);
  const value = auditArchByName(spelling.toUpperCase());
  return value === undefined ? undefined : byWord.get(value);
}
