/**
 * Since when system calls exist: every call of x86_64 has an entry, and syscalls(2) says the same where it is installed.
 */
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { allSyscallNames, directSyscallNumber } from '../../../src/abi/syscall-numbers.ts';
import {
  allIntroductions,
  cameBetween,
  introducedAfter,
  introductionOf,
} from '../../../src/lint/catalog/introductions.ts';
import { successors } from '../../../src/lint/catalog/successors.ts';

const known = new Set(allSyscallNames());

it('every call of x86_64 has a release, or a reason for none', () => {
  const without = [...known].filter(
    (name) => directSyscallNumber(name, 'x86_64') !== undefined && introductionOf(name) === undefined,
  );
  // No kernel implements them: unimplemented(2).
  expect(without.toSorted()).toEqual(['afs_syscall', 'getpmsg', 'putpmsg', 'security', 'tuxcall', 'vserver']);
});

it('every name is one of the table, once', () => {
  const names = [...allIntroductions()].map(([name]) => name);
  expect(names.filter((name) => !known.has(name))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
});

it('numbers from 424 on, which all architectures share, came in the order of releases', () => {
  const shared = [...known]
    .map((name) => ({ name, nr: directSyscallNumber(name, 'x86_64') ?? 0 }))
    .filter(({ name, nr }) => nr >= 424 && nr < 512 && introductionOf(name) !== undefined)
    .sort((a, b) => a.nr - b.nr);
  const releases = shared.map(({ name }) => {
    const [kernel = 0, major = 0] = (introductionOf(name) ?? '').split('.').map(Number);
    return 100 * kernel + major;
  });
  // Numbers are reserved while calls wait to be merged; these came later than their neighbours.
  const late = ['close_range', 'quotactl_fd'];
  const early = shared.filter(({ name }, i) => {
    return (
      !late.includes(name) &&
      (releases[i] ?? 0) <
        Math.max(0, ...releases.slice(0, i).filter((_, j) => !late.includes(shared[j]?.name ?? '')))
    );
  });
  expect(early.map(({ name }) => name)).toEqual([]);
});

it.each([
  ['futex_waitv', '5.15', '5.16', true],
  ['futex_waitv', '5.16', '6.1', false],
  ['futex_waitv', '4.19', '5.15', false],
  ['read', '1.0', '6.18', false],
  ['accept4', '2.4', '6.18', true],
  ['no_such_call', '1.0', '6.18', false],
])('%s came after %s and until %s: %s', (name, oldest, newest, expected) => {
  const version = (text: string) => {
    const [kernel = 0, major = 0] = text.split('.').map(Number);
    return { kernel, major };
  };
  expect(cameBetween(name, version(oldest), version(newest))).toBe(expected);
});

it('successors came after what they follow', () => {
  const order = (name: string) => {
    const [kernel = 0, major = 0] = (introductionOf(name) ?? '0.0').split('.').map(Number);
    return 1000 * kernel + major;
  };
  const wrong = successors.filter(({ syscall, after }) =>
    after.some((older) => order(older) >= order(syscall)),
  );
  expect(wrong).toEqual([]);
  expect(
    successors.flatMap(({ syscall, after }) => [syscall, ...after]).filter((name) => !known.has(name)),
  ).toEqual([]);
});

const page = '/usr/share/man/man2/syscalls.2.gz';
const bring = existsSync(page) ? '' : ' (skipped: apt-get install manpages-dev)';

describe.skipIf(!existsSync(page) && process.env.OCI_SECCOMP_REQUIRE_ALL !== '1')(
  `syscalls(2)${bring}`,
  () => {
    it('says the same', () => {
      const text = gunzipSync(readFileSync(page)).toString();
      const list = text.slice(text.indexOf('System call list'));
      const rows = [...list.matchAll(/^\\fB([a-z0-9_]+)\\fP\(2\)\t(\d+\.\d+(?:\.\d+)?)/gm)];
      const compared = rows.filter(([, name = '']) => known.has(name));
      expect(compared.length).toBeGreaterThan(350);
      const different = compared.filter(([, name = '', release]) => introductionOf(name) !== release);
      expect(different.map(([row]) => row)).toEqual([]);
      // Linux 2.6 brought calls with its third number.
      const { compare } = new Intl.Collator('en', { numeric: true });
      for (const kernel of ['2.0', '2.6', '2.6.32', '2.6.39', '3.0', '3.0.5', '5.9']) {
        const later = compared.filter(
          ([, , release = '']) => compare(release.replace('2.6.0', '2.6'), kernel) > 0,
        );
        const listed = new Set(introducedAfter(kernel).map(([name]) => name));
        const ours = compared.filter(([, name = '']) => listed.has(name));
        expect(ours.map(([row]) => row)).toEqual(later.map(([row]) => row));
      }
    });
  },
);

it('lists what came after a kernel as the releases have it, the earliest first', () => {
  const after = introducedAfter('5.15');
  const newer = [...known].filter((name) =>
    cameBetween(name, { kernel: 5, major: 15 }, { kernel: 99, major: 0 }),
  );
  expect(after.map(([name]) => name).toSorted()).toEqual(newer.toSorted());
  expect(after[0]).toEqual(['futex_waitv', '5.16']);
});
