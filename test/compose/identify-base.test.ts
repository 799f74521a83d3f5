import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyForms, datedInForm } from '../../src/compose/dated/copy-form.ts';
import { datedProfiles } from '../../src/compose/dated/dated-profiles.generated.ts';
import { changedCalls, likenesses } from '../../src/compose/dated/fact-index.ts';
import { datedFamilies, datedProfile, findRelease, runsOfFamily } from '../../src/compose/dated/releases.ts';
import { callsOfRule, differingCalls, factsOf } from '../../src/compose/dated/rule-facts.ts';
import { compareWithBase, identifyBase } from '../../src/compose/identify-base.ts';
import type { Profile, ProfileRule } from '../../src/oci/profile.ts';
import { readProfiles } from '../../src/oci/read-profiles.ts';
import { serializeProfile } from '../../src/oci/serialize.ts';
import { cpuClock } from '../support/cpu-time.ts';
import { samples } from '../support/samples.ts';

function dated(version: string): Profile {
  return datedProfile(findRelease('docker-default', version).run.profile);
}

function withoutCall(profile: Profile, call: string): Profile {
  const rules = profile.rules.flatMap((rule): readonly ProfileRule[] => {
    if (rule.name === call) return [];
    return [{ ...rule, names: rule.names.filter((name) => name !== call) }];
  });
  return { ...profile, rules };
}

function withRule(profile: Profile, rule: ProfileRule): Profile {
  return { ...profile, rules: [...profile.rules, rule] };
}

const allow = (...names: readonly string[]): ProfileRule => ({ names, action: 'SCMP_ACT_ALLOW' });

describe('identifyBase', () => {
  it('finds the default that a profile was copied from, and the author’s changes', async () => {
    const edited = withRule(withoutCall(dated('20.10.7'), 'ptrace'), allow('clone3', 'unshare'));
    // As people keep it: a file, read anew.
    const [read] = await readProfiles(new TextEncoder().encode(serializeProfile(edited)), { name: 'p.json' });
    const match = read?.profile === undefined ? undefined : identifyBase(read.profile);
    expect(match).toMatchObject({
      base: 'docker-default@20.10.9',
      family: 'docker-default',
      date: '2021-02-26',
      form: 'whole',
      changes: { added: ['clone3'], removed: ['ptrace'], changed: ['unshare'] },
    });
    expect(match?.releases.map(({ version }) => version)).toEqual(
      [4, 5, 6, 7, 8, 9].map((patch) => `20.10.${patch}`),
    );
    // Names that came since, by the names that the two files have: jq 'map(.names) | add' of both.
    expect(match?.behind).toEqual(
      expect.arrayContaining(['clone3', 'futex_waitv', 'landlock_add_rule', 'mseal']),
    );
    expect(match?.behind).not.toContain('openat2');
  });

  it.each(datedFamilies)('knows each profile of %s itself, whole and resolved', (family) => {
    for (const run of runsOfFamily(family)) {
      for (const form of copyForms) {
        const match = identifyBase(datedInForm(run.profile, form));
        expect(match?.distance, `${family} ${run.line}`).toBe(0);
        expect(match?.changes, `${family} ${run.line}`).toEqual({ added: [], removed: [], changed: [] });
        const versions = match?.releases.map(({ version }) => version) ?? [];
        // Resolved, several may be one.
        if (form === 'whole') {
          const found = match?.releases[0]?.run.profile ?? -1;
          const [ours, theirs] = [run.profile, found].map((each) => factsOf(datedProfile(each)));
          expect([...(ours?.keys() ?? [])].sort()).toEqual([...(theirs?.keys() ?? [])].sort());
        }
        expect(versions.length).toBeGreaterThan(0);
      }
    }
  });

  it('is not misled by changes of calls that all defaults have', () => {
    const common = [...factsOf(dated('1.11')).keys()].filter((call) =>
      datedProfiles.every((_, profile) => {
        const own = factsOf(datedProfile(profile)).get(call);
        return own?.length === 1 && own[0]?.key === 'SCMP_ACT_ALLOW ,,';
      }),
    );
    expect(common.length).toBeGreaterThan(200);
    const docker = runsOfFamily('docker-default').map(({ profile }) => profile);
    fc.assert(
      fc.property(
        fc.constantFrom(...docker),
        fc.subarray(common, { maxLength: 60 }),
        fc.subarray(['my_call', 'other_call', 'third_call']),
        (number, removed, added) => {
          const base = datedProfile(number);
          const less = removed.reduce(withoutCall, base);
          const edited = added.length === 0 ? less : withRule(less, allow(...added));
          const match = identifyBase(edited);
          expect(match?.distance).toBe(removed.length + added.length);
          expect(match?.changes).toEqual({ added, removed: [...removed].sort(), changed: [] });
        },
      ),
      { numRuns: samples(60) },
    );
  });

  it('says nothing of profiles that are no copies', () => {
    expect(identifyBase({ dialect: 'oci', defaultAction: 'SCMP_ACT_ALLOW', rules: [] })).toBeUndefined();
    const few = allow('read', 'write', 'exit', 'exit_group', 'rt_sigreturn', 'openat', 'close');
    expect(identifyBase({ dialect: 'oci', defaultAction: 'SCMP_ACT_ERRNO', rules: [few] })).toBeUndefined();
    // Denied, not allowed: the same names say something else.
    const denied = dated('28.0').rules.map((rule) => ({ ...rule, action: 'SCMP_ACT_KILL_PROCESS' }));
    expect(
      identifyBase({ dialect: 'docker', defaultAction: 'SCMP_ACT_ALLOW', rules: denied }),
    ).toBeUndefined();
  });

  it('compares with a base that is named, however far', () => {
    const match = compareWithBase(dated('28.0'), findRelease('docker-default', '1.11'));
    expect(match.base).toBe('docker-default@1.11.2');
    expect(match.changes.added).toContain('statx');
    expect(match.changes.removed).toEqual([]);
  });
});

describe('likenesses', () => {
  it('are those that a comparison fact by fact gives', () => {
    const subject = factsOf(withRule(withoutCall(dated('19.03'), 'read'), allow('clone3', 'personality')));
    const all = likenesses(subject, copyForms);
    expect(all.length).toBe(2 * datedProfiles.length);
    for (const { profile, form, distance, similarity } of all) {
      const other = factsOf(datedInForm(profile, form));
      const texts = (facts: typeof other): ReadonlySet<string> =>
        new Set([...facts].flatMap(([call, list]) => list.map(({ key }) => `${call} ${key}`)));
      const [a, b] = [texts(subject), texts(other)];
      const shared = [...a].filter((text) => b.has(text)).length;
      expect(distance, `${profile} ${form}`).toBe(a.size + b.size - 2 * shared);
      expect(similarity).toBeCloseTo(shared / (a.size + b.size - shared), 9);
      expect(changedCalls(subject, profile, form)).toEqual(differingCalls(subject, other));
    }
  });

  it('take the old form of a rule as engines do', () => {
    const calls = dated('1.12').rules.flatMap(callsOfRule);
    expect(calls).toContain('accept4');
    expect(new Set(calls)).toEqual(new Set(factsOf(dated('1.12')).keys()));
  });
});

const corpus = new URL('../../../shared/data/corpus/', import.meta.url);

/** A row of docs/default-profiles.md. The files themselves are not copied: their names tell repository and commit. */
function copyRow([file, found]: readonly [string, string]): string {
  const [, owner, repository, commit] = /^(.+?)__(.+?)(?:@([0-9a-f]+))?__/.exec(file) ?? [];
  const [base = '', form = '', edits = '', behind = ''] = found.split(/[ ,]+(?=whole|resolved|\d)/);
  const name = `${owner}/${repository}${commit === undefined ? '' : ` at ${commit}`}`;
  if (found === 'no copy') return `| ${name} | no copy of a default | | |`;
  const release = form === 'whole' ? base : `${base}, resolved`;
  return `| ${name} | ${release} | ${Number.parseInt(edits, 10)} | ${Number.parseInt(behind, 10)} |`;
}

it('the table of copies in the documentation is the one that was found', async () => {
  const page = `${import.meta.dirname}/../../docs/default-profiles.md`;
  const known: Record<string, string> = JSON.parse(
    readFileSync(`${import.meta.dirname}/corpus-bases.json`, 'utf8'),
  );
  const rows = Object.entries(known).map(copyRow);
  expect(rows.length).toBeGreaterThan(20);
  const table = ['| profile | copied from | edits | behind |', '| --- | --- | --- | --- |', ...rows].join(
    '\n',
  );
  const text = readFileSync(page, 'utf8');
  const [start, end] = [text.indexOf(COPIES[0]), text.indexOf(COPIES[1])];
  const wanted = `${text.slice(0, text.indexOf('\n', start) + 1)}\n${table}\n\n${text.slice(end)}`;
  expect([start, end].map((each) => each > 0)).toEqual([true, true]);
  await expect(wanted).toMatchFileSnapshot(page);
});

const COPIES = ['<!-- copies', '<!-- end of copies'] as const;

describe.skipIf(!existsSync(corpus))('profiles from the wild (needs ../shared/data/corpus)', () => {
  /** Of files that name a commit: the release beside it, by the commit's day. */
  const commits: Readonly<Record<string, string>> = {
    // 2016-07-06
    'moby__moby@4eaeca3a03__profiles_seccomp_default.json': '1.12.6',
    // 2017-05-02
    'moby__profiles@6f7d470b89__seccomp_default.json': '17.05.0',
    // 2017-08-09
    'moby__profiles@d8aa89f0a4__seccomp_default.json': '18.03.1',
    // 2021-03-04
    'moby__profiles@dca1578162__seccomp_default.json': '20.10.9',
    // 2021-06-02
    'moby__moby@3b40a918a0__profiles_seccomp_default.json': '20.10.9',
    // 2026-05-01
    'moby__profiles@7158007a83__seccomp_default.json': '29.4.2',
  };

  it('are found to be copies of the releases that they are copies of', async () => {
    const table: Record<string, string> = {};
    for (const file of existsSync(corpus) ? readdirSync(corpus).sort() : []) {
      if (file.endsWith('.tsv')) continue;
      for (const { profile } of await readProfiles(readFileSync(new URL(file, corpus)), { name: file })) {
        if (profile === undefined) continue;
        const calls = factsOf(profile).size;
        const match = identifyBase(profile);
        if (calls > 140) {
          table[file] =
            match === undefined
              ? 'no copy'
              : `${match.base} ${match.form}, ${match.distance} edits, ${match.behind.length} behind`;
        }
        const wanted = commits[file];
        if (wanted !== undefined) expect(match?.base, file).toBe(`docker-default@${wanted}`);
      }
    }
    await expect(`${JSON.stringify(table, undefined, 2)}\n`).toMatchFileSnapshot('corpus-bases.json');
  });
});

it('compares tens of thousands of rules for one call in less than the time of their square', () => {
  const rules = Array.from(
    { length: 30_000 },
    (_, at): ProfileRule => ({
      ...{ names: ['ioctl'], action: 'SCMP_ACT_ALLOW' },
      args: [{ index: 1, op: 'SCMP_CMP_EQ', value: BigInt(at) }],
    }),
  );
  const seconds = cpuClock();
  const [one, other] = [factsOf({ rules }), factsOf({ rules: rules.toReversed() })];
  expect(one.get('ioctl')).toHaveLength(rules.length);
  expect(differingCalls(one, other).size).toBe(0);
  expect(seconds()).toBeLessThan(4);
});
