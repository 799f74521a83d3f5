/**
 * Refuses to run tests on a `dist/` that was built from other sources: some tests read `src/`, others run what
 * `npm run build` made of it, and those would be green for what the code was before.
 * @module
 */
import { chmodSync, existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// @ts-expect-error: plain JavaScript, which the build runs before there are types
import { digestFile, sourcesDigest } from '../tools/sources-digest.mjs';
import { removeFolder } from './support/remove-folder.ts';

export function setup(): (() => void) | undefined {
  // Each project of vitest.config.ts calls this.
  if (process.env.OCI_SECCOMP_TEST_CACHES !== undefined) return undefined;
  // Tests leave no file in the home of who runs them.
  process.env.OCI_SECCOMP_NO_COMPILE_CACHE = '1';
  // Node reads this bundle whenever it starts, which is half of a start, and only npm talks to the world (support/npm.ts).
  const { NODE_EXTRA_CA_CERTS: certificates } = process.env;
  if (certificates !== undefined) {
    process.env.OCI_SECCOMP_TEST_CA_CERTS = certificates;
    delete process.env.NODE_EXTRA_CA_CERTS;
  }
  const built = existsSync(digestFile) ? readFileSync(digestFile, 'utf8').trim() : undefined;
  if (built === sourcesDigest()) {
    const remove = useOwnFolder();
    keepCode();
    return remove;
  }
  process.stderr.write(
    built === undefined
      ? '\nThe tests need dist/, and it is not there or not whole. Run: npm run build\n\n'
      : '\ndist/ was built from other sources than those in src/. Run: npm run build\n\n',
  );
  process.exit(1);
}

/**
 * Temporary files of the run are in one folder, which goes with it: a file whose tests are all skipped removes nothing of
 * its own, because vitest runs no afterAll for it. Open to all, as /tmp is: some tests are another user.
 */
function useOwnFolder(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'oci-'));
  chmodSync(folder, 0o1777);
  process.env.TMPDIR = folder;
  return () => {
    // What is mounted there was not made here, and must not be emptied.
    const isMounted = readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${folder}/`);
    if (!isMounted) removeFolder(folder);
  };
}

/** Tests that only run the program (test/cli/run.ts) share what it compiled: that is a fifth of a start. */
function keepCode(): void {
  process.env.OCI_SECCOMP_TEST_CACHES = mkdtempSync(join(tmpdir(), 'code-'));
}
