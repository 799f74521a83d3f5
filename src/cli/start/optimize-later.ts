/**
 * What V8 does for runs that last: it optimizes functions that were executed often, notes from the eighth call on which
 * types a function sees, and collects garbage on several threads. A short run pays for this and ends before it is worth
 * it: optimizing alone took a fifth of the processor time of `lint FILE` and a third of that of `diff`; the rest took 4 ms
 * (Node 20 and 24).
 * @module
 */

/**
 * Commands that decide what a filter means. Others execute too little for V8 to optimize much, and would only pay for
 * loading the module that sets this: 3 ms. `record` and `agent` wait most of the time.
 */
const deciding: ReadonlySet<string | undefined> = new Set([
  ...['allow', 'audit', 'convert', 'decompile', 'deny', 'diff', 'explain', 'intersect', 'lint', 'rebase'],
  ...['report', 'run', 'simplify', 'simulate', 'subset', 'union', 'verify'],
]);

/** A setting of V8: its name, the value that V8 starts with, and the one for short runs. */
type Setting = readonly [name: string, initial: number | boolean, later: number | boolean];

/** Waking threads for a heap of a few megabytes costs more than they save. */
const oneThread: readonly Setting[] = [
  ['parallel-scavenge', true, false],
  ['concurrent-sweeping', true, false],
];

/**
 * By V8's major version: 11 is Node 20's, 12 Node 22's, 13 Node 24's. V8 complains about settings that it does not know. Long
 * runs lose nothing.
 */
export const settingsOf: Readonly<Record<string, readonly Setting[]>> = {
  // How often a function's code is executed, or how many bytes of it, before V8 notes types, and before it optimizes.
  '11': [
    ['interrupt-budget-factor-for-feedback-allocation', 8, 64],
    ['interrupt-budget', 67_584, 1_000_000],
    ...oneThread,
  ],
  // On Node 22, notes from the 24th call on cost `lint FILE` 2 ms more than from the 48th on; on Node 24 nothing.
  '12': countsOf({ notes: 48, osr: 800 }),
  '13': countsOf({ notes: 24, osr: 500 }),
};

/**
 * Later releases count calls and rounds of loops, for each of two compilers: 3 to 16 times V8's own numbers.
 *
 * @param notes - calls of a function before V8 notes types
 * @param osr - rounds of a loop before V8 optimizes it, as the release starts with
 */
function countsOf({ notes, osr }: { readonly notes: number; readonly osr: number }): readonly Setting[] {
  return [
    ...oneThread,
    ['invocation-count-for-feedback-allocation', 8, notes],
    ['invocation-count-for-turbofan', 3000, 30_000],
    ['invocation-count-for-osr', osr, 8000],
    ['invocation-count-for-maglev', 400, 3000],
    ['invocation-count-for-maglev-osr', 100, 1000],
  ];
}

/** How V8's settings change in a run. V8 takes compiled code only with the settings that it was compiled under. */
export interface LaterSettings {
  /** The chunk with whose load they change. */
  readonly chunk: string;
  /** Changes them. Node's module for it brings Node's streams along. */
  readonly set: () => void;
  /** Gives V8 its own settings back. */
  readonly reset: () => void;
}

/** How V8's settings change in a run of these words; `undefined`: they do not. */
export function laterSettings(words: readonly string[]): LaterSettings | undefined {
  const [major = ''] = process.versions.v8.split('.');
  const settings = settingsOf[major];
  const chunk = firstLateChunk(words, major);
  if (settings === undefined || chunk === undefined) return undefined;
  const change = (value: (setting: Setting) => number | boolean): void => {
    // Not imported: it would be loaded in every run.
    const { setFlagsFromString } = process.getBuiltinModule('node:v8');
    loadNodesOwn(words);
    for (const setting of settings) setFlagsFromString(asFlag(setting[0], value(setting)));
  };
  return {
    chunk,
    set: () => change(([, , later]) => later),
    reset: () => change(([, initial]) => initial),
  };
}

function asFlag(name: string, value: number | boolean): string {
  return typeof value === 'number' ? `--${name}=${value}` : `--${value ? '' : 'no-'}${name}`;
}

/**
 * The chunk with whose load the settings change. The builtin backend, which hooks use too, has nothing to decide if the
 * program of a profile comes with the package: whether it does shows on the way.
 */
function firstLateChunk(words: readonly string[], major: string): string | undefined {
  const [command, ...rest] = words;
  if (command !== 'compile' && command !== 'hook') return deciding.has(command) ? FIRST_CHUNK : undefined;
  const isBuiltin = command === 'hook' || rest.some((word) => /^(--backend=)?builtin$/.test(word));
  if (!isBuiltin) return FIRST_CHUNK;
  if (major !== CANNOT_RESET) return COMPILER_CHUNK;
  return rest.some((word) => word.endsWith('.json')) ? FIRST_CHUNK : undefined;
}

/** V8 13 marks code otherwise than before, too, when it has its own settings back (tried on 24.22.3). */
const CANNOT_RESET = '13';

/** The program's first chunk: the settings change at once. */
export const FIRST_CHUNK = 'run-program.cjs';
/** What makes programs that do not come with the package (tools/build.mjs). */
const COMPILER_CHUNK = 'builtin.cjs';

/** Those modules of Node that a run of a command will ask for: the release of the kernel, and SHA-256. */
const nodesOwn: Readonly<Record<string, readonly string[]>> = {
  compile: ['node:os'],
  diff: ['node:os', 'node:crypto'],
  explain: ['node:os'],
  subset: ['node:os', 'node:crypto'],
  verify: ['node:os', 'node:crypto'],
};

/**
 * Loads them. They come with compiled code, and V8 takes that only with the settings that Node was built with: afterwards
 * the same modules take twice the time.
 */
function loadNodesOwn([command = '']: readonly string[]): void {
  for (const name of nodesOwn[command] ?? []) process.getBuiltinModule(name);
}
