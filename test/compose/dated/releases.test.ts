import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { datedUntil } from '../../../src/compose/dated/dated-releases.generated.ts';
import { enteredSince } from '../../../src/compose/dated/entered-calls.ts';
import {
  type DatedFamily,
  datedFamilies,
  datedProfile,
  findRelease,
  newestRelease,
  releasesOfFamily,
} from '../../../src/compose/dated/releases.ts';
import { OciSeccompError } from '../../../src/errors.ts';
import { builtinFamilies, builtinProfiles } from '../../../src/oci/builtin/index.ts';
import type { Profile } from '../../../src/oci/profile.ts';
import { resolveProfile } from '../../../src/oci/resolve-profile.ts';
import { builtinProfile } from '../../../src/pipeline/builtin-profile.ts';
import { crioProfile } from '../../../tools/dated-profiles/crio-profile.ts';
import { families, releasesOf, textsOf } from '../../../tools/dated-profiles/families.ts';
import { renderDated } from '../../../tools/dated-profiles/render-dated.ts';
import { projectRoot } from '../../../tools/debian-cache.ts';
import { profileFromJson } from '../../oci/profile-json.ts';
import { resolvedMeaning } from '../../oci/resolved-meaning.ts';
import { clones, describeWithClones } from './clones.ts';

function named(operand: string): Profile {
  const [family, version = ''] = operand.split('@');
  return datedProfile(findRelease(family as DatedFamily, version).run.profile);
}

/** What the rules of a call do, in order, with their conditions. */
function rulesOf(operand: string, call: string): readonly string[] {
  return named(operand)
    .rules.filter(({ names, name }) => names.includes(call) || name === call)
    .map(({ action, errnoRet, args = [], includes, excludes }) =>
      [
        action.replace('SCMP_ACT_', ''),
        errnoRet ?? '',
        args.length > 0 ? 'if' : '',
        includes?.caps?.length ? `+${includes.caps}` : '',
        excludes?.caps?.length ? `-${excludes.caps}` : '',
      ]
        .filter((word) => word !== '')
        .join(' '),
    );
}

describe('profiles of releases', () => {
  // From the engines' release notes and pull requests.
  it.each<[string, string, readonly string[]]>([
    // moby#42681, 20.10.10: clone3 fails with ENOSYS, so that glibc 2.34 falls back.
    ['docker-default@20.10.9', 'clone3', []],
    ['docker-default@20.10.10', 'clone3', ['ALLOW +CAP_SYS_ADMIN', 'ERRNO 38 -CAP_SYS_ADMIN']],
    // moby#46762, 25.0: no io_uring.
    ['docker-default@24.0.9', 'io_uring_setup', ['ALLOW']],
    ['docker-default@25.0.0', 'io_uring_setup', []],
    // moby#39415, 20.10: process_vm_readv from 4.8 on is for all, as ptrace is since 19.03.
    ['docker-default@18.09', 'ptrace', ['ALLOW +CAP_SYS_PTRACE']],
    ['docker-default@19.03', 'ptrace', ['ALLOW', 'ALLOW +CAP_SYS_PTRACE']],
    // containerd#9320, 2.0: no io_uring.
    ['containerd-default@1.7.0', 'io_uring_enter', ['ALLOW']],
    ['containerd-default@2.0', 'io_uring_enter', []],
    // CRI-O 1.24 takes unshare from those without CAP_SYS_ADMIN.
    ['crio-default@1.23', 'unshare', ['ALLOW']],
    ['crio-default@1.24', 'unshare', ['ALLOW +CAP_SYS_ADMIN']],
  ])('%s %s', (operand, call, expected) => {
    expect(rulesOf(operand, call)).toEqual(expected);
  });

  it('are those of four engines, of which two are today’s built-ins', () => {
    expect([...builtinFamilies]).toEqual(datedFamilies);
    expect(datedFamilies.map((family) => releasesOfFamily(family).length)).toEqual([
      expect.any(Number),
      expect.any(Number),
      expect.any(Number),
      expect.any(Number),
    ]);
    for (const family of datedFamilies) {
      expect(releasesOfFamily(family).length, family).toBeGreaterThan(100);
      for (const { run } of releasesOfFamily(family)) {
        expect(datedProfile(run.profile).rules.length).toBeGreaterThan(10);
        expect(run.from <= run.to && run.to <= datedUntil).toBe(true);
      }
    }
  });

  it('leave the built-in docker-default what the newest release has', () => {
    for (const family of datedFamilies) {
      expect(newestRelease(family)).toEqual(releasesOfFamily(family).at(-1));
    }
    const newest = datedProfile(newestRelease('docker-default').run.profile);
    for (const arch of ['x86_64', 'aarch64', 's390x', 'riscv64'] as const) {
      for (const capabilities of [[], ['CAP_SYS_ADMIN', 'CAP_BPF', 'CAP_SYSLOG', 'CAP_SYS_NICE']]) {
        for (const kernel of [
          { kernel: 4, major: 4 },
          { kernel: 6, major: 1 },
        ]) {
          const [ours, theirs] = [builtinProfiles['docker-default'](), newest].map((profile) => {
            const { seccomp } = resolveProfile(profile, { arch, kernel, capabilities });
            return seccomp === undefined ? undefined : resolvedMeaning(seccomp);
          });
          expect(ours).toEqual(theirs);
        }
      }
    }
  });
});

describe('enteredSince', () => {
  it.each([
    // By the files of the tags: the first that names the call.
    ['docker-default@20.10.9', 'clone3', '20.10.10', false],
    ['docker-default@20.10.9', 'landlock_add_rule', '20.10.18', false],
    ['docker-default@24.0', 'mseal', '28.2.0', false],
    // io_uring came with 20.10.0, and went with 25.0.0.
    ['docker-default@19.03', 'io_uring_setup', '20.10.0', true],
    ['containerd-default@1.7.0', 'mseal', '2.2.0', false],
  ] as const)('%s: %s came with %s', (since, name, release, gone) => {
    const [family, version] = since.split('@');
    const found = enteredSince(findRelease(family as DatedFamily, version ?? ''));
    expect(found.find((each) => each.name === name)).toMatchObject({ release, gone });
  });

  it('says nothing of the newest release', () => {
    expect(enteredSince(newestRelease('docker-default'))).toEqual([]);
  });
});

describe('findRelease', () => {
  it.each([
    ['docker-default', '20.10.7', '20.10.7'],
    ['docker-default', 'v20.10.7', '20.10.7'],
    ['docker-default', '17.06.0-ce', '17.06.0'],
    ['docker-default', '20.10', '20.10.27'],
    ['docker-default', '20', '20.10.27'],
    ['docker-default', '1.1', undefined],
    ['docker-default', '20.10.', undefined],
    ['podman-default', '5.4', '5.4.2'],
    ['podman-default', '0.62', '0.62.3'],
    ['podman-default', '', undefined],
  ] as const)('%s %j: %s', (family, asked, expected) => {
    if (expected !== undefined) expect(findRelease(family, asked).version).toBe(expected);
    else expect(() => findRelease(family, asked)).toThrow(OciSeccompError);
  });

  it.each([
    ['docker-default@20.10.99', '20.10.27'],
    ['docker-default@20.11', '20.10.27'],
    ['docker-default@99', newestRelease('docker-default').version],
    ['docker-default@1.9', '1.11.0'],
    ['containerd-default@1.7.99', '1.7.34'],
    ['crio-default@1.7', '1.0.9'],
  ])('%s is not known: nearest is %s', async (operand, near) => {
    const error = (await builtinProfile(operand).catch((thrown: unknown) => thrown)) as OciSeccompError;
    expect(error).toBeInstanceOf(OciSeccompError);
    expect(error.code).toBe('ERR_USAGE');
    expect(error.hint).toContain(`the nearest is ${operand.split('@')[0]}@${near};`);
  });

  it('says which releases there are where a text is no version', async () => {
    const error = (await builtinProfile('crio-default@latest').catch(
      (thrown: unknown) => thrown,
    )) as OciSeccompError;
    expect(error.message).toBe("crio-default has no release 'latest'");
    expect(error.hint).toMatch(/^known are the releases of 1\.0, 1\.8, .*, 1\.36$/);
  });

  it('takes a name without a release as the newest', async () => {
    const newest = newestRelease('containerd-default');
    expect(await builtinProfile('containerd-default')).toEqual(datedProfile(newest.run.profile));
    await expect(builtinProfile('lxc-default')).rejects.toMatchObject({ code: 'ERR_USAGE' });
  });
});

describeWithClones('the generated file', () => {
  it('is what the clones have', () => {
    for (const [name, text] of Object.entries(renderDated(clones, datedUntil)))
      expect(readFileSync(`${projectRoot()}/src/compose/dated/${name}`, 'utf8')).toBe(text);
  });
});

describeWithClones('files in the engines’ repositories', () => {
  /** As the platform's own JSON parser reads it; conditions and comments that say nothing count as absent. */
  function plainRules({ rules, ...head }: Profile): unknown {
    const rest = rules.map(({ includes = {}, excludes = {}, comment, place: _, ...rule }) => ({
      ...rule,
      ...(comment === undefined || comment === '' ? {} : { comment }),
      includes,
      excludes,
    }));
    return { ...head, rules: rest };
  }

  it.each(datedFamilies.filter((family) => family !== 'containerd-default'))(
    'are, rule for rule, the profiles of %s',
    (family) => {
      const compared = new Map<string, number>();
      for (const release of releasesOf(family, clones, datedUntil)) {
        const { run } = findRelease(family, release.version);
        const file = `${release.blob} ${release.code}`;
        const known = compared.get(file);
        compared.set(file, run.profile);
        if (known !== undefined) {
          expect(run.profile, release.version).toBe(known);
          continue;
        }
        const { text, code } = textsOf(release);
        const theirs = profileFromJson(text, families[family].dialect);
        // What CRI-O's code changes is compared with that code, run by Go, in go-sources.test.ts.
        const changed = code === undefined ? theirs : crioProfile(theirs, code);
        const ours = plainRules(datedProfile(run.profile));
        expect(ours, `${family} ${release.version}`).toEqual(plainRules(changed));
      }
      expect(compared.size).toBeGreaterThan(10);
    },
  );
});

describe('a name without a version', () => {
  const host = { arch: 'x86_64', kernel: { kernel: 6, major: 18 }, capabilities: [] } as const;
  const meaningOf = (profile: Profile) => resolvedMeaning(resolveProfile(profile, host).seccomp ?? raise());
  const raise = (): never => {
    throw new Error('seccomp is off');
  };
  const newest = (family: DatedFamily): string => newestRelease(family).version;

  it.each([
    ['docker-default', newest('docker-default')],
    ['containerd-default', newest('containerd-default')],
    ['crio-default', newest('crio-default')],
    ['podman-default', '5.6'],
    ['podman-default', '5.7'],
  ])('is %s of %s', async (family, version) => {
    expect(meaningOf(await builtinProfile(family))).toEqual(meaningOf(named(`${family}@${version}`)));
  });

  it('is an older one of podman-default, as docs/default-profiles.md says', async () => {
    const own = meaningOf(await builtinProfile('podman-default'));
    expect(own).not.toEqual(meaningOf(named(`podman-default@${newest('podman-default')}`)));
  });
});
