/**
 * The catalog of dangerous calls against Docker's default profile: whoever wrote that one thought about each call that it
 * withholds, so each has an entry or a reason why not.
 */
import { expect, it } from 'vitest';
import { allSyscallNames } from '../../../src/abi/syscall-numbers.ts';
import { dangerousCalls } from '../../../src/lint/catalog/danger.ts';
import { harmlessDenied } from '../../../src/lint/catalog/harmless-denied.ts';
import { lintProfile } from '../../../src/lint/engine/lint-profile.ts';
import { dockerDefault } from '../../../src/oci/builtin/docker-default.ts';

const words = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== '');
const dangerous = new Set(dangerousCalls.flatMap(({ calls }) => words(calls)));
const harmless = harmlessDenied.flatMap(({ calls }) => words(calls));

/** What Docker's default allows to every container on every kernel, whatever the arguments. */
function allowedToAll(): ReadonlySet<string> {
  const plain = dockerDefault().rules.filter(
    ({ action, args, includes, excludes }) =>
      action === 'SCMP_ACT_ALLOW' &&
      args === undefined &&
      excludes === undefined &&
      includes?.caps === undefined &&
      includes?.minKernel === undefined,
  );
  return new Set(plain.flatMap(({ names }) => names));
}

const withheld = allSyscallNames().filter((name) => !allowedToAll().has(name));

it("Docker's default withholds the calls that everybody knows it withholds", () => {
  expect(withheld.length).toBeGreaterThan(100);
  expect(withheld).toEqual(
    expect.arrayContaining(['mount', 'ptrace', 'keyctl', 'clone', 'socket', 'personality']),
  );
});

it.each(withheld)('%s, which it withholds, is dangerous or has a reason why not', (name) => {
  expect([dangerous.has(name), harmless.includes(name)].filter(Boolean)).toHaveLength(1);
});

it('no call has a reason twice, or one although Docker allows it', () => {
  expect(new Set(harmless).size).toBe(harmless.length);
  expect(harmless.filter((name) => !withheld.includes(name))).toEqual([]);
  expect(harmlessDenied.filter(({ reason, source }) => reason === '' || source === '')).toEqual([]);
});

it('a call that stands twice in the catalog has a value of one argument each time', () => {
  for (const name of dangerous) {
    const entries = dangerousCalls.filter(({ calls }) => words(calls).includes(name));
    const indices = new Set(entries.map(({ value }) => value?.index));
    expect(entries.length === 1 || (indices.size === 1 && !indices.has(undefined)), name).toBe(true);
  }
});

/** Those that a filter of x86_64 can open as a whole, and that need no value of an argument to be dangerous. */
const openable = withheld.filter((name) =>
  dangerousCalls.some(({ calls, value }) => value === undefined && words(calls).includes(name)),
);

it.each(openable)('a profile that opens %s is told so', async (name) => {
  const text = JSON.stringify({
    defaultAction: 'SCMP_ACT_ERRNO',
    // All that have a call that the others lack.
    architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
    syscalls: [{ names: [name], action: 'SCMP_ACT_ALLOW' }],
  });
  const powerpc = /^(rtas|pciconfig_.*)$/.test(name);
  const host = { arch: 'ppc', kernel: { kernel: 6, major: 18 }, capabilities: [] } as const;
  // An open ring alone is a finding of io-uring-bypass.
  const levels = { 'io-uring-bypass': 'off' } as const;
  const { findings } = await lintProfile(
    powerpc ? text.replace(/"SCMP_ARCH_X86_64","SCMP_ARCH_X86"/, '"SCMP_ARCH_PPC"') : text,
    powerpc ? { hosts: [host], levels } : { levels },
  );
  const said = findings.filter(({ rule }) => rule === 'dangerous-allowed').map(({ message }) => message);
  expect(said).toHaveLength(1);
  expect(said[0]).toContain(`${name} is allowed`);
});
