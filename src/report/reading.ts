/**
 * How the page reads a profile: on which machine, for which container, and by which engine and runtime. The page can change all of it.
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';
import type { Engine } from '../consumers.ts';
import type { Host, KernelVersion } from '../oci/host.ts';
import type { Profile } from '../oci/profile.ts';

/** A reading as plain values: it travels as JSON. */
export interface ReportReading {
  readonly arch: ArchName;
  readonly kernel: KernelVersion;
  /** `undefined`: a bundle without capability sets. */
  readonly capabilities?: readonly string[];
  /** `runc`, `crun@1.21`. */
  readonly runtime: string;
  /** Absent: the one that reads profiles of the dialect. */
  readonly engine?: Engine;
  readonly noNewPrivileges: boolean;
}

/** A profile and what to call it. */
export interface NamedProfile {
  readonly name: string;
  readonly profile: Profile;
}

/** The machine of a reading. */
export function hostOfReading({ arch, kernel, capabilities }: ReportReading): Host {
  return { arch, kernel, capabilities };
}

/** Whether two readings give the same filter. */
export function isSameReading(a: ReportReading, b: ReportReading): boolean {
  const text = ({ arch, kernel, capabilities, runtime, engine, noNewPrivileges }: ReportReading): string =>
    JSON.stringify([
      arch,
      kernel.kernel,
      kernel.major,
      capabilities?.toSorted() ?? null,
      runtime,
      engine ?? null,
      noNewPrivileges,
    ]);
  return text(a) === text(b);
}
