/**
 * Libraries that stand before libseccomp, made of the C files of test/oracle/support.
 * @module
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../tools/debian-cache.ts';
import { installedLibraries } from '../../oracle/libraries.ts';

export type Shim = 'notify-shim' | 'transaction-shim';

/**
 * Builds a shim, unless the file is there.
 *
 * @param base - of the libraries here; the newest unless told
 * @throws Error with the compiler's messages
 */
export function buildShim(shim: Shim, file: string, base = installedLibraries().at(-1)?.path ?? ''): void {
  if (existsSync(file)) return;
  const code = join(projectRoot(), 'test/oracle/support', `${shim}.c`);
  const words = ['-shared', '-fPIC', '-o', file, code, '-Wl,--no-as-needed', base, '-ldl'];
  const { stderr } = spawnSync('cc', words, { encoding: 'utf8' });
  if (stderr !== '') throw new Error(stderr);
}
