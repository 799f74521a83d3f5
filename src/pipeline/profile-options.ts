/**
 * What callers of the library hand in: profiles, and how they are read, compiled, checked and reported on.
 * @module
 */
import type { CapabilitySet } from '../abi/capabilities.ts';
import type { BackendName } from '../compile/compile-policy.ts';
import type { Engine } from '../consumers.ts';
import type { DialectName } from '../oci/dialect-rows.ts';
import type { KernelVersion } from '../oci/host.ts';
import type { Profile } from '../oci/profile.ts';

/** A profile: the text or bytes of a document in any dialect, or one that was read already (`builtinProfiles`). */
export type ProfileInput = string | Uint8Array | Profile;

/** How a profile is read. The defaults are those of a container of this machine's runc under Docker. */
export interface ProfileReading {
  /** What to call the profile in messages: its path; default: `<profile>`. */
  readonly name?: string | undefined;
  /** Default: told from the content. */
  readonly dialect?: DialectName | undefined;
  /** Which of several profiles of a document: `NAME`, `NAMESPACE/NAME`. */
  readonly object?: string | undefined;
  /** `runc`, `runc@1.1.5`, `crun`, `youki`, `plain`; default: `runc`; of `systemd`, `lxc` and `minijail` `plain`. */
  readonly runtime?: string | undefined;
  /** Who resolves it; default: the engine that reads profiles of its dialect. */
  readonly engine?: Engine | undefined;
  /** In any spelling: `x86_64`, `amd64`, `SCMP_ARCH_X86_64`; default: this machine's. */
  readonly arch?: string | undefined;
  /** `6.1`; default: this machine's. */
  readonly kernel?: string | KernelVersion | undefined;
  /** The bounding set: a set's name or names; default: a bundle's own, else `docker`. */
  readonly capabilities?: CapabilitySet | readonly string[] | undefined;
  /** libseccomp: path or soname; default: the environment's `OCI_SECCOMP_LIBRARY`, else `libseccomp.so.2`. */
  readonly library?: string | undefined;
  /**
   * Who compiles, and with it which names are known. `libseccomp`, the default: what the runtime installs. `builtin`: a
   * smaller program of the same meaning; it needs no libseccomp and knows all names.
   */
  readonly backend?: BackendName | undefined;
  /** The release of libseccomp whose names `builtin` knows: `2.5.4`; `backend` is then `builtin` by default. */
  readonly table?: string | undefined;
}

/** How a profile is read and compiled. */
export interface CompileProfileOptions extends ProfileReading {
  /** Processor time for rule sets that libseccomp may not survive, in milliseconds, up to 3,600,000; default 10,000. */
  readonly timeoutMs?: number | undefined;
  /** Return a program that is not proven, with its proof or the reason, instead of throwing; default: no. */
  readonly allowUnproven?: boolean | undefined;
  /** Throw `ERR_CLAIM` where the filter does not do all that the profile seems to say; default: no. */
  readonly strict?: boolean | undefined;
}

/** How a report is made. */
export interface ReportOptions extends ProfileReading {
  /** Whether the container is started with noNewPrivileges; default: as a bundle says, else no. */
  readonly noNewPrivileges?: boolean | undefined;
  /** Another profile: the report shows what differs from it. */
  readonly against?: ProfileInput | undefined;
  /** What to call the other profile; default: `the other profile`. */
  readonly againstName?: string | undefined;
}

/** The readers and hosts that a profile is checked for. */
export interface ValidateProfileOptions {
  /** What to call the profile in messages: its path; default: `<profile>`. */
  readonly name?: string | undefined;
  /** The dialect that it is read in; default: told from the content. */
  readonly dialect?: DialectName | undefined;
  /** Judge for these runtimes alone; default: for every runtime there is. */
  readonly runtimes?: readonly string[] | undefined;
  /** Who resolves it; default: the engine that reads its dialect, or all if no runtimes are named either. */
  readonly engine?: Engine | undefined;
  /** The host's architecture in any spelling; default: x86_64, so that the answer is the same on every machine. */
  readonly arch?: string | undefined;
}
