/**
 * Values that another realm made: a frame, `node:vm`, the environments of some test runners. Their classes are not those of the package.
 */
import { createContext, runInContext } from 'node:vm';
import { expect, it } from 'vitest';
import * as bpf from '../src/bpf/index.ts';
import * as compile from '../src/compile/index.ts';
import * as decision from '../src/decision/index.ts';
import * as root from '../src/index.ts';
import * as oci from '../src/oci/index.ts';
import * as policy from '../src/policy/index.ts';

const text =
  '{ "defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{ "names": ["read"], "action": "SCMP_ACT_ALLOW" }] }';
const builtin = { arch: 'x86_64', kernel: '6.1', backend: 'builtin' } as const;
const host: oci.Host = { arch: 'x86_64', kernel: { kernel: 6, major: 1 }, capabilities: [] };
const profile = oci.readProfile(text).profile as oci.Profile;
const seccomp = oci.resolveProfile(profile, host).seccomp as oci.LinuxSeccomp;
const table = policy.newestTable;
const lowered = policy.lowerProfile(seccomp, { arch: 'x86_64', table }).policy;
const { bytes } = await root.compileProfile(text, builtin);
const {
  Uint8Array: Bytes,
  Map: Pairs,
  JSON: json,
} = runInContext('globalThis', createContext({})) as typeof globalThis;

interface Given {
  readonly profile: string | Uint8Array;
  readonly filter: Uint8Array;
  readonly counts: ReadonlyMap<string, number>;
  readonly words: ReadonlyMap<number, number>;
  readonly seccomp: oci.LinuxSeccomp;
}

const calls: Readonly<Record<string, (given: Given) => unknown>> = {
  compileProfile: ({ profile }) => root.compileProfile(profile, builtin),
  validateProfile: ({ profile }) => root.validateProfile(profile),
  lintProfile: ({ profile }) => root.lintProfile(profile),
  reportProfile: ({ profile }) => root.reportProfile(profile, builtin),
  allowCall: ({ profile }) => root.allowCall(profile, { syscall: 'write' }),
  readProfile: ({ profile }) => oci.readProfile(profile),
  lowerProfile: ({ seccomp }) => policy.lowerProfile(seccomp, { arch: 'x86_64', table }),
  readFilter: ({ filter }) => root.readFilter(filter),
  decodeProgram: ({ filter }) => bpf.decodeProgram(filter, 'little'),
  readProgram: ({ filter }) => bpf.readProgram(filter, { name: 'p' }),
  compilePolicy: ({ counts }) => compile.compilePolicy(lowered, { backend: 'builtin', callCounts: counts }),
  buildProgram: ({ counts }) =>
    compile.buildProgram(lowered, policy.expandPolicy(lowered, table), counts).program,
  decideProgram: ({ filter, words }) =>
    decision.decideProgram(
      decision.createSpace(),
      bpf.decodeProgram(filter, 'little'),
      'little',
      words as never,
    ),
};

it.each(Object.entries(calls))('%s takes them as its own', async (_, call) => {
  const counts = [['read', 5]] as const;
  const words = [[0, 1]] as const;
  const own = { profile: new TextEncoder().encode(text), filter: bytes, seccomp };
  const other = {
    profile: new Bytes(own.profile),
    filter: new Bytes(bytes),
    seccomp: json.parse(JSON.stringify(seccomp)),
  };
  expect(other.profile instanceof Uint8Array).toBe(false);
  const expected = await call({ ...own, counts: new Map(counts), words: new Map(words) });
  expect(await call({ ...other, counts: new Pairs(counts), words: new Pairs(words) })).toEqual(expected);
});
