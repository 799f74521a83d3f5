/**
 * The Node that the programs need.
 * @module
 */

/** Debian 12 has Node 18, and npm only warns. @returns `undefined` for a Node that has what package.json asks for */
export function nodeTooOld(): string | undefined {
  // Node 20.16 and 22.3 are the first to have it, and all commands need it.
  const { getBuiltinModule } = process as { readonly getBuiltinModule?: unknown };
  if (typeof getBuiltinModule === 'function') return undefined;
  return `oci-seccomp needs Node 20.19, or 22.12 and newer: this is ${process.version}, ${process.execPath}`;
}
