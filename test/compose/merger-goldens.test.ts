/**
 * The cases of security-profiles-merger, the merger of KEP-6061, read from its repository: what its golden files say is what
 * `intersect` and `union` make of the same inputs. The prover compares the two results, for every call.
 *
 *   git clone --bare https://github.com/kubernetes-sigs/security-profiles-merger .cache/repositories/security-profiles-merger
 *
 * Its first home has the plain cases, if a copy of the second one lacks them:
 *
 *   git clone --bare https://github.com/saschagrunert/security-profiles-merger .cache/repositories/security-profiles-merger-first
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Composition, intersectProfiles, uniteProfiles } from '../../src/compose/index.ts';
import { loosest, strictest } from '../../src/compose/join-meanings.ts';
import { proveComposition } from '../../src/compose/prove-composition.ts';
import type { Profile } from '../../src/oci/profile.ts';
import { readProfiles } from '../../src/oci/read-profiles.ts';
import { clones } from './dated/clones.ts';

const repositories = ['security-profiles-merger', 'security-profiles-merger-first'].map((name) =>
  join(clones, name),
);

/** The clone that has a file of the cases. */
function cloneWith(name: string): string | undefined {
  return repositories.find(
    (each) =>
      existsSync(each) &&
      spawnSync('git', ['-C', each, 'cat-file', '-e', `HEAD:cmd/spm/testdata/${name}`]).status === 0,
  );
}

function fileOf(name: string): string {
  const args = ['-C', cloneWith(name) ?? '', 'show', `HEAD:cmd/spm/testdata/${name}`];
  return execFileSync('git', args, { encoding: 'utf8' });
}

async function profileOf(text: string, name: string): Promise<Profile> {
  const [read] = await readProfiles(new TextEncoder().encode(text), { name, dialect: 'oci' });
  if (read?.profile === undefined) throw new Error(`${name} is no profile`);
  return read.profile;
}

/** What is different between a composition's inputs, joined, and a profile. */
function wrongIn({ join: how, proof }: Composition, inputs: readonly Profile[], other: Profile): number {
  const { wrong, stricter } = proveComposition(inputs, other, how, proof.hosts);
  return wrong.length + stricter.length;
}

const cases = [
  ['merge_seccomp_intersect.golden', intersectProfiles, uniteProfiles],
  ['merge_seccomp_union_stdin.golden', uniteProfiles, intersectProfiles],
] as const;

async function inputsOf(golden: string): Promise<readonly Profile[]> {
  const texts = golden.includes('stdin')
    ? (JSON.parse(fileOf('seccomp_stdin.json')) as unknown[]).map((each) => JSON.stringify(each))
    : ['seccomp_a.json', 'seccomp_b.json'].map(fileOf);
  return Promise.all(texts.map((text, at) => profileOf(text, `input ${at}`)));
}

/** The richer inputs. The second one lists architectures of both byte orders, which no filter can hold. */
async function richInputs(): Promise<readonly [Profile, Profile]> {
  const texts = ['seccomp_rich_a.json', 'seccomp_rich_b.json'].map(fileOf);
  const [first, second] = (await Promise.all(texts.map((text, at) => profileOf(text, `rich ${at}`)))) as [
    Profile,
    Profile,
  ];
  return [first, onOneByteOrder(second)];
}

function onOneByteOrder({ refusals: _, ...profile }: Profile): Profile {
  const architectures = (profile.architectures ?? []).filter((name) => name !== 'SCMP_ARCH_S390X');
  return { ...profile, architectures };
}

function onX86_64(profile: Profile): Profile {
  return { ...profile, architectures: ['SCMP_ARCH_X86_64'] };
}

/** A filter has one listener; the merger takes that of the first profile. */
function withListenerOf({ listenerPath = '', listenerMetadata = '' }: Profile, profile: Profile): Profile {
  return { ...profile, listenerPath, listenerMetadata };
}

const hasPlain = cloneWith('seccomp_a.json') !== undefined;
const hasRich = cloneWith('seccomp_rich_a.json') !== undefined;
const suffix = ' (needs its clones, see the head of this file)';

describe.skipIf(!hasPlain)(`the golden cases of security-profiles-merger${hasPlain ? '' : suffix}`, () => {
  it.each(cases)('%s means what we compose', async (golden, compose, opposite) => {
    const inputs = await inputsOf(golden);
    const theirs = await profileOf(fileOf(golden), golden);
    const ours = compose(inputs);
    expect(wrongIn(ours, inputs, theirs)).toBe(0);
    // The comparison sees a wrong answer: these inputs differ, so the other operation means something else.
    expect(wrongIn(opposite(inputs), inputs, theirs)).toBeGreaterThan(0);
  });
});

describe.skipIf(!hasRich)(`the rich golden cases of security-profiles-merger${hasRich ? '' : suffix}`, () => {
  it.each([
    ['merge_seccomp_rich_intersect.golden', intersectProfiles, ''],
    ['merge_seccomp_rich_union.golden', uniteProfiles, 'union'],
    ['merge_seccomp_rich_union_reversed.golden', uniteProfiles, 'union reversed'],
  ] as const)(
    '%s means what we compose, once a filter can hold the inputs',
    async (golden, compose, kind) => {
      const [a, b] = await richInputs();
      const [first, second] = kind === 'union reversed' ? [b, a] : [a, b];
      expect(() => compose([first, second])).toThrow(/different listeners/);
      const isUnion = kind !== '';
      const sameListener = [first, withListenerOf(first, second)];
      const golden64 = onOneByteOrder(await profileOf(fileOf(golden), golden));
      const inputs = isUnion ? sameListener.map(onX86_64) : sameListener;
      const theirs = isUnion ? onX86_64(golden64) : golden64;
      const ours = compose(inputs);
      expect(wrongIn(ours, inputs, theirs)).toBe(0);
      expect([...(ours.profile.flags ?? [])].sort()).toEqual([...(theirs.flags ?? [])].sort());
      expect(ours.profile.architectures).toEqual(theirs.architectures);
      expect(ours.profile.listenerPath).toBe(theirs.listenerPath);
      if (!isUnion) return;
      // One profile is for ARM too, and the other one's calls are allowed there in their result. Neither lets them through.
      expect(() => compose(sameListener)).toThrow(/(fstat|open|close)\(.*\) of arm should get ERRNO/);
      const { wrong } = proveComposition(sameListener, golden64, loosest, ours.proof.hosts);
      const looser = wrong
        .flatMap(({ differences }) => differences)
        .filter(({ changes }) => changes.some(({ kind }) => kind === 'looser'));
      expect(looser.map(({ arch }) => arch)).toContain('arm');
    },
  );

  it('are refused as they stand: libseccomp holds one byte order', async () => {
    const [read] = await readProfiles(new TextEncoder().encode(fileOf('seccomp_rich_b.json')), {
      name: 'b',
      dialect: 'oci',
    });
    expect(read?.problems.map(({ code }) => code)).toContain('mixed-byte-order');
  });
});

describe('a call with other comparisons in each profile', () => {
  it('gets its exact answer, where security-profiles-merger kills the process', () => {
    // The case and its answer are in seccomp/merge_test.go: TestIntersectDifferentArgsDenied.
    const flagClear = (value: bigint): Profile => ({
      dialect: 'oci',
      defaultAction: 'SCMP_ACT_ERRNO',
      rules: [
        {
          names: ['clone'],
          action: 'SCMP_ACT_ALLOW',
          args: [{ index: 0, op: 'SCMP_CMP_MASKED_EQ', value, valueTwo: 0n }],
        },
      ],
    });
    const inputs = [flagClear(0x10000n), flagClear(0x20000n)];
    const ours = intersectProfiles(inputs);
    expect(ours.proof.stricter).toEqual([]);
    const exact = proveComposition(inputs, ours.profile, strictest, ours.proof.hosts);
    expect([exact.wrong, exact.stricter]).toEqual([[], []]);
    const theirs: Profile = {
      dialect: 'oci',
      defaultAction: 'SCMP_ACT_ERRNO',
      rules: [{ names: ['clone'], action: 'SCMP_ACT_KILL_PROCESS' }],
    };
    const { wrong, stricter } = proveComposition(inputs, theirs, strictest, ours.proof.hosts);
    expect(wrong).toEqual([]);
    expect(stricter.length).toBeGreaterThan(0);
  });
});
