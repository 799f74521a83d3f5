/**
 * Which row of a table of choices fits a container.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import { quote } from '../../oci/read-json.ts';
import type { ChoiceRow, ChoicesTable, Patterns, RowProfile } from './choices-table.ts';
import { type ContainerFacts, imageOf, labelsOf } from './container-facts.ts';
import { matchesGlob } from './glob.ts';
import { type ImageName, matchesImage, parseImageName } from './image-name.ts';

export interface RowChoice extends RowProfile {
  /** `undefined`: no row fits, and the default decides. */
  readonly row: string | undefined;
}

/**
 * Finds the first row that fits. If a row asks for something that is not known of this container, that is an error: a
 * later row may be looser.
 *
 * @throws OciSeccompError `ERR_HOOK` if that cannot be told, or no row fits and there is no default
 */
export function chooseRow(table: ChoicesTable, facts: ContainerFacts): RowChoice {
  const ask = asker(table, facts);
  for (const row of table.rows) {
    if (!fits(row, ask)) continue;
    const { name, profile, profilesDir } = row;
    return {
      row: name,
      ...(profile === undefined ? {} : { profile }),
      ...(profilesDir === undefined ? {} : { profilesDir }),
    };
  }
  if (table.default !== undefined) return { row: undefined, profile: table.default };
  throw new OciSeccompError('ERR_HOOK', `no row of ${table.name} fits the container`, {
    hint: 'add a row for it, or "default": what all other containers get',
  });
}

/** What the rows ask for, each found out once. */
interface Ask {
  readonly annotations: ReadonlyMap<string, string>;
  readonly image: (row: string) => ImageName;
  readonly labels: (row: string) => ReadonlyMap<string, string>;
}

function asker(table: ChoicesTable, facts: ContainerFacts): Ask {
  let image: ImageName | undefined;
  let labels: ReadonlyMap<string, string> | undefined;
  return {
    annotations: facts.annotations,
    image: (row) => {
      image ??= requireImage(table, facts, row);
      return image;
    },
    labels: (row) => {
      labels ??= labelsOf(facts, table.labelsFrom)?.value ?? unknown(table, row, 'labels', table.labelsFrom);
      return labels;
    },
  };
}

function requireImage(table: ChoicesTable, facts: ContainerFacts, row: string): ImageName {
  const told = imageOf(facts, table.imageFrom) ?? unknown(table, row, 'image', table.imageFrom);
  const name = parseImageName(told.value);
  if (name !== undefined) return name;
  throw new OciSeccompError(
    'ERR_HOOK',
    `the row ${quote(row)} of ${table.name} asks for the container's image, but ${quote(told.value)}, which ${told.from} says, is not a name of an image`,
    { hint: 'start the container by the name of its image, and not by its id' },
  );
}

function unknown(table: ChoicesTable, row: string, what: string, sources: readonly string[]): never {
  throw new OciSeccompError(
    'ERR_HOOK',
    `the row ${quote(row)} of ${table.name} asks for the container's ${what}, which ${sources.join(' and ')} ${sources.length > 1 ? 'do' : 'does'} not tell`,
    { hint: 'put rows that fit such containers, for instance by an annotation, in front of it' },
  );
}

function fits({ name, images, labels, annotations }: ChoiceRow, ask: Ask): boolean {
  // Annotations first: they are always known.
  return (
    fitsAll(annotations, ask.annotations) &&
    (labels.length === 0 || fitsAll(labels, ask.labels(name))) &&
    (images.length === 0 || images.some((pattern) => matchesImage(ask.image(name), pattern)))
  );
}

function fitsAll(patterns: Patterns, values: ReadonlyMap<string, string>): boolean {
  return patterns.every(([key, any]) => {
    const value = values.get(key);
    return value !== undefined && any.some((pattern) => matchesGlob(value, pattern));
  });
}
