/**
 * Ends a test run with the names of what was skipped, below what they need and how to get it, which a suite's name says,
 * and of what passed only when it was run again.
 */
import type { Reporter, TestCase, TestModule, TestSuite, Vitest } from 'vitest/node';

let isFiltered = false;

export const skippedReporter: Reporter = {
  onInit(vitest: Vitest) {
    isFiltered = vitest.config.testNamePattern !== undefined;
  },
  onTestRunEnd(modules: readonly TestModule[]) {
    // With -t all other tests are skipped too: nothing that the reader does not know.
    if (isFiltered) return;
    tellRunAgain(modules);
    const byNeed = new Map<string, Map<string, number>>();
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        const { name, need } = splitName(outermostSkipped(test));
        const suites = byNeed.get(need) ?? new Map<string, number>();
        const line = `${module.relativeModuleId}: ${name}`;
        byNeed.set(need, suites.set(line, (suites.get(line) ?? 0) + 1));
      }
    }
    if (byNeed.size === 0) return;
    const groups = [...byNeed].sort(([a], [b]) => a.localeCompare(b, 'en'));
    const lines = groups.flatMap(([need, suites]) => [
      `  ${need}`,
      ...[...suites].map(([line, count]) => `    ${line}${count === 1 ? '' : ` (${count} tests)`}`).sort(),
    ]);
    process.stdout.write(`\nSkipped here, by what it needs:\n${lines.join('\n')}\n\n`);
  },
};

function tellRunAgain(modules: readonly TestModule[]): void {
  const again = modules.flatMap((module) =>
    [...module.children.allTests('passed')]
      .filter((test) => test.diagnostic()?.flaky === true)
      .map((test) => `  ${module.relativeModuleId}: ${test.fullName}`),
  );
  if (again.length > 0) process.stdout.write(`\nPassed only when run again:\n${again.join('\n')}\n`);
}

/** A suite's name is `what it is about [skipped, needs what (how to get it)]`, or `what it is about (needs what)`. */
function splitName(full: string): { readonly name: string; readonly need: string } {
  const match =
    /^(.*?),? *[[(](?:skipped[,:]? *)?((?:needs?|without|where|apt-get|npm) .*|\.\.\/.*)[\])]$/s.exec(full) ??
    /^(.*?),? which (needs): (.*)$/s.exec(full);
  if (match === null) return { name: full, need: 'needs what its name says' };
  const [, name = '', need = '', rest] = match;
  return { name, need: rest === undefined ? need : `${need} ${rest}` };
}

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
