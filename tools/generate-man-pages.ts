/**
 * Writes the man pages to man/: `npm run tool tools/generate-man-pages.ts`.
 * @module
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manPages } from './man-pages.ts';

mkdirSync('man', { recursive: true });
for (const [name, text] of Object.entries(await manPages())) writeFileSync(join('man', name), text);
