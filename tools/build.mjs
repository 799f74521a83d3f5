#!/usr/bin/env node
// Builds dist/: the library, as ES modules with one declaration file a module, and dist/bin/ (the program).
//
// Both are bundled into a few chunks: Node spends more time finding and opening sixty small modules than running them
// (bench/cold.ts measures it). What only some commands or calls need is a chunk of its own. The program is CommonJS.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
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
import { minifySync } from 'rolldown/utils';
import { buildPages } from './build-page.mjs';
import { digestFile, sourcesDigest } from './sources-digest.mjs';

const root = resolve(import.meta.dirname, '..');
/** What a chunk of the program is wrapped in: cli/start/load-chunks.ts calls it. */
const HEAD = '(function (exports, require, module, __filename, __dirname, importModule) { ';
const TAIL = '\n})';

/** Chunks are chosen here: whether an import is late is counted by test/import-cost.test.ts and test/cli/start-cost.test.ts. */
const checks = { ineffectiveDynamicImport: false };

const digest = sourcesDigest();
rmSync(`${root}/dist`, { recursive: true, force: true });

const tsc = spawnSync(
  process.execPath,
  [`${root}/node_modules/typescript/bin/tsc`, '-p', `${root}/tsconfig.build.json`],
  { stdio: 'inherit' },
);
if (tsc.status !== 0) process.exit(1);

// Each chunk is what its modules import statically, less what the chunks before it hold: so none needs a later one, and
// a run loads the chunks of its own command only. A hook, which a container's start waits for, takes `base` and `attach`;
// `compile` of a built-in profile `base`, `profiles`, `meaning` and `core`; reading a profile adds `documents`, a hook with a profile
// `container`; `lint` does without `core`, where libseccomp is, and takes `words`, the names of arguments among them: what `lint` shares
// with commands that start `core` must stand there. The rest is left to the bundler.
const hook = [
  'cli/commands/hook',
  'hook/attach-filter',
  'hook/read-bundle',
  'hook/container-process',
  'hook/supervisor/start-supervisor',
];
const attach = closure(hook.map((name) => `src/${name}.ts`));
// What commands/compile.ts imports on use, but for what few runs need.
const core = closure([
  'src/cli/operands/host-options.ts',
  'src/cli/operands/timeout.ts',
  'src/cli/output.ts',
  'src/cli/render/print-json.ts',
  'src/cli/render/render-summary.ts',
  'src/compile/emit-encoded.ts',
  'src/pipeline/compile-profile.ts',
  'src/pipeline/load-profile.ts',
  'src/policy/profile-readers.ts',
]);
const start = closure([
  'src/abi/capabilities.ts',
  'src/cli/clock.ts',
  'src/cli/define/backend-option.ts',
  'src/cli/define/command-definition.ts',
  'src/cli/run-program.ts',
  'src/cli/render/render-error.ts',
  'src/cli/streams.ts',
  'src/cli/version.ts',
]);
// What definitions of commands share, and what reads most command lines; a definition is a chunk of its own.
const plainLine = closure([
  'src/cli/plain-command-line.ts',
  'src/cli/define/shared-options.ts',
  // Commander's help needs it, and so does what prints answers without commander.
  'src/cli/render/wrap-text.ts',
]);
// Commander: it reads the others.
const commandLine = closure(['src/cli/command-line.ts']);
const meaning = closure([
  'src/lint/ask/host-view.ts',
  'src/abi/carried-out.ts',
  'src/cli/operands/host-options.ts',
  'src/cli/output.ts',
  'src/decision/cofactor.ts',
  'src/decision/format-call.ts',
  'src/decision/match-rules.ts',
  'src/decision/outcomes.ts',
  'src/decision/decide-program.ts',
  'src/oci/serialize.ts',
  'src/cli/version.ts',
]);
const callNames = closure(['src/cli/operands/unknown-call.ts', 'src/cli/operands/asked-words.ts']);
// What `explain`, `diff`, `subset`, `verify` and `run` do, which is mostly the same.
const filters = closure([
  'src/cli/answers/compare-filters.ts',
  'src/cli/answers/explain-question.ts',
  'src/cli/operands/claimed-filter.ts',
  'src/cli/render/render-comparison.ts',
  'src/cli/render/render-explain.ts',
  'src/cli/render/render-verify.ts',
  'src/cli/run/start-check.ts',
]);
// What `run`, hooks and `compile --backend builtin` compile with.
const builtin = closure(
  ['call-shares.generated', 'call-weights', 'synthesize'].map((name) => `src/compile/builtin/${name}.ts`),
);
// What `validate` does, and all commands that read a profile.
const documents = closure([
  'src/cli/answers/validate-files.ts',
  'src/cli/lint/other-document.ts',
  'src/cli/lint/settings.ts',
  'src/cli/output.ts',
  'src/cli/render/render-validation.ts',
  'src/oci/read-profiles.ts',
  'src/oci/usable-profile.ts',
]);
const shared = new Set([...core, ...plainLine, ...commandLine, ...documents]);
const chunks = [
  { name: 'base', modules: [...start, ...[...attach].filter((module) => shared.has(module))] },
  { name: 'plain-line', modules: plainLine },
  { name: 'command-line', modules: commandLine },
  { name: 'attach', modules: attach },
  { name: 'profiles', modules: [...documents].filter((module) => core.has(module)) },
  { name: 'documents', modules: documents },
  { name: 'meaning', modules: [...meaning].filter((module) => core.has(module)) },
  { name: 'words', modules: meaning },
  { name: 'core', modules: core },
  { name: 'builtin', modules: builtin },
  { name: 'call-names', modules: callNames },
  { name: 'programs', modules: closure(['src/pipeline/program-source.ts', 'src/pipeline/file-source.ts']) },
  { name: 'filters', modules: filters },
  { name: 'lint', modules: closure(['src/cli/lint/compiler.ts', 'src/lint/engine/lint-profile.ts']) },
  { name: 'container', modules: closure(['src/hook/container-filter.ts', 'src/hook/precreate.ts']) },
];
const chunkOf = new Map();
for (const { name, modules } of chunks) {
  for (const module of modules) {
    if (!chunkOf.has(module)) chunkOf.set(module, name);
  }
}
const packageChunk = (id) =>
  id.includes('momoa') ? 'documents' : id.includes('commander') ? 'command-line' : undefined;
const isEntry = /src\/cli\/(run-program\.ts|commands\/|lint\/lint-worker\.ts)/;
const groups = chunks.map(({ name }, at) => ({
  name,
  priority: chunks.length - at,
  test: (id) => (packageChunk(id) ?? chunkOf.get(id)) === name && !isEntry.test(id),
}));

// Calls of the runtime wrapper that make no container need the first of these alone.
const wrapperGroups = [
  {
    name: 'base',
    test: /src\/(?:errors|ffi|kernel\/(?:replace|descriptors|prepare-exec|file-limit|signals)|abi\/errno-constants|hook\/trusted-(?:file|path)|hook\/wrapper\/(?:runtime-call|find-runtime))/,
    priority: 2,
  },
  // The reader of YAML stays beside the package that it is loaded with: in `core` the two would need each other.
  {
    name: 'core',
    test: /momoa|src\/(?!cli\/runtime\.ts|hook\/wrapper\/fit-program\.ts|oci\/(?:read-)?yaml)/,
    priority: 1,
  },
];

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
    codeSplitting: { groups, includeDependenciesRecursively: false },
  },
);
const ofProgram = new Set(readdirSync(`${root}/dist/bin`));
await bundle(
  { runtime: `${root}/src/cli/runtime.ts`, 'runtime-fit': `${root}/src/hook/wrapper/fit-program.ts` },
  {
    format: 'cjs',
    extension: 'cjs',
    prefix: 'runtime-',
    codeSplitting: { groups: wrapperGroups, includeDependenciesRecursively: false },
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
await bundle(
  { main: `${root}/src/cli/main.ts` },
  {
    format: 'cjs',
    extension: 'cjs',
    codeSplitting: false,
    // V8 compiles it in every run: no code is kept of what looks for kept code.
    minify: true,
    define: { BUILD_ID: JSON.stringify(finishChunks(`${root}/dist/bin`, ofProgram)) },
  },
);
await bundle(
  { 'lint-thread': `${root}/src/cli/start/lint-thread.ts` },
  { format: 'cjs', extension: 'cjs', codeSplitting: false },
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
 *
 * The root loads `facts`, `core` and `machine`; the first two import nothing, as all that `pure` and the pure rooms load.
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
  // It reads at once, and so needs the readers of other languages at hand; what returns a promise loads them on use.
  const wholeReader = resolve(root, 'src/oci/read-profile.ts');
  const onImport = closure([entries.index]);
  const pure = closure([entries.pure]);
  const rules = closure(['src/lint/index.ts']);
  // Pure as well: without a chunk of its own it would come with what loads libseccomp.
  const builtin = closure(['src/compile/builtin/index.ts', 'src/compile/prove.ts']);
  const readers = [...closure(rooms, [wholeReader])].filter((file) => file !== wholeReader);
  const named = [
    { name: 'facts', modules: closure([rooms[0]]) },
    { name: 'core', modules: [...onImport].filter((module) => pure.has(module)) },
    { name: 'machine', modules: onImport },
    // Also what lint and the builtin compiler both need, so that neither brings the other.
    { name: 'documents', modules: [...readers, ...[...builtin].filter((file) => rules.has(file))] },
    { name: 'languages', modules: closure([wholeReader]) },
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
      groups: named.map(({ name }, at) => ({
        name,
        priority: named.length - at,
        test: (id) => chunkOfModule.get(id) === name,
      })),
    },
  });
  await build.close();
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

/**
 * Writes what is not ASCII in bundles as escapes: cli/start/load-chunks.ts reads them as Latin-1, and V8 keeps a text with
 * one other character in twice the memory. `import()` becomes the function that the loader hands over. Chunks of the program
 * become functions here, because the loader would need a copy of each text to make them functions.
 *
 * @returns a hash of them all
 */
function finishChunks(folder, ofProgram) {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder).sort()) {
    if (!name.endsWith('.cjs')) continue;
    const file = `${folder}/${name}`;
    const text = readFileSync(file, 'utf8');
    if (/String\.raw`[^`]*[^\0-\x7f]/.test(text)) throw new Error(`${name}: String.raw takes no escapes`);
    const ascii = toAscii(text)
      // A script of node:vm has no `import()` of its own; the loader hands it one. main.cjs is Node's to load.
      .replace(/(?<![\w$.])import\(/g, name === 'main.cjs' ? 'import(' : 'importModule(');
    const plain = withPlainExports(ascii, name);
    const written = ofProgram.has(name) ? withoutRoom(`${HEAD}${plain}${TAIL}`, name) : plain;
    if (written !== text) writeFileSync(file, written);
    hash.update(name).update(written);
  }
  return hash.digest('hex').slice(0, 32);
}

function toAscii(text) {
  return text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * A chunk with short names of variables, and without white space: a start reads a third less. Functions keep their names, which
 * reports of a defect show.
 */
function withoutRoom(text, name) {
  const { code, errors } = minifySync(name, text, {
    // What is not called would go, and a chunk is a function that the loader calls.
    compress: false,
    mangle: { keepNames: true },
    codegen: { removeWhitespace: true },
  });
  if (errors.length > 0) throw new Error(`${name}: ${errors[0].message}`);
  return toAscii(code.replace(/;\s*$/, ''));
}

/**
 * What a chunk exports as values, where the bundler writes getters: each would be a function that is made at the start,
 * and that every use of an export calls. A value that changes later keeps its getter.
 */
function withPlainExports(text, name) {
  const getter =
    /Object\.defineProperty\(exports, "([\w$]+)", \{\n\tenumerable: true,\n\tget: function\(\) \{\n\t\treturn ([\w$]+);\n\t\}\n\}\);\n?/g;
  const plain = text.replace(getter, (written, exported, local) =>
    isFixed(local, text) ? `exports.${exported} = ${local};\n` : written,
  );
  // In another form they would all stay as they are, unseen.
  if (/Object\.defineProperty\(exports, "(?!__esModule)/.test(plain.replace(getter, ''))) {
    throw new Error(`${name}: the bundler writes exports in another way now`);
  }
  return plain;
}

/** Whether a variable of a chunk has one value, from its declaration on. */
function isFixed(variable, text) {
  const word = variable.replaceAll('$', '\\$');
  if (new RegExp(`^(?:const|class|(?:async )?function\\*?) ${word}(?![\\w$])`, 'm').test(text)) return true;
  const changes = new RegExp(
    `(?<![\\w$.])(?:${word} *(?:[-+*/%&|^?]{0,2}=(?!=)|\\+\\+|--)|(?:\\+\\+|--)${word}(?![\\w$]))`,
    'g',
  );
  return [...text.matchAll(changes)].length === 1;
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

/** The modules of some files, and all they import statically; what `except` imports only if others do. */
function closure(files, except = []) {
  const found = new Set(except);
  for (const file of files) importedBy(resolve(root, file), found);
  return found;
}

/** A module, and all it imports statically, with all they import. Imports of types alone vanish in the bundle. */
function importedBy(file, found = new Set()) {
  if (found.has(file)) return found;
  found.add(file);
  const text = readFileSync(file, 'utf8');
  for (const [, specifier] of text.matchAll(/^(?:import|export)\s(?!type\b)[^;]*?from '(\.[^']+)'/gm)) {
    importedBy(resolve(dirname(file), specifier), found);
  }
  for (const [, specifier] of text.matchAll(/^import '(\.[^']+)'/gm))
    importedBy(resolve(dirname(file), specifier), found);
  return found;
}
