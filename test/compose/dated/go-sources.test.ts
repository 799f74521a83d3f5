/**
 * Profiles that come from Go: the engine's own function is run, and its result compared.
 */
import { describe, expect, it } from 'vitest';
import { type ArchName, architectures } from '../../../src/abi/architectures.ts';
import { datedUntil } from '../../../src/compose/dated/dated-releases.generated.ts';
import { type DatedFamily, datedProfile, findRelease } from '../../../src/compose/dated/releases.ts';
import type { LinuxSeccomp } from '../../../src/oci/linux-seccomp.ts';
import type { Profile } from '../../../src/oci/profile.ts';
import { resolveProfile } from '../../../src/oci/resolve-profile.ts';
import { type Release, releasesOf, textsOf } from '../../../tools/dated-profiles/families.ts';
import { blobsOf, readBlob } from '../../../tools/dated-profiles/git-files.ts';
import { profileFromJson } from '../../oci/profile-json.ts';
import { resolvedMeaning } from '../../oci/resolved-meaning.ts';
import { HANGS_AFTER } from '../../support/patience.ts';
import { clones, describeWithClones } from './clones.ts';
import { hasGo, runGo, withStandIns } from './go-oracle.ts';

/** One release of each source. */
function distinct(family: DatedFamily): readonly Release[] {
  const bySource = new Map(
    releasesOf(family, clones, datedUntil).map((each) => [`${each.blob} ${each.code}`, each]),
  );
  return [...bySource.values()];
}

interface Asked {
  readonly version: string;
  readonly arch: ArchName;
  readonly kernel: readonly [number, number];
  readonly caps: readonly string[];
}

function dated(family: DatedFamily, version: string): Profile {
  return datedProfile(findRelease(family, version).run.profile);
}

function meaningOf(profile: Profile, { arch, kernel, caps }: Asked): unknown {
  const [version = 0, major = 0] = kernel;
  const { seccomp } = resolveProfile(profile, {
    arch,
    kernel: { kernel: version, major },
    capabilities: caps,
  });
  return seccomp === undefined ? undefined : comparable(seccomp, arch);
}

/** No architecture listed is the machine's own alone. */
function comparable(seccomp: LinuxSeccomp, arch: ArchName): unknown {
  const { architectures: listed = [], ...rest } = resolvedMeaning(seccomp);
  const native = architectures[arch].ociArch;
  return { ...rest, architectures: [...new Set([native, ...listed])].sort() };
}

/** All capabilities that a profile asks for, in its order. */
function capsOf({ rules }: Profile): readonly string[] {
  return [...new Set(rules.flatMap(({ includes }) => includes?.caps ?? []))];
}

const withGo = hasGo ? describeWithClones : describe.skip;

withGo(`Go sources${hasGo ? '' : ' (needs go: apt-get install golang-go)'}`, () => {
  it(
    'of containerd give what its profiles say, on every architecture, kernel and capability',
    () => {
      const releases = distinct('containerd-default');
      const files: Record<string, string> = {};
      for (const release of releases) {
        const folder = packageOf(release.version);
        files[`${folder}/profile_linux.go`] = withStandIns(textsOf(release).text);
      }
      files['main.go'] = containerdMain(releases.map(({ version }) => packageOf(version)));
      const asked: Asked[] = releases.flatMap(({ version }) => {
        const caps = capsOf(dated('containerd-default', version));
        const sets = [[], caps, ...caps.map((cap) => [cap])];
        const arches: readonly ArchName[] = [
          ...(['x86_64', 'x86', 'aarch64', 'arm', 's390x', 's390', 'mips64', 'mipsel64'] as const),
          ...(['ppc64le', 'riscv64', 'loongarch64'] as const),
        ];
        return arches.flatMap((arch) =>
          // Each capability by itself on the two kinds of architectures; elsewhere none and all.
          (['x86_64', 's390x'].includes(arch) ? sets : sets.slice(0, 2)).flatMap((set) =>
            [[4, 7] as const, [4, 8] as const].map((kernel) => ({ version, arch, kernel, caps: set })),
          ),
        );
      });
      const lines = runGo(
        files,
        asked.map(({ version, arch, kernel, caps }) => ({
          Package: packageOf(version),
          Arch: architectures[arch].goArch,
          Kernel: kernel[0],
          Major: kernel[1],
          Caps: caps,
        })),
      );
      expect(lines.length).toBe(asked.length);
      asked.forEach((question, at) => {
        const go = resolvedOf(lines[at] ?? '');
        const ours = meaningOf(dated('containerd-default', question.version), question);
        expect(ours, JSON.stringify(question)).toEqual(comparable(go, question.arch));
      });
      expect(releases.length).toBeGreaterThan(20);
    },
    HANGS_AFTER,
  );

  it(
    'of CRI-O give what its profiles say, with each capability',
    () => {
      const releases = distinct('crio-default').filter(({ code }) => code !== undefined);
      const changing = releases.filter((release) =>
        /^func DefaultProfile/m.test(textsOf(release).code ?? ''),
      );
      const files: Record<string, string> = {};
      for (const release of changing) {
        const folder = packageOf(release.version);
        for (const [name, text] of Object.entries(librarySources(release))) {
          files[`${folder}/library/${name}`] = withStandIns(text);
        }
        files[`${folder}/crio.go`] = crioPackage(textsOf(release).code ?? '', folder);
      }
      files['main.go'] = crioMain(changing.map(({ version }) => packageOf(version)));
      const asked = changing.flatMap(({ version }) =>
        (['x86_64', 's390x'] as const).map((arch) => ({ version, arch })),
      );
      const lines = runGo(
        files,
        asked.map(({ version, arch }) => ({ Package: packageOf(version), Arch: architectures[arch].goArch })),
      );
      asked.forEach(({ version, arch }, at) => {
        const go = profileFromJson(lines[at] ?? '', 'podman');
        const ours = dated('crio-default', version);
        for (const caps of [[], capsOf(ours), ...capsOf(ours).map((cap) => [cap])]) {
          const question: Asked = { version, arch, kernel: [6, 1], caps };
          expect(onceEach(meaningOf(ours, question)), JSON.stringify(question)).toEqual(
            onceEach(meaningOf(go, question)),
          );
        }
      });
      expect(changing.length).toBeGreaterThan(5);
    },
    HANGS_AFTER,
  );
});

/** CRI-O's code leaves one name several times in the place of those it takes out. */
function onceEach(meaning: unknown): unknown {
  const { rules, ...rest } = meaning as { rules: Record<string, readonly unknown[]> };
  const once = Object.entries(rules).map(([name, list]) => {
    const texts = [...new Set(list.map((each) => JSON.stringify(each)))];
    return [name, texts] as const;
  });
  return { ...rest, rules: Object.fromEntries(once) };
}

function packageOf(version: string): string {
  return `v${version.replaceAll('.', '_')}`;
}

function resolvedOf(json: string): LinuxSeccomp {
  const { defaultAction = '', architectures: listed, rules } = profileFromJson(json, 'oci');
  const syscalls = rules.map(({ names, action, errnoRet, args }) => ({
    names,
    action,
    ...(errnoRet === undefined ? {} : { errnoRet }),
    ...(args === undefined ? {} : { args }),
  }));
  return { defaultAction, ...(listed === undefined ? {} : { architectures: listed }), syscalls };
}

/** The library's own profile and types, beside the file that the release's profile is read from. */
function librarySources({ tag, clone, path }: Release): Readonly<Record<string, string>> {
  const folder = path.slice(0, path.lastIndexOf('/'));
  const names = ['types.go', 'default_linux.go'];
  const hashes = blobsOf(
    clone,
    names.map((name) => `${tag}:${folder}/${name}`),
  );
  return Object.fromEntries(
    names.map((name, at) => [name, new TextDecoder().decode(readBlob(clone, hashes[at] ?? ''))]),
  );
}

/** CRI-O's function and the one that takes a name out, with its own check of the name's place. */
function crioPackage(source: string, folder: string): string {
  const functions = ['DefaultProfile', 'removeStringFromSlice'].map(
    (name) => new RegExp(`^func ${name}\\([\\s\\S]*?^}$`, 'm').exec(source)?.[0] ?? '',
  );
  const used = { logrus: 'logrus', runtime: 'machine', unix: 'unix' };
  const wanted = Object.entries(used).filter(([name]) => functions.some((text) => text.includes(`${name}.`)));
  return `package crio
import (
	"sync"
	seccomp "oracle/${folder}/library"
${wanted.map(([name, target]) => `	${name} "oracle/${target}"`).join('\n')}
)
var defaultProfileOnce sync.Once
var defaultProfile *seccomp.Seccomp
func Again() { defaultProfileOnce = sync.Once{} }
func validateSyscallIndex(prof *seccomp.Seccomp, name string, parent, index int) {
	if prof.Syscalls[parent].Names[index] != name { panic(name) }
}
${functions.join('\n')}
`;
}

function crioMain(packages: readonly string[]): string {
  return `package main
import (
	"bufio"
	"encoding/json"
	"os"
	runtime "oracle/machine"
${packages.map((name) => `	${name} "oracle/${name}"`).join('\n')}
)
type asked struct { Package, Arch string }
func main() {
	answers := map[string]func() interface{}{
${packages.map((name) => `		"${name}": func() interface{} { ${name}.Again(); return ${name}.DefaultProfile() },`).join('\n')}
	}
	lines := bufio.NewScanner(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var a asked
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil { panic(err) }
		runtime.GOARCH = a.Arch
		if err := out.Encode(answers[a.Package]()); err != nil { panic(err) }
	}
}
`;
}

function containerdMain(packages: readonly string[]): string {
  return `package main
import (
	"bufio"
	"encoding/json"
	"os"
	"oracle/kernelversion"
	runtime "oracle/machine"
	"oracle/specs"
${packages.map((name) => `	${name} "oracle/${name}"`).join('\n')}
)
type asked struct { Package, Arch string; Kernel, Major uint64; Caps []string }
func main() {
	answers := map[string]func(*specs.Spec) *specs.LinuxSeccomp{
${packages.map((name) => `		"${name}": ${name}.DefaultProfile,`).join('\n')}
	}
	lines := bufio.NewScanner(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var a asked
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil { panic(err) }
		runtime.GOARCH = a.Arch
		kernelversion.Running = kernelversion.KernelVersion{Kernel: a.Kernel, Major: a.Major}
		spec := &specs.Spec{Process: &specs.Process{Capabilities: &specs.LinuxCapabilities{Bounding: a.Caps}}}
		if err := out.Encode(answers[a.Package](spec)); err != nil { panic(err) }
	}
}
`;
}
