import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ArchName } from '../../src/abi/architectures.ts';
import { capabilitySets } from '../../src/abi/capabilities.ts';
import {
  type BuiltinName,
  builtinProfiles,
  isBuiltinName,
  namesBuiltin,
} from '../../src/oci/builtin/index.ts';
import type { Profile } from '../../src/oci/profile.ts';
import { resolveProfile } from '../../src/oci/resolve-profile.ts';

import { profileFromJson } from './profile-json.ts';
import { resolvedMeaning } from './resolved-meaning.ts';

const data = new URL('../../../shared/data/', import.meta.url);

/** Every architecture either profile names, as itself, as a sub-architecture or in a condition. */
const arches: readonly ArchName[] = [
  ...([
    'x86_64',
    'x86',
    'x32',
    'aarch64',
    'arm',
    'mips64',
    'mips',
    'mips64n32',
    'mipsel64',
    'mipsel',
  ] as const),
  ...(['mipsel64n32', 's390x', 's390', 'riscv64', 'loongarch64', 'ppc64le'] as const),
];
const kernels = ['3.10', '4.8', '6.1'].map((text) => {
  const [kernel = 0, major = 0] = text.split('.').map(Number);
  return { kernel, major };
});

function meanings(profile: Profile): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const arch of arches) {
    for (const [capsName, capabilities] of Object.entries(capabilitySets)) {
      for (const kernel of kernels) {
        const { seccomp } = resolveProfile(profile, { arch, kernel, capabilities });
        const host = `${arch}, ${capsName} capabilities, kernel ${kernel.kernel}.${kernel.major}`;
        found.set(host, seccomp === undefined ? undefined : resolvedMeaning(seccomp));
      }
    }
  }
  return found;
}

const upstream = [
  { name: 'docker-default', file: 'moby-default.json', dialect: 'docker' },
  { name: 'podman-default', file: 'containers-common-seccomp.json', dialect: 'podman' },
] as const;

describe('builtinProfiles', () => {
  for (const { name, file, dialect } of upstream) {
    const url = new URL(file, data);
    describe.skipIf(!existsSync(url))(`${name} against shared/data/${file} (needs ../shared/data)`, () => {
      const ours = meanings(builtinProfiles[name]());
      const theirs = meanings(profileFromJson(existsSync(url) ? readFileSync(url, 'utf8') : '{}', dialect));
      it.each([...theirs.keys()])('means the same on %s', (host) => {
        expect(ours.get(host)).toEqual(theirs.get(host));
      });
    });
  }

  it.each(upstream)('$name names no system call twice in a rule', ({ name }) => {
    for (const rule of builtinProfiles[name]().rules)
      expect(new Set(rule.names).size).toBe(rule.names.length);
  });

  it('are built anew on each call', () => {
    expect(builtinProfiles['docker-default']()).not.toBe(builtinProfiles['docker-default']());
    expect(builtinProfiles['docker-default']()).toEqual(builtinProfiles['docker-default']());
  });
});

describe('isBuiltinName', () => {
  it.each([
    ['docker-default', true],
    ['podman-default', true],
    ['toString', false],
    ['', false],
  ] as const)('%j: %s', (name, expected) => {
    expect(isBuiltinName(name)).toBe(expected);
    if (expected) expect(builtinProfiles[name as BuiltinName]().rules.length).toBeGreaterThan(20);
  });
});

describe('namesBuiltin', () => {
  it.each([
    ['docker-default', true],
    ['docker-default@20.10', true],
    ['crio-default@no such release', true],
    ['containerd-default', true],
    ['./docker-default', false],
    ['docker-default.json', false],
    ['@20.10', false],
    ['', false],
  ] as const)('%j: %s', (text, expected) => {
    expect(namesBuiltin(text)).toBe(expected);
  });
});
