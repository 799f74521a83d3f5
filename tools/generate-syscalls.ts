/**
 * Writes src/abi/syscall-table.generated.ts from the newest fetched libseccomp (tools/fetch-debian.ts fetches it).
 *
 *   node tools/run.mjs tools/generate-syscalls.ts
 * @module
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchedLibraries } from '../test/oracle/libraries.ts';
import { projectRoot } from './debian-cache.ts';
import { renderSyscallTable } from './syscall-table.ts';

const newest = fetchedLibraries().at(-1);
if (newest === undefined) throw new Error('no library fetched: run tools/fetch-debian.ts first');
const text = renderSyscallTable(newest.path, newest.version);
const file = join(projectRoot(), 'src/abi/syscall-table.generated.ts');
writeFileSync(file, text);
process.stdout.write(`${file}: ${text.length} bytes from libseccomp ${newest.version}\n`);
