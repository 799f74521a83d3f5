/** The sets of SystemCallFilter=, compared with what releases of systemd print. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readForeign } from '../../../src/oci/foreign/read-foreign.ts';
import { laterSystemdSets, systemdRelease } from '../../../src/oci/foreign/systemd-sets.generated.ts';
import { fetchedSets, ownSets } from '../../../tools/print-systemd-sets.ts';
import { systemdSets } from '../../../tools/systemd-sets.ts';
import { describeWith } from '../../oracle/support/require.ts';

const releaseOf = (version: string): number => Number(/^systemd (\d+)/.exec(version)?.[1]);
const fetched = fetchedSets();
const isFetched =
  fetched
    .map(({ version }) => `${releaseOf(version)}`)
    .sort()
    .join() === Object.keys(laterSystemdSets).join();

describeWith(
  ['systemd-analyze'],
  `the sets of systemd${isFetched ? '' : ' (needs systemd of npm run fetch)'}`,
  () => {
    const own = ownSets();

    it.runIf(isFetched && releaseOf(own.version) === systemdRelease)(
      'are those of the releases that the file names',
      () => {
        const file = join(import.meta.dirname, '../../../src/oci/foreign/systemd-sets.generated.ts');
        expect(systemdSets(own, fetched)).toBe(readFileSync(file, 'utf8'));
      },
    );
  },
);

describe('a unit with a set that systemd does not know', () => {
  it.each([
    [
      '@sandbox',
      `systemd ${systemdRelease}, whose sets are used here, has no set @sandbox; systemd 257 has one`,
    ],
    ['@nonesuch', 'systemd has no set @nonesuch'],
  ])('is told so, with the release that does: %s', (set, message) => {
    const { problems } = readForeign(`[Service]\nSystemCallFilter=${set} read\n`, 'a.service', 'systemd');
    expect(problems.map((each) => each.message).join('\n')).toContain(message);
  });
});
