#!/usr/bin/env node
// Builds dist/: one JavaScript file and one declaration file a module (the library), and dist/bin/ (the command line)
// with the modules of each command bundled, because Node spends more time opening sixty small files than running them.
import { chmodSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { rolldown } from 'rolldown';

const root = resolve(import.meta.dirname, '..');
rmSync(`${root}/dist`, { recursive: true, force: true });
const tsc = spawnSync(process.execPath, [`${root}/node_modules/typescript/bin/tsc`, '-p', `${root}/tsconfig.build.json`], { stdio: 'inherit' });
if (tsc.status !== 0) process.exit(1);

const bundle = await rolldown({
  input: { main: `${root}/src/cli/main.ts`, child: `${root}/src/compile/child.ts` },
  platform: 'node',
  external: (id) => !/^[./]/.test(id),
});
await bundle.write({ dir: `${root}/dist/bin`, format: 'esm', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' });
await bundle.close();
chmodSync(`${root}/dist/bin/main.js`, 0o755);
