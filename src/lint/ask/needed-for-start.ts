/**
 * What a runtime calls between loading the filter and the container's program, by its version and the container.
 * @module
 */
import { type RuntimeNeeds, type RuntimeVersion, runtimeRows } from '../../consumers.ts';
import { type Runtime, versionOfRuntime } from '../../policy/runtimes.ts';

/** The settings of a container that decide when its runtime loads the filter. */
export interface Container {
  /** Whether it is started with noNewPrivileges. */
  readonly noNewPrivileges: boolean;
  /** Whether it has capability sets. */
  readonly capabilities: boolean;
}

/** What a runtime needs for a container besides execve; empty for a runtime that was not measured. */
export function needsOf(runtime: Runtime, container: Container): readonly RuntimeNeeds[] {
  const version = versionOfRuntime(runtime);
  return runtimeRows[runtime.name].needs.filter(
    ({ withPrivileges, withCapabilities, from, before }) =>
      !(withPrivileges === true && container.noNewPrivileges) &&
      !(withCapabilities === true && !container.capabilities) &&
      (from === undefined || !isBefore(version, from)) &&
      (before === undefined || isBefore(version, before)),
  );
}

function isBefore(version: RuntimeVersion, other: RuntimeVersion): boolean {
  const at = version.findIndex((part, index) => part !== other[index]);
  return at >= 0 && (version[at] ?? 0) < (other[at] ?? 0);
}
