/**
 * Which profile each container of a pod gets, for people.
 * @module
 */
import type { KubernetesObject } from '../../oci/read-profiles.ts';
import type { ContainerProfile } from '../../oci/read-workloads.ts';
import { visibleText } from './safe-text.ts';

/** A pod, or what makes pods, in a file. */
export interface Workload {
  readonly file: string;
  readonly object: KubernetesObject;
  readonly containers: readonly ContainerProfile[];
}

const lists = {
  initContainers: 'init container',
  containers: 'container',
  ephemeralContainers: 'ephemeral container',
} as const satisfies Record<ContainerProfile['list'], string>;

const reasons = {
  container: 'its own seccompProfile',
  pod: "the pod's seccompProfile",
  privileged: 'it is privileged',
  kubelet: 'no seccompProfile',
} as const satisfies Record<ContainerProfile['by'], string>;

/** A line for the object, and one for each container. */
export function renderWorkload({ file, object, containers }: Workload): string {
  const named = containers.map((each) => `${lists[each.list]} ${visibleText(each.container)}`);
  const width = Math.max(0, ...named.map(({ length }) => length));
  const rows = containers.map((each, i) => {
    const profile = each.path === undefined ? each.type : `${each.type} ${visibleText(each.path)}`;
    return `  ${(named[i] ?? '').padEnd(width)}  ${profile} (${reasons[each.by]})\n`;
  });
  const shown = rows.length === 0 ? '  no containers\n' : rows.join('');
  return `${visibleText(file)}: ${visibleText(object.kind)} ${visibleText(object.name)}\n${shown}`;
}
