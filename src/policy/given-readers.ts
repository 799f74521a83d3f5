/**
 * Who reads a profile, and what becomes of its rules on the way: each call checks what it is handed.
 * @module
 */
import { archName, callNumber, maybe, oneOf, takerFor, text, withMembers } from '../abi/value-shape.ts';
import { type Consumer, type Engine, engines, runtimeNames } from '../consumers.ts';
import { dialects } from '../oci/dialect-rows.ts';
import type { Readers } from '../oci/problems.ts';
import type { Dialect } from '../oci/profile.ts';
import { runtime as shapeOfRuntime } from './policy-shape.ts';
import {
  type AskedReaders,
  consumersFor as uncheckedConsumersFor,
  readersOf as uncheckedReadersOf,
} from './profile-readers.ts';
import {
  type ProfileWork,
  type RuleTrace,
  type TracedCall,
  traceRules as uncheckedTraceRules,
} from './rule-trace.ts';
import { type Runtime, formatRuntime as uncheckedFormatRuntime } from './runtimes.ts';
import { profileWork } from './work-shape.ts';

const dialectName = oneOf<readonly Dialect[]>(dialects);
const maybeEngine = maybe(oneOf<readonly Engine[]>(engines));
const runtimeNamed = withMembers<Pick<Runtime, 'name'>>({ name: oneOf(runtimeNames) });
const tracedCall = withMembers<TracedCall>({
  syscall: maybe(text),
  arch: archName,
  nr: maybe(callNumber),
});

/**
 * Who reads a profile of a dialect: the engine, if there is one, then the runtime. `plain` and gVisor are left out: no problem of a
 * text names them.
 *
 * @param asked - the engine; default: the one that the dialect is for
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function consumersFor(
  dialect: Dialect,
  asked: Engine | undefined,
  runtime: Pick<Runtime, 'name'>,
): readonly Consumer[] {
  const take = takerFor('consumersFor');
  return uncheckedConsumersFor(
    take('dialect', dialectName, dialect),
    take('asked', maybeEngine, asked),
    take('runtime', runtimeNamed, runtime),
  );
}

/**
 * Whom the problems of a profile are judged for: everyone, unless an engine or a runtime is named.
 *
 * @throws OciSeccompError `ERR_USAGE` for a runtime that does not exist, and for a value that the types refuse
 */
export function readersOf(dialect: Dialect, asked: AskedReaders): Readers {
  return uncheckedReadersOf(takerFor('readersOf')('dialect', dialectName, dialect), asked);
}

/**
 * A runtime as people write it: `runc@1.1`, `crun`.
 *
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function formatRuntime(runtime: Runtime): string {
  return uncheckedFormatRuntime(takerFor('formatRuntime')('runtime', shapeOfRuntime, runtime));
}

/**
 * Finds the rules of a profile that are about a system call on an architecture.
 *
 * @param call.nr - as filters see it: rules for other names that come to the same number (a multiplexer's) count too
 * @returns in the order of the profile
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function traceRules(work: ProfileWork, call: TracedCall): readonly RuleTrace[] {
  const take = takerFor('traceRules');
  return uncheckedTraceRules(take('work', profileWork, work), take('call', tracedCall, call));
}
