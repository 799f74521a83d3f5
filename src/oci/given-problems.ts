/**
 * Problems of profiles that callers judge for readers of their own: each call checks what it is handed.
 * @module
 */
import { archName, listOf, maybe, recordOf, takerFor, text, withMembers } from '../abi/value-shape.ts';
import type { Consumer } from '../consumers.ts';
import { type BuiltinName, isBuiltinName as uncheckedIsBuiltinName } from './builtin/index.ts';
import type { Severity } from './problem-codes.ts';
import {
  type Problem,
  type Readers,
  blocks as uncheckedBlocks,
  severityFor as uncheckedSeverityFor,
} from './problems.ts';
import { consumer, severity, problem as shapeOfProblem } from './profile-shape.ts';

const judged = withMembers<Pick<Problem, 'severity' | 'rejectedBy' | 'hosts'>>({
  severity,
  rejectedBy: maybe(listOf(consumer)),
  hosts: maybe(listOf(archName)),
});
const shapeOfReaders = recordOf<Readers>({
  consumers: maybe(listOf(consumer)),
  hosts: maybe(listOf(archName)),
});
const consumerList = listOf(consumer);

/**
 * Tells whether a problem keeps any of the consumers from using the profile as it was decoded. A problem of some hosts' architectures
 * blocks nobody here: resolving or lowering the profile for such a host refuses it.
 *
 * @param consumers - who is going to read it, usually one engine and one runtime
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function blocks(problem: Problem, consumers: readonly Consumer[]): boolean {
  const take = takerFor('blocks');
  return uncheckedBlocks(
    take('problem', shapeOfProblem, problem),
    take('consumers', consumerList, consumers),
  );
}

/**
 * How much a problem matters to some readers. An error is a warning if none of them rejects the profile for it.
 *
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function severityFor(
  problem: Pick<Problem, 'severity' | 'rejectedBy' | 'hosts'>,
  readers: Readers,
): Severity {
  const take = takerFor('severityFor');
  return uncheckedSeverityFor(take('problem', judged, problem), take('readers', shapeOfReaders, readers));
}

/**
 * Whether a built-in profile has this name: `docker-default`. Names with a release, `docker-default@20.10`, are for `builtinProfile`.
 *
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function isBuiltinName(name: string): name is BuiltinName {
  return uncheckedIsBuiltinName(takerFor('isBuiltinName')('name', text, name));
}
