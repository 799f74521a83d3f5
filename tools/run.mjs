#!/usr/bin/env node
// Runs a TypeScript file of tools/ or bench/ on any supported Node: node tools/run.mjs tools/fetch-debian.ts [args]
// (Node 20 cannot strip types itself). Packages stay external. The bundle is in .cache/ until the program has ended.
import { mkdirSync, rmSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

const [script, ...rest] = process.argv.slice(2);
if (script === undefined) {
  process.stderr.write('usage: npm run tool -- FILE.ts [arguments]\n');
  process.exit(2);
}
const root = resolve(import.meta.dirname, '..');
mkdirSync(`${root}/.cache/tools`, { recursive: true });
const file = `${root}/.cache/tools/${basename(script, '.ts')}-${process.pid}.mjs`;
const bundle = await rolldown({
  input: script,
  platform: 'node',
  external: (id) => !/^[./]/.test(id),
  logLevel: 'warn',
  // Nothing is split here: whatever is imported late is in the one file all the same.
  checks: { ineffectiveDynamicImport: false },
});
await bundle.write({ file, format: 'esm', codeSplitting: false });
await bundle.close();
process.argv.splice(1, 2 + rest.length, resolve(script), ...rest);
try {
  await import(pathToFileURL(file).href);
} finally {
  rmSync(file, { force: true });
}
