/**
 * What each release of runc does by its source, and what we say of it: where something changed between releases.
 */
import { expect, it } from 'vitest';
import { allArchitectures } from '../../src/abi/architectures.ts';
import { filterFlags } from '../../src/abi/flags.ts';
import { stubWord } from '../../src/policy/answered-by-stub.ts';
import { parseRuntime } from '../../src/policy/runtimes.ts';
import { tagsOf } from '../../tools/dated-profiles/git-files.ts';
import { describeWithClone, goMap } from './support/clones.ts';

/** Names of runtime-spec's constants in Go, specs-go/config.go. */
const flagNames: Readonly<Record<string, string>> = {
  flagTsync: 'SECCOMP_FILTER_FLAG_TSYNC',
  LinuxSeccompFlagLog: 'SECCOMP_FILTER_FLAG_LOG',
  LinuxSeccompFlagSpecAllow: 'SECCOMP_FILTER_FLAG_SPEC_ALLOW',
  LinuxSeccompFlagWaitKillableRecv: 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV',
};

describeWithClone('opencontainers/runc', 'releases of runc, by their sources', (read, clone) => {
  const releases = tagsOf(clone, /^v(1\.[1-9]\d*\.\d+)$/).map(({ version }) => version);

  it('there are all that tell our rows apart', () => {
    expect(releases).toEqual(
      expect.arrayContaining(['1.1.7', '1.1.8', '1.1.14', '1.1.15', '1.2.0', '1.2.9', '1.4.3', '1.5.0']),
    );
  });

  it.each(releases)('runc %s', (version) => {
    const [filter, spec, table, stub] = [
      'seccomp/seccomp_linux.go',
      'specconv/spec_linux.go',
      'seccomp/config.go',
      'seccomp/patchbpf/enosys_linux.go',
    ].map((path) => read(`libcontainer/${path}`, `v${version}`)) as [string, string, string, string];

    // What setFlag() has a case for; before there was one, any flag was refused.
    const cases = [...filter.matchAll(/^\tcase (?:specs\.)?(flagTsync|LinuxSeccompFlag\w+):/gm)];
    const known = cases.map(([, name = '']) => flagNames[name]);
    expect(spec.includes('seccomp flags are not yet supported')).toBe(known.length === 0);
    const [, above] =
      /len\(config\.Syscalls\) > (\d+) \{\s*if err := filter\.SetOptimize\(2\)/.exec(filter) ?? [];
    const { traits } = parseRuntime(`runc@${version}`);
    expect({
      flags: traits.knownFlags.toSorted(),
      tree: traits.binaryTreeAbove,
      specAllow: traits.specAllowByDefault,
      stub: traits.enosysStub,
    }).toEqual({
      flags: known.toSorted(),
      tree: above === undefined ? undefined : Number(above),
      specAllow: /if config\.Flags == nil \{[^}]*FlagSupported\(specs\.LinuxSeccompFlagSpecAllow\)/.test(
        spec,
      ),
      stub: /if nativeScmpArch, err := libseccomp\.GetNativeArch/.test(stub) ? 'listed and native' : 'listed',
    });

    const names = goMap(table, 'archs');
    // Debian's patch adds loongarch64 to 1.1.15 and 1.3.6, and our rows are read as these; runc itself has it from 1.4.1 on.
    const isPatched = /^1\.(?:1\.15|[23]\.|4\.0)/.test(version);
    for (const { name, ociArch } of allArchitectures) {
      if (ociArch === undefined || (isPatched && name === 'loongarch64')) continue;
      expect(traits.unknownArchitectures.includes(name), name).toBe(!names.has(ociArch));
    }
  });

  it.each(['386', 'amd64', 'arm64', 'mips', 'mips64', 'mips64le', 'mipsle', 'riscv64', 's390x'])(
    'its stub answers ENOSYS of %s',
    (goarch) => {
      const errnos = read(`vendor/golang.org/x/sys/unix/zerrors_linux_${goarch}.go`, 'v1.2.0');
      const [, enosys] = /^\tENOSYS += syscall\.Errno\((0x[0-9a-f]+)\)$/m.exec(errnos) ?? [];
      const native = allArchitectures.find((each) => each.goArch === goarch)?.name ?? 'x86_64';
      expect(stubWord({ architectures: [native] })).toBe(0x0005_0000 + Number(enosys));
    },
  );

  it('its newest release knows every flag that we do', () => {
    const newest = releases.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
    expect(parseRuntime(`runc@${newest}`).traits.knownFlags.toSorted()).toEqual(
      Object.keys(filterFlags).toSorted(),
    );
  });
});
