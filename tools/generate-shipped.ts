/**
 * Writes src/compile/shipped/*.generated.ts: the programs of the built-in profiles on usual hosts, each proven.
 *
 *   node tools/run.mjs tools/generate-shipped.ts
 *
 * Needed again after each change of a built-in profile, of the tables of system calls, of the expansion of policies, or
 * of the builtin compiler; test/compile/shipped.test.ts says so.
 * @module
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './debian-cache.ts';
import { renderRuleCounts, renderShipped } from './shipped/render-shipped.ts';

for (const [name, text] of [renderRuleCounts(), ...renderShipped()]) {
  const file = join(projectRoot(), 'src/compile/shipped', name);
  writeFileSync(file, text);
  process.stdout.write(`${file}: ${text.length} bytes\n`);
}
