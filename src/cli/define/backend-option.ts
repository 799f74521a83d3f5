/**
 * `--backend` of commands that load a filter themselves. A file of its own: hooks read it at a container's start.
 * @module
 */
import type { BackendName } from '../../compile/compile-policy.ts';
import type { OptionRow } from './command-definition.ts';

/** TypeScript refuses a name that is missing or unknown. */
const names = { libseccomp: true, builtin: true } as const satisfies Readonly<Record<BackendName, true>>;

export const backends = Object.keys(names) as BackendName[];

/** No runtime compiles these filters, so the smaller program is the default. */
export const loadedBackend = {
  value: 'backend',
  help: 'what compiles the rules: builtin, the compiler of oci-seccomp, or libseccomp, as the runtime does',
  choices: backends,
  default: 'builtin',
} as const satisfies OptionRow;

/** For the builtin compiler. */
export const table = {
  value: 'version',
  help: 'with --backend builtin: know the names of this release of libseccomp, which need not be there: 2.5.0 to 2.6.1, or 2.5.4-1+deb12u1 of Debian 12',
} as const satisfies OptionRow;

/** For commands about the meaning of a profile, which take no backend: the builtin compiler makes their program. */
export const namesTable = {
  ...table,
  help: 'know the names of this release of libseccomp, which need not be there: 2.5.0 to 2.6.1, or 2.5.4-1+deb12u1 of Debian 12; the builtin compiler makes the program then',
} as const satisfies OptionRow;

/** For commands that compile themselves: their tables know names even without libseccomp. */
export const LIBRARY_HELP =
  'libseccomp whose names are known, and which compiles with --backend libseccomp (default: all names are known; with --backend libseccomp OCI_SECCOMP_LIBRARY, else libseccomp.so.2)';
