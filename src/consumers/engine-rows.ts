/**
 * How each engine reads a profile: one row for each engine. Resolution asks the row, never the engine's name. Lists of engines are
 * derived from the rows.
 *
 * Sources: moby/profiles 2026-06 seccomp/seccomp_linux.go, containers/common 0.67.1 pkg/seccomp/seccomp_linux.go
 * (Podman, CRI-O), containerd 2.1 contrib/seccomp/seccomp.go `WithProfile`, runtime-spec 1.3 specs-go/config.go.
 * @module
 */
import type { Architecture, ArchName } from '../abi/architectures.ts';

/** Resolves a profile's conditions and writes the bundle. A new name here makes the compiler ask for its row. */
export type Engine = 'docker' | 'podman' | 'cri-o' | 'containerd';

export interface EngineRow {
  /** Its program, `crio --version`. */
  readonly program: string;
  /** Reads conditions, `archMap` and `name`; an engine that does not, decodes straight into runtime-spec's object. */
  readonly readsConditions: boolean;
  readonly readsMinKernel: boolean;
  /** Reads `errno` and `defaultErrno`; they win over the numbers. */
  readonly readsErrnoNames: boolean;
  /** Compares capabilities of a container without any capability set as if it had an empty one. */
  readonly testsMissingCapabilities: boolean;
  /** When `name` together with `names` is refused: in any rule, in rules whose conditions hold, or not at all. */
  readonly refusesNameWithNames: 'any rule' | 'kept rules' | 'never';
  /** Drops a rule with neither `name` nor `names`; others hand it on empty. */
  readonly dropsNameless: boolean;
  /** Passes the document on as written; Go's encoder leaves out empty lists, empty texts and a `valueTwo` of 0. */
  readonly keepsEmpty: boolean;
  /** The name that `includes.arches` and `excludes.arches` are compared with; `''` matches no entry that makes sense. */
  readonly archInConditions: (arch: Architecture) => string;
  /** The architectures whose `archMap` entry the engine finds. */
  readonly archMapArches: readonly ArchName[];
}

const docker: EngineRow = {
  program: 'docker',
  readsConditions: true,
  readsMinKernel: true,
  readsErrnoNames: false,
  // dockerd and nothing else calls moby's loader, and always with a capability set, empty or not.
  testsMissingCapabilities: true,
  refusesNameWithNames: 'any rule',
  dropsNameless: false,
  keepsEmpty: false,
  archInConditions: (arch) => arch.mobyArch ?? '',
  // moby goes from GOARCH to its own name and from there to SCMP_ARCH_*. Its two tables disagree on mipsel
  // ('mipsel' and 'mipsle') and loongarch64 ('loongarch64' and 'loong64'), so those two find no entry.
  archMapArches: [
    ...(['x86', 'x86_64', 'arm', 'aarch64', 'mips64', 'mips64n32', 'mipsel64', 'mipsel64n32'] as const),
    ...(['ppc', 'ppc64', 'ppc64le', 'riscv64', 's390', 's390x'] as const),
  ],
};

const podman: EngineRow = {
  program: 'podman',
  readsConditions: true,
  readsMinKernel: false,
  readsErrnoNames: true,
  testsMissingCapabilities: false,
  refusesNameWithNames: 'kept rules',
  dropsNameless: true,
  keepsEmpty: false,
  archInConditions: (arch) => arch.golangArch,
  archMapArches: ['x86_64', 'aarch64', 'mips64', 'mips64n32', 'mipsel64', 'mipsel64n32', 's390x'],
};

const containerd: EngineRow = {
  program: 'containerd',
  readsConditions: false,
  readsMinKernel: false,
  readsErrnoNames: false,
  testsMissingCapabilities: false,
  refusesNameWithNames: 'never',
  dropsNameless: false,
  keepsEmpty: false,
  archInConditions: () => '',
  archMapArches: [],
};

/** One row an engine, in the order in which lists name them. */
export const engineRows = {
  docker,
  podman,
  // CRI-O calls containers/common's loader. Its own built-in profile is another one and not restated here.
  'cri-o': { ...podman, program: 'crio' },
  containerd,
} as const satisfies Record<Engine, EngineRow>;

/** No engine: the object is handed to the runtime as it is written. */
export const handedOn: EngineRow = { ...containerd, keepsEmpty: true };
