/**
 * A caller who writes to a result changes no later answer: what two answers share is frozen, and so are the tables that are exported.
 */
import { describe, expect, it } from 'vitest';
import * as abi from '../src/abi/index.ts';
import * as compile from '../src/compile/index.ts';
import * as compose from '../src/compose/index.ts';
import * as root from '../src/index.ts';
import * as kernel from '../src/kernel/index.ts';
import * as libseccomp from '../src/libseccomp/index.ts';
import * as lint from '../src/lint/index.ts';
import * as oci from '../src/oci/index.ts';
import * as policy from '../src/policy/index.ts';
import { installedLibraries, skipUnless } from './oracle/libraries.ts';

const text =
  '{ "defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{ "names": ["read", "socket"], "action": "SCMP_ACT_ALLOW", "args": [{ "index": 0, "value": 3, "op": "SCMP_CMP_EQ" }] }] }';
const builtin = { arch: 'x86_64', kernel: '6.1', backend: 'builtin' } as const;
const host: oci.Host = { arch: 'x86_64', kernel: { kernel: 6, major: 1 }, capabilities: [] };
const open = root.readFilter('ret #0x7fff0000');
const closed = root.readFilter('ret #0');
const docker = (): oci.Profile => oci.builtinProfiles['docker-default']();
const lowered = (profile: oci.Profile): policy.Lowered =>
  policy.lowerProfile(oci.resolveProfile(profile, host).seccomp as oci.LinuxSeccomp, {
    arch: 'x86_64',
    table: policy.newestTable,
  });

/** Where two answers have the same object, and a caller can write to it. */
function sharedBy(one: unknown, other: unknown, path = '', seen = new Set<unknown>()): readonly string[] {
  if (typeof one !== 'object' || one === null || seen.has(one)) return [];
  seen.add(one);
  const own = one === other && !Object.isFrozen(one) ? [path] : [];
  const members = Object.keys(one).flatMap((key) =>
    sharedBy(one[key as never], Object(other)[key], `${path}.${key}`, seen),
  );
  return [...own, ...members];
}

const answers: Readonly<Record<string, () => unknown>> = {
  builtinProfiles: () => Object.values(oci.builtinProfiles).map((make) => make()),
  'builtinProfile of a release': () => root.builtinProfile('docker-default@20.10'),
  'builtinProfile of CRI-O': () => root.builtinProfile('crio-default'),
  readProfile: () => oci.readProfile('{ "defaultAction": "x", "foo": 1 }'),
  resolveProfile: () => oci.resolveProfile(docker(), host),
  lowerProfile: () => lowered(docker()),
  parseRuntime: () => ['runc', 'runc@1.1', 'crun', 'youki', 'plain', 'runsc'].map(policy.parseRuntime),
  releaseTable: () => policy.releaseTable('2.5.4'),
  compilePolicy: () => compile.compilePolicy(lowered(docker()).policy, { backend: 'builtin' }),
  compileProfile: () => root.compileProfile(text, builtin),
  'compileProfile, shipped': () => root.compileProfile(docker(), builtin),
  verifyFilter: () => root.verifyFilter(text, closed, builtin),
  explainCall: () => root.explainCall(open, { syscall: 'socket', args: ['AF_INET'], arch: 'x86_64' }),
  diffFilters: () => root.diffFilters(open, closed),
  validateProfile: () => root.validateProfile('{ "defaultAction": "x", "syscalls": [{ "names": [] }] }'),
  lintProfile: () => root.lintProfile(text),
  allowCall: () => root.allowCall(text, { syscall: 'write' }),
  identifyBase: () => root.identifyBase(docker()),
  rebaseProfile: () => root.rebaseProfile(docker()),
  simplifyProfile: () => compose.simplifyProfile(oci.readProfile(text).profile as oci.Profile),
  kernelFeatures: () => kernel.kernelFeatures(),
};

describe('two answers share nothing that a caller can write to', () => {
  it.each(Object.entries(answers))('%s', async (_, answer) => {
    const [one, other] = [await answer(), await answer()];
    expect(one).toBeDefined();
    expect(sharedBy(one, other)).toEqual([]);
  });

  it.skipIf(skipUnless(installedLibraries().length > 0))('the binding (needs libseccomp)', () => {
    const ask = () => [libseccomp.version(), libseccomp.advisoriesFor({ major: 2, minor: 5, micro: 4 })];
    expect(sharedBy(ask(), ask())).toEqual([]);
  });
});

it('exported tables are frozen', () => {
  const tables = { abi, compile, lint, oci, policy, root };
  const writable = Object.entries(tables).flatMap(([room, module]) =>
    Object.entries(module as object).flatMap(([name, value]: [string, unknown]) =>
      name === 'errorCodes' ? [] : sharedBy(value, value, `${room}.${name}`),
    ),
  );
  expect(writable).toEqual([]);
});
