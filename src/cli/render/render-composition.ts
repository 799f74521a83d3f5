/**
 * What a command says of the profile that it made.
 * @module
 */
import type { CompositionProof } from '../../compose/prove-composition.ts';
import type { Profile } from '../../oci/profile.ts';
import type { Composed } from '../answers/composed-profile.ts';
import { formatHost } from '../operands/host-options.ts';
import { arrange, renderDifferences } from './render-diff.ts';
import { plural } from './render-problems.ts';

/** How a command names what it made. */
export interface CompositionWords {
  /** `the intersection of a.json and b.json` */
  readonly result: string;
  /** `gets the strictest verdict that one of them gives it` */
  readonly meaning: string;
}

/** The summary: sizes, and what the proof says. */
export function renderComposition({ inputs, composition, host }: Composed, words: CompositionWords): string {
  const { profile, proof } = composition;
  const sizes = inputs.map((input) => `${input.name}: ${sizeOf(input.profile)}`);
  const where = host === undefined ? hostsText(proof) : `for ${formatHost(host)}`;
  const lines = [
    `${words.result}: ${sizeOf(profile)} (${sizes.join('; ')})`,
    proof.stricter.length === 0
      ? `proven: every call ${words.meaning}, ${where}`
      : `proven: no call gets a looser verdict, ${where}; these get a stricter one, because no profile can say it exactly:`,
  ];
  const rests = `this rests on the names of ${proof.table}; runc also answers ENOSYS for calls newer than all that the profile names`;
  return `${lines.join('\n')}\n${stricterText(proof)}${rests}\n`;
}

function sizeOf({ rules }: Profile): string {
  const names = rules.reduce((sum, rule) => sum + rule.names.length + (rule.name ? 1 : 0), 0);
  return `${plural(rules.length, 'rule')}, ${plural(names, 'name')}`;
}

function hostsText({ hosts }: CompositionProof): string {
  const archs = [...new Set(hosts.map(({ arch }) => arch))].join(', ');
  return hosts.length === 1
    ? `on ${archs}`
    : `whatever capabilities and kernel: ${hosts.length} hosts show every combination that a call depends on (${archs})`;
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

/** What `--check` found. */
export function renderCheck(file: string, proof: CompositionProof, words: CompositionWords): string {
  const found = [...proof.wrong, ...proof.stricter];
  const [first] = found;
  if (first === undefined)
    return `${file} means ${words.result}: proven for every call, ${hostsText(proof)}\n`;
  const sides = { first: words.result, second: file };
  const text = renderDifferences(arrange(first.differences, [first.host.arch]), sides, { verbose: false });
  const others = found.length === 1 ? '' : `and on ${plural(found.length - 1, 'other host')}\n`;
  return `${file} does not mean ${words.result}; on ${formatHost(first.host)}:\n${text}${others}`;
}
