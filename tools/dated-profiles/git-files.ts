/**
 * Files of the releases in clones of git repositories.
 * @module
 */
import { execFileSync } from 'node:child_process';

/** A release in a clone. */
export interface Tag {
  readonly tag: string;
  /** `20.10.7` */
  readonly version: string;
  /** `2021-06-02`: the tag's own date, or that of its commit. */
  readonly date: string;
}

function git(clone: string, args: readonly string[], input?: string): Buffer {
  return execFileSync('git', ['-C', clone, ...args], {
    maxBuffer: 1 << 30,
    ...(input === undefined ? {} : { input }),
  });
}

/** The tags that a pattern accepts, whose first group is the version. */
export function tagsOf(clone: string, pattern: RegExp): readonly Tag[] {
  const format = '%(refname:short)%09%(creatordate:short)';
  const lines = git(clone, ['for-each-ref', 'refs/tags', `--format=${format}`])
    .toString()
    .trim()
    .split('\n');
  return lines.flatMap((line) => {
    const [tag = '', date = ''] = line.split('\t');
    const version = pattern.exec(tag)?.[1];
    return version === undefined ? [] : [{ tag, version, date }];
  });
}

/** The hashes of paths at tags; `undefined` where there is no such file. */
export function blobsOf(clone: string, asked: readonly string[]): readonly (string | undefined)[] {
  const answer = git(
    clone,
    ['cat-file', '--batch-check=%(objectname) %(objecttype)'],
    `${asked.join('\n')}\n`,
  );
  return answer
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => /^([0-9a-f]{40,}) blob$/.exec(line)?.[1]);
}

/** The bytes of a file. */
export function readBlob(clone: string, hash: string): Uint8Array {
  return git(clone, ['cat-file', 'blob', hash]);
}
