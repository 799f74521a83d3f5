/**
 * Which kernels lint looks at: the newest, and the oldest too where a range was asked for and the profile tells them apart.
 */
import { expect, it } from 'vitest';
import { formatKernel } from '../../src/abi/kernel-version.ts';
import { lintOptionsFor, readChoices } from '../../src/cli/lint/settings.ts';
import { readProfile } from '../../src/oci/read-profile.ts';

const rule = (conditions: object): object => ({
  names: ['ptrace'],
  action: 'SCMP_ACT_ALLOW',
  ...conditions,
});
const plain = rule({});
const capability = rule({ includes: { caps: ['CAP_SYS_PTRACE'] } });
const included = rule({ includes: { minKernel: '4.8' } });
const excluded = rule({ excludes: { minKernel: '4.8' } });

it.each([
  ['one kernel', '6.1', [plain], ['6.1']],
  ['one kernel that conditions ask for', '6.1', [included], ['6.1']],
  ['a range, which nothing asks for', '4.4..6.1', [plain, capability], ['6.1']],
  ['a range and a rule from a kernel on', '4.4..6.1', [plain, included], ['6.1', '4.4']],
  ['a range and a rule up to a kernel', '4.4..6.1', [excluded, plain], ['6.1', '4.4']],
  ['a range of minor versions', '6.1..6.2', [included], ['6.2', '6.1']],
  ['no range', undefined, [included], ['6.18']],
])('%s', (_, kernelRange, syscalls, wanted) => {
  const text = JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO', syscalls });
  const { profile } = readProfile(text, { dialect: 'docker' });
  const choices = readChoices(kernelRange === undefined ? {} : { kernelRange });
  const { hosts = [] } = lintOptionsFor('p.json', profile, {}, choices, { compilers: [], rules: [] });
  expect(hosts.map(({ kernel }) => kernel && formatKernel(kernel))).toEqual(wanted);
});
