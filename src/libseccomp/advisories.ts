/**
 * Security advisories of libseccomp, as data.
 *
 * Source: the advisories libseccomp 2.6.1 names as fixed, as distributions' update notices list them.
 * @module
 */
import { frozen } from '../abi/frozen.ts';
import { checkVersion, compareVersions, type LibraryVersion, parseVersion } from './library.ts';

/** A published defect of libseccomp. */
export interface Advisory {
  /** Its id: `GHSA-4q85-33p6-j5g6`. */
  readonly id: string;
  /** First release without the defect. */
  readonly fixedIn: string;
  /** What is wrong, one sentence without a full stop. */
  readonly summary: string;
}

const advisories: readonly Advisory[] = frozen([
  {
    id: 'GHSA-4q85-33p6-j5g6',
    fixedIn: '2.6.1',
    summary: '64-bit comparisons of several rules are merged wrongly, which weakens filters',
  },
  { id: 'GHSA-46fr-jh49-xvhx', fixedIn: '2.6.1', summary: 'an oversized filter triggers a double free' },
  { id: 'GHSA-2hqh-5c36-grrm', fixedIn: '2.6.1', summary: 'an oversized filter triggers a heap corruption' },
]);

/**
 * The advisories whose defects a release has.
 *
 * NOTE: a distribution may have backported a fix and kept the version. This cannot be told from the version.
 *
 * @throws OciSeccompError `ERR_USAGE` for a value that is not a version
 */
export function advisoriesFor(version: LibraryVersion): readonly Advisory[] {
  checkVersion(version);
  return advisories.filter(({ fixedIn }) => {
    const fixed = parseVersion(fixedIn);
    return fixed !== undefined && compareVersions(version, fixed) < 0;
  });
}
