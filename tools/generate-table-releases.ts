/**
 * Writes src/abi/table-releases.generated.ts: what each release of libseccomp knows less or otherwise than the newest,
 * from the tables of system calls in a clone of its repository.
 *
 *   node tools/run.mjs tools/generate-table-releases.ts CLONE     a clone of https://github.com/seccomp/libseccomp
 * @module
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './debian-cache.ts';
import { renderTableReleases } from './table-releases.ts';

const [clone] = process.argv.slice(2);
if (clone === undefined) throw new Error('name a clone of the repository of libseccomp');
writeFileSync(join(projectRoot(), 'src/abi/table-releases.generated.ts'), renderTableReleases(clone));
