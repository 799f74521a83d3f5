/**
 * Writes src/abi/syscall-prototypes.generated.ts from the kernel's sources (tools/fetch-debian.ts fetches them).
 *
 *   npm run tool -- tools/generate-prototypes.ts
 * @module
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './debian-cache.ts';
import { renderPrototypes } from './prototype-table.ts';

const text = renderPrototypes();
const file = join(projectRoot(), 'src/abi/syscall-prototypes.generated.ts');
writeFileSync(file, text);
process.stdout.write(`${file}: ${text.length} bytes\n`);
