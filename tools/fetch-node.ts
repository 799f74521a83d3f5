/**
 * Fetches newer Node releases as npm packages into `.cache/node/<major>/`, for the tests that run the program with them.
 * Installs nothing; a second run finds them there.
 *
 *   node tools/run.mjs tools/fetch-node.ts
 * @module
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const MAJORS = ['24'];

const cache = resolve('.cache/node');
for (const major of MAJORS) {
  const folder = join(cache, major);
  if (existsSync(join(folder, 'bin/node'))) continue;
  mkdirSync(folder, { recursive: true });
  const name = `node-${process.platform}-${process.arch}@${major}`;
  const packed = execFileSync('npm', ['pack', name, '--json', '--pack-destination', cache], {
    encoding: 'utf8',
  });
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  const tarball = join(cache, filename);
  execFileSync('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1', 'package/bin/node']);
  rmSync(tarball);
  process.stdout.write(
    `${name}: ${execFileSync(join(folder, 'bin/node'), ['--version'], { encoding: 'utf8' })}`,
  );
}
