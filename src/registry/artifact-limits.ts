/**
 * The limits that a profile must keep to be taken as an artifact (KEP-6061). They are those of the Kubernetes project's
 * security-profiles-merger, `ValidateArtifact`, and bound the work of intersecting an artifact with the profile of a node. An
 * artifact may not name a listener: that is for the node to decide.
 * @module
 */
import { MAX_ERRNO } from '../abi/errno.ts';
import { runtimeFamilies } from '../consumers.ts';
import { OciSeccompError } from '../errors.ts';
import type { Node, Position } from '../oci/document.ts';
import { memberOf } from '../oci/object-view.ts';
import { blocks } from '../oci/problems.ts';
import type { Profile } from '../oci/profile.ts';
import { quote } from '../oci/read-json.ts';
import { type ReadProfileResult, readProfile } from '../oci/read-profile.ts';
import {
  type ArtifactProblem,
  type At,
  checkEntries,
  type MakeProblem,
  placeOfRule,
  WITH_DATA,
} from './artifact-entries.ts';
import { MAX_PROFILE_SIZE, requireRaw } from './artifact-format.ts';

const LISTENER_FLAG = 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV';

/** Problems about which readers of JSON disagree, or which they ignore: the node might read another profile than the author wrote. */
const AMBIGUOUS: readonly string[] = ['duplicate-key', 'key-case', 'lone-surrogate', 'wrong-dialect-key'];

/**
 * Reads the bytes of an artifact's layer, or those that are to become one.
 *
 * @param name - what to call them in messages
 * @throws OciSeccompError `ERR_ARTIFACT` with every problem and its place in `details.problems`
 */
export function readArtifactProfile(bytes: Uint8Array, name: string): Profile {
  if (bytes.length > MAX_PROFILE_SIZE) {
    throw new OciSeccompError(
      'ERR_ARTIFACT',
      `${name} is larger than ${MAX_PROFILE_SIZE} bytes, the most that a runtime takes`,
      { hint: SIMPLIFY },
    );
  }
  requireRaw(bytes, name);
  const told = readProfile(bytes, { name });
  if (told.dialect !== undefined && told.dialect !== 'oci') throw otherDialect(name, told.dialect);
  const read = readProfile(bytes, { name, dialect: 'oci' });
  const refused = read.problems.filter(
    (problem) =>
      blocks(problem, runtimeFamilies) || (AMBIGUOUS.includes(problem.code) && problem.severity !== 'note'),
  );
  const own = read.profile === undefined ? [] : [...problemsOf(read.profile, read, name)];
  const problems = [...refused, ...own].toSorted((a, b) => a.line - b.line || a.column - b.column);
  if (read.profile !== undefined && problems.length === 0) return read.profile;
  const hint = own.some(({ code }) => code === 'artifact-limit') ? SIMPLIFY : undefined;
  throw new OciSeccompError('ERR_ARTIFACT', `runtimes would not take ${name} as an artifact`, {
    hint,
    details: { problems },
  });
}

const SIMPLIFY = 'oci-seccomp simplify writes the same profile in fewer rules';

function otherDialect(name: string, dialect: string): OciSeccompError {
  return new OciSeccompError(
    'ERR_ARTIFACT',
    `${name} is written in the dialect ${dialect}, and an artifact holds the linux.seccomp section of runtime-spec`,
    { hint: 'oci-seccomp resolve PROFILE --to oci writes it, for the kernel and capabilities that you name' },
  );
}

function* problemsOf(
  profile: Profile,
  { document }: Pick<ReadProfileResult, 'document'>,
  file: string,
): Generator<ArtifactProblem> {
  const report: MakeProblem = (code, { line, column, pointer }, message, hint) => ({
    ...{ code, severity: 'error', message, file, line, column, pointer },
    ...(hint === undefined ? {} : { hint }),
  });
  const at = (key: string): At => placeOf(document?.root, key);
  yield* listenerProblems(profile, at, report);
  yield* errnoProblems(profile, at, report);
  yield* repeated('architectures', profile.architectures, at, report);
  yield* repeated('flags', profile.flags, at, report);
  yield* checkEntries(profile, report);
}

/** Where the value of a key of the profile stands. */
function placeOf(root: Node | undefined, key: string): At {
  const found = root?.kind === 'object' ? memberOf(root, key) : undefined;
  const start: Pick<Position, 'line' | 'column'> = found?.value.start ?? { line: 1, column: 1 };
  return { line: start.line, column: start.column, pointer: found === undefined ? '' : `/${key}` };
}

function* listenerProblems(
  { defaultAction, listenerPath, listenerMetadata, flags, rules }: Profile,
  at: (key: string) => At,
  report: MakeProblem,
): Generator<ArtifactProblem> {
  const why = 'an artifact has no listener: it is a matter of the node';
  const isNotify = (action: string | undefined): boolean => action === 'SCMP_ACT_NOTIFY';
  if (isNotify(defaultAction)) yield report('artifact-listener', at('defaultAction'), why);
  if (listenerPath !== undefined) yield report('artifact-listener', at('listenerPath'), why);
  if (listenerMetadata !== undefined) yield report('artifact-listener', at('listenerMetadata'), why);
  if (flags?.includes(LISTENER_FLAG) === true) {
    yield report('artifact-listener', at('flags'), `${LISTENER_FLAG} is for a listener, and ${why}`);
  }
  for (const rule of rules.filter(({ action }) => isNotify(action))) {
    yield report('artifact-listener', placeOfRule(rule), `SCMP_ACT_NOTIFY needs a listener, and ${why}`);
  }
}

function* errnoProblems(
  { defaultAction, defaultErrnoRet, rules }: Profile,
  at: (key: string) => At,
  report: MakeProblem,
): Generator<ArtifactProblem> {
  const wrong = (action: string | undefined, errno: number | undefined): string | undefined => {
    if (errno === undefined) return undefined;
    if (!WITH_DATA.includes(action ?? ''))
      return `${quote(action ?? '')} takes no errno, and crun refuses one`;
    return errno > MAX_ERRNO ? `the errno ${errno} is larger than ${MAX_ERRNO}` : undefined;
  };
  const ofDefault = wrong(defaultAction, defaultErrnoRet);
  if (ofDefault !== undefined) yield report('artifact-value', at('defaultErrnoRet'), ofDefault);
  for (const rule of rules) {
    const message = wrong(rule.action, rule.errnoRet);
    if (message !== undefined) yield report('artifact-value', placeOfRule(rule), message);
  }
}

function* repeated(
  key: 'architectures' | 'flags',
  values: readonly string[] = [],
  at: (key: string) => At,
  report: MakeProblem,
): Generator<ArtifactProblem> {
  const seen = new Set<string>();
  const twice = values.filter((value) => seen.size === seen.add(value).size);
  for (const value of new Set(twice)) {
    yield report('artifact-repeated', at(key), `${quote(value)} stands twice in "${key}"`, 'remove one');
  }
}
