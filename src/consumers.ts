/**
 * Who reads a profile on its way into the kernel: an engine resolves it, a runtime turns it into a filter. One row each;
 * every list of them, and who refuses what, is derived from the rows.
 * @module
 */
import { type Engine, type EngineRow, engineRows } from './consumers/engine-rows.ts';
import {
  type RuntimeName,
  type RuntimeReading,
  type RuntimeRow,
  type RuntimeTraits,
  runtimeRows as rows,
} from './consumers/runtime-rows.ts';

export { type Engine, type EngineRow, engineRows, handedOn } from './consumers/engine-rows.ts';
export type { RuntimeNeeds, RuntimeVersion } from './consumers/runtime-needs.ts';
export type {
  RuntimeBehaviour,
  RuntimeName,
  RuntimeReading,
  RuntimeRow,
  RuntimeTraits,
} from './consumers/runtime-rows.ts';

export const runtimeRows: Readonly<Record<RuntimeName, RuntimeRow>> = rows;

/** Turns `linux.seccomp` into a filter, and starts a container under it. */
export type RuntimeFamily = {
  [Name in RuntimeName]: (typeof rows)[Name]['startsContainers'] extends true ? Name : never;
}[RuntimeName];

/** Anyone who reads a profile: an engine or a runtime. */
export type Consumer = Engine | RuntimeFamily;

/** Every engine that is known here. */
export const engines = Object.keys(engineRows) as readonly Engine[];

export const runtimeNames = Object.keys(rows) as readonly RuntimeName[];

/** The runtimes that start containers. */
export const runtimeFamilies = runtimeNames.filter(isFamily);

/** Whether a runtime starts containers, and may refuse a profile. */
export function isFamily(name: RuntimeName): name is RuntimeFamily {
  return rows[name].startsContainers;
}

/** What `--runtime` takes, for help and messages: `runc`, `runc@1.1`. */
export const runtimeSpellings: readonly string[] = runtimeNames.flatMap((name) => [
  name,
  ...rows[name].shown.map((version) => `${name}@${version}`),
]);

/** Those of them whose filter is a program in Linux. */
export const compiledSpellings: readonly string[] = runtimeSpellings.filter(filtersInLinux);

/** Spellings in one line: `runc, runc@1.1, crun, or plain (libseccomp alone)`. */
export function listRuntimes(spellings: readonly string[] = runtimeSpellings): string {
  const listed = spellings.map((spelling) => {
    const { gloss } = runtimeRows[spelling as RuntimeName] ?? {};
    return gloss === undefined ? markRuntime(spelling) : `${spelling} (${gloss})`;
  });
  return `${listed.slice(0, -1).join(', ')}, or ${listed.at(-1)}`;
}

/** A runtime as people are told of it, with the mark if its source was read and no test runs it: `youki (read, not run)`. */
export function markRuntime(spelling: string): string {
  return isReadOnly(spelling) ? `${spelling} (read, not run)` : spelling;
}

/** Whether what a runtime does is known from its source alone. @param spelling - as people write it, `runc@1.1` */
export function isReadOnly(spelling: string): boolean {
  return rowOf(spelling)?.isReadOnly === true;
}

/** Whether a runtime's filter is a program in Linux; gVisor's is in its own kernel. @param spelling - as people write it */
export function filtersInLinux(spelling: string): boolean {
  return rowOf(spelling)?.versions[0].traits.sentry === undefined;
}

function rowOf(spelling: string): RuntimeRow | undefined {
  const name = runtimeNames.find((each) => each === spelling.split('@', 1)[0]);
  return name === undefined ? undefined : runtimeRows[name];
}

/** Whose needs for starting a container were measured. */
export const measuredRuntimes: readonly RuntimeName[] = runtimeNames.filter(
  (name) => runtimeRows[name].needs.length > 0,
);

/** The engines whose row says so. */
export function enginesThat(says: (row: EngineRow) => boolean): readonly Engine[] {
  return engines.filter((name) => says(engineRows[name]));
}

/** The runtimes that start containers and whose newest version does so. */
export function runtimesThat(
  says: (traits: RuntimeTraits, reading: RuntimeReading) => boolean,
): readonly RuntimeFamily[] {
  return runtimeFamilies.filter((name) => {
    const { versions, reading } = runtimeRows[name];
    return says(versions[0].traits, reading);
  });
}
