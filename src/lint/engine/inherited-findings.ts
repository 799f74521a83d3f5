/**
 * Findings that a profile has from the default that it is a copy of.
 *
 * The newest release of that default is linted in the same way. A finding is inherited if the default has the same one: the same
 * lint rule says the same, with the same proof, at the same rule of the profile. Both profiles must also say the same about every
 * call that the finding names. So what an author added, removed or changed never counts as the engine's.
 * @module
 */
import type { SeccompData } from '../../abi/seccomp-data.ts';
import { syscallName } from '../../abi/syscall-numbers.ts';
import { changedCalls } from '../../compose/dated/fact-index.ts';
import { newestRelease } from '../../compose/dated/releases.ts';
import { differingCalls, factsOf } from '../../compose/dated/rule-facts.ts';
import { type NearestBase, nameOf } from '../../compose/identify-base.ts';
import { archOfCall } from '../../decision/witness.ts';
import type { Profile } from '../../oci/profile.ts';
import { copiedBase } from '../ask/copied-base.ts';
import type { Finding, InheritedFinding } from './finding.ts';
import { anchorOf, callsAt, keyOfFinding, type Source, sourceOf } from './finding-key.ts';
import type { DefaultQuestion, FindAll } from './lint-default.ts';
import type { LintOptions, LintResult } from './lint-request.ts';
import { shippedKeys } from './shipped-keys.ts';

/** Takes the findings that a profile inherits from the others. */
export async function splitInherited(
  { profile, findings }: LintResult,
  options: LintOptions,
  findAll: FindAll,
): Promise<{ readonly own: readonly Finding[]; readonly inherited: readonly InheritedFinding[] }> {
  const match = profile === undefined || findings.length === 0 ? undefined : copiedBase(profile);
  if (profile === undefined || match === undefined) return { own: findings, inherited: [] };
  const release = newestRelease(match.family);
  const asked = new Set(findings.map(({ rule }) => rule));
  const original =
    (await shipped(match, profile, options, asked)) ??
    (await linted(match, profile, { options, findAll, asked }));
  const copy = sourceOf(profile);
  const theirs = countKeys(original.keys);
  const own: Finding[] = [];
  const inherited: InheritedFinding[] = [];
  for (const finding of findings) {
    const key = keyOfFinding(finding, copy);
    const left = theirs.get(key) ?? 0;
    if (left > 0 && isOriginal(finding, copy, original.changed)) {
      theirs.set(key, left - 1);
      inherited.push({ ...finding, base: nameOf(release) });
    } else own.push(finding);
  }
  return { own, inherited };
}

/** The default that a copy is compared with. */
interface Original {
  /** The keys of its findings. */
  readonly keys: readonly string[];
  /** The calls of which the copy says something else. */
  readonly changed: ReadonlySet<string>;
}

async function shipped(...asked: Parameters<typeof shippedKeys>): Promise<Original | undefined> {
  const keys = await shippedKeys(...asked);
  const [{ family, form }, copy] = asked;
  return keys === undefined
    ? undefined
    : { keys, changed: changedCalls(factsOf(copy), newestRelease(family).run.profile, form) };
}

async function linted(match: NearestBase, copy: Profile, asked: DefaultQuestion): Promise<Original> {
  // Most copies are linted as the defaults were whose keys come with the package.
  const { findInDefault } = await import('./lint-default.ts');
  const { profile, findings } = await findInDefault(match, copy, asked);
  const facts = factsOf(copy);
  if (profile === undefined) return { keys: [], changed: new Set(facts.keys()) };
  const source = sourceOf(profile);
  return {
    keys: findings.map((finding) => keyOfFinding(finding, source)),
    changed: differingCalls(facts, source.facts),
  };
}

function countKeys(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** Whether the original and the copy say the same about everything that a finding is about. */
function isOriginal(finding: Finding, copy: Source, changed: ReadonlySet<string>): boolean {
  const { message, range, related = [], witness } = finding;
  // If the message cuts a list off, the names that it leaves out may differ.
  if (/\d more\b/.test(message) && anchorOf(range.pointer, copy).rule === undefined) {
    return changed.size === 0;
  }
  const texts = [message, ...related.map((each) => each.message)];
  const words = texts.flatMap((text) => text.match(/[a-z_][a-z0-9_]*/g) ?? []);
  const named = [...words, ...(witness === undefined ? [] : nameOfCall(witness.call))];
  const calls = new Set([...named, ...callsAt(range.pointer, copy)]);
  for (const { range: place } of related) {
    const there = callsAt(place.pointer, copy);
    // If the related rule names one of these calls, its other names do not matter.
    if (!there.some((call) => named.includes(call))) for (const call of there) calls.add(call);
  }
  return [...calls].every((call) => !changed.has(call));
}

function nameOfCall({ arch: auditArch, nr }: SeccompData): readonly string[] {
  const arch = archOfCall({ arch: auditArch, nr });
  const name = arch === undefined ? undefined : syscallName(nr, arch);
  return name === undefined ? [] : [name];
}
