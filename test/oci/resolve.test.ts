import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allArchitectures } from '../../src/abi/architectures.ts';
import { findArchitecture } from '../../src/abi/find-architecture.ts';
import { type Engine, engines } from '../../src/consumers.ts';
import { OciSeccompError } from '../../src/errors.ts';
import { type Host, parseKernelVersion } from '../../src/oci/host.ts';
import type { Dialect, Profile, ProfileRule } from '../../src/oci/profile.ts';
import { podmanErrno, podmanErrnoNames } from '../../src/oci/resolve/podman-errno.ts';
import { type ResolveReason, resolveReasons } from '../../src/oci/resolve/resolve-steps.ts';
import { resolveProfile } from '../../src/oci/resolve-profile.ts';
import { profileFromJson } from './profile-json.ts';
import { ALLOW, ERRNO, type Machine, rows } from './resolve-rows.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/resolve');
const recorded = join(fixtures, 'recorded/moby.json');

function host({ arch = 'x86_64', kernel = '6.1', caps = [] }: Machine = {}): Host {
  const version = parseKernelVersion(kernel);
  if (version === undefined) throw new Error(`no kernel version: ${kernel}`);
  return { arch, kernel: version, capabilities: caps ?? undefined };
}

function profileOf(rule: Partial<ProfileRule>, rest: Partial<Profile> = {}): Profile {
  return {
    dialect: 'docker',
    defaultAction: ERRNO,
    rules: [{ names: ['read'], action: ALLOW, ...rule }],
    ...rest,
  };
}

/** The reasons given, in order; `refused` if the engine refuses the profile. */
function reasons(profile: Profile, machine: Machine, engine: Engine): readonly string[] {
  try {
    return resolveProfile(profile, host(machine), { engine }).steps.map(({ reason }) => reason);
  } catch (error) {
    if (error instanceof OciSeccompError && error.code === 'ERR_PROFILE_SEMANTICS') return ['refused'];
    throw error;
  }
}

describe('resolveProfile', () => {
  describe.each(rows)('$why', ({ rule, host: machine = {}, expected: [docker, podman, containerd] }) => {
    const expected = { docker, podman, 'cri-o': podman, containerd };
    it.each(engines)('as %s', (engine) => {
      expect(reasons(profileOf(rule), machine, engine).join(' ')).toBe(expected[engine]);
    });
  });

  it('gives every rule exactly one step kept or dropped, and an origin to every rule kept', () => {
    const profile = profileFromJson(readFileSync(join(fixtures, 'conditions.json'), 'utf8'), 'docker');
    for (const engine of engines) {
      const { seccomp, steps, origins } = resolveProfile(profile, host(), { engine });
      const fates = steps.filter(({ kind }) => kind === 'kept' || kind === 'dropped');
      expect(fates.map(({ rule }) => rule)).toEqual(profile.rules.map((_, i) => i));
      expect(fates.filter(({ kind }) => kind === 'kept').map(({ rule }) => rule)).toEqual(origins);
      expect(seccomp?.syscalls?.map(({ names }) => names)).toEqual(
        origins.map((i) => profile.rules[i]?.names),
      );
    }
  });

  it.each([
    ['docker', 'docker'],
    ['podman', 'podman'],
    ['oci', undefined],
    ['oci-config', undefined],
  ] as const satisfies readonly [Dialect, Engine | undefined][])(
    '%s is resolved by %s',
    (dialect, engine) => {
      expect(resolveProfile(profileOf({}, { dialect }), host()).engine).toBe(engine);
    },
  );

  it('hands a runtime-spec object on as it is written, what is empty included', () => {
    const rule = { args: [], errnoRet: 0 };
    const rest = { dialect: 'oci', flags: [], architectures: [], listenerPath: '' } as const;
    expect(resolveProfile(profileOf(rule, rest), host()).seccomp).toEqual({
      defaultAction: ERRNO,
      architectures: [],
      flags: [],
      listenerPath: '',
      syscalls: [{ names: ['read'], action: ALLOW, errnoRet: 0, args: [] }],
    });
  });

  it.each(engines)('as %s leaves out what Go does not encode', (engine) => {
    const rule = { args: [{ index: 1, value: 0n, valueTwo: 0n, op: 'SCMP_CMP_EQ' }], errnoRet: 0 };
    const rest = { flags: [], architectures: [], listenerPath: '', listenerMetadata: '' } as const;
    expect(resolveProfile(profileOf(rule, rest), host(), { engine }).seccomp).toEqual({
      defaultAction: ERRNO,
      syscalls: [
        {
          names: ['read'],
          action: ALLOW,
          errnoRet: 0,
          args: [{ index: 1, value: 0n, op: 'SCMP_CMP_EQ' }],
        },
      ],
    });
  });

  it.each(engines)('as %s: neither default action nor rules is seccomp off', (engine) => {
    const { seccomp, origins, steps } = resolveProfile({ dialect: 'docker', rules: [] }, host(), { engine });
    expect(seccomp).toBeUndefined();
    expect(origins).toEqual([]);
    expect(steps.map(({ reason }) => reason)).toEqual(['seccomp-off']);
  });

  it.each(engines)('as %s: rules without a default action are handed on', (engine) => {
    const profile: Profile = { dialect: 'docker', rules: [{ names: ['read'], action: ALLOW }] };
    expect(resolveProfile(profile, host(), { engine }).seccomp?.defaultAction).toBe('');
  });
});

const archMap = ['X86_64', 'MIPSEL', 'LOONGARCH64', 'RISCV64', 'PPC64LE', 'AARCH64'].map((name) => ({
  architecture: `SCMP_ARCH_${name}`,
  subArchitectures: [`SUB_OF_${name}`],
}));

describe('resolveProfile, archMap', () => {
  it.each([
    { arch: 'x86_64', docker: 'SUB_OF_X86_64', podman: 'SUB_OF_X86_64', why: 'known to both' },
    { arch: 'aarch64', docker: 'SUB_OF_AARCH64', podman: 'SUB_OF_AARCH64', why: 'known to both' },
    {
      arch: 'riscv64',
      docker: 'SUB_OF_RISCV64',
      podman: 'arch-map-unsupported',
      why: 'not in the table of Podman',
    },
    {
      arch: 'ppc64le',
      docker: 'SUB_OF_PPC64LE',
      podman: 'arch-map-unsupported',
      why: 'not in the table of Podman',
    },
    {
      arch: 'mipsel',
      docker: 'arch-map-unsupported',
      podman: 'arch-map-unsupported',
      why: "moby's tables disagree",
    },
    {
      arch: 'loongarch64',
      docker: 'arch-map-unsupported',
      podman: 'arch-map-unsupported',
      why: "moby's disagree",
    },
    { arch: 's390x', docker: 'arch-map-unmatched', podman: 'arch-map-unmatched', why: 'no entry' },
  ] as const)('$arch: $why', ({ arch, docker, podman }) => {
    const expected = { docker, podman, 'cri-o': podman, containerd: 'arch-map-ignored' };
    for (const engine of engines) {
      const { seccomp, steps } = resolveProfile(profileOf({}, { archMap }), host({ arch }), { engine });
      const reason = steps.find(({ rule }) => rule === undefined)?.reason;
      expect(seccomp?.architectures?.[1] ?? reason, engine).toBe(expected[engine]);
    }
  });

  it.each([
    {
      engine: 'docker',
      found:
        'x86 x86_64 arm aarch64 mips64 mips64n32 mipsel64 mipsel64n32 ppc ppc64 ppc64le riscv64 s390 s390x',
    },
    { engine: 'podman', found: 'x86_64 aarch64 mips64 mips64n32 mipsel64 mipsel64n32 s390x' },
    { engine: 'cri-o', found: 'x86_64 aarch64 mips64 mips64n32 mipsel64 mipsel64n32 s390x' },
    { engine: 'containerd', found: '' },
  ] as const)('as $engine an entry is found on: $found', ({ engine, found }) => {
    const whole = allArchitectures.map(({ ociArch }) => ({ architecture: ociArch, subArchitectures: [] }));
    const finds = allArchitectures.filter(({ name, ociArch }) => {
      const { seccomp } = resolveProfile(profileOf({}, { archMap: whole }), host({ arch: name }), { engine });
      return seccomp?.architectures?.join() === ociArch;
    });
    expect(new Set(finds.map(({ name }) => name as string))).toEqual(
      new Set(found.split(' ').filter(Boolean)),
    );
  });

  it.each(engines)(
    'as %s refuses architectures together with archMap, unless it does not see archMap',
    (engine) => {
      const profile = profileOf({}, { archMap, architectures: ['SCMP_ARCH_X86'] });
      if (engine === 'containerd') {
        const { seccomp } = resolveProfile(profile, host(), { engine });
        expect(seccomp?.architectures).toEqual(['SCMP_ARCH_X86']);
      } else expect(reasons(profile, {}, engine)).toEqual(['refused']);
    },
  );
});

describe('resolveProfile, refusals', () => {
  it('tell the engine, the rule and its place', () => {
    const place = { file: 'p.json', line: 7, column: 5, pointer: '/syscalls/0' };
    const profile = profileOf({ errno: 'EFANCY', place });
    expect(() => resolveProfile(profile, host(), { engine: 'podman' })).toThrowError(
      expect.objectContaining({
        code: 'ERR_PROFILE_SEMANTICS',
        message: "p.json:7:5: podman does not know the errno 'EFANCY' (rule 1)",
        details: { engine: 'podman', rule: 0, place },
      }),
    );
  });

  it('of the default errno name no rule', () => {
    const profile = profileOf({}, { defaultErrno: 'EFANCY' });
    expect(() => resolveProfile(profile, host(), { engine: 'cri-o' })).toThrowError(
      expect.objectContaining({ code: 'ERR_PROFILE_SEMANTICS', details: { engine: 'cri-o' } }),
    );
  });

  it('of an engine nobody knows is a usage error', () => {
    const options = { engine: 'lxc' as Engine };
    expect(() => resolveProfile(profileOf({}), host(), options)).toThrowError(
      expect.objectContaining({ code: 'ERR_USAGE' }),
    );
  });
});

describe('resolveReasons', () => {
  it('give every step of severity warning to what is lost', () => {
    for (const [reason, { kind, severity }] of Object.entries(resolveReasons)) {
      if (kind === 'lost') expect(severity, reason as ResolveReason).toBe('warning');
    }
  });

  it('name what a capability-gated rule loses', () => {
    const { steps } = resolveProfile(profileOf({ includes: { caps: ['CAP_BPF'] } }), host(), {
      engine: 'containerd',
    });
    expect(steps.map(({ message }) => message)).toEqual([
      'rule 1 kept: the engine sees none of its conditions',
      "rule 1 lost its condition 'includes' (CAP_BPF): the rule always applies",
    ]);
  });
});

describe('podmanErrno', () => {
  it.each([
    ['EPERM', 'x86_64', 1],
    ['ENOSYS', 'x86_64', 38],
    ['ENOSYS', 'mips64', 89],
    ['EDQUOT', 'mipsel', 1133],
    ['ENOTSUP', 's390x', 95],
    ['ENOTSUP', 'mips64n32', 122],
    ['ECANCELED', 'aarch64', 125],
    ['EINTR', 'x86_64', undefined],
    ['eperm', 'x86_64', undefined],
  ] as const)('%s on %s is %s', (name, arch, expected) => {
    expect(podmanErrno(name, arch)).toBe(expected);
  });

  it('knows a number for each name', () => {
    for (const name of podmanErrnoNames) expect(podmanErrno(name, 'x86_64'), name).toBeGreaterThan(0);
  });
});

interface Recorded {
  readonly loader: string;
  readonly results: readonly {
    readonly goArch: string;
    readonly release: string;
    readonly caps: readonly string[];
    readonly architectures: readonly string[];
    readonly names: readonly string[];
  }[];
}

describe("resolveProfile against recorded results of moby's loader", () => {
  const { results }: Recorded = JSON.parse(readFileSync(recorded, 'utf8'));
  const profile = profileFromJson(readFileSync(join(fixtures, 'conditions.json'), 'utf8'), 'docker');

  it.each(results)(
    '$goArch, $release, capabilities $caps',
    ({ goArch, release, caps, architectures, names }) => {
      const arch = findArchitecture(goArch)?.name;
      if (arch === undefined) throw new Error(`no architecture for GOARCH ${goArch}`);
      const { seccomp } = resolveProfile(profile, host({ arch, kernel: release, caps }), {
        engine: 'docker',
      });
      expect(seccomp?.architectures ?? []).toEqual(architectures);
      expect(seccomp?.syscalls?.flatMap((syscall) => syscall.names)).toEqual(names);
    },
  );

  it('covers more than this machine', () => {
    expect(new Set(results.map(({ goArch }) => goArch)).size).toBeGreaterThan(8);
  });
});
