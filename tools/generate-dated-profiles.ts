/**
 * Writes dated-profiles.generated.ts and dated-releases.generated.ts in src/compose/dated/ from clones of the engines' repositories with all their tags:
 *
 *   for each in moby/moby containers/common containers/container-libs containers/podman containerd/containerd cri-o/cri-o
 *   git clone --bare https://github.com/OWNER/NAME .cache/repositories/NAME
 *
 *   npm run tool -- tools/generate-dated-profiles.ts [folder of the clones] [folder to write to]
 * @module
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { missingClones } from './dated-profiles/families.ts';
import { renderDated } from './dated-profiles/render-dated.ts';
import { projectRoot } from './debian-cache.ts';

const clones = process.argv[2] ?? join(projectRoot(), '.cache/repositories');
const folder = process.argv[3] ?? join(projectRoot(), 'src/compose/dated');
const missing = missingClones(clones);
if (missing.length > 0) {
  process.stderr.write(`${clones} has no clone of ${missing.join(', ')}\n`);
  process.exitCode = 3;
} else {
  for (const [name, text] of Object.entries(renderDated(clones))) {
    const file = join(folder, name);
    writeFileSync(file, text);
    process.stdout.write(`${file}: ${text.length} bytes\n`);
  }
}
