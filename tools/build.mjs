#!/usr/bin/env node
// Builds dist/: one JavaScript file and one declaration file a module (the library), and dist/bin/ (the program).
//
// The program is bundled, as CommonJS, into a few chunks: Node spends more time finding and opening sixty small ES
// modules than running them (bench/cold.ts measures it). What only some commands need is a chunk of its own.
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  // A hook is in the path of a container's start: with a program compiled before it needs these two and no more.
  {
    name: 'base',
    test: /src\/(errors|ffi|abi\/(actions|architectures|errno|flags|operators|return-word|seccomp-data)|bpf\/(opcodes|program|verify)|kernel\/(machine|process-status|inject-calls|syslog)|cli\/(clock|version|streams|render-(error|problems|program-problem)))\.ts/,
    priority: 5,
  },
  {
    name: 'attach',
    test: /src\/(hook\/(?!bundle-config|config-json|filter|hook-config|precreate|rehearse|replace|wrapper)|cli\/hook-)/,
    priority: 5,
  },
  // With a profile, these and the documents as well.
  { name: 'container', test: /src\/hook\//, priority: 4 },
  // What most runs of `compile` do not need: the reader of documents with its validators, the syscall tables.
  { name: 'tables', test: /src\/abi\/(syscall|near|libc)|src\/bpf\/disassemble/, priority: 3 },
  {
    name: 'documents',
    test: /momoa|src\/oci\/(?!builtin|resolve|serialize|consumers|host|linux-seccomp|profile)/,
    priority: 2,
  },
  // Commands are chunks of their own; what they share is one.
  {
    name: 'core',
    test: /src\/(?!cli\/(main|run-program|program|definitions|version|commands))/,
    priority: 1,
  },
];

// Calls of the runtime wrapper that make no container need the first of these alone.
const wrapperGroups = [
  {
    name: 'base',
    test: /src\/(?:errors|ffi|kernel\/replace|hook\/trusted-file|hook\/wrapper\/(?:arguments|find-runtime))/,
    priority: 2,
  },
  { name: 'core', test: /momoa|src\/(?!cli\/runtime\.ts)/, priority: 1 },
];

await bundle(
  { main: `${root}/src/cli/main.ts` },
  { format: 'cjs', extension: 'cjs', codeSplitting: { groups, includeDependenciesRecursively: false } },
);
await bundle(
  { runtime: `${root}/src/cli/runtime.ts` },
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
  { child: `${root}/src/compile/child.ts` },
  { format: 'esm', extension: 'js', codeSplitting: false },
);
await bundle(
  { supervisor: `${root}/src/hook/supervisor/main.ts` },
  { format: 'cjs', extension: 'cjs', codeSplitting: false },
);
chmodSync(`${root}/dist/bin/main.cjs`, 0o755);
chmodSync(wrapper, 0o755);

async function bundle(input, { format, extension, codeSplitting, prefix = '' }) {
  // koffi finds its native part beside its own files; tinyglobby is for `validate` with globs only.
  const external = /^(node:|koffi|tinyglobby)/;
  const build = await rolldown({ input, platform: 'node', external, preserveEntrySignatures: false });
  await build.write({
    dir: `${root}/dist/bin`,
    format,
    codeSplitting,
    entryFileNames: `[name].${extension}`,
    chunkFileNames: `${prefix}[name].${extension}`,
  });
  await build.close();
}
