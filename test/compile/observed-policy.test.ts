/**
 * The filter of a trial, call by call beside the one that libseccomp makes of the profile in earnest: what that lets
 * through stays as it is, everything else is carried out and logged.
 */
import { expect, it } from 'vitest';
import { actions } from '../../src/abi/actions.ts';
import { type ArchName, architectures } from '../../src/abi/architectures.ts';
import { encodeProgram } from '../../src/bpf/program.ts';
import { compilePolicy, tableOf } from '../../src/compile/compile-policy.ts';
import { observedPolicy, proveObserved } from '../../src/compile/observed-policy.ts';
import { builtinProfiles } from '../../src/oci/builtin/index.ts';
import { readProfile } from '../../src/oci/read-profile.ts';
import { resolveProfile } from '../../src/oci/resolve-profile.ts';
import { lowerProfile } from '../../src/policy/lower-profile.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { recordOf, simulator } from '../oracle/support/simulate.ts';

const table = tableOf('builtin', undefined);
const libseccomp = tableOf('libseccomp', undefined);
const BUILTIN = 'docker-default';
const kernel = { kernel: 6, major: 1 };

function policyOf(text: string, runtime: string): Policy {
  const profile =
    text === BUILTIN ? builtinProfiles[BUILTIN]() : readProfile(text, { name: 'p.json' }).profile;
  if (profile === undefined) throw new Error('not a profile');
  const resolution = resolveProfile(profile, { arch: 'x86_64', kernel, capabilities: [] });
  if (resolution.seccomp === undefined) throw new Error('seccomp is off');
  return lowerProfile(resolution.seccomp, { runtime, arch: 'x86_64', kernel, table: libseccomp }).policy;
}

const arg = { index: 0, value: 8, op: 'SCMP_CMP_EQ' };
const rule = (name: string, action: string, more: object = {}) => ({
  names: [name],
  action: `SCMP_ACT_${action}`,
  ...more,
});
/** Every action, by number and by argument. */
const rules = [
  rule('mkdir', 'ERRNO', { errnoRet: 0 }),
  rule('rmdir', 'KILL_PROCESS'),
  rule('unlink', 'KILL_THREAD', { args: [arg] }),
  rule('rename', 'TRAP'),
  rule('link', 'TRACE', { errnoRet: 7 }),
  rule('symlink', 'NOTIFY'),
  rule('chmod', 'LOG', { args: [arg] }),
  rule('read', 'ALLOW'),
  rule('write', 'ALLOW', { args: [{ ...arg, op: 'SCMP_CMP_GT' }] }),
];
const profileWith = (defaultAction: string, more: object = {}): string =>
  JSON.stringify({
    defaultAction: `SCMP_ACT_${defaultAction}`,
    architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
    listenerPath: '/run/agent.sock',
    syscalls: rules.filter(({ action }) => action !== `SCMP_ACT_${defaultAction}`),
    ...more,
  });

const profiles: readonly (readonly [string, string, string])[] = [
  ['ERRNO by default, with a stub', profileWith('ERRNO'), 'runc'],
  ['ERRNO by default, without one', profileWith('ERRNO'), 'crun'],
  ['KILL by default, one architecture', profileWith('KILL', { architectures: ['SCMP_ARCH_X86_64'] }), 'runc'],
  ['TRAP by default', profileWith('TRAP'), 'runc'],
  ['TRACE by default', profileWith('TRACE'), 'runc'],
  ['ALLOW by default', profileWith('ALLOW'), 'runc'],
  ['LOG by default', profileWith('LOG'), 'crun'],
  ['the default of Docker', BUILTIN, 'runc'],
];

const places: readonly ArchName[] = ['x86_64', 'x32', 'x86', 'aarch64'];
const ARGUMENTS = [0n, 8n, 9n, 1n << 40n];
const LAST = 0xffff_ffff;

function* calls(): Generator<{ arch: number; nr: number; args: bigint[] }> {
  for (const place of places) {
    const { auditArch } = architectures[place];
    const base = place === 'x32' ? 0x4000_0000 : 0;
    const numbers = [...Array(480).keys(), 512, 547, 100_000, 0x3fff_ffff];
    for (const nr of [...numbers.map((each) => base + each), LAST, 0x8000_0000]) {
      for (const first of ARGUMENTS) yield { arch: auditArch, nr, args: [first, 0n, 0n, 0n, 0n, 0n] };
    }
  }
}

it.each(profiles)('%s', async (_, text, runtime) => {
  const policy = policyOf(text, runtime);
  const strict = await compilePolicy(policy, { backend: 'libseccomp', table: libseccomp });
  const trial = await compilePolicy(observedPolicy(policy), { backend: 'builtin', table: libseccomp });
  const { endian } = trial;
  const [inForce, tried] = [strict, trial].map(({ program }) => simulator(encodeProgram(program, endian)));
  if (inForce === undefined || tried === undefined) throw new Error('two programs');
  const stopped = new Set<number>();
  for (const call of calls()) {
    const record = recordOf(call);
    const word = inForce(record);
    const isMade = word === actions.allow.word || word === actions.log.word;
    const got = tried(record);
    if (got !== (isMade ? word : actions.log.word)) expect({ call, word, got }).toBe('carried out');
    if (!isMade && call.arch === architectures.x86_64.auditArch && call.nr < 480) stopped.add(call.nr);
  }
  const { calls: count } = proveObserved({ policy, table: libseccomp, program: trial.program, endian });
  // These numbers are no system calls.
  expect(count).toBeGreaterThan(0);
  expect(count).toBeLessThanOrEqual(stopped.size);
  if (stopped.size < 20) expect(count).toBe(stopped.size);
});

it('the proof refuses a program that denies something, and one that logs too little or too much', async () => {
  const policy = policyOf(profileWith('ERRNO'), 'runc');
  const { program, endian } = await compilePolicy(policy, { backend: 'builtin', table });
  const input = { policy, table, endian };
  expect(() => proveObserved({ ...input, program })).toThrow('does not carry out every call');
  const ret = (k: number) => [{ code: 6, jt: 0, jf: 0, k }];
  for (const { word } of [actions.allow, actions.log]) {
    expect(() => proveObserved({ ...input, program: ret(word) })).toThrow(
      'does not log what the profile denies',
    );
  }
  for (const { word } of [actions.notify, actions.trace, actions.errno]) {
    expect(() => proveObserved({ ...input, program: ret(word) })).toThrow('does not carry out every call');
  }
});
