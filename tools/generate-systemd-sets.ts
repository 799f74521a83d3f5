/**
 * Writes src/oci/foreign/systemd-sets.generated.ts from what `systemd-analyze syscall-filter` prints:
 * `node tools/run.mjs tools/generate-systemd-sets.ts [OUTPUT]`.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemdSets } from './systemd-sets.ts';

const output = process.argv[2] ?? join(process.cwd(), 'src/oci/foreign/systemd-sets.generated.ts');
const run = (...args: readonly string[]): string =>
  execFileSync('systemd-analyze', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
writeFileSync(output, systemdSets(run('--version'), run('syscall-filter')));
