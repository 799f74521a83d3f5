/**
 * Since which kernel seccomp can do what, held against the manual pages of this machine.
 */
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type ActionKind, actions } from '../../src/abi/actions.ts';
import { actionsSince, FILTERS_SINCE, flagsSince, SECCOMP_CALL_SINCE } from '../../src/abi/kernel-history.ts';
import { formatKernel, isOlderKernel } from '../../src/abi/kernel-version.ts';

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
