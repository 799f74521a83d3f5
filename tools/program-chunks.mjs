// The chunks of the program: which modules stand in which file of dist/bin/. Whether a chunk is loaded by a command that does not
// need it is counted by test/cli/start-cost.test.ts.
import { resolve } from 'node:path';
import { closure } from './import-closure.mjs';
import { isOfPackage } from './wrapper-chunks.mjs';

const root = resolve(import.meta.dirname, '..');

// Each chunk is what its modules import statically, less what the chunks before it hold: so none needs a later one, and
// a run loads the chunks of its own command only. A hook, which a container's start waits for, takes `base`, `bpf` and `attach`;
// `compile` of a built-in profile `base`, `bpf`, `profiles`, `meaning` and `core`; reading a profile adds `documents`, a hook with a
// profile `container`; `lint` does without `core`, and takes `words`, the names of arguments among them: what `lint` shares with
// commands that start `core` must stand there. The rest is left to the bundler.
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
  'src/cli/operands/form-options.ts',
  'src/cli/operands/host-options.ts',
  'src/cli/operands/timeout.ts',
  'src/cli/output.ts',
  'src/cli/render/print-json.ts',
  'src/cli/render/render-summary.ts',
  'src/compile/emit-encoded.ts',
  'src/compile/shipped/find-shipped.ts',
  'src/pipeline/compile-profile.ts',
  'src/pipeline/load-profile.ts',
  'src/policy/profile-readers.ts',
]);
const start = closure([
  'src/abi/capabilities.ts',
  'src/bpf/longest-program.ts',
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
  'src/compile/emit-formats.ts',
  // Commander's help needs it, and so does what prints answers without commander.
  'src/cli/render/wrap-text.ts',
]);
// Commander: it reads the others.
const commandLine = closure(['src/cli/command-line.ts']);
const meaning = closure([
  'src/lint/ask/host-view.ts',
  'src/abi/carried-out.ts',
  'src/cli/operands/form-options.ts',
  'src/cli/operands/host-options.ts',
  'src/cli/output.ts',
  'src/decision/format-call.ts',
  'src/decision/match-rules.ts',
  'src/decision/outcomes.ts',
  'src/decision/decide-program.ts',
  'src/oci/serialize.ts',
  'src/cli/version.ts',
]);
const callNames = closure(['src/cli/operands/unknown-call.ts', 'src/cli/operands/asked-words.ts']);
// What `explain` does, and in part `diff`, `subset`, `verify` and `run`.
const filters = closure([
  'src/cli/answers/explain-question.ts',
  'src/cli/render/render-explain.ts',
  'src/compile/prove-calls.ts',
]);
// What `diff`, `subset`, `verify` and `run` do besides.
const comparisons = closure([
  'src/cli/answers/compare-filters.ts',
  'src/cli/operands/claimed-filter.ts',
  'src/cli/render/render-comparison.ts',
  'src/cli/render/render-verify.ts',
  'src/cli/run/start-check.ts',
]);
// What `run`, hooks and `compile --backend builtin` compile with.
const builtin = closure(
  ['call-shares.generated', 'call-weights', 'synthesize'].map((name) => `src/compile/builtin/${name}.ts`),
);
// What `validate` does, and all commands that read a profile.
const documents = closure([
  'src/cli/answers/node-facts.ts',
  'src/cli/answers/validate-files.ts',
  'src/cli/lint/other-document.ts',
  'src/cli/lint/settings.ts',
  'src/cli/output.ts',
  'src/cli/render/render-validation.ts',
  'src/oci/read-profiles.ts',
  'src/oci/usable-profile.ts',
]);
// What every command takes, beside what only programs of BPF need.
const withoutPrograms = new Set([...plainLine, ...commandLine, ...documents]);
const inRoom = (room) => (module) => module.startsWith(`${root}/src/${room}/`);
const named = (files) => new Set(files.map((file) => resolve(root, `src/${file}.ts`)));
// Chunks that are loaded when something of them is first used, and not with what imports them: ordinary runs do without. None may
// import a chunk that an ordinary run does without too, which would come along.
const late = [
  // Of momoa, which tells what is wrong with a text that is not plain JSON.
  { name: 'momoa', modules: [] },
  // What makes diagrams. A program that comes with the package was proven before.
  {
    name: 'decision',
    // The builtin backend fixes bits of words, as lint does. In `words` that would bring the names of arguments along.
    modules: [
      ...closure(['src/compile/prove.ts', 'src/decision/cofactor.ts', 'src/decision/decide-policy.ts']),
    ].filter(inRoom('decision')),
  },
  {
    name: 'libseccomp',
    modules: [
      ...[...core].filter(inRoom('libseccomp')),
      ...named(['abi/table-releases.generated', 'policy/release-table']),
      ...named(
        ['build-filter', 'child-protocol', 'enosys-stub', 'foreign-returns', 'libseccomp-backend'].map(
          (file) => `compile/${file}`,
        ),
      ),
    ],
  },
  // Schemas of dialects other than Docker's, which most profiles are in.
  ...['oci', 'oci-config', 'podman', 'kubernetes'].map((dialect) => ({
    name: `validate-${dialect}`,
    modules: named([`oci/generated/validate-${dialect}.generated`]),
  })),
  {
    name: 'builtin-profiles',
    modules: named(
      ['docker-default', 'ordinary-syscalls', 'podman-default', 'shared-groups', 'syscall-group'].map(
        (file) => `oci/builtin/${file}`,
      ),
    ),
  },
  // Old default profiles: what lint asks of them stands in an index.
  { name: 'dated-profiles', modules: named(['compose/dated/dated-profiles.generated']) },
  // What tells of errors of a schema.
  { name: 'schema-errors', modules: named(['oci/explain-schema-error']) },
  // What guesses which built-in profile a word means.
  { name: 'meant-builtin', modules: named(['oci/builtin/meant-builtin']) },
  // What tells of problems, and writes profiles.
  {
    name: 'seldom',
    modules: named([
      'abi/audit-arch',
      'abi/libc-calls',
      'abi/nearest-name',
      'abi/parse-number',
      'oci/problem-codes',
      'oci/serialize',
    ]),
  },
  // What gVisor makes of a profile.
  { name: 'runsc', modules: named(['policy/lower-for-sentry', 'policy/read-by-runsc']) },
  // What lint does about findings that are a profile's own.
  {
    name: 'lint-findings',
    modules: named([
      'cli/lint/baseline',
      'compose/dated/profile-lines',
      'lint/ask/changed-policy',
      'lint/ask/shortened-comparison',
      'lint/catalog/input-pointers',
      'lint/catalog/introductions',
      'lint/edit/text-edits',
    ]),
  },
];
const chunks = [
  ...late,
  { name: 'base', modules: [...start, ...[...attach].filter((module) => withoutPrograms.has(module))] },
  { name: 'bpf', modules: [...attach].filter((module) => core.has(module)) },
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
  { name: 'comparisons', modules: comparisons },
  {
    name: 'lint',
    modules: closure([
      'src/cli/lint/compiler.ts',
      'src/lint/engine/describe-witness.ts',
      'src/lint/engine/lint-profile.ts',
    ]),
  },
  // What lint takes in each run, and what other commands take of it: few chunks, because each costs a start 40 µs.
  { name: 'progress-line', modules: closure(['src/cli/render/progress-line.ts']) },
  { name: 'render-workload', modules: closure(['src/cli/render/render-workload.ts']) },
  { name: 'lint-settings', modules: closure(['src/cli/lint/config.ts', 'src/cli/lint/lint-options.ts']) },
  { name: 'lint-files', modules: closure(['src/cli/lint/lint-operands.ts', 'src/cli/lint/render-human.ts']) },
  { name: 'container', modules: closure(['src/hook/container-filter.ts', 'src/hook/precreate.ts']) },
];
const chunkOf = new Map();
for (const { name, modules } of chunks) {
  for (const module of modules) {
    if (!chunkOf.has(module)) chunkOf.set(module, name);
  }
}
const packageChunk = (id) =>
  isOfPackage(id, '@humanwhocodes/momoa')
    ? 'momoa'
    : isOfPackage(id, 'commander')
      ? 'command-line'
      : undefined;
const entry = /^cli\/(run-program\.ts|commands\/|lint\/lint-worker\.ts)/;
const isEntry = (id) => id.startsWith(`${root}/src/`) && entry.test(id.slice(`${root}/src/`.length));
export const chunkGroups = chunks.map(({ name }, at) => ({
  name,
  priority: chunks.length - at,
  test: (id) => (packageChunk(id) ?? chunkOf.get(id)) === name && !isEntry(id),
}));
export const lateChunks = late.map(({ name }) => name);
