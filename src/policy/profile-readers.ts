/**
 * Who reads a profile on its way to a filter.
 * @module
 */
import { type ArchName, architectures } from '../abi/architectures.ts';
import { type OptionKinds, someOf, someTexts, takeOptions } from '../abi/take-options.ts';
import { type Consumer, type Engine, isFamily, runtimeFamilies } from '../consumers.ts';
import { defaultEngines } from '../oci/dialect-rows.ts';
import type { Readers } from '../oci/problems.ts';
import type { Dialect } from '../oci/profile.ts';
import { engineKind } from '../oci/reading-kinds.ts';
import { parseRuntime, type Runtime, runtimeFor } from './runtimes.ts';

/** The engine, if there is one, then the runtime. `plain` and gVisor are left out: no problem of a text names them. */
export function consumersFor(
  dialect: Dialect,
  asked: Engine | undefined,
  { name }: Pick<Runtime, 'name'>,
): readonly Consumer[] {
  const engine = asked ?? defaultEngines[dialect];
  return [...(engine === undefined ? [] : [engine]), ...(isFamily(name) ? [name] : [])];
}

/** As {@link consumersFor}, of the engine and the runtime that are asked for; else those that the dialect is for. */
export function readersAsked({
  engine,
  runtime,
}: {
  readonly engine?: Engine | undefined;
  readonly runtime?: string | undefined;
}): (dialect: Dialect) => readonly Consumer[] {
  return (dialect) => consumersFor(dialect, engine, runtimeFor(runtime, dialect));
}

/** Whom a file is checked for. */
export interface AskedReaders {
  /**
   * The engine that resolves the profile; default: the engine that reads its dialect, or all if no runtimes are named
   * either.
   */
  readonly engine?: Engine | undefined;
  /** As `parseRuntime` reads them. */
  readonly runtimes?: readonly string[] | undefined;
  /** Default: x86_64. */
  readonly hosts?: readonly ArchName[] | undefined;
}

const kinds: OptionKinds<AskedReaders> = {
  engine: engineKind,
  runtimes: someTexts,
  hosts: someOf(Object.keys(architectures)),
};

/**
 * Whom the problems of a profile are judged for: everyone, unless an engine or a runtime is named.
 *
 * @throws OciSeccompError `ERR_USAGE` for a runtime that does not exist
 */
export function readersOf(dialect: Dialect, asked: AskedReaders): Readers {
  const { engine, runtimes, hosts = ['x86_64'] } = takeOptions('readersOf', asked, kinds);
  if (runtimes === undefined && engine === undefined) return { hosts };
  const named = runtimes ?? runtimeFamilies;
  return { hosts, consumers: named.flatMap((each) => consumersFor(dialect, engine, parseRuntime(each))) };
}
