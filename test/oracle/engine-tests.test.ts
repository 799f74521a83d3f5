/**
 * What the tests of engines expect of profiles, read from the sources of these tests, and what ours answer.
 * Left out is what they expect where the kernel has no seccomp.
 */
import { describe, expect, it } from 'vitest';
import { allArchitectures } from '../../src/abi/architectures.ts';
import { parseKernelVersion } from '../../src/abi/kernel-version.ts';
import { datedProfile, newestRelease } from '../../src/compose/dated/releases.ts';
import { type Engine, engineRows } from '../../src/consumers.ts';
import { OciSeccompError } from '../../src/errors.ts';
import type { LinuxSeccomp } from '../../src/oci/linux-seccomp.ts';
import { readProfile } from '../../src/oci/read-profile.ts';
import { readProfiles } from '../../src/oci/read-profiles.ts';
import { resolveProfile } from '../../src/oci/resolve-profile.ts';
import { serializeLinuxSeccomp } from '../../src/oci/serialize.ts';
import type { GoValue } from '../../tools/dated-profiles/go-literals.ts';
import { describeWithClone, type GoFields, GoTest, goMap } from './support/clones.ts';

const kernel = { kernel: 6, major: 18 };

/** What an engine makes of a text: the object, `off`, or `refused`. */
function resolved(text: string, engine: Engine, capabilities: readonly string[] = []): unknown {
  const dialect = engine === 'podman' ? 'podman' : 'docker';
  const { profile } = readProfile(text, { dialect });
  if (profile === undefined) return 'refused';
  try {
    const { seccomp } = resolveProfile(profile, { arch: 'x86_64', kernel, capabilities }, { engine });
    return seccomp === undefined ? 'off' : JSON.parse(serializeLinuxSeccomp(seccomp));
  } catch (error) {
    if (error instanceof OciSeccompError && error.code.startsWith('ERR_PROFILE')) return 'refused';
    throw error;
  }
}

/** The names of runtime-spec's constants in Go, specs-go/config.go, as far as these tests have them. */
const constants: Readonly<Record<string, string>> = {
  ActErrno: 'SCMP_ACT_ERRNO',
  ActAllow: 'SCMP_ACT_ALLOW',
  OpMaskedEqual: 'SCMP_CMP_MASKED_EQ',
};

/** A struct of Go as its encoder writes it: without empty lists and zeros. */
function encoded(value: GoValue): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'string') return constants[value] ?? value;
  if (Array.isArray(value)) return value.map(encoded);
  const fields = Object.entries(value as GoFields).filter(
    ([key, each]) => !(Array.isArray(each) && each.length === 0) && !(key === 'ValueTwo' && each === 0n),
  );
  return Object.fromEntries(
    fields.map(([key, each]) => [key.charAt(0).toLowerCase() + key.slice(1), encoded(each)]),
  );
}

describeWithClone('moby/profiles', "Docker's tests of its loader", (read) => {
  const source = read('seccomp/seccomp_linux_test.go');

  it.each([
    'TestLoadProfileWithDefaultErrnoRet',
    'TestLoadProfileWithListenerPath',
    'TestLoadProfileWithFlag',
  ])('%s', (name) => {
    const test = new GoTest(source, name, { expectedErrnoRet: 6n });
    expect(resolved(String(test.variable('profile')), 'docker')).toEqual(encoded(test.variable('expected')));
  });

  it('TestLoadProfile: all but an errno that Docker hands on and libseccomp refuses', () => {
    const text = read('seccomp/fixtures/example.json');
    expect(resolved(text, 'docker')).toBe('refused');
    const test = new GoTest(source, 'TestLoadProfile', { expectedErrno: 4094n, expectedDefaultErrno: 1n });
    expect(resolved(text.replace('12345', '4094'), 'docker')).toEqual(encoded(test.variable('expected')));
  });

  it.each(new GoTest(source, 'TestLoadProfileValidation').rows())('refused: $doc', ({ profile }) => {
    expect(resolved(String(profile), 'docker')).toBe('refused');
  });

  it('TestLoadLegacyProfile', () => {
    const found = resolved(read('seccomp/fixtures/default-old-format.json'), 'docker') as LinuxSeccomp;
    const [, count] = /expected := (\d+)/.exec(source) ?? [];
    const test = new GoTest(source, 'TestLoadLegacyProfile', {
      ArchX86_64: 'SCMP_ARCH_X86_64',
    });
    expect(found.architectures).toEqual(test.variable('expectedArches'));
    expect(found.syscalls).toHaveLength(Number(count));
    expect(found.syscalls?.[0]).toEqual({ names: ['accept'], action: 'SCMP_ACT_ALLOW' });
  });

  const filters = new GoTest(source, 'TestMarshalUnmarshalFilter').rows();
  it.each(filters)('a filter $in', ({ in: filter, error }) => {
    const rule = `{"names": ["read"], "action": "SCMP_ACT_ALLOW", "includes": ${filter}}`;
    const text = `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [${rule}]}`;
    expect(resolved(text, 'docker') === 'refused').toBe(error === 'true');
  });

  const conditional = read('seccomp/fixtures/conditional_include.json');
  it.each(new GoTest(source, 'TestLoadConditional').rows())('conditions: $doc', ({ cap, expected }) => {
    const found = resolved(conditional, 'docker', cap === undefined ? [] : [String(cap)]) as LinuxSeccomp;
    expect(found.syscalls?.map(({ names }) => names[0])).toEqual(expected);
  });

  it('loads its default profile', () => {
    expect(resolved(read('seccomp/default.json'), 'docker')).not.toBe('refused');
  });

  const releases = new GoTest(read('seccomp/kernel_linux_test.go'), 'TestParseRelease').rows();
  it.each(releases)('a kernel release "$in"', ({ in: release, out }) => {
    const { Kernel, Major } = (out ?? {}) as GoFields;
    const expected = out === undefined ? undefined : { kernel: Number(Kernel), major: Number(Major) };
    expect(parseKernelVersion(String(release))).toEqual(expected);
  });

  it('names of architectures, and those whose archMap entry is found', () => {
    const loader = read('seccomp/seccomp_linux.go');
    const native = goMap(loader, 'goToNative');
    const entries = goMap(loader, 'nativeToSeccomp');
    const row = engineRows.docker;
    for (const arch of allArchitectures) {
      // GOARCH of a build that Go never had for Linux, but moby's table has.
      const goArch = { mips64n32: 'mips64p32', mipsel64n32: 'mips64p32le', ppc: 'ppc', s390: 's390' }[
        arch.name as string
      ];
      const name = native.get(arch.goArch ?? goArch ?? '') ?? '';
      expect(row.archInConditions(arch), arch.name).toBe(name);
      const found = `SCMP_${String(entries.get(name)).replace('Arch', 'ARCH_')}` === arch.ociArch;
      expect(row.archMapArches.includes(arch.name), arch.name).toBe(found);
    }
  });
});

describeWithClone('containers/container-libs', "the tests of Podman's and CRI-O's loader", (read) => {
  it.each(['fixtures/example.json', 'seccomp.json'])('loads %s', (file) => {
    const found = resolved(read(`common/pkg/seccomp/${file}`), 'podman');
    expect(found).toHaveProperty('defaultAction');
  });

  it('TestValidateProfile: what is refused here or by the runtime', async () => {
    const rows = new GoTest(read('common/pkg/seccomp/validate_linux_test.go'), 'TestValidateProfile').rows();
    expect(rows.length).toBeGreaterThan(3);
    for (const { input, shouldErr } of rows) {
      const { problems } = readProfile(String(input), { dialect: 'podman' });
      const refused = problems.some(
        ({ severity, rejectedBy = ['podman', 'runc'] }) =>
          severity === 'error' && (['podman', 'runc'] as const).some((who) => rejectedBy.includes(who)),
      );
      expect(refused, String(input)).toBe(shouldErr === 'true');
    }
  });

  it('names of architectures, and those whose archMap entry is found', () => {
    const entries = goMap(read('common/pkg/seccomp/seccomp_linux.go'), 'nativeToSeccomp');
    for (const arch of allArchitectures) {
      const entry = entries.get(engineRows.podman.archInConditions(arch));
      const found = entry !== undefined && `SCMP_${entry.replace('Arch', 'ARCH_')}` === arch.ociArch;
      expect(engineRows.podman.archMapArches.includes(arch.name), arch.name).toBe(found);
    }
  });
});

/** A pod whose container has a security profile of the kubelet. */
function podWith({ ProfileType, LocalhostRef }: GoFields, privileged: boolean): string {
  const type = String(ProfileType).replace('SecurityProfile_', '');
  const localhost = LocalhostRef === undefined ? {} : { localhostProfile: LocalhostRef };
  const securityContext = { seccompProfile: { type, ...localhost }, privileged };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'c', securityContext }] },
  });
}

/** What containerd does with it: `WithProfile("a")`, `WithDefaultProfile()`, an error, or nothing. */
function doneBy({ specOpts, expectErr }: GoFields): unknown {
  if (expectErr === 'true') return { type: 'refused' };
  if (specOpts === undefined) return { type: 'Unconfined' };
  const { call, args } = specOpts as { readonly call: string; readonly args: readonly GoValue[] };
  return call === 'WithProfile' ? { type: 'Localhost', path: args[0] } : { type: 'RuntimeDefault' };
}

describeWithClone('containerd/containerd', "containerd's tests", (read) => {
  const test = new GoTest(
    read('internal/cri/sputil/seccomp_linux_test.go'),
    'TestGenerateSeccompSecurityProfileSpecOpts',
    { profileNamePrefix: 'localhost/' },
  );
  const rows = test
    .rows()
    .filter(({ sp, disable }) => sp !== undefined && disable !== 'true')
    // Between the kubelet and containerd a path is absolute, and a prefix is cut off; a pod's path is only a path.
    .filter(({ sp }) => !String((sp as GoFields).LocalhostRef).startsWith('localhost/'));

  it('there are such rows', () => expect(rows.length).toBeGreaterThanOrEqual(5));
  it.each(rows)('$desc', async (row) => {
    const pod = podWith(row.sp as GoFields, row.privileged === 'true');
    const [found] = await readProfiles(pod, { workloads: {} });
    const [{ type, path } = {}] = found?.containers ?? [];
    expect({ type, ...(path === undefined ? {} : { path }) }).toEqual(doneBy(row));
  });

  it('TestIOUringIsNotAllowed', () => {
    const calls = new GoTest(
      read('contrib/seccomp/seccomp_default_test.go'),
      'TestIOUringIsNotAllowed',
    ).variable('disallowed') as GoFields;
    const names = Object.keys(calls).map((key) => JSON.parse(key) as string);
    expect(names).toContain('io_uring_setup');
    const profile = datedProfile(newestRelease('containerd-default').run.profile);
    const host = { arch: 'x86_64', kernel, capabilities: [] } as const;
    const { seccomp } = resolveProfile(profile, host, { engine: 'docker' });
    const allowed = (seccomp?.syscalls ?? []).filter(({ action }) => action === 'SCMP_ACT_ALLOW');
    const named = allowed.flatMap((rule) => rule.names);
    expect(named).toContain('read');
    expect(named.filter((name) => names.includes(name))).toEqual([]);
  });
});

describeWithClone('cri-o/cri-o', "CRI-O's tests", (read) => {
  const source = read('internal/config/seccomp/seccomp_test.go');

  describe('a file with a rule in place of a profile, which its tests load', () => {
    const [, text = ''] = /\[\]byte\(`([^`]*)`\)/.exec(source) ?? [];
    it('is taken by CRI-O, and no profile to us', () => {
      expect(source).toContain('should succeed with localhost profile from field');
      const { problems } = readProfile(text);
      expect(problems.map(({ code }) => code)).toContain('not-a-profile');
    });
    it('turns seccomp off', () => {
      expect(resolved(text, 'cri-o')).toBe('off');
    });
  });
});

/** Calls that make a path in these tests. */
function pathOf(value: GoValue | undefined): string | undefined {
  if (typeof value !== 'object') return undefined;
  const { args } = value as { readonly args?: readonly GoValue[] };
  return args === undefined ? undefined : String(args[0]);
}

/** A `seccompProfile` of the API, or what the kubelet asks a runtime for. */
function fieldOf(context: GoValue | undefined): object {
  const profile = (context as GoFields | undefined)?.SeccompProfile as GoFields | undefined;
  if (profile === undefined) return {};
  const type = String(profile.Type).replace('SeccompProfileType', '');
  const path = pathOf(profile.LocalhostProfile);
  return {
    securityContext: {
      seccompProfile: { type, ...(path === undefined ? {} : { localhostProfile: path }) },
    },
  };
}

describeWithClone('kubernetes/kubernetes', "the kubelet's tests", (read) => {
  const source = read('pkg/kubelet/kuberuntime/helpers_test.go');
  describe.each([
    ['TestGetSeccompProfile', false],
    ['TestGetSeccompProfileDefaultSeccomp', true],
  ] as const)('%s', (name, seccompDefault) => {
    const rows = new GoTest(source, name).rows();
    it('there are rows', () => expect(rows.length).toBeGreaterThan(5));
    it.each(rows)('$description', async ({ podSc, containerSc, expectedProfile, expectedError = '' }) => {
      const spec = { ...fieldOf(podSc), containers: [{ name: 'container1', ...fieldOf(containerSc) }] };
      const pod = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec });
      const [found] = await readProfiles(pod, { workloads: seccompDefault ? { seccompDefault } : {} });
      const [{ type, path } = {}] = found?.containers ?? [];
      const local = pathOf((expectedProfile as GoFields | undefined)?.LocalhostRef);
      const wanted = {
        unconfinedProfile: { type: 'Unconfined' },
        runtimeDefaultProfile: { type: 'RuntimeDefault' },
      }[String(expectedProfile)] ?? { type: 'Localhost', path: local };
      const ours = { type, ...(path === undefined ? {} : { path }) };
      expect(ours).toEqual(expectedError === '' ? wanted : { type: 'refused' });
    });
  });
});
