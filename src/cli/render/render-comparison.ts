/**
 * Comparisons of two filters in the forms that `diff` and `subset` print.
 * @module
 */
import type { ArchDifference } from '../../decision/difference.ts';
import { formatCompany } from '../../decision/format-call.ts';
import type { FilterComparison } from '../answers/compare-filters.ts';
import { basisJson, renderBasis } from './answer-basis.ts';
import { archDifferencesJson, companyJson } from './json-meaning.ts';
import { printJson } from './print-json.ts';
import { arrange, type RenderOptions, renderDifferences, summarize } from './render-diff.ts';
import { renderBasisMarkdown, renderDifferencesMarkdown } from './render-diff-markdown.ts';

export type ComparisonFormat = 'human' | 'json' | 'markdown';

export function renderComparison(
  comparison: FilterComparison,
  format: ComparisonFormat,
  options: RenderOptions,
): string {
  return formats[format](comparison, options);
}

const formats = {
  human: (comparison, options) => {
    const { differences, preferred, bases } = comparison;
    const arranged = arrange(differences, preferred);
    const text = renderDifferences(arranged, comparison, options);
    return `${summarize(arranged, comparison)}\n${text}${companyText(comparison)}${renderBasis(bases)}`;
  },
  json: (comparison) =>
    printJson({
      first: comparison.first,
      second: comparison.second,
      equal: comparison.differences.length === 0,
      architectures: archDifferencesJson(comparison.differences),
      besideAnotherFilter: companyJson(comparison.company),
      restsOn: comparison.bases.map(basisJson),
    }),
  markdown: (comparison) => {
    const { differences, preferred, bases } = comparison;
    const text = renderDifferencesMarkdown(arrange(differences, preferred), comparison);
    return `${text}${companyText(comparison, '\n', INDENTED_CODE)}${renderBasisMarkdown(bases)}`;
  },
} as const satisfies Record<
  ComparisonFormat,
  (comparison: FilterComparison, options: RenderOptions) => string
>;

/** Markdown leaves lines with this indent as they are. */
const INDENTED_CODE = '    ';

function companyText(comparison: FilterComparison, before = '', indent = ''): string {
  const { company } = comparison;
  if (company === undefined) return '';
  const lines = formatCompany(company, comparison).map((line) => `${indent}${line}\n`);
  return `${before}${lines.join('')}`;
}

/** Whether the inner filter is within the outer one. */
export interface SubsetAnswer {
  /** The outer filter comes first. */
  readonly comparison: FilterComparison;
  /** Where the inner filter is looser. */
  readonly outside: readonly ArchDifference[];
}

export function renderSubset({ comparison, outside }: SubsetAnswer, options: RenderOptions): string {
  const { first: outer, second: inner, differences, company, preferred } = comparison;
  const bases = renderBasis(comparison.bases.toReversed());
  if (outside.length > 0) {
    const text = renderDifferences(arrange(outside, preferred), comparison, options);
    return `${inner} is not within ${outer}: it is looser for these calls (verdict of ${outer} → its own)\n${text}${bases}`;
  }
  const note = company === undefined ? '' : `${formatCompany(company, comparison).join('\n')}\n`;
  const equal = differences.length === 0 ? '; they are equal' : '';
  return `${inner} is within ${outer}: no call gets a looser verdict${equal}\n${note}${bases}`;
}

export function renderSubsetJson(answer: SubsetAnswer): string {
  return printJson(subsetJson(answer));
}

/** The answer as a part of another JSON report. */
export function subsetJson({ comparison, outside }: SubsetAnswer) {
  const { first: outer, second: inner, differences, company, bases } = comparison;
  return {
    inner,
    outer,
    subset: outside.length === 0,
    equal: differences.length === 0,
    outside: archDifferencesJson(outside),
    besideAnotherFilter: companyJson(company),
    restsOn: bases.toReversed().map(basisJson),
  };
}
