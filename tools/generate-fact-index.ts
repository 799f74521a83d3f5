/**
 * Writes src/compose/dated/fact-index.generated.ts from the dated profiles.
 *
 *   npm run tool -- tools/generate-fact-index.ts [file to write]
 * @module
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderFactIndex } from './dated-profiles/render-fact-index.ts';
import { projectRoot } from './debian-cache.ts';

const file = process.argv[2] ?? join(projectRoot(), 'src/compose/dated/fact-index.generated.ts');
const text = renderFactIndex();
writeFileSync(file, text);
process.stdout.write(`${file}: ${text.length} bytes\n`);
