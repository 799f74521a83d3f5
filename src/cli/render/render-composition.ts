/**
 * What `intersect`, `union` and `simplify` say of the profile that they made.
 * @module
 */
import { listWords } from '../../abi/list-words.ts';
import type { ContradictedCall } from '../../compose/contradicted-rules.ts';
import type { CompositionProof, HostDifference } from '../../compose/prove-composition.ts';
import type { Host } from '../../oci/host.ts';
import type { Profile } from '../../oci/profile.ts';
import type { Composed } from '../answers/composed-profile.ts';
import { formatHost } from '../operands/host-options.ts';
import { contradictionLines, keptContradictionLines } from './contradiction-text.ts';
import { archsOf, coveringText } from './covering-text.ts';
import { lostJson } from './lost-json.ts';
import { printJson } from './print-json.ts';
import { arrange, renderDifferences } from './render-diff.ts';
import { plural } from './render-problems.ts';
import { unreadLines } from './unread-text.ts';

/** How a command names what it made. */
export interface CompositionWords {
  /** `the intersection of a.json and b.json` */
  readonly result: string;
  /** `gets the strictest verdict that one of them gives it` */
  readonly meaning: string;
}

/** The summary: sizes, and what the proof says. @param breaks - what breaks under the result, a sentence each */
export function renderComposition(
  { inputs, composition, host }: Composed,
  words: CompositionWords,
  breaks: readonly string[],
): string {
  const { profile, proof } = composition;
  const sizes = inputs.map((input) => `${input.name}: ${sizeOf(input.profile)}`);
  // With one input, the name of the result holds its name already.
  const before = inputs.length === 1 ? `before: ${sizeOf(inputs[0]?.profile ?? profile)}` : sizes.join('; ');
  const where = host === undefined ? hostsText(proof) : `for ${formatHost(host)}`;
  const lines = [
    `${words.result}: ${sizeOf(profile)} (${before})`,
    proof.stricter.length === 0 ? `proven: every call ${words.meaning}, ${where}` : lossText(proof, where),
  ];
  const elsewhere = host === undefined ? unlistedText(proof) : '';
  const rests = `runc also answers ENOSYS for calls newer than the profile's newest (names of ${proof.table})`;
  return `${lines.join('\n')}\n${stricterText(proof)}${elsewhere}${rests}\n${warningText(inputs, proof)}${breaks.map((line) => `warning: ${line}\n`).join('')}`;
}

/** What nobody reads in the inputs, which of their rules contradict each other, and which of the result still do. */
function warningText(
  inputs: Composed['inputs'],
  { contradicted, hosts }: CompositionProof,
  checked?: string,
): string {
  const archs = archsOf(hosts);
  const ofInputs = inputs.flatMap(({ name, problems }, which) => [
    ...unreadLines(name, problems),
    ...contradictionLines(name, contradicted.inputs[which] ?? [], archs, 'here the strictest counts'),
  ]);
  const ofResult =
    checked === undefined
      ? keptContradictionLines(contradicted.result, archs)
      : contradictionLines(checked, contradicted.result, archs, 'here the strictest counts');
  return [...new Set([...ofInputs, ...ofResult])].map((line) => `warning: ${line}\n`).join('');
}

/** What is proven where no rules express the result exactly. */
function lossText({ stricter }: CompositionProof, where: string): string {
  const changes = stricter.flatMap(({ differences }) => differences.flatMap((each) => each.changes));
  const isThread = changes.some(({ kind }) => kind === 'looser' || kind === 'different');
  const held = isThread ? 'no call gets through that should not' : 'no call gets a looser verdict';
  const instead = isThread
    ? 'a stricter verdict, or their thread is killed and not the process'
    : 'a stricter verdict';
  return `proven: ${held}, ${where}\nno rules say the result exactly for these calls, so they get ${instead}:`;
}

/** On which usual architectures that the profiles do not list the proof holds, and on which not. */
function unlistedText({ unlisted: { hosts, differences } }: CompositionProof): string {
  const bad = archsOf(differences.map(({ host }) => host));
  const good = archsOf(hosts).filter((arch) => !bad.includes(arch));
  const proven = good.length === 0 ? '' : `also on ${listWords(good)}, which the profiles do not list\n`;
  const missed = `not proven on ${listWords(bad)}, which the profiles do not list; --report says for which calls\n`;
  return proven + (bad.length === 0 ? '' : missed);
}

function sizeOf({ rules }: Profile): string {
  return `${plural(rules.length, 'rule')}, ${plural(countNames(rules), 'name')}`;
}

function countNames(rules: Profile['rules']): number {
  return rules.reduce((sum, rule) => sum + rule.names.length + (rule.name ? 1 : 0), 0);
}

function hostsText({ hosts }: CompositionProof): string {
  return coveringText(hosts);
}

function stricterText({ stricter }: CompositionProof): string {
  const [first] = stricter;
  if (first === undefined) return '';
  const { host, differences } = first;
  return renderDifferences(
    arrange(differences, [host.arch]),
    { first: 'wanted', second: 'the result' },
    { verbose: false },
  );
}

/** What `--check` found. @param isRight - where the profile may be stricter, it can differ and be right */
export function renderCheck(
  file: string,
  proof: CompositionProof,
  words: CompositionWords,
  isRight: boolean,
  inputs: Composed['inputs'],
): string {
  const warnings = warningText(inputs, proof, file);
  const found = [...proof.wrong, ...proof.stricter];
  const [first] = found;
  if (first === undefined)
    return `${file} means ${words.result}: proven for every call, ${hostsText(proof)}\n${warnings}`;
  const sides = { first: words.result, second: file };
  const text = renderDifferences(arrange(first.differences, [first.host.arch]), sides, { verbose: false });
  const others = found.length === 1 ? '' : `and on ${plural(found.length - 1, 'other host')}\n`;
  const told = isRight
    ? `${file} is stricter than ${words.result}: proven, no call gets through that should not, ${hostsText(proof)}\nfor instance`
    : `${file} does not mean ${words.result};`;
  return `${told} on ${formatHost(first.host)}:\n${text}${others}${warnings}`;
}

/** The command that made a profile. */
export type CompositionVerb = 'intersect' | 'union' | 'simplify';

/** What `--check` compared. */
interface Checked {
  readonly file: string;
  readonly proof: CompositionProof;
}

/** All that the proof says, as data. */
export function renderCompositionReport(
  verb: CompositionVerb,
  { inputs, composition, host }: Composed,
  checked: Checked | undefined,
  breaks: readonly string[] = [],
): string {
  const { profile, proof } = composition;
  return printJson({
    command: verb,
    inputs: inputs.map((input, which) => ({
      name: input.name,
      dialect: input.profile.dialect,
      ...sizeJson(input.profile),
      contradicted: (proof.contradicted.inputs[which] ?? []).map(contradictedJson),
    })),
    result: {
      dialect: profile.dialect,
      ...sizeJson(profile),
      contradicted: proof.contradicted.result.map(contradictedJson),
      breaks,
    },
    host: host === undefined ? null : hostJson(host),
    hosts: proof.hosts.map(hostJson),
    table: proof.table,
    equal: proof.stricter.length === 0,
    stricter: proof.stricter.map(hostDifferenceJson),
    unlisted: {
      hosts: proof.unlisted.hosts.map(hostJson),
      different: proof.unlisted.differences.map(hostDifferenceJson),
    },
    check:
      checked === undefined
        ? null
        : {
            file: checked.file,
            equal: checked.proof.wrong.length + checked.proof.stricter.length === 0,
            differences: [...checked.proof.wrong, ...checked.proof.stricter].map(hostDifferenceJson),
          },
  });
}

function contradictedJson({ name, metOn, refusedOn }: ContradictedCall): object {
  return { call: name, metOn, refusedOn };
}

function sizeJson({ rules }: Profile): object {
  return { rules: rules.length, names: countNames(rules) };
}

function hostJson({ arch, kernel, capabilities = [] }: Host): object {
  return { arch, kernel: `${kernel.kernel}.${kernel.major}`, capabilities };
}

function hostDifferenceJson({ host, differences }: HostDifference): object {
  return { host: hostJson(host), calls: lostJson(differences, host.arch) };
}
