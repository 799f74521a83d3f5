/**
 * The architectures that a machine's kernel runs beside its own, as systemd and LXC build filters for them.
 *
 * Sources: systemd 252 src/shared/seccomp-util.c `seccomp_local_archs`, LXC 5.0.2 and 6.0 src/lxc/seccomp.c
 * `parse_config_v2`. Architectures of the other byte order, which systemd lists too, run on no kernel.
 * @module
 */
import { type ArchName, architectures } from '../../abi/architectures.ts';
import type { Node } from '../document.ts';
import { hostNames } from './own-reader.ts';
import type { Spot, TreeBuilder } from './tree.ts';

/** Hosts that are not listed here run their own architecture alone. */
const besides: Partial<Readonly<Record<ArchName, readonly ArchName[]>>> = {
  x86_64: ['x86', 'x32'],
  aarch64: ['arm'],
  mips64: ['mips', 'mips64n32'],
  mipsel64: ['mipsel', 'mipsel64n32'],
  ppc64: ['ppc'],
  s390x: ['s390'],
};

/** The architectures whose programs a host runs beside its own. */
export function besidesOf(host: ArchName): readonly ArchName[] {
  return besides[host] ?? [];
}

/** Makes the `archMap` of such filters. @param sub - the further architectures of a host's filter; `undefined`: no filter */
export function archMap(
  build: TreeBuilder,
  spot: Spot,
  sub: (host: ArchName) => readonly ArchName[] | undefined,
): Node {
  const entries = hostNames.flatMap((host) => {
    const others = sub(host);
    if (others === undefined) return [];
    const name = (arch: ArchName): Node => build.string(architectures[arch].ociArch, spot);
    const subArchitectures = build.array(others.map(name), spot);
    return [build.object({ architecture: name(host), subArchitectures }, spot)];
  });
  return build.array(entries, spot);
}

/** The condition of a rule that applies on these hosts. */
export function conditionOn(build: TreeBuilder, spot: Spot, hosts: readonly ArchName[]): Node {
  const arches = hosts.map((host) => build.string(architectures[host].golangArch, spot));
  return build.object({ arches: build.array(arches, spot) }, spot);
}
