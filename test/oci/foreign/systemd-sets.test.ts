/** The sets of SystemCallFilter=, compared with what systemd prints. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { systemdRelease } from '../../../src/oci/foreign/systemd-sets.generated.ts';
import { systemdSets } from '../../../tools/systemd-sets.ts';
import { describeWith } from '../../oracle/support/require.ts';

describeWith(['systemd-analyze'], 'the sets of systemd', () => {
  const print = (...args: readonly string[]): string =>
    execFileSync('systemd-analyze', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const version = print('--version');
  const isSame = Number(/^systemd (\d+)/.exec(version)?.[1]) === systemdRelease;

  it.runIf(isSame)('are those of the release that the file names', () => {
    const file = join(import.meta.dirname, '../../../src/oci/foreign/systemd-sets.generated.ts');
    expect(systemdSets(version, print('syscall-filter'))).toBe(readFileSync(file, 'utf8'));
  });
});
