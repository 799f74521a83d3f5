/**
 * Writes src/abi/argument-names/name-sets.generated.ts from the kernel's headers (tools/fetch-debian.ts fetches them).
 *
 *   npm run tool -- tools/generate-argument-names.ts
 * @module
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderArgumentNames } from './argument-name-table.ts';
import { projectRoot } from './debian-cache.ts';

const text = renderArgumentNames();
const file = join(projectRoot(), 'src/abi/argument-names/name-sets.generated.ts');
writeFileSync(file, text);
process.stdout.write(`${file}: ${text.length} bytes\n`);
