/**
 * What the real runtime is told of a profile, for one container: in a process that may load libseccomp.
 * @module
 */
import type { BackendName } from '../../compile/compile-policy.ts';
import { formatVersion, openLibrary } from '../../libseccomp/library.ts';
import { parseRuntime } from '../../policy/runtimes.ts';
import { type FilterForm, type FittedFilter, fitFilter } from '../config-json.ts';
import type { ProfileSource } from '../container-filter.ts';

/** Everything that the answer depends on, beside this machine. */
export interface FitTask {
  readonly source: ProfileSource;
  /** The bounding set; `undefined`: the container has no capability sets. */
  readonly capabilities: readonly string[] | undefined;
  /** As `parseRuntime` reads it. */
  readonly runtime: string;
  readonly form: FilterForm;
  readonly backend: BackendName | undefined;
  readonly library: string | undefined;
  readonly strict: boolean;
}

export interface Fitted extends FittedFilter {
  /** The libseccomp that was asked; `undefined`: none was needed. */
  readonly library: UsedLibrary | undefined;
}

interface UsedLibrary {
  readonly version: string;
  /** The argument of the dynamic linker. */
  readonly path: string;
}

/** @throws OciSeccompError as `fitFilter` */
export async function fitProfile(task: FitTask): Promise<Fitted> {
  const { source, capabilities, runtime, form, backend, library, strict } = task;
  const options = { runtime: parseRuntime(runtime), form, backend, library, strict };
  const { fitted } = await fitFilter(source, capabilities, options);
  if (!needsLibrary(task)) return { ...fitted, library: undefined };
  const { version, path } = openLibrary(library);
  return { ...fitted, library: { version: formatVersion(version), path } };
}

/** Whether libseccomp is loaded for a task. What a runtime compiles, it compiles with libseccomp. */
export function needsLibrary({ form, backend, library }: FitTask): boolean {
  return form === 'oci' || backend === 'libseccomp' || library !== undefined;
}
