/** The sets of SystemCallFilter=, compared with what releases of systemd print. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allSyscallNames } from '../../../src/abi/syscall-numbers.ts';
import { systemdReleases } from '../../../src/oci/dialect-rows.ts';
import { readForeign } from '../../../src/oci/foreign/read-foreign.ts';
import { membersOf } from '../../../src/oci/foreign/systemd-filter.ts';
import { laterSystemdSets, systemdRelease } from '../../../src/oci/foreign/systemd-sets.generated.ts';
import { readProfile } from '../../../src/oci/read-profile.ts';
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

    it.runIf(isFetched)('are read as each release lists them, sets in sets too', () => {
      const known = new Set(allSyscallNames());
      for (const { version, listing } of [own, ...fetched]) {
        const release = systemdReleases.find((each) => each === releaseOf(version));
        if (release === undefined) continue;
        const callsOf = (set: string): readonly string[] => {
          const [, members = ''] = listing.split(new RegExp(`^${set}\\n`, 'm'));
          const lines = members.split(/\n(?! )/)[0]?.match(/^ {4}[\w@-]+/gm) ?? [];
          return lines.flatMap((line) => (line.includes('@') ? callsOf(line.trim()) : [line.trim()]));
        };
        for (const set of listing.match(/^@[\w-]+/gm) ?? []) {
          const listed = [...new Set(callsOf(set))].filter((name) => known.has(name));
          expect([...(membersOf(set, release) ?? [])].sort(), `${set} of ${release}`).toEqual(listed.sort());
        }
      }
    });
  },
);

describe('the release of systemd', () => {
  it('has a spelling for each that the file has sets of', () => {
    expect([...systemdReleases].map(String)).toEqual([`${systemdRelease}`, ...Object.keys(laterSystemdSets)]);
  });

  it('can be named, and decides what a unit allows', () => {
    const namesIn = (dialect?: 'systemd' | 'systemd@252' | 'systemd@257' | 'systemd@262'): string => {
      const unit = '[Service]\nSystemCallFilter=read @mount\n';
      const { profile } = readProfile(unit, dialect === undefined ? {} : { dialect });
      const names = new Set(profile?.rules.flatMap((rule) => rule.names));
      return ['read', 'seccomp', 'open_tree', 'open_tree_attr'].filter((name) => names.has(name)).join(' ');
    };
    // Of 257 on, every list of allowed calls has @sandbox; open_tree left @mount with 262.
    expect(namesIn()).toBe('read open_tree');
    expect(namesIn('systemd')).toBe('read open_tree');
    expect(namesIn('systemd@252')).toBe('read open_tree');
    expect(namesIn('systemd@257')).toBe('read seccomp open_tree');
    expect(namesIn('systemd@262')).toBe('read seccomp open_tree_attr');
  });
});

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
