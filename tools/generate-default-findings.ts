/**
 * Writes src/lint/engine/default-findings.generated.ts: what lint finds in the newest defaults. Needed again after each change
 * of a rule that finds something in them; a test says so.
 *
 *   npm run tool -- tools/generate-default-findings.ts [file to write]
 * @module
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderDefaultFindings } from './dated-profiles/render-default-findings.ts';
import { projectRoot } from './debian-cache.ts';

const file = process.argv[2] ?? join(projectRoot(), 'src/lint/engine/default-findings.generated.ts');
const text = await renderDefaultFindings();
writeFileSync(file, text);
process.stdout.write(`${file}: ${text.length} bytes\n`);
