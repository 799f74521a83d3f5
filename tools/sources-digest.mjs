// What dist/ is built from, as one number: the build writes it into dist/, the tests refuse to run on another.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const single = [
  'package-lock.json',
  'tools/build-page.mjs',
  'tools/build.mjs',
  'tools/finish-chunks.mjs',
  'tools/hook-launcher.sh',
  'tools/import-closure.mjs',
  'tools/program-chunks.mjs',
  'tools/runtime-launcher.sh',
  'tsconfig.build.json',
  'tsconfig.json',
];

/** Where the build leaves the digest of what it read. */
export const digestFile = join(root, 'dist/.built-from');

/** A SHA-256 over the names and contents of all that `npm run build` reads, in hexadecimal digits. */
export function sourcesDigest() {
  const files = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
  const hash = createHash('sha256');
  for (const file of [...files, ...single].sort()) {
    const content = readFileSync(join(root, file));
    hash.update(`${file} ${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}
