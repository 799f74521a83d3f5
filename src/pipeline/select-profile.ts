/**
 * Which profile of a file that holds several.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import type { KubernetesObject, ReadObjectResult } from '../oci/read-profiles.ts';

export interface ProfileSelection {
  /** `NAME`, `NAMESPACE/NAME`, or in a ConfigMap also `NAME:KEY` or `KEY`. */
  readonly object?: string | undefined;
  /** A directory with files of base profiles. */
  readonly baseDir?: string | undefined;
  /**
   * Set where two files share the options: what the option for the object of this one is called. A file without objects is
   * taken whole then: the object may be of the other file.
   */
  readonly shared?: '--object' | '--other-object' | '--against-object' | '--baseline-object' | undefined;
}

/** What to call a profile's object in messages: `NAMESPACE/NAME`, in a ConfigMap with `:KEY`. */
export function objectName({ namespace, name, key }: KubernetesObject): string {
  const full = namespace === undefined ? name : `${namespace}/${name}`;
  return key === undefined ? full : `${full}:${key}`;
}

/** What to call a profile in messages, where its file can hold several objects: `pods.yaml (team/web)`. */
export function titleOf({ name, object }: { name: string; object?: KubernetesObject | undefined }): string {
  return object === undefined ? name : `${name} (${objectName(object)})`;
}

/**
 * Finds the profile that was asked for or, if none was, the only one.
 *
 * @param name - the file's, for messages
 * @throws OciSeccompError `ERR_USAGE` with a list of the profiles, unless exactly one is meant
 */
export function selectProfile(
  found: readonly ReadObjectResult[],
  name: string,
  { object: wanted, shared }: ProfileSelection,
): ReadObjectResult {
  const [first] = found;
  const option = shared ?? '--object';
  const isWhole = found.every(({ object }) => object === undefined);
  if (wanted === undefined || (shared !== undefined && isWhole)) {
    // The part of the file that cannot be read may be the one that is wanted.
    const broken = found.find(({ object }) => object === undefined);
    const only = broken ?? (found.length === 1 ? first : undefined);
    if (only !== undefined) return only;
    throw new OciSeccompError('ERR_USAGE', `${name} holds ${found.length} profiles: ${list(found)}`, {
      hint: `pick one with ${option} NAME`,
    });
  }
  const matching = found.filter(({ object }) => object !== undefined && namesOf(object).includes(wanted));
  const [match] = matching;
  if (match !== undefined && matching.length === 1) return match;
  if (matching.length > 1) {
    throw new OciSeccompError('ERR_USAGE', `${name} holds several profiles '${wanted}': ${list(matching)}`, {
      hint: `give the namespace too: ${option} NAMESPACE/NAME`,
    });
  }
  const known = list(found);
  throw new OciSeccompError('ERR_USAGE', `${name} holds no profile '${wanted}'`, {
    hint:
      known === ''
        ? 'it is not a file of Kubernetes objects'
        : `it holds ${known}${shared === undefined ? '' : `: pick one with ${option} NAME`}`,
  });
}

function namesOf(object: KubernetesObject): readonly string[] {
  const { name, key } = object;
  return [objectName(object), name, ...(key === undefined ? [] : [`${name}:${key}`, key])];
}

/** Most names that a message lists. */
const MAX_LISTED = 10;

function list(found: readonly ReadObjectResult[]): string {
  const names = found.flatMap(({ object }) => (object === undefined ? [] : [objectName(object)]));
  const rest = names.length - MAX_LISTED;
  return `${names.slice(0, MAX_LISTED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
