#!/usr/bin/env node
// Builds dist/: one JavaScript file and one declaration file a module (the library), and dist/bin/ (the program).
//
// The program is bundled, as CommonJS, into a few chunks: Node spends more time finding and opening sixty small ES
// modules than running them (bench/cold.ts measures it). What only some commands need is a chunk of its own.
import { spawnSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { rolldown } from 'rolldown';

const root = resolve(import.meta.dirname, '..');
rmSync(`${root}/dist`, { recursive: true, force: true });

const tsc = spawnSync(
  process.execPath,
  [`${root}/node_modules/typescript/bin/tsc`, '-p', `${root}/tsconfig.build.json`],
  { stdio: 'inherit' },
);
if (tsc.status !== 0) process.exit(1);

const groups = [
  // What most runs of `compile` do not need: the reader of documents with its validators, the syscall tables.
  { name: 'tables', test: /src\/abi\/(syscall|near|libc)|src\/bpf\/disassemble/, priority: 3 },
  {
    name: 'documents',
    test: /momoa|src\/oci\/(?!builtin|resolve|serialize|consumers|host|linux-seccomp|profile)/,
    priority: 2,
  },
  // Commands are chunks of their own; what they share is one.
  { name: 'core', test: /src\/(?!cli\/(main|program|definitions|version|commands))/, priority: 1 },
];

await bundle(
  { main: `${root}/src/cli/main.ts` },
  { format: 'cjs', extension: 'cjs', codeSplitting: { groups, includeDependenciesRecursively: false } },
);
await bundle(
  { child: `${root}/src/compile/child.ts` },
  { format: 'esm', extension: 'js', codeSplitting: false },
);
await bundle(
  { supervisor: `${root}/src/hook/supervisor/main.ts` },
  { format: 'cjs', extension: 'cjs', codeSplitting: false },
);
chmodSync(`${root}/dist/bin/main.cjs`, 0o755);

async function bundle(input, { format, extension, codeSplitting }) {
  // koffi finds its native part beside its own files; tinyglobby is for `validate` with globs only.
  const external = /^(node:|koffi|tinyglobby)/;
  const build = await rolldown({ input, platform: 'node', external, preserveEntrySignatures: false });
  await build.write({
    dir: `${root}/dist/bin`,
    format,
    codeSplitting,
    entryFileNames: `[name].${extension}`,
    chunkFileNames: `[name].${extension}`,
  });
  await build.close();
}
