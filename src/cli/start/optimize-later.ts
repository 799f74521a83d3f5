/**
 * When V8 optimizes. It does so after a function has executed so many bytes of code, and a short run pays for optimized code
 * that it then hardly executes: a fifth of the processor time of `lint FILE`, a third of that of `diff`.
 * @module
 */

/**
 * Commands that decide what a filter means. Others execute too little for V8 to optimize much, and would only pay for
 * loading the module that sets this: 2.5 ms.
 */
const deciding: ReadonlySet<string | undefined> = new Set([
  ...['allow', 'deny', 'diff', 'explain', 'intersect', 'lint', 'rebase', 'report', 'simplify', 'subset'],
  ...['union', 'verify'],
]);

/** Bytes of code that a function executes before V8 thinks of optimizing it; 135,168 in Node 20. Long runs lose nothing. */
const BUDGET = 1_000_000;

/**
 * Lets V8 optimize later in a run of these words. It has to come before any kept code is read: V8 takes compiled code only
 * with the settings that it was compiled under.
 */
export function optimizeLater([command]: readonly string[]): void {
  if (!deciding.has(command)) return;
  // Not imported: it would be loaded in every run.
  process.getBuiltinModule('node:v8').setFlagsFromString(`--interrupt-budget=${BUDGET}`);
}
