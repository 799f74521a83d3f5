/**
 * Ends a test run with the names of what was skipped: a suite's name says what it needs and how to get it.
 */
import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node';

export const skippedReporter: Reporter = {
  onTestRunEnd(modules: readonly TestModule[]) {
    const skipped = new Map<string, number>();
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        const name = `${module.relativeModuleId}: ${outermostSkipped(test)}`;
        skipped.set(name, (skipped.get(name) ?? 0) + 1);
      }
    }
    if (skipped.size === 0) return;
    const lines = [...skipped].map(
      ([name, count]) => `  ${name} (${count === 1 ? '1 test' : `${count} tests`})\n`,
    );
    process.stdout.write(`\nSkipped here; each name says what it needs:\n${lines.join('')}\n`);
  },
};

/** The largest suite around a skipped test of which every test was skipped, and that says why; else the largest. */
function outermostSkipped(test: TestCase): string {
  const names = [test.name];
  let parent: TestSuite | TestModule = test.parent;
  while (parent.type === 'suite') {
    const all = [...parent.children.allTests()];
    if (!all.every((other) => other.result().state === 'skipped')) break;
    names.push(parent.name);
    parent = parent.parent;
  }
  return names.findLast((name) => /\b(needs|skipped)\b/.test(name)) ?? names.at(-1) ?? '';
}
