/**
 * Copies of default profiles: what the default has too is inherited, what the author did is not.
 */
import { describe, expect, it } from 'vitest';
import { capabilitySets } from '../../../src/abi/capabilities.ts';
import { newestRelease } from '../../../src/compose/dated/releases.ts';
import type { Finding } from '../../../src/lint/engine/finding.ts';
import { type LintOptions, lintProfile } from '../../../src/lint/engine/lint-profile.ts';
import { singleFindings } from '../../../src/lint/engine/merge-findings.ts';
import { builtinFamilies } from '../../../src/oci/builtin/index.ts';
import { resolveProfile } from '../../../src/oci/resolve-profile.ts';
import { serializeLinuxSeccomp, serializeProfile } from '../../../src/oci/serialize.ts';
import { builtinProfile } from '../../../src/pipeline/builtin-profile.ts';

const newest = async (family: (typeof builtinFamilies)[number]) =>
  serializeProfile(await builtinProfile(`${family}@${newestRelease(family).version}`));

const textsOf = (findings: readonly Finding[]) =>
  singleFindings(findings)
    .map(({ rule, message, range }) => `${rule} ${range.pointer} ${message}`)
    .sort();

/** What is shown, after a check that nothing is lost and nothing is made up. */
async function shown(text: string, options: LintOptions = {}) {
  const { findings, inherited } = await lintProfile(text, options);
  const { findings: all } = await lintProfile(text, { ...options, inherited: 'among' });
  expect(textsOf([...findings, ...inherited])).toEqual(textsOf(all));
  return { findings, inherited };
}

interface Written {
  defaultAction: string;
  syscalls: { names: string[]; action: string; args?: { value: number }[]; comment?: string }[];
}

/** A copy of Podman's default with a change. */
async function changed(change: (profile: Written) => void, family: (typeof builtinFamilies)[number]) {
  const profile = JSON.parse(await newest(family)) as Written;
  change(profile);
  return JSON.stringify(profile, undefined, 2);
}

const bigList = ({ syscalls }: Written) =>
  syscalls.reduce((a, b) => (b.names.length > a.names.length ? b : a)).names;

describe('a copy of the newest default', () => {
  it.each(builtinFamilies)('has no findings of its own: %s', async (family) => {
    const { findings, inherited } = await shown(await newest(family));
    expect(textsOf(findings)).toEqual([]);
    const base = `${family}@${newestRelease(family).version}`;
    expect(inherited.length).toBeGreaterThan(0);
    expect(inherited.every((each) => each.base === base)).toBe(true);
  });

  it('has none on other hosts and at other levels', async () => {
    const hosts = (['aarch64', 's390x'] as const).map((arch) => ({
      arch,
      kernel: { kernel: 6, major: 18 },
      capabilities: capabilitySets.all,
    }));
    const options: LintOptions = { hosts, runtimes: ['runc', 'crun'], preset: 'strict' };
    expect((await shown(await newest('podman-default'), options)).findings).toEqual([]);
  });

  it('has none as its engine hands it to a runtime', async () => {
    const profile = await builtinProfile('docker-default');
    const host = {
      arch: 'x86_64',
      kernel: { kernel: 6, major: 18 },
      capabilities: capabilitySets.docker,
    } as const;
    const { seccomp } = resolveProfile(profile, host);
    if (seccomp === undefined) throw new Error('docker-default is no profile');
    const resolved = serializeLinuxSeccomp(seccomp);
    const { findings, inherited } = await shown(resolved);
    expect([textsOf(findings), inherited.length > 0]).toEqual([[], true]);
  });
});

describe("a change is its author's", () => {
  it.each<[string, (profile: Written) => void, RegExp]>([
    ['a call that is allowed', (p) => bigList(p).push('kexec_load'), /kexec_load/],
    [
      'a rule that is repeated',
      (p) =>
        p.syscalls.push(
          { names: ['acct'], action: 'SCMP_ACT_ALLOW' },
          { names: ['acct'], action: 'SCMP_ACT_ALLOW' },
        ),
      /^(dangerous-allowed|shadowed-rule|duplicate-name) .*acct|^shadowed-rule/,
    ],
    [
      'one more of a kind that the default has',
      (p) => p.syscalls.push({ names: ['setns'], action: 'SCMP_ACT_ALLOW' }),
      /^shadowed-rule \/syscalls\/40 /,
    ],
    [
      'another default action',
      (p) => {
        p.defaultAction = 'SCMP_ACT_ALLOW';
      },
      /^default-allow /,
    ],
    [
      'a name that is repeated as the default repeats it',
      ({ syscalls }) =>
        syscalls
          .find(
            ({ names, action }) => names.includes('setns') && names.length < 20 && action.endsWith('ALLOW'),
          )
          ?.names.push('setns'),
      /^duplicate-name .*'setns'/,
    ],
    [
      // It comes first, so it would be taken for the default's own if only the text was compared.
      'a name repeated before the default repeats it',
      (p) => p.syscalls.unshift({ names: ['setns', 'setns'], action: 'SCMP_ACT_ALLOW' }),
      /^duplicate-name \/syscalls\/0\/names\/1 .*'setns'/,
    ],
    ['a misspelt name', (p) => bigList(p).push('opennat'), /^unknown-syscall .*opennat/],
  ])('%s', async (_, change, expected) => {
    const { findings, inherited } = await shown(await changed(change, 'podman-default'));
    expect(textsOf(findings)).toEqual(expect.arrayContaining([expect.stringMatching(expected)]));
    // The rest is still Podman's.
    expect(inherited.length).toBeGreaterThan(2);
  });

  it("a comparison that the author wrote has the finding that the default's own had", async () => {
    const text = await changed(({ syscalls }) => {
      const arg = syscalls.find(({ names, args }) => names.includes('socket') && args?.length === 1)
        ?.args?.[0];
      if (arg === undefined) throw new Error('docker-default compares no argument of socket');
      arg.value += 1;
    }, 'docker-default');
    const { findings } = await shown(text);
    // What socketcall opens depends on what the profile says of socket.
    expect(findings.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(['int-argument-high-bits', 'socket-without-socketcall']),
    );
  });

  it('what the author adds for the calls of a rule makes a finding at the rule theirs, if it names no call', async () => {
    // CRI-O compares seven arguments of clone: the finding has no witness and no other place, and names no call.
    const finding =
      'ineffective-value /syscalls/43/args/6 the rule has 7 comparisons; crun reads only the first 6';
    const adds = (name: string) =>
      changed(({ syscalls }) => syscalls.push({ names: [name], action: 'SCMP_ACT_LOG' }), 'crio-default');
    const [clone, acct] = await Promise.all([shown(await adds('clone')), shown(await adds('acct'))]);
    expect(textsOf(clone.findings)).toContain(finding);
    expect([textsOf(acct.findings).includes(finding), textsOf(acct.inherited).includes(finding)]).toEqual([
      false,
      true,
    ]);
  });

  it('is never inherited, whichever single name is taken out', async () => {
    const text = await newest('docker-default');
    const messages = new Set((await shown(text)).inherited.map(({ rule, message }) => `${rule} ${message}`));
    const names = JSON.parse(text) as Written;
    for (const name of bigList(names)
      .filter((_, at) => at % 40 === 0)
      .concat('socket', 'clone', 'read')) {
      const without = await changed(({ syscalls }) => {
        for (const rule of syscalls) rule.names = rule.names.filter((each) => each !== name);
      }, 'docker-default');
      for (const { rule, message } of (await shown(without)).inherited) {
        expect(messages, `without ${name}`).toContain(`${rule} ${message}`);
        expect(message, `without ${name}`).not.toMatch(new RegExp(`\\b${name}\\b`));
      }
    }
  });

  it('of findings of an older default, those that the newest mended are shown', async () => {
    const { findings } = await shown(serializeProfile(await builtinProfile('docker-default@28.0')));
    const { findings: now } = await shown(await newest('docker-default'), { inherited: 'among' });
    const mended = findings.filter(({ message }) => !now.some((each) => each.message === message));
    // Docker 29 denies AF_ALG.
    expect(mended.map(({ message }) => message)).toContainEqual(expect.stringContaining('AF_ALG'));
  });

  it('a profile that only shares calls with a default is not its copy', async () => {
    const allowed = bigList(JSON.parse(await newest('podman-default')) as Written).filter(
      (_, at) => at % 3 > 0,
    );
    const own = JSON.stringify({
      defaultAction: 'SCMP_ACT_ERRNO',
      syscalls: [{ names: allowed, action: 'SCMP_ACT_ALLOW' }],
    });
    expect((await shown(own)).inherited).toEqual([]);
  });

  it('a comment that turns off what the default has is used', async () => {
    const text = await changed(({ syscalls }) => {
      const rule = syscalls.find(({ names }) => names.includes('keyctl'));
      if (rule !== undefined)
        rule.comment = 'oci-seccomp-disable-next dangerous-allowed -- containers in containers';
    }, 'podman-default');
    const { findings, inherited } = await shown(text);
    expect(textsOf(findings)).toEqual([]);
    const singles = singleFindings(inherited).map(({ message }) => message);
    expect(singles.some((message) => message.startsWith('keyctl '))).toBe(false);
  });

  it('what rules of your own find is yours', async () => {
    const own = {
      id: 'acme/any',
      group: 'form',
      level: 'warn',
      title: 'Any profile',
      check: ({ report }: { report: (r: { pointer: string; message: string }) => void }) =>
        report({ pointer: '', message: 'a profile' }),
    } as const;
    const { findings } = await shown(await newest('docker-default'), {
      rules: [own],
      levels: { 'acme/any': 'error' },
    });
    expect(findings.map(({ rule }) => rule)).toEqual(['acme/any']);
  });
});
