/**
 * Which hosts an `archMap` entry is for. An engine takes the first entry of its own architecture and looks at no other
 * (moby profiles/seccomp_linux.go, containers/common pkg/seccomp/seccomp_linux.go). So a fault in an entry concerns the
 * hosts of that architecture alone.
 * @module
 */
import { type ArchName, architectureByOciArch } from '../../abi/architectures.ts';
import { foldKey } from '../dialect-keys.ts';
import { type ObjectView, objectsOf, textOf } from '../object-view.ts';
import type { FoundProblem } from '../problems.ts';
import type { Dialect } from '../profile.ts';

/** Makes a function that adds the hosts that it concerns to a finding within an `archMap` entry. */
export function addsHosts(profile: ObjectView, dialect: Dialect): (finding: FoundProblem) => FoundProblem {
  let known: ReadonlyMap<string, readonly ArchName[]> | undefined;
  return (finding) => {
    const entry = foldKey(finding.pointer).match(/^.*\/archmap\/\d+(?=\/subarchitectures\/)/)?.[0];
    if (entry === undefined || finding.code === 'wrong-type') return finding;
    known ??= hostsByEntry(profile, dialect);
    const hosts = known.get(entry);
    return hosts === undefined ? finding : { ...finding, hosts, message: onHosts(hosts, finding.message) };
  };
}

function hostsByEntry(profile: ObjectView, dialect: Dialect): ReadonlyMap<string, readonly ArchName[]> {
  const seen = new Set<string>();
  return new Map(
    objectsOf(profile, 'archMap', dialect).map((entry) => {
      const written = textOf(entry, 'architecture')?.value ?? '';
      const row = seen.has(written) ? undefined : architectureByOciArch(written);
      seen.add(written);
      return [foldKey(entry.pointer), row === undefined ? [] : [row.name]];
    }),
  );
}

function onHosts([host]: readonly ArchName[], message: string): string {
  return host === undefined ? `no host takes this entry, but ${message}` : `on ${host} hosts: ${message}`;
}
