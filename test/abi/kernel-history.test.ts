/**
 * Since which kernel seccomp can do what, held against the manual pages of this machine and against where Linux's own
 * history has the commits.
 */
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type ActionKind, actions } from '../../src/abi/actions.ts';
import { actionsSince, FILTERS_SINCE, flagsSince, SECCOMP_CALL_SINCE } from '../../src/abi/kernel-history.ts';
import { formatKernel, isOlderKernel, type KernelVersion } from '../../src/abi/kernel-version.ts';

const file = '/usr/share/man/man2/seccomp.2.gz';
const page = existsSync(file) ? gunzipSync(readFileSync(file)).toString('utf8').replaceAll('\\-', '-') : '';

/** `.BR SECCOMP_RET_LOG " (since Linux 4.14)"`, the names in the page's own markup. */
const dated = new Map(
  [...page.matchAll(/^\.B[IR]*\s+"?(SECCOMP_[A-Z_]+)"?[^\n]*\(since Linux (\d+\.\d+)\)/gm)].map(
    ([, name = '', version = '']) => [name, version],
  ),
);

describe('the manual page seccomp(2)', { skip: page === '' }, () => {
  it('is read', () => {
    expect(dated.size).toBeGreaterThanOrEqual(6);
  });

  const flagNames = Object.keys(flagsSince) as readonly (keyof typeof flagsSince)[];
  it.each(flagNames.filter((name) => dated.has(name)))('dates %s as the table does', (name) => {
    expect(formatKernel(flagsSince[name])).toBe(dated.get(name));
  });

  it.each(Object.keys(actions) as readonly ActionKind[])('dates the action %s as the table does', (kind) => {
    const documented = dated.get(`SECCOMP_RET_${actions[kind].label}`) ?? formatKernel(FILTERS_SINCE);
    expect(formatKernel(actionsSince[kind])).toBe(documented);
  });

  it('dates the call and the filters', () => {
    expect(page).toMatch(
      new RegExp(`first appeared in Linux ${formatKernel(SECCOMP_CALL_SINCE).replace('.', '\\.')}`),
    );
    expect(page).toMatch(new RegExp(`x86-64, i386, x32 \\(since Linux ${formatKernel(FILTERS_SINCE)}\\)`));
  });
});

/**
 * Where the commit that brought each constant lies in Linux's history, as `git describe` names it: between the release
 * before and the one that it begins with. Collected by strace's developers in the messages of these commits of theirs.
 */
const commits: readonly (readonly [name: string, position: string, strace: string])[] = [
  ['SECCOMP_FILTER_FLAG_LOG', 'v4.14-rc2~15^2~6', '3ed59f89f'],
  ['SECCOMP_FILTER_FLAG_SPEC_ALLOW', 'v4.17-rc3-24-g00a02d0', '5cf62f3e7'],
  ['SECCOMP_FILTER_FLAG_NEW_LISTENER', 'v5.0-rc1~66^2~1^2~1', 'be27e07c9'],
  ['SECCOMP_FILTER_FLAG_TSYNC_ESRCH', 'v5.7-rc1~198^2~1', '6778db2cb'],
  ['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV', 'v5.19-rc1~198^2~3', 'f3a6ca805'],
  ['SECCOMP_RET_LOG', 'v4.14-rc2~15^2~5', '3ed59f89f'],
  ['SECCOMP_RET_KILL_PROCESS', 'v4.14-rc2~15^2~3', '745c53410'],
  ['SECCOMP_RET_USER_NOTIF', 'v5.0-rc1~66^2~1^2~1', 'be27e07c9'],
];

describe('the history of Linux', () => {
  const rows: Readonly<Record<string, KernelVersion>> = {
    ...flagsSince,
    ...Object.fromEntries(
      (Object.keys(actions) as readonly ActionKind[]).map((kind) => [
        `SECCOMP_RET_${kind === 'notify' ? 'USER_NOTIF' : actions[kind].label}`,
        actionsSince[kind],
      ]),
    ),
  };

  it.each(commits)('has %s at %s', (name, position) => {
    const row = rows[name];
    expect(row && formatKernel(row)).toBe(/^v(\d+\.\d+)-rc/.exec(position)?.[1]);
  });

  it('dates all that did not come with the filters or with seccomp(2)', () => {
    const later = Object.entries(rows).filter(([, since]) => isOlderKernel(SECCOMP_CALL_SINCE, since));
    expect(later.map(([name]) => name).sort()).toEqual(commits.map(([name]) => name).sort());
  });
});

describe('kernels', () => {
  it('are ordered by both numbers', () => {
    const row = ['3.5', '3.17', '4.4', '4.14', '5.0', '5.19', '6.1'].map((text) => {
      const [kernel = 0, major = 0] = text.split('.').map(Number);
      return { kernel, major };
    });
    for (const [i, a] of row.entries())
      for (const [j, b] of row.entries()) expect(isOlderKernel(a, b)).toBe(i < j);
  });
});
