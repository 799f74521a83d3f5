/**
 * Who reads a profile on its way into the kernel: an engine resolves it, a runtime turns it into a filter.
 * @module
 */

/** Resolves a profile's conditions and writes the bundle. */
export type Engine = 'docker' | 'podman' | 'cri-o' | 'containerd';

/** Every engine that is known here. */
export const engines: readonly Engine[] = ['docker', 'podman', 'cri-o', 'containerd'];

/** Turns `linux.seccomp` into a filter. */
export type RuntimeFamily = 'runc' | 'crun' | 'youki';

export const runtimeFamilies: readonly RuntimeFamily[] = ['runc', 'crun', 'youki'];

/** Anyone who reads a profile: an engine or a runtime. */
export type Consumer = Engine | RuntimeFamily;
