/**
 * The largest errno that a rule can have. The kernel returns up to 4095 and makes 4095 of more, but libseccomp, which runc and crun
 * ask, refuses 4095 already, so no container starts.
 */
import { expect, it } from 'vitest';
import { installedRuntimes } from './libraries.ts';
import { describeWith } from './support/require.ts';
import { installedFilters } from './support/runtime.ts';

const profile = (errnoRet: number): string =>
  JSON.stringify({
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_ERRNO', errnoRet }],
  });

/** What runc says of libseccomp's EINVAL, and crun. */
const refusals = { runc: /two checks on same syscall argument/, crun: /Invalid argument/ } as const;

describeWith(
  ['root', 'x86_64', 'busybox', 'cc', 'ptrace', 'runc', 'crun'],
  'an errno of 4095 or more (root, ptrace)',
  () => {
    const system = installedRuntimes().filter(({ origin }) => origin === 'system');
    it.each(system)('is refused by $name, and 4094 is not', (runtime) => {
      expect(installedFilters(runtime, profile(4094)).filters).toHaveLength(1);
      for (const errno of [4095, 4096, 65535]) {
        const { filters, error } = installedFilters(runtime, profile(errno));
        expect(filters).toEqual([]);
        expect(error).toMatch(runtime.name === 'runc' ? refusals.runc : refusals.crun);
      }
    });
  },
);
