/**
 * A table of choices: which profile a container gets by its image, its labels and its annotations. The first row that
 * fits decides. schemas/choices.schema.json says the same for editors.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import { namesBuiltin } from '../../oci/builtin/index.ts';
import {
  complain,
  listOf,
  membersOf,
  missingKey,
  outOfRange,
  type Reader,
  stringOf,
} from '../../oci/config-values.ts';
import type { Located } from '../../oci/object-view.ts';
import { escapePointer, quote, readDocument } from '../../oci/read-json.ts';
import { isAbsolutePath } from '../absolute-path.ts';
import { PROFILE_ANNOTATION } from '../profile-annotation.ts';
import {
  type ImageSource,
  imageSourceNames,
  keysOfSources,
  type LabelSource,
  labelSourceNames,
} from './container-facts.ts';
import { type ImageName, parseImagePattern } from './image-name.ts';

export interface ChoicesTable {
  /** What the file is called in messages. */
  readonly name: string;
  readonly imageFrom: readonly ImageSource[];
  readonly labelsFrom: readonly LabelSource[];
  readonly rows: readonly ChoiceRow[];
  /** For containers that no row fits; `undefined`: they do not start. */
  readonly default: string | undefined;
  /** The annotations that decide: they must be the same for everybody who reads them. */
  readonly keys: readonly string[];
}

export interface ChoiceRow extends RowProfile {
  readonly name: string;
  /** One of them fits; empty: not asked. */
  readonly images: readonly ImageName[];
  /** Patterns of values by key; for each key one fits. */
  readonly labels: Patterns;
  readonly annotations: Patterns;
}

export interface RowProfile {
  /** A built-in profile, an absolute path, or `none`. */
  readonly profile?: string;
  /** Where the annotation of a container may choose from. */
  readonly profilesDir?: string;
}

export type Patterns = readonly (readonly [key: string, patterns: readonly string[]])[];

const TABLE_KEYS = ['$schema', 'imageFrom', 'labelsFrom', 'trustedAnnotations', 'rows', 'default'] as const;
const ROW_KEYS = ['name', 'image', 'labels', 'annotations', 'profile', 'profilesDir'] as const;
/** For tests of the schema. */
export const choicesKeys = { table: TABLE_KEYS, row: ROW_KEYS };
const ROW_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/**
 * Reads a table.
 *
 * @param name - of the file, for messages
 * @throws OciSeccompError `ERR_HOOK` with every problem in `details.problems`
 */
export function readChoices(input: string | Uint8Array, name: string): ChoicesTable {
  const { document, problems } = readDocument(input, { name });
  // Of a key that is given twice, nobody can say which one counts.
  const severe = problems.filter(({ code, severity }) => severity === 'error' || code === 'duplicate-key');
  const reader: Reader = { file: name, text: document?.text ?? '', problems: [...severe] };
  const table =
    document === undefined || severe.length > 0
      ? undefined
      : tableOf(reader, { node: document.root, pointer: '' }, name);
  if (table !== undefined && reader.problems.length === 0) return table;
  throw new OciSeccompError('ERR_HOOK', `${name} is not a table of choices`, {
    hint: 'docs/hook-choices.md lists its keys; no container starts until the file is right',
    details: { problems: reader.problems.sort((a, b) => a.line - b.line || a.column - b.column) },
  });
}

function tableOf(reader: Reader, root: Located, name: string): ChoicesTable {
  const members = membersOf(reader, root, TABLE_KEYS);
  const imageFrom =
    listOf(reader, members.get('imageFrom'), (each) => stringOf(reader, each, imageSourceNames)) ?? [];
  const labelsFrom =
    listOf(reader, members.get('labelsFrom'), (each) => stringOf(reader, each, labelSourceNames)) ?? [];
  const trusted = listOf(reader, members.get('trustedAnnotations'), (each) => stringOf(reader, each)) ?? [];
  const says: Says = { imageFrom, labelsFrom, trusted };
  const rows = listOf(reader, members.get('rows'), (each) => rowOf(reader, each, says)) ?? [];
  if (root.node.kind === 'object' && !members.has('rows'))
    missingKey(reader, root, 'a table needs "rows", a list');
  requireOwnNames(reader, members.get('rows'));
  const byDefault = profileOf(reader, members.get('default'));
  const looked = rows.flatMap(({ annotations }) => annotations.map(([key]) => key));
  return {
    name,
    imageFrom,
    labelsFrom,
    rows,
    default: byDefault,
    keys: [...new Set([...looked, ...keysOfSources(imageFrom, labelsFrom), PROFILE_ANNOTATION])],
  };
}

interface Says {
  readonly imageFrom: readonly string[];
  readonly labelsFrom: readonly string[];
  readonly trusted: readonly string[];
}

function rowOf(reader: Reader, value: Located, says: Says): ChoiceRow | undefined {
  const members = membersOf(reader, value, ROW_KEYS);
  if (value.node.kind !== 'object') return undefined;
  const name = stringOf(reader, members.get('name')) ?? '';
  if (!members.has('name')) missingKey(reader, value, 'a row needs a "name", which logs show');
  else if (!ROW_NAME.test(name)) {
    outOfRange(reader, members.get('name'), `${quote(name)} is not a name of a row`, NAME_HINT);
  }
  const images = imagesOf(reader, members.get('image'), says);
  const labels = patternsOf(reader, members.get('labels'));
  const annotations = patternsOf(reader, members.get('annotations'));
  if (members.has('labels') && says.labelsFrom.length === 0) {
    outOfRange(
      reader,
      members.get('labels'),
      'nobody is trusted to say the labels of a container',
      LABELS_HINT,
    );
  }
  requireTrustedKeys(reader, members.get('annotations'), says.trusted);
  if (!['image', 'labels', 'annotations'].some((key) => members.has(key))) {
    missingKey(
      reader,
      value,
      'a row needs "image", "labels" or "annotations"',
      'what all other containers get is "default"',
    );
  }
  const profile = profileOf(reader, members.get('profile'));
  const profilesDir = folderOf(reader, members.get('profilesDir'));
  if (!members.has('profile') && !members.has('profilesDir')) {
    missingKey(reader, value, 'a row needs "profile" or "profilesDir"');
  }
  return {
    name,
    images,
    labels,
    annotations,
    ...(profile === undefined ? {} : { profile }),
    ...(profilesDir === undefined ? {} : { profilesDir }),
  };
}

const NAME_HINT = "use letters, digits, '.', '_' and '-', at most 64";
const LABELS_HINT = `add "labelsFrom", a list of ${labelSourceNames.join(', ')}`;

function imagesOf(reader: Reader, value: Located | undefined, { imageFrom }: Says): readonly ImageName[] {
  if (value === undefined) return [];
  if (imageFrom.length === 0) {
    const hint = `add "imageFrom", a list of ${imageSourceNames.join(', ')}`;
    outOfRange(reader, value, 'nobody is trusted to say the image of a container', hint);
  }
  return oneOrMore(reader, value, (each) => {
    const text = stringOf(reader, each);
    const pattern = text === undefined ? undefined : parseImagePattern(text);
    if (text === undefined || pattern !== undefined) return pattern;
    return outOfRange(reader, each, `${quote(text)} is not a name of an image`, IMAGE_HINT);
  });
}

const IMAGE_HINT =
  'write "registry.example/team/web", with ":TAG" or "@sha256:…" if only that is meant; * stands for anything but /';

/** A value, or a list of at least one. */
function oneOrMore<T>(reader: Reader, value: Located, read: (each: Located) => T | undefined): readonly T[] {
  if (value.node.kind !== 'array') {
    const one = read(value);
    return one === undefined ? [] : [one];
  }
  if (value.node.elements.length === 0) outOfRange(reader, value, 'an empty list fits no container');
  return listOf(reader, value, read) ?? [];
}

function patternsOf(reader: Reader, value: Located | undefined): Patterns {
  if (value === undefined) return [];
  if (value.node.kind !== 'object') {
    membersOf(reader, value, []);
    return [];
  }
  if (value.node.members.length === 0) outOfRange(reader, value, 'an empty object asks for nothing');
  return value.node.members.map(({ key, value: node }): [string, readonly string[]] => {
    const at = { node, pointer: `${value.pointer}/${escapePointer(key)}` };
    return [key, oneOrMore(reader, at, (each) => stringOf(reader, each))];
  });
}

/** A pod's author may set annotations: the administrator has to say which of them others cannot. */
function requireTrustedKeys(reader: Reader, value: Located | undefined, trusted: readonly string[]): void {
  if (value?.node.kind !== 'object') return;
  for (const { key, keyStart } of value.node.members) {
    if (trusted.includes(key)) continue;
    complain(reader, {
      code: 'value-out-of-range',
      at: keyStart,
      pointer: `${value.pointer}/${escapePointer(key)}`,
      message: `the annotation ${quote(key)} is not in "trustedAnnotations"`,
      hint: 'add it there, if those who may start containers cannot set it as they like',
    });
  }
}

function profileOf(reader: Reader, value: Located | undefined): string | undefined {
  const text = stringOf(reader, value);
  if (text === undefined || text === 'none' || isAbsolutePath(text) || namesBuiltin(text)) return text;
  return outOfRange(
    reader,
    value,
    `${quote(text)} is no profile: it takes an absolute path, the name of a built-in profile, or none`,
  );
}

function folderOf(reader: Reader, value: Located | undefined): string | undefined {
  const text = stringOf(reader, value);
  if (text === undefined || isAbsolutePath(text)) return text;
  return outOfRange(reader, value, `"profilesDir" takes an absolute path, not ${quote(text)}`);
}

/** Logs name the row that decided. */
function requireOwnNames(reader: Reader, rows: Located | undefined): void {
  if (rows?.node.kind !== 'array') return;
  const seen = new Set<string>();
  for (const [i, row] of rows.node.elements.entries()) {
    const name = row.kind === 'object' ? row.members.find(({ key }) => key === 'name')?.value : undefined;
    if (name?.kind !== 'string') continue;
    const at = { node: name, pointer: `${rows.pointer}/${i}/name` };
    if (seen.has(name.value)) outOfRange(reader, at, `there is another row ${quote(name.value)}`);
    seen.add(name.value);
  }
}
