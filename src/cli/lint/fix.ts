/**
 * Applies the fixes of findings by position, so that the formatting stays, until nothing is left to fix.
 *
 * A rule may say that its fix keeps the meaning. This module does not believe it: it proves that the profile means the
 * same. The proof covers each host that was linted for, all and no capabilities, the oldest and the newest kernel.
 * @module
 */
import { capabilitySets } from '../../abi/capabilities.ts';
import { decidePolicy } from '../../decision/decide-policy.ts';
import { findDifferences } from '../../decision/difference.ts';
import { formatCall } from '../../decision/format-call.ts';
import { createSpace } from '../../decision/space.ts';
import { OciSeccompError } from '../../errors.ts';
import { createView, type HostView } from '../../lint/ask/host-view.ts';
import type { Edit, Finding, Fix } from '../../lint/engine/finding.ts';
import type { LintOptions } from '../../lint/engine/lint-profile.ts';
import { singleFindings } from '../../lint/engine/merge-findings.ts';
import { presetRuntimes } from '../../lint/engine/presets.ts';
import type { Host } from '../../oci/host.ts';
import type { Profile } from '../../oci/profile.ts';
import { parseRuntime } from '../../policy/runtimes.ts';
import { type Linted, lintBytes } from './lint-files.ts';

const MAX_ROUNDS = 10;

interface Fixed {
  /** The text as it is to be written, byte-order mark included. */
  readonly text: string;
  /** Fixes that were applied. */
  readonly count: number;
  /** What is left, in the new text. */
  readonly linted: Linted;
}

/**
 * Fixes a profile.
 *
 * @param all - also fixes that change what the profile means, after the others
 * @returns `undefined` if there is nothing to fix
 * @throws OciSeccompError `ERR_PROOF` if the fixes that should keep the meaning do not
 */
export async function fixProfile(linted: Linted, all: boolean): Promise<Fixed | undefined> {
  const text = linted.read.document?.text;
  const original =
    typeof linted.bytes === 'string'
      ? linted.bytes
      : new TextDecoder('utf-8', { ignoreBOM: true }).decode(linted.bytes);
  const mark = original.startsWith('\ufeff') ? '\ufeff' : '';
  // Positions of edits count in the text as it was read.
  if (text === undefined || original !== mark + text) return undefined;
  const kept = await applyRounds(linted, ({ changesMeaning }) => !changesMeaning);
  if (kept.count > 0) await checkMeaning(linted, kept);
  const last = all ? await applyRounds(kept.linted, () => true) : { ...kept, count: 0 };
  const count = kept.count + last.count;
  const after = last.linted.read.document?.text;
  return count === 0 || after === undefined ? undefined : { text: mark + after, count, linted: last.linted };
}

interface Rounds {
  readonly linted: Linted;
  readonly count: number;
  readonly rules: ReadonlySet<string>;
}

async function applyRounds(start: Linted, wanted: (fix: Fix) => boolean): Promise<Rounds> {
  let linted = start;
  let count = 0;
  const rules = new Set<string>();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const text = linted.read.document?.text ?? '';
    const findings = choose(singleFindings(linted.result.findings), wanted, text.length);
    const next = applyEdits(
      text,
      findings.flatMap(({ fix }) => fix?.edits ?? []),
    );
    if (next === text) break;
    const { options, read } = linted;
    const again = await lintBytes(read.document?.name ?? '<input>', next, () => options, options);
    // Drop a fix whose result cannot be read.
    if (again.read.profile === undefined) break;
    linted = again;
    count += findings.length;
    for (const { rule } of findings) rules.add(rule);
  }
  return { linted, count, rules };
}

/** The findings whose fixes can be applied together: where two overlap the first wins. */
function choose(
  findings: readonly Finding[],
  wanted: (fix: Fix) => boolean,
  length: number,
): readonly Finding[] {
  const taken: Edit[] = [];
  return findings.filter(({ fix }) => {
    if (fix === undefined || !wanted(fix) || fix.edits.length === 0) return false;
    const fits = fix.edits.every(
      (edit) =>
        0 <= edit.start &&
        edit.start <= edit.end &&
        edit.end <= length &&
        !taken.some((other) => overlap(edit, other)),
    );
    if (fits) taken.push(...fix.edits);
    return fits;
  });
}

/** Edits that only touch count too: one may remove the text that the other is about. */
function overlap(a: Edit, b: Edit): boolean {
  return a.start <= b.end && b.start <= a.end;
}

function applyEdits(text: string, edits: readonly Edit[]): string {
  return [...edits]
    .sort((a, b) => b.start - a.start)
    .reduce((all, { start, end, text: insert }) => all.slice(0, start) + insert + all.slice(end), text);
}

async function checkMeaning(before: Linted, { linted, rules }: Rounds): Promise<void> {
  const [first, second] = [before.read.profile, linted.read.profile];
  if (first === undefined || second === undefined) return;
  const difference = await findChange(first, second, before.options);
  if (difference === undefined) return;
  throw new OciSeccompError(
    'ERR_PROOF',
    `the fixes of ${[...rules].join(', ')} would change what ${before.options.name ?? 'the profile'} means, and should not: ${difference}; nothing was written`,
    {
      hint: 'this is a defect of oci-seccomp, please report it with the profile',
      details: { rules: [...rules] },
    },
  );
}

/** Where two profiles mean something different, in words; `undefined` if they mean the same on all hosts. */
async function findChange(
  before: Profile,
  after: Profile,
  options: LintOptions,
): Promise<string | undefined> {
  const runtimes = (options.runtimes ?? presetRuntimes(options.preset) ?? ['runc']).map(parseRuntime);
  for (const host of hostsOf(options)) {
    for (const runtime of runtimes) {
      const request = (profile: Profile) => ({
        profile,
        host,
        runtime,
        compilers: [],
        engine: options.engine,
      });
      const change = compareViews(await createView(request(before)), await createView(request(after)));
      if (change !== undefined) return change;
    }
  }
  return undefined;
}

type View = HostView | OciSeccompError | undefined;

function compareViews(a: View, b: View): string | undefined {
  const isView = (view: View): view is HostView => view !== undefined && !(view instanceof OciSeccompError);
  if (!isView(a) || !isView(b)) {
    const same = isView(a) === isView(b) && (a === undefined) === (b === undefined);
    return same ? undefined : 'an engine or runtime takes only one of the two';
  }
  const space = createSpace();
  const first = decidePolicy(space, a.policy, a.expanded);
  const second = decidePolicy(space, b.policy, b.expanded);
  if (first === second) return undefined;
  const sighting = findDifferences(space, first, second)[0]?.changes[0]?.sightings[0];
  return sighting === undefined ? undefined : `${formatCall(sighting.call)} is answered otherwise`;
}

function hostsOf({ hosts = [], kernels }: LintOptions): readonly Host[] {
  return hosts.flatMap((host) => {
    const capabilities = [host.capabilities, capabilitySets.all, capabilitySets.none];
    const versions = kernels === undefined ? [host.kernel] : [host.kernel, kernels.oldest, kernels.newest];
    return capabilities.flatMap((held) =>
      versions.map((kernel) => ({ ...host, kernel, capabilities: held })),
    );
  });
}
