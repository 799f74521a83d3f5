import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { architectures } from '../../src/abi/architectures.ts';
import { capabilitySets } from '../../src/abi/capabilities.ts';
import { formatReturnWord } from '../../src/abi/return-word.ts';
import { prepareProgram } from '../../src/bpf/simulate-program.ts';
import { inStyleOf } from '../../src/cli/answers/in-style-of.ts';
import { compilePolicy, tableOf } from '../../src/compile/compile-policy.ts';
import { datedInForm } from '../../src/compose/dated/copy-form.ts';
import { datedProfile, findRelease, releasesOfFamily } from '../../src/compose/dated/releases.ts';
import { factsOf } from '../../src/compose/dated/rule-facts.ts';
import { mergeOnto } from '../../src/compose/rebase-profile.ts';
import { proveRebase } from '../../src/compose/rebase-proof.ts';
import { createWork } from '../../src/decision/work.ts';
import { OciSeccompError } from '../../src/errors.ts';
import { builtinProfile, identifyBase, rebaseProfile } from '../../src/index.ts';
import type { Document } from '../../src/oci/document.ts';
import type { Host } from '../../src/oci/host.ts';
import type { Profile, ProfileRule } from '../../src/oci/profile.ts';
import { readDocument } from '../../src/oci/read-json.ts';
import { readProfile } from '../../src/oci/read-profile.ts';
import { readProfiles } from '../../src/oci/read-profiles.ts';
import { resolveProfile } from '../../src/oci/resolve-profile.ts';
import { serializeProfile } from '../../src/oci/serialize.ts';
import { rebasedText, rebaseOnto } from '../../src/pipeline/rebase-onto.ts';
import { lowerProfile } from '../../src/policy/lower-profile.ts';
import { resolvedMeaning } from '../oci/resolved-meaning.ts';
import { samples } from '../support/samples.ts';

function dated(version: string): Profile {
  return datedProfile(findRelease('docker-default', version).run.profile);
}

const allow = (...names: readonly string[]): ProfileRule => ({ names, action: 'SCMP_ACT_ALLOW' });

function edited(base: Profile, removed: readonly string[], added: readonly ProfileRule[]): Profile {
  const rules = base.rules.flatMap((rule): readonly ProfileRule[] => {
    if (rule.name !== undefined) return removed.includes(rule.name) ? [] : [rule];
    return [{ ...rule, names: rule.names.filter((name) => !removed.includes(name)) }];
  });
  return { ...base, rules: [...rules, ...added] };
}

const hosts: readonly Host[] = (['x86_64', 's390x'] as const).flatMap((arch) =>
  [capabilitySets.none, capabilitySets.docker, capabilitySets.all].map((capabilities) => ({
    arch,
    kernel: { kernel: 6, major: 1 },
    capabilities,
  })),
);

/** What engines hand to runtimes for each call; the order of rules of one call does not count. */
function rulesByCall(profile: Profile, host: Host): ReadonlyMap<string, string> {
  const { seccomp } = resolveProfile(profile, host);
  const { rules } = resolvedMeaning(seccomp ?? { defaultAction: '' });
  const texts = Object.entries(rules).map(([call, list]) => {
    const told = (list as { action: string; errnoRet?: number; comparisons: readonly string[] }[]).map(
      ({ action, errnoRet, comparisons }) =>
        `${action} ${action.endsWith('ERRNO') ? (errnoRet ?? 1) : ''} ${comparisons}`,
    );
    return [call, [...new Set(told)].sort().join('; ')] as const;
  });
  return new Map(texts);
}

const factsTexts = (profile: Profile): readonly string[] =>
  [...factsOf(profile)].map(([call, facts]) => `${call}: ${facts.map(({ key }) => key)}`).sort();

const releases = releasesOfFamily('docker-default').map(({ version }) => version);

describe('rebaseOnto', () => {
  it('keeps every change of the author, and takes every change of the default, over Docker’s history', () => {
    fc.assert(
      fc.property(fc.constantFrom(...releases), fc.constantFrom(...releases), fc.gen(), (older, newer, g) => {
        const base = dated(older);
        const calls = [...factsOf(base).keys()];
        const removed = g(() => fc.subarray(calls, { maxLength: 8 }));
        const more = g(() =>
          fc.subarray([
            'clone3',
            'unshare',
            'mount',
            'ptrace',
            'bpf',
            'io_uring_setup',
            'statx',
            'socket',
            'socketcall',
            'shmat',
            'ipc',
            'my_call',
          ]),
        );
        const action = g(() => fc.constantFrom('SCMP_ACT_ALLOW', 'SCMP_ACT_LOG', 'SCMP_ACT_KILL_PROCESS'));
        const yours = edited(base, [...removed, ...more], more.length === 0 ? [] : [{ names: more, action }]);
        const rebase = rebaseOnto(yours, {
          from: `docker-default@${older}`,
          onto: `docker-default@${newer}`,
        });
        const conflicts = new Set(rebase.conflicts.map(({ about }) => about));
        for (const host of hosts) {
          const [b, p, n, r] = [base, yours, dated(newer), rebase.profile].map((each) =>
            rulesByCall(each, host),
          );
          for (const call of new Set([...(b?.keys() ?? []), ...(p?.keys() ?? []), ...(n?.keys() ?? [])])) {
            const isYours = p?.get(call) !== b?.get(call);
            const wanted = isYours || conflicts.has(call) ? p?.get(call) : n?.get(call);
            expect(r?.get(call), `${call} from ${older} to ${newer}`).toBe(wanted);
          }
        }
      }),
      { numRuns: samples(40), endOnFailure: true },
    );
  });

  it('gives the newest default itself where the author changed nothing, release by release', () => {
    const newest = releases.at(-1) ?? '';
    for (const version of new Set(['1.11.0', '19.03.15', newest])) {
      const rebase = rebaseOnto(dated(version), { from: `docker-default@${version}` });
      expect(rebase.conflicts).toEqual([]);
      expect(rebase.changes).toEqual([]);
      expect(rebase.profile, version).toEqual({ ...dated(newest), dialect: 'docker' });
      expect(rebase.isCurrent, version).toBe(version === newest);
    }
  });

  it('is found to be current once it is written, with the same changes', async () => {
    const yours = edited(dated('20.10.7'), ['ptrace', 'acct'], [allow('clone3'), allow('my_call')]);
    const first = rebaseOnto(yours);
    expect(first.match.base).toBe('docker-default@20.10.9');
    expect(first.isCurrent).toBe(false);
    // The default came to say something of its own of clone3.
    expect(first.conflicts.map(({ about }) => about)).toEqual(['clone3']);
    const text = await rebasedText(first);
    const [read] = await readProfiles(new TextEncoder().encode(text), { name: 'rebased.json' });
    expect(read?.dialect).toBe('docker');
    const again = rebaseOnto(read?.profile as Profile);
    expect(again.isCurrent).toBe(true);
    expect(again.match.base).toBe(again.onto);
    expect(again.match.changes).toEqual({
      added: ['my_call'],
      removed: ['acct', 'ptrace'],
      changed: ['clone3'],
    });
    expect(again.profile.rules).toEqual(read?.profile?.rules.map(({ place: _, ...rule }) => rule));
  });

  describe('where socketcall carries calls on 32-bit x86', () => {
    const [SOCKET, CONNECT, SOCKETPAIR] = [1n, 3n, 8n];
    /** What libseccomp's program answers to `socketcall`. */
    async function answers(profile: Profile, ...calls: readonly bigint[]): Promise<readonly string[]> {
      const host: Host = { arch: 'x86_64', kernel: { kernel: 6, major: 1 }, capabilities: [] };
      const { seccomp } = resolveProfile(profile, host);
      if (seccomp === undefined) throw new Error('seccomp is off');
      const table = tableOf('libseccomp', undefined);
      const { policy } = lowerProfile(seccomp, { runtime: 'plain', arch: 'x86_64', table });
      const { program, endian } = await compilePolicy(policy, { backend: 'libseccomp', table });
      const { verdict } = prepareProgram(program, { endian });
      const { auditArch } = architectures.x86;
      return calls.map((call) =>
        formatReturnWord(
          verdict({ arch: auditArch, nr: 102, instructionPointer: 0n, args: [call, 0n, 0n, 0n, 0n, 0n] }),
        ),
      );
    }
    const about = ({ conflicts }: ReturnType<typeof rebaseOnto>): readonly string[] =>
      conflicts.map((each) => `${each.about} carries ${each.carries.join()}`);

    it('keeps a call away that the author took away, though the new default allows socketcall', async () => {
      const yours = edited(dated('1.11.1'), ['socketpair'], []);
      const options = { from: 'docker-default@1.11.1', onto: 'docker-default@24.0.6' };
      const mine = rebaseOnto(yours, options);
      expect(about(mine)).toEqual(['socketcall carries socketpair']);
      expect(await answers(mine.profile, SOCKET, SOCKETPAIR)).toEqual(['ALLOW', 'ERRNO EPERM (1)']);
      const theirs = rebaseOnto(yours, { ...options, onConflict: 'default' });
      expect(about(theirs)).toEqual(['socketcall carries socketpair']);
      expect(await answers(theirs.profile, SOCKET, SOCKETPAIR)).toEqual(['ALLOW', 'ALLOW']);
    });

    it('has the author’s rule for socket where the new default names socketcall no longer', async () => {
      const log = { names: ['socket'], action: 'SCMP_ACT_LOG' };
      const yours = edited(dated('23.0.14'), ['socket'], [log]);
      const rebase = rebaseOnto(yours, { from: 'docker-default@23.0.14', onto: 'docker-default@1.11.1' });
      // socketcall, which the old default allowed whatever it carries, is gone, and no conflict about it is left.
      expect(rebase.conflicts.map((each) => each.about)).toEqual(['socket']);
      expect(await answers(rebase.profile, SOCKET, CONNECT)).toEqual(['LOG', 'ALLOW']);
    });

    it('tells that socketcall, which the author allows, opens what the new default restricts', () => {
      const yours = edited(dated('1.11.1'), [], [allow('socketcall')]);
      const base = dated('1.11.1');
      // A default that restricts a call which socketcall carries, as its author's socketcall does not.
      const onto = edited(dated('1.11.1'), ['socket'], [{ names: ['socket'], action: 'SCMP_ACT_LOG' }]);
      const merged = mergeOnto({ base, yours, onto });
      expect(merged.conflicts.map(({ about: name, carries }) => [name, ...carries])).toEqual([
        ['socketcall', 'socket'],
      ]);
      const host: Host = { arch: 'x86_64', kernel: { kernel: 6, major: 1 }, capabilities: [] };
      expect(proveRebase({ base, yours, onto }, merged, host).yours).toBe(1);
      // On x86_64 alone nothing is multiplexed.
      const alone = ({ archMap: _, ...rest }: Profile): Profile => ({
        ...rest,
        architectures: ['SCMP_ARCH_X86_64'],
      });
      const single = mergeOnto({ base: alone(base), yours: alone(yours), onto: alone(onto) });
      expect(single.conflicts).toEqual([]);
    });
  });

  it('lets the default win where it is told to', () => {
    const yours = edited(dated('20.10.7'), ['bpf'], [allow('clone3')]);
    const rebase = rebaseOnto(yours, { onConflict: 'default' });
    expect(rebase.conflicts.map(({ about, taken }) => `${about} ${taken}`)).toEqual([
      'bpf default',
      'clone3 default',
    ]);
    const [ours, theirs] = [rebase.profile, dated(releases.at(-1) ?? '')].map(factsOf);
    for (const call of ['bpf', 'clone3']) {
      expect(ours?.get(call)?.map(({ key }) => key)).toEqual(theirs?.get(call)?.map(({ key }) => key));
    }
  });

  it('takes and shows what is outside the rules', () => {
    const { archMap: _, ...bare } = dated('20.10.7');
    const x86 = { ...bare, architectures: ['SCMP_ARCH_X86_64'], defaultAction: 'SCMP_ACT_LOG' };
    const rebase = rebaseOnto(x86);
    expect(rebase.profile).toMatchObject({
      architectures: ['SCMP_ARCH_X86_64'],
      defaultAction: 'SCMP_ACT_LOG',
    });
    expect(rebase.profile.archMap).toBeUndefined();
    expect(rebase.conflicts.map(({ about, isCall }) => `${about} ${isCall}`)).toEqual([
      'the architectures false',
    ]);
    const plain = rebaseOnto(dated('20.10.7'));
    expect(plain.profile.defaultErrnoRet).toBe(1);
    expect(plain.updatedParts).toEqual(['the architectures']);
  });

  it('puts a resolved copy onto a resolved default, in its own dialect', async () => {
    const number = findRelease('docker-default', '24.0').run.profile;
    const yours = edited(datedInForm(number, 'resolved'), ['acct', 'chroot'], [allow('my_call')]);
    const rebase = rebaseOnto(yours);
    expect(rebase.match).toMatchObject({ form: 'resolved', base: 'docker-default@24.0.9' });
    const text = await rebasedText(rebase);
    expect(text).not.toContain('includes');
    const [read] = await readProfiles(new TextEncoder().encode(text), { name: 'rebased.json' });
    expect(read?.dialect).toBe('oci');
    const names = [...factsOf(rebase.profile).keys()];
    expect(names).toEqual(expect.arrayContaining(['mseal', 'my_call']));
    expect(names).not.toContain('chroot');
    expect(names).not.toContain('io_uring_setup');
  });

  it('writes errors as numbers for engines that read no names', async () => {
    const rebase = rebaseOnto(dated('20.10.7'), { onto: 'podman-default' });
    const text = await rebasedText(rebase);
    expect(text).not.toMatch(/"(?:defaultErrno|errno)":/);
    expect(text).toContain('"defaultErrnoRet": 38');
  });

  it('keeps what an object of Kubernetes says of itself, and reads it back', async () => {
    const number = findRelease('docker-default', '24.0').run.profile;
    const copy = edited(datedInForm(number, 'resolved'), ['acct'], [allow('my_call')]);
    const { seccomp } = resolveProfile(copy, {
      arch: 'x86_64',
      kernel: { kernel: 6, major: 1 },
      capabilities: [],
    });
    if (seccomp === undefined) throw new Error('seccomp is off');
    const { defaultErrnoRet: _, ...spec } = seccomp;
    const object = {
      apiVersion: 'security-profiles-operator.x-k8s.io/v1beta1',
      kind: 'SeccompProfile',
      metadata: {
        name: 'web',
        namespace: 'shop',
        labels: { team: 'web', yes: 'on' },
        annotations: { why: 'a: b' },
      },
      spec: { disabled: true, ...spec },
    };
    const other = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'other' } };
    const yaml = [other, object]
      .map((each) =>
        JSON.stringify(each, (_key, value) => (typeof value === 'bigint' ? Number(value) : value)),
      )
      .join('\n---\n');
    const read = async (text: string): Promise<Profile> => {
      const found = await readProfiles(new TextEncoder().encode(text), { name: 'web.yaml' });
      return found.find(({ profile }) => profile !== undefined)?.profile as Profile;
    };
    const yours = await read(`---\n${yaml}`);
    const rebase = rebaseOnto(yours);
    expect(rebase.match.base).toBe('docker-default@24.0.9');
    const again = await read(await rebasedText(rebase));
    expect(again.dialect).toBe('kubernetes');
    expect(again.kubernetes).toEqual(yours.kubernetes);
    expect(again.kubernetes).toMatchObject({ namespace: 'shop', labels: { yes: 'on' }, disabled: true });
    expect(rebaseOnto(again).isCurrent).toBe(true);
    const plain = await read(await rebasedText(rebase, { to: 'oci' }));
    expect([plain.dialect, plain.rules.length]).toEqual(['oci', again.rules.length]);
  });

  it('is written in the style of the old text', async () => {
    const text = await rebasedText(rebaseOnto(edited(dated('24.0'), ['acct'], [allow('my_call')])));
    const sorted = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(sorted);
      if (typeof value !== 'object' || value === null) return value;
      const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
      return Object.fromEntries(members.map(([key, each]) => [key, sorted(each)]));
    };
    const inOrder = (json: string, more: object = {}) => sorted({ ...more, ...JSON.parse(json) });
    const own = { $schema: 'https://example.org/a.json', zeal: [{ a: 1 }] };
    const old = serializeProfile(dated('24.0'));
    for (const unit of [undefined, '\t', '    ']) {
      const style = JSON.stringify(inOrder(old, own), null, unit);
      const document = readDocument(style).document as Document;
      const styled = inStyleOf(document, text);
      const wanted = JSON.stringify(inOrder(text, own), null, unit);
      expect(styled).toBe(wanted);
    }
  });

  const plain = JSON.parse(serializeProfile(dated('24.0'))) as { readonly syscalls: readonly object[] };
  const empty = { args: [], comment: '', includes: {}, excludes: {} };
  const textOf = (value: object, unit?: string): string => JSON.stringify(value, null, unit);
  /** As formatters do: a list of words stands on one line if it fits. */
  const filled = textOf(plain, '  ').replace(/\[[^[\]{}]*\]/g, (list) => {
    const line = list
      .replaceAll(/\s*\n\s*/g, ' ')
      .replace('[ ', '[')
      .replace(' ]', ']');
    return line.length < 60 ? line : list;
  });
  const ruleALine = `{\n  "syscalls": [\n    ${plain.syscalls.map((rule) => textOf(rule)).join(',\n    ')}\n  ],\n  ${textOf({ ...plain, syscalls: undefined }).slice(1, -1)}\n}\n`;

  it.each([
    ['tabs', textOf(plain, '\t'), 56],
    ['blanks at both ends', `\n ${textOf(plain, ' ')}\n\n`, 56],
    ['CRLF', `${textOf(plain, '  ').replaceAll('\n', '\r\n')}\r\n`, 56],
    ['one line', textOf(plain), 2],
    ['short lists on one line', filled, 51],
    ['a rule a line', ruleALine, 12],
    [
      'empty values',
      textOf({ ...plain, syscalls: plain.syscalls.map((rule) => ({ ...empty, ...rule })) }, '  '),
      61,
    ],
    [
      'keys of the author',
      textOf({ ...plain, syscalls: plain.syscalls.map((rule, at) => ({ _why: at, ...rule })) }, '  '),
      62,
    ],
    ['keys in capitals', textOf(plain, '  ').replaceAll('"action"', '"Action"'), 62],
  ])('differs from the old text in what changed alone: %s', async (_, old, most) => {
    const read = (text: string): { document: Document; profile: Profile } => {
      const { document, profile } = readProfile(text);
      if (document === undefined || profile === undefined) throw new Error('unreadable');
      return { document, profile };
    };
    const { document, profile } = read(old);
    const onto = async (release: string): Promise<string> =>
      inStyleOf(document, await rebasedText(rebaseOnto(profile, { onto: `docker-default@${release}` })));
    expect(await onto('24.0')).toBe(old);
    const newer = await onto('28.0');
    expect(factsTexts(read(newer).profile)).toEqual(factsTexts(dated('28.0')));
    const [before, after] = [old, newer].map((text) => text.split('\n'));
    const isOther =
      (lines: readonly string[] = []) =>
      (line: string) =>
        !lines.includes(line);
    const changed = [...(before?.filter(isOther(after)) ?? []), ...(after?.filter(isOther(before)) ?? [])];
    expect(changed.length).toBeLessThanOrEqual(most);
  });

  it('keeps comments of the author, and not those of the old default', () => {
    const commented = (profile: Profile, comments: Readonly<Record<string, string>>): Profile => ({
      ...profile,
      rules: profile.rules.map((rule) => {
        const comment = comments[rule.names[0] ?? ''];
        return comment === undefined ? rule : { ...rule, comment };
      }),
    });
    const base = commented(dated('20.10.7'), { bpf: 'of the old default' });
    const yours = commented(base, { accept: 'all our services need these' });
    const { profile } = mergeOnto({ base, yours, onto: dated('28.0') });
    const commentOf = (call: string) => profile.rules.find(({ names }) => names.includes(call))?.comment;
    expect(commentOf('cachestat')).toBe('all our services need these');
    expect(commentOf('bpf')).toBeUndefined();
  });

  it('leaves out rules that answer as the default does, and puts others beside those for the same call', () => {
    const persona = (value: bigint): ProfileRule => ({
      ...allow('personality'),
      args: [{ index: 0, value, op: 'SCMP_CMP_EQ' }],
    });
    const needless: ProfileRule = { names: ['prctl'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 };
    const { profile } = rebaseOnto(edited(dated('28.0'), ['prctl'], [needless, persona(0x40000n)]));
    expect(factsOf(profile).has('prctl')).toBe(false);
    const places = profile.rules.flatMap(({ names }, at) => (names.includes('personality') ? [at] : []));
    expect(places.map((at) => at - (places[0] ?? 0))).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('writes other dialects where they say the same, and refuses them where not', async () => {
    const rebase = rebaseOnto(dated('20.10.7'));
    const text = await rebasedText(rebase, { to: 'docker' });
    const [read] = await readProfiles(new TextEncoder().encode(text), { name: 'to.json', dialect: 'docker' });
    expect(read?.problems).toEqual([]);
    expect(rebaseOnto(read?.profile as Profile).isCurrent).toBe(true);
    // Podman reads no condition on the kernel, and ptrace has one.
    await expect(rebasedText(rebase, { to: 'podman' })).rejects.toThrow(/would give ptrace another answer/);
    const named = rebaseOnto(datedProfile(findRelease('podman-default', '5.0').run.profile));
    const [docker] = await readProfiles(
      new TextEncoder().encode(
        await rebasedText({ ...named, profile: { ...named.profile, dialect: 'podman' } }, { to: 'docker' }),
      ),
      { name: 'to.json', dialect: 'docker' },
    );
    expect(docker?.profile?.rules.some(({ errno }) => errno !== undefined)).toBe(false);
  });

  it('proves it for hosts that only a rule of the author tells apart', () => {
    const conditional: ProfileRule = {
      ...allow('kexec_file_load'),
      includes: { caps: ['CAP_BPF'] },
      excludes: { minKernel: '5.10' },
    };
    const rebase = rebaseOnto(edited(dated('20.10.7'), [], [conditional]));
    // On an older kernel with that capability, the author's rule holds. A proof of one kernel does not show it.
    const host = rebase.proofs.find(
      ({ host: { kernel, capabilities = [] } }) => capabilities.includes('CAP_BPF') && kernel.kernel < 5,
    );
    expect(host?.yours).toBe(1);
  });

  it('refuses what is no copy, and what it cannot write', () => {
    const none: Profile = {
      dialect: 'docker',
      defaultAction: 'SCMP_ACT_ERRNO',
      rules: [allow('read', 'write')],
    };
    const bundle: Profile = { ...dated('28.0'), dialect: 'oci-config' };
    for (const [profile, options, message] of [
      [none, {}, 'not a copy'],
      [bundle, {}, 'a bundle holds more'],
      [dated('28.0'), { onto: 'moby' }, 'no default profile'],
      [dated('28.0'), { from: 'docker-default@3' }, 'no release'],
    ] as const) {
      expect(() => rebaseOnto(profile, options)).toThrow(OciSeccompError);
      expect(() => rebaseOnto(profile, options)).toThrow(message);
    }
    // Named, a far base will do.
    expect(rebaseOnto(none, { from: 'docker-default@28.0' }).match.changes.added).toEqual([]);
  });
});

describe('proveRebase', () => {
  const input = {
    base: dated('20.10.7'),
    yours: edited(dated('20.10.7'), ['acct', 'keyctl'], [allow('my_call', 'reboot')]),
    onto: dated('28.0'),
  };
  const rebased = mergeOnto(input);
  const host: Host = {
    arch: 'x86_64',
    kernel: { kernel: 6, major: 18 },
    capabilities: capabilitySets.docker,
  };

  it('accepts the result', () => {
    expect(proveRebase(input, rebased, host)).toMatchObject({ yours: 1 });
  });

  it('has one account for all hosts', () => {
    const work = createWork(12_000_000);
    proveRebase(input, rebased, host, work);
    const forOne = work.steps;
    proveRebase(input, rebased, host, work);
    expect(work.steps).toBeGreaterThanOrEqual(2 * forOne);
    // What is enough for one host is not for two.
    const small = createWork(forOne + 1);
    proveRebase(input, rebased, host, small);
    expect(() => proveRebase(input, rebased, host, small)).toThrow(/more steps than are allowed/);
    // Each of the hosts that are looked at costs about as much.
    const { proofs, work: all } = rebaseOnto(input.yours, { onto: 'docker-default@28.0' });
    expect(proofs.length).toBeGreaterThan(1);
    expect(all.steps).toBeGreaterThan((proofs.length * forOne) / 2);
  });

  it.each<[string, (profile: Profile) => Profile, RegExp]>([
    [
      'an author’s call is lost',
      (p) => edited(p, ['reboot'], []),
      /reboot\(.*should get ALLOW, and gets ERRNO/,
    ],
    [
      'a call of the default is lost',
      (p) => edited(p, ['futex_waitv'], []),
      /futex_waitv\(.*should get ALLOW/,
    ],
    [
      'a removed call is back',
      (p) => edited(p, [], [allow('ptrace', 'userfaultfd')]),
      /should get ERRNO|or ERRNO/,
    ],
    [
      'an argument is compared otherwise',
      (p) => ({
        ...p,
        rules: p.rules.map((rule) => (rule.names.includes('personality') ? { ...rule, args: [] } : rule)),
      }),
      /personality\(/,
    ],
  ])('refuses a result in which %s', (_, spoil, message) => {
    const spoilt = { ...rebased, profile: spoil(rebased.profile) };
    expect(() => proveRebase(input, spoilt, host)).toThrow(message);
  });

  it('holds calls of a conflict to one of the two', () => {
    const yours = edited(dated('20.10.7'), [], [{ names: ['clone3'], action: 'SCMP_ACT_LOG' }]);
    const conflicting = { ...input, yours };
    const found = mergeOnto(conflicting);
    expect(found.conflicts.map(({ about }) => about)).toEqual(['clone3']);
    expect(proveRebase(conflicting, found, host).yours).toBe(1);
    const rules = found.profile.rules.map((rule) =>
      rule.action === 'SCMP_ACT_LOG' ? { ...rule, action: 'SCMP_ACT_ALLOW' } : rule,
    );
    const spoilt = { ...found, profile: { ...found.profile, rules } };
    expect(() => proveRebase(conflicting, spoilt, host)).toThrow(/clone3\(.*should get LOG or ERRNO ENOSYS/);
  });
});

describe('the calls of the library', () => {
  it('find a base, and put a copy onto the newest default', async () => {
    const yours = edited(await builtinProfile('docker-default@24.0'), ['acct'], []);
    expect((await identifyBase(yours))?.changes.removed).toEqual(['acct']);
    const { text, isCurrent } = await rebaseProfile(yours, { onto: 'docker-default@24.0' });
    expect(isCurrent).toBe(true);
    expect(JSON.parse(text)).toMatchObject({ defaultAction: 'SCMP_ACT_ERRNO' });
    expect(text).not.toContain('"acct"');
  });
});
