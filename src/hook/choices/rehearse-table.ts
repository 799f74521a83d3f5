/**
 * Tries everything that a table of choices names, before a container fails to start because of it.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import { isFolder } from '../../pipeline/files.ts';
import { readNamed } from '../choice.ts';
import type { CompileChoices } from '../prepare-filter.ts';
import { rehearse } from '../try-profile.ts';
import type { RowProfile } from './choices-table.ts';
import { readChoicesFile } from './choose-by-table.ts';

interface RehearsedRow extends RowProfile {
  /** `default` for what stands behind all rows. */
  readonly row: string;
  /** What is proven of the program, in one line; `undefined` for a program, of which nothing is, and without a profile. */
  readonly claim: string | undefined;
}

/** What is proven of the program of a profile. */
interface NamedClaim {
  readonly name: string;
  readonly claim: string | undefined;
}

/**
 * Reads a table, and compiles each profile that it names once, for an ordinary container on this machine.
 *
 * @returns the rows in their order, and the default, if there is one
 * @throws OciSeccompError for a table, a profile or a folder that cannot be used; the message names the row
 */
export async function rehearseTable(path: string, choices: CompileChoices): Promise<readonly RehearsedRow[]> {
  const table = readChoicesFile(path);
  const rows: readonly (RowProfile & { readonly row: string })[] = [
    ...table.rows.map(({ name, profile, profilesDir }) => ({
      row: name,
      ...(profile === undefined ? {} : { profile }),
      ...(profilesDir === undefined ? {} : { profilesDir }),
    })),
    ...(table.default === undefined ? [] : [{ row: 'default', profile: table.default }]),
  ];
  const claims = new Map<string, string | undefined>();
  const claimOf = async (profile: string): Promise<string | undefined> => {
    if (!claims.has(profile)) claims.set(profile, await rehearse(readNamed(profile), choices));
    return claims.get(profile);
  };
  const rehearsed: RehearsedRow[] = [];
  for (const row of rows) {
    const { profile, profilesDir } = row;
    try {
      if (profilesDir !== undefined) requireFolder(profilesDir);
      const claim = profile === undefined || profile === 'none' ? undefined : await claimOf(profile);
      rehearsed.push({ ...row, claim });
    } catch (error) {
      throw error instanceof OciSeccompError ? inRow(error, path, row.row) : error;
    }
  }
  return rehearsed;
}

/** As {@link rehearseTable}: each profile once, with its claim. */
export async function claimsOfTable(path: string, choices: CompileChoices): Promise<readonly NamedClaim[]> {
  const rows = await rehearseTable(path, choices);
  return [...new Map(rows.map(({ profile = '', claim }) => [profile, claim]))].map(([name, claim]) => ({
    name,
    claim,
  }));
}

function requireFolder(path: string): void {
  if (isFolder(path)) return;
  throw new OciSeccompError('ERR_IO', `there is no folder ${path}`);
}

function inRow({ code, message, hint, details, cause }: OciSeccompError, path: string, row: string) {
  const place = row === 'default' ? 'the default' : `the row "${row}"`;
  return new OciSeccompError(code, `${place} of ${path}: ${message}`, {
    hint,
    details,
    cause,
  });
}

/**
 * Refuses a table that only Podman's storage tells images, where no bundle is told: at `precreate`.
 *
 * @throws OciSeccompError `ERR_USAGE`
 */
export function requireKnownImages(path: string): void {
  const { imageFrom, rows } = readChoicesFile(path);
  const asks = rows.some(({ images }) => images.length > 0);
  if (!asks || imageFrom.some((name) => name !== 'podman')) return;
  throw new OciSeccompError(
    'ERR_USAGE',
    `${path} asks for images, which Podman does not tell a precreate hook`,
    {
      hint: 'use --stage createRuntime, or oci-seccomp-runtime, which know the bundle and so the image',
    },
  );
}
