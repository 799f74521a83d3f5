/**
 * When V8 optimizes. It does so after a function has executed so many bytes of code, and a short run pays for optimized code
 * that it then hardly executes: a fifth of the processor time of `lint FILE`, a third of that of `diff`.
 * @module
 */

/**
 * Commands that decide what a filter means. Others execute too little for V8 to optimize much, and would only pay for
 * loading the module that sets this: 2.5 ms. `record` and `agent` wait most of the time.
 */
const deciding: ReadonlySet<string | undefined> = new Set([
  ...['allow', 'audit', 'convert', 'decompile', 'deny', 'diff', 'explain', 'intersect', 'lint', 'rebase'],
  ...['report', 'run', 'simplify', 'simulate', 'subset', 'union', 'verify'],
]);

/** By V8's major version: 11 is Node 20's, 12 Node 22's, 13 Node 24's. V8 complains about flags that it does not know. */
const flagsOf: Readonly<Record<string, readonly string[]>> = {
  // Bytes of code that a function executes before V8 thinks of optimizing it; 67,584 by itself. Long runs lose nothing.
  '11': ['--interrupt-budget=1000000'],
  '12': lateCounts(),
  '13': lateCounts(),
};

/** Later releases count calls and rounds of loops, for each of two compilers: 8 to 16 times V8's own numbers. */
function lateCounts(): readonly string[] {
  return [
    '--invocation-count-for-turbofan=30000',
    '--invocation-count-for-osr=8000',
    '--invocation-count-for-maglev=3000',
    '--invocation-count-for-maglev-osr=1000',
  ];
}

/**
 * Lets V8 optimize later in a run of these words. It has to come before any kept code is read: V8 takes compiled code only
 * with the settings that it was compiled under.
 *
 * @returns whether it does
 */
export function optimizeLater(words: readonly string[]): boolean {
  if (!decides(words)) return false;
  const [major = ''] = process.versions.v8.split('.');
  const flags = flagsOf[major];
  if (flags === undefined) return false;
  // Not imported: it would be loaded in every run.
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  loadNodesOwn(words);
  for (const flag of flags) setFlagsFromString(flag);
  return true;
}

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

/** The builtin backend, which hooks use too, has nothing to compile for a built-in profile: its program comes with the package. */
function decides([command, ...rest]: readonly string[]): boolean {
  if (command !== 'compile' && command !== 'hook') return deciding.has(command);
  const isBuiltin = command === 'hook' || rest.some((word) => /^(--backend=)?builtin$/.test(word));
  return !isBuiltin || rest.some((word) => word.endsWith('.json'));
}
