/**
 * Fetches npm packages that only tests use, into `.cache`: newer Node releases, the oldest that `engines` names and the
 * last ones before them (`.cache/node-oldest/<version>/`), the last TypeScript with the module resolution `node10`
 * (`.cache/typescript/<version>/`), and the schema of SARIF (`.cache/sarif/<version>/`). Installs nothing; a second run finds them there.
 *
 *   node tools/run.mjs tools/fetch-node.ts
 * @module
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { unpackNpm } from './unpack-npm.ts';

interface Wanted {
  /** Below `.cache`. */
  readonly folder: string;
  /** `name@version` */
  readonly name: string;
  /** What is taken out of it; it is there once this is. */
  readonly parts: readonly string[];
}

const node = (folder: string, version: string): Wanted => ({
  folder: `${folder}/${version}`,
  name: `node-${process.platform}-${process.arch}@${version}`,
  parts: ['bin/node'],
});

const wanted: readonly Wanted[] = [
  ...['22', '24'].map((version) => node('node', version)),
  ...['20.18.3', '20.19.0', '22.11.0', '22.12.0'].map((version) => node('node-oldest', version)),
  // Holds the schema of SARIF 2.1.0.
  { folder: 'sarif/1.0.0-beta.0', name: '@microsoft/jest-sarif@1.0.0-beta.0', parts: ['lib/schemas'] },
  { folder: 'typescript/5.9.3', name: 'typescript@5.9.3', parts: ['package.json', 'lib'] },
];

const cache = resolve('.cache');
for (const { folder, name, parts } of wanted) {
  const target = join(cache, folder);
  if (parts.every((part) => existsSync(join(target, part)))) continue;
  unpackNpm(name, target, parts);
  process.stdout.write(`${name}\n`);
}
