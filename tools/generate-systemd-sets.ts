/**
 * Writes src/oci/foreign/systemd-sets.generated.ts from what `systemd-analyze syscall-filter` prints, of this machine and of the
 * newer releases that `npm run fetch` brought: `node tools/run.mjs tools/generate-systemd-sets.ts [OUTPUT]`.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchedSets, ownSets } from './print-systemd-sets.ts';
import { systemdSets } from './systemd-sets.ts';

const output = process.argv[2] ?? join(process.cwd(), 'src/oci/foreign/systemd-sets.generated.ts');
writeFileSync(output, systemdSets(ownSets(), fetchedSets()));
