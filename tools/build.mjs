#!/usr/bin/env node
// Builds dist/: the library, as ES modules with one declaration file a module, and dist/bin/ (the program).
//
// Both are bundled into a few chunks: Node spends more time finding and opening sixty small modules than running them
// (bench/cold.ts measures it). What only some commands or calls need is a chunk of its own. The program is CommonJS.
// dist/src/ is for tests (test/compiled-sources.ts), and no part of the package.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import { buildPages } from './build-page.mjs';
import { finishChunks } from './finish-chunks.mjs';
import { closure, reach } from './import-closure.mjs';
import { chunkGroups } from './program-chunks.mjs';
import { digestFile, sourcesDigest } from './sources-digest.mjs';
import { wrapperGroups } from './wrapper-chunks.mjs';

const root = resolve(import.meta.dirname, '..');
/** Chunks are chosen here and in program-chunks.mjs: whether an import is late is counted by test/import-cost.test.ts and test/cli/start-cost.test.ts. */
const checks = { ineffectiveDynamicImport: false };

const digest = sourcesDigest();
rmSync(`${root}/dist`, { recursive: true, force: true });

const tsc = spawnSync(
  process.execPath,
  [`${root}/node_modules/typescript/bin/tsc`, '-p', `${root}/tsconfig.build.json`],
  { stdio: 'inherit' },
);
if (tsc.status !== 0) process.exit(1);

/** Commander without what it starts commands of other programs with: Node would load a part of itself for it. */
const commanderAlone = {
  name: 'commander-alone',
  transform(code, id) {
    if (!id.endsWith('commander/lib/command.js')) return null;
    const without = code.replace("const childProcess = require('node:child_process');\n", '');
    if (without === code) throw new Error('commander loads node:child_process in another way now');
    return { code: without, map: null };
  },
};

await bundle(
  {
    'run-program': `${root}/src/cli/run-program.ts`,
    'lint-worker': `${root}/src/cli/lint/lint-worker.ts`,
  },
  {
    // The one export is what main.cjs calls.
    preserveEntrySignatures: 'allow-extension',
    format: 'cjs',
    extension: 'cjs',
    codeSplitting: { groups: chunkGroups, includeDependenciesRecursively: false },
  },
);
const ofProgram = new Set(readdirSync(`${root}/dist/bin`));
await bundle(
  { runtime: `${root}/src/cli/runtime.ts`, 'runtime-fit': `${root}/src/hook/wrapper/fit-program.ts` },
  {
    format: 'cjs',
    extension: 'cjs',
    prefix: 'runtime-',
    codeSplitting: { groups: wrapperGroups(root), includeDependenciesRecursively: false },
  },
);
const wrapper = `${root}/dist/bin/runtime.cjs`;
const launcher = readFileSync(`${root}/tools/runtime-launcher.sh`, 'utf8');
writeFileSync(wrapper, `${launcher}${readFileSync(wrapper, 'utf8')}`);
await bundle(
  { child: `${root}/src/compile/libseccomp-child.ts` },
  { format: 'esm', extension: 'js', codeSplitting: false },
);
await bundle(
  { supervisor: `${root}/src/hook/supervisor/supervisor-program.ts` },
  { format: 'cjs', extension: 'cjs', codeSplitting: false },
);
await bundle(
  { 'pool-supervisor': `${root}/src/hook/supervisor/pool-supervisor-program.ts` },
  { format: 'cjs', extension: 'cjs', codeSplitting: false },
);
const define = { BUILD_ID: JSON.stringify(finishChunks(`${root}/dist/bin`, ofProgram)) };
await bundle(
  { main: `${root}/src/cli/main.ts` },
  {
    format: 'cjs',
    extension: 'cjs',
    codeSplitting: false,
    // V8 compiles it in every run: no code is kept of what looks for kept code.
    minify: true,
    define,
  },
);
await bundle(
  { 'lint-thread': `${root}/src/cli/start/lint-thread.ts` },
  { format: 'cjs', extension: 'cjs', codeSplitting: false, define },
);
await writeHelp();
copyFileSync(`${root}/tools/hook-launcher.sh`, `${root}/dist/bin/hook-launcher.sh`);
chmodSync(`${root}/dist/bin/main.cjs`, 0o755);
chmodSync(wrapper, 0o755);
await bundleLibrary();
await buildPages(root);
copyTypes();
// Last: a build that was broken off leaves none.
writeFileSync(digestFile, `${digest}\n`);

/** Keeps the help of all commands as text: cli/start/print-page.ts prints it. */
async function writeHelp() {
  await bundle(
    { 'help-pages': `${root}/src/cli/define/help-pages.ts` },
    { format: 'esm', extension: 'mjs', codeSplitting: false, preserveEntrySignatures: 'strict' },
  );
  const module = `${root}/dist/bin/help-pages.mjs`;
  const { helpPages } = await import(module);
  mkdirSync(`${root}/dist/bin/help`);
  for (const [verb, text] of await helpPages()) writeFileSync(`${root}/dist/bin/help/${verb}.txt`, text);
  rmSync(module);
}

/**
 * The entry points of the package, all in one bundle: each module is in one chunk, so that a class is the same class
 * wherever it is imported from. Chunks are in dist/lib/, with the two programs that modules start.
 */
async function bundleLibrary() {
  const rooms = ['abi', 'bpf', 'compose', 'decision', 'oci', 'policy'].map((room) => `src/${room}/index.ts`);
  const native = ['src/compile/index.ts', 'src/libseccomp/index.ts', 'src/kernel/index.ts'];
  const entries = {
    index: 'src/index.ts',
    pure: 'src/pure.ts',
    ...Object.fromEntries(
      [...rooms, 'src/lint/index.ts', ...native].map((file) => [
        file.slice('src/'.length, -'.ts'.length),
        file,
      ]),
    ),
    'lib/child': 'src/compile/libseccomp-child.ts',
    'lib/notify-worker': 'src/libseccomp/notify-worker.ts',
  };
  const build = await rolldown({
    input: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, resolve(root, file)])),
    // Nothing is added for Node: what a browser loads must not import from it.
    platform: 'neutral',
    preserveEntrySignatures: 'allow-extension',
    external: (id) => !/^[./]/.test(id),
    checks,
  });
  await build.write({
    dir: `${root}/dist`,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'lib/[name].js',
    // The declarations have them; here they are only something more to read at each start.
    comments: { legal: true, annotation: true, jsdoc: false },
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: libraryGroups(entries, rooms, native),
    },
  });
  await build.close();
}

/**
 * The chunks of the library. A module is in the first of them that has it.
 *
 * The root loads `facts`, `core` and `machine`. Neither the first two, nor any chunk that `pure` and the pure rooms load, imports
 * anything from Node.
 */
function libraryGroups(entries, rooms, native) {
  // It reads at once, and so needs the readers of other languages at hand; what returns a promise loads them on use.
  const wholeReader = ['src/oci/given-text.ts', 'src/oci/read-profile.ts'].map((file) => resolve(root, file));
  const onImport = closure([entries.index]);
  // Also what it imports on use: a bundler for browsers takes that too.
  const pure = reach([entries.pure]);
  const rules = closure(['src/lint/index.ts']);
  // Pure as well: without a chunk of its own it would come with what loads libseccomp.
  const builtin = closure(['src/compile/builtin/index.ts', 'src/compile/given-proof.ts']);
  const readers = [...closure([...rooms, 'src/oci/read-profiles.ts'], wholeReader)].filter(
    (file) => !wholeReader.includes(file),
  );
  const named = [
    { name: 'facts', modules: closure([rooms[0]]) },
    { name: 'core', modules: [...onImport].filter((module) => pure.has(module)) },
    { name: 'machine', modules: onImport },
    // Also what lint and the builtin compiler both need, so that neither brings the other.
    { name: 'documents', modules: [...readers, ...[...builtin].filter((file) => rules.has(file))] },
    { name: 'languages', modules: closure(wholeReader) },
    { name: 'rules', modules: rules },
    { name: 'builtin', modules: builtin },
    { name: 'native', modules: closure(native) },
  ];
  const isEntry = new Set(Object.values(entries).map((file) => resolve(root, file)));
  const chunkOfModule = new Map();
  for (const { name, modules } of named) {
    for (const module of modules) {
      if (!isEntry.has(module) && !chunkOfModule.has(module)) chunkOfModule.set(module, name);
    }
  }
  return named.map(({ name }, at) => ({
    name,
    priority: named.length - at,
    test: (id) => chunkOfModule.get(id) === name,
  }));
}

/**
 * The declarations once more, in a folder that says it holds CommonJS: `require` of an ES module works on every Node
 * that the package supports, but TypeScript's `node16` lets a CommonJS file import only what is declared as CommonJS.
 */
function copyTypes() {
  const { exports } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
  const entries = Object.values(exports).flatMap((entry) =>
    entry.require === undefined ? [] : [entry.types],
  );
  const found = new Set();
  for (const entry of entries) declaredBy(resolve(root, entry), found);
  const folder = `${root}/dist/types-of-require`;
  for (const file of found) {
    const copy = resolve(folder, relative(`${root}/dist`, file));
    mkdirSync(dirname(copy), { recursive: true });
    copyFileSync(file, copy);
  }
  writeFileSync(`${folder}/package.json`, '{ "type": "commonjs" }\n');
}

/** A declaration file, and all it refers to. */
function declaredBy(file, found) {
  if (found.has(file)) return;
  found.add(file);
  for (const [, specifier] of readFileSync(file, 'utf8').matchAll(
    /(?:from |import\()['"](\.[^'"]+)\.ts['"]/g,
  )) {
    declaredBy(`${resolve(dirname(file), specifier)}.d.ts`, found);
  }
}

async function bundle(
  input,
  {
    format,
    extension,
    codeSplitting,
    prefix = '',
    preserveEntrySignatures = false,
    define = {},
    minify = 'dce-only',
  },
) {
  // koffi finds its native part beside its own files; tinyglobby is for `validate` with globs only.
  const external = /^(node:|koffi|tinyglobby)/;
  const build = await rolldown({
    input,
    platform: 'node',
    external,
    preserveEntrySignatures,
    transform: { define },
    checks,
    plugins: [commanderAlone],
    // Comments are only something more to read at each start, names of modules too.
    experimental: { attachDebugInfo: 'none' },
  });
  await build.write({
    dir: `${root}/dist/bin`,
    format,
    codeSplitting,
    minify,
    entryFileNames: `[name].${extension}`,
    chunkFileNames: `${prefix}[name].${extension}`,
    comments: { legal: true, annotation: true, jsdoc: false },
  });
  await build.close();
}
