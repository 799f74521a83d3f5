/**
 * Gives tests that import from `src/` what the build compiled of each file, which Node loads itself. Vitest compiles a file so
 * that each use of an import calls a getter: what counts or proves takes 40 % more processor time then. A test that replaces
 * modules needs those getters, and has no such import.
 * @module
 */
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Plugin } from 'vitest/config';

const root = resolve(import.meta.dirname, '..');
const sources = join(root, 'src');
const compiled = join(root, 'dist/src');

export const compiledSources: Plugin = {
  name: 'compiled-sources',
  enforce: 'pre',
  resolveId(specifier, importer) {
    if (importer === undefined || !specifier.startsWith('.') || !specifier.endsWith('.ts')) return null;
    const inSources = relative(sources, resolve(dirname(importer), specifier));
    if (inSources.startsWith('..')) return null;
    const file = join(compiled, inSources.replace(/\.ts$/, '.js'));
    // The page of reports is for browsers: the build compiles it in another way.
    return existsSync(file) ? file : null;
  },
};
