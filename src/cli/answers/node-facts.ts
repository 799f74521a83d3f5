/**
 * What options say about the nodes that pods run on.
 * @module
 */
import { join } from 'node:path';
import { OciSeccompError } from '../../errors.ts';
import type { ContainerProfile, NodeFacts } from '../../oci/read-workloads.ts';
import { isFolder, statsOf } from '../../pipeline/files.ts';
import { displayName } from '../../pipeline/read-input.ts';

/** What commands are told about nodes. */
export interface NodeOptions {
  /** A folder that holds what the kubelet's seccomp folder does. */
  readonly profilesDir?: string | undefined;
  readonly seccompDefault?: boolean | undefined;
}

/** @throws OciSeccompError `ERR_IO` if there is no such folder */
export function checkNodeOptions({ profilesDir }: NodeOptions): void {
  if (profilesDir === undefined || isFolder(profilesDir)) return;
  throw new OciSeccompError('ERR_IO', `there is no folder ${displayName(profilesDir)}`, {
    hint: "--profiles-dir takes the folder that is the nodes' /var/lib/kubelet/seccomp, or a copy of it",
  });
}

/** Turns options into what the reader of pods asks for. */
export function nodeFacts({ profilesDir, seccompDefault }: NodeOptions): NodeFacts {
  return {
    ...(seccompDefault === true ? { seccompDefault } : {}),
    ...(profilesDir === undefined ? {} : { hasProfile: (path: string) => isFile(join(profilesDir, path)) }),
  };
}

/** The files of a folder that containers name, each once. */
export function namedProfiles(
  containers: readonly ContainerProfile[],
  { profilesDir }: NodeOptions,
): readonly string[] {
  if (profilesDir === undefined) return [];
  const files = containers.flatMap(({ path }) => (path === undefined ? [] : [join(profilesDir, path)]));
  return [...new Set(files)].filter(isFile);
}

function isFile(path: string): boolean {
  return statsOf(path)?.isFile() === true;
}
