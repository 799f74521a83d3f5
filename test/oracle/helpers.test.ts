/** The oracles against each other, so that none is trusted alone. */
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { installedLibraries, installedRuntimes } from './libraries.ts';
import { buildDirectly, runScript } from './support/direct.ts';
import { toHex } from './support/native.ts';
import { profiles } from './support/profiles.ts';
import { describeWith } from './support/require.ts';
import { exactJson, handedPrograms, installedFilters, linkedLibrary } from './support/runtime.ts';
import { splitStub } from './support/stub.ts';

const three = profiles['three architectures'];
const needs = ['root', 'x86_64', 'busybox', 'cc', 'ptrace', 'runc', 'crun'] as const;

describeWith(needs, 'installedFilters and handedPrograms', () => {
  describe.each(installedRuntimes())('$name $version ($origin)', (runtime) => {
    it('the kernel holds what the runtime hands over, and that is libseccomp’s export', () => {
      if (three === undefined) throw new Error('no such profile');
      const json = exactJson(three);
      const { filters, error } = installedFilters(runtime, json);
      const { calls } = handedPrograms(runtime, json);
      const direct = buildDirectly(linkedLibrary(runtime.path), three, 'plain');
      expect(error).toBeUndefined();
      expect(filters.map(toHex)).toEqual([toHex(direct)]);
      expect(calls.map(({ program }) => toHex(program))).toEqual([toHex(direct)]);
      expect(calls[0]?.result).toBe(0);
    });

    it('without linux.seccomp there is no filter', () => {
      expect(installedFilters(runtime, undefined)).toMatchObject({ filters: [], error: undefined });
      expect(handedPrograms(runtime, undefined).calls).toEqual([]);
    });

    it('a refusal is a result with the runtime’s own words', () => {
      const { filters, error } = installedFilters(runtime, '{"defaultAction":"SCMP_ACT_XX","syscalls":[]}');
      expect(filters).toEqual([]);
      expect(error).toContain('SCMP_ACT_XX');
    });

    it('with no_new_privs the filter is the same', () => {
      const json = exactJson(three);
      const { filters } = installedFilters(runtime, json, { noNewPrivileges: true });
      expect(filters.map(toHex)).toEqual(installedFilters(runtime, json).filters.map(toHex));
    });

    if (runtime.name === 'crun')
      it('takes a raw program by annotation in place of the profile', () => {
        // ld nr; jeq mknod → ERRNO(7); ALLOW
        const program = ['2000000000000000', '1500000185000000', '0600000007000500', '060000000000ff7f'].join(
          '',
        );
        const annotations = { 'run.oci.seccomp_bpf_data': Buffer.from(program, 'hex').toString('base64') };
        const { filters, error } = installedFilters(runtime, exactJson(three), { annotations });
        expect(error).toBeUndefined();
        expect(filters.map(toHex)).toEqual([program]);
      });

    it('without execve the start is reported as done and the workload is gone', () => {
      const rule = { names: ['execve', 'execveat'], action: 'SCMP_ACT_ERRNO' };
      const seccomp = exactJson({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [rule] });
      expect(installedFilters(runtime, seccomp).error).toBe('the workload has ended');
    });

    it('leaves nothing behind', () => {
      const left = readdirSync(tmpdir()).filter((name) =>
        name.startsWith(`oci-seccomp-oracle-${process.pid}-`),
      );
      expect(left).toEqual([]);
      const cgroups = ['/sys/fs/cgroup', '/sys/fs/cgroup/systemd'].filter((path) => existsSync(path));
      expect(
        cgroups
          .flatMap((path) => readdirSync(path))
          .filter((name) => name.startsWith(`workload-${process.pid}-`)),
      ).toEqual([]);
    });
  });
});

/** Return codes as seccomp_rule_add(3) and seccomp_arch_add(3) give them. */
const returnCodes: readonly (readonly [string, string, string])[] = [
  ['equal to the default action', 'init 0x7fff0000\nrule 0x7fff0000 read', 'rule -13'],
  ['an argument twice', 'init 0x7fff0000\nrule 0x50001 read 0:4:1:0 0:4:2:0', 'rule -22'],
  ['index 6', 'init 0x7fff0000\nrule 0x50001 read 6:4:1:0', 'rule -22'],
  ['ERRNO 4095', 'init 0x7fff0000\nrule 0x50fff read', 'rule -22'],
  ['ERRNO 4094', 'init 0x7fff0000\nrule 0x50ffe read', 'rule 0'],
  ['TRACE 65535', 'init 0x7fff0000\nrule 0x7ff0ffff read', 'rule 0'],
  [
    'same comparisons, other action',
    'init 0x7fff0000\nrule 0x50001 read 0:4:1:0\nrule 0x30000 read 0:4:1:0',
    'rule -17',
  ],
  ['plain twice, other action', 'init 0x7fff0000\nrule 0x50001 read\nrule 0x30000 read', 'rule 0'],
  ['a name of another architecture', 'init 0x7fff0000\nrule 0x50001 socketcall', 'rule 0'],
  ['a name nobody knows', 'init 0x7fff0000\nrule 0x50001 nosuch', 'rule unknown'],
  ['an architecture twice', 'init 0x7fff0000\narch-add x86_64', 'arch-add -17'],
  ['the other byte order', 'init 0x7fff0000\narch-add s390x', 'arch-add -33'],
  ['an unknown default action', 'init 0x12340000', 'init -1'],
];

describeWith(['x86_64', 'cc'], 'libseccomp-build', () => {
  describe.each(installedLibraries())('libseccomp $version ($origin)', ({ path }) => {
    it.each(returnCodes)('%s', (_name, script, expected) => {
      expect(runScript(path, `${script}\n`).returned.at(-1)).toBe(expected);
    });
  });
});

describe('splitStub', () => {
  it('leaves a program without stub as it is', () => {
    const program = Uint8Array.of(6, 0, 0, 0, 0, 0, 0xff, 0x7f);
    expect(splitStub(program)).toEqual({ hasStub: false, sections: [], filter: program });
  });
});
