/**
 * What options of reading may be. A file of its own: the package's root checks them before it imports a reader.
 * @module
 */
import {
  callback,
  flag,
  type OptionKind,
  type OptionKinds,
  oneOf,
  optionsOf,
  plainText,
} from '../abi/take-options.ts';
import { engines } from '../consumers.ts';
import { dialectNames } from './dialect-rows.ts';
import type { ReadProfileOptions } from './read-profile-tree.ts';
import type { NodeFacts } from './read-workloads.ts';

/** The kinds of {@link ReadProfileOptions}. */
export const readingKinds: OptionKinds<ReadProfileOptions> = {
  name: plainText,
  dialect: oneOf(dialectNames),
};

/** Who resolves a profile. */
export const engineKind: OptionKind = oneOf(engines);

/** {@link NodeFacts}. */
export const workloadsKind: OptionKind = optionsOf<NodeFacts>('workloads', {
  seccompDefault: flag,
  hasProfile: callback,
});
