/**
 * Lint rules as text and as JSON.
 * @module
 */
import type { RuleGroup } from '../../lint/engine/rule.ts';
import type { ListedRule } from '../lint/listed-rules.ts';
import type { Colors } from './colors.ts';

const groups = {
  meaning: 'The profile is not what its author thinks',
  openness: 'It lets more through than meant',
  breakage: 'It breaks programs',
  form: 'Form',
} as const satisfies Record<RuleGroup, string>;

export function ruleJson({ id, group, level, title, fixable = false, module }: ListedRule) {
  return { id, group, level, title, fixable, ...(module === undefined ? {} : { module }) };
}

export function renderList(rules: readonly ListedRule[], { bold, red, yellow, dim }: Colors): string {
  const width = Math.max(...rules.map(({ id }) => id.length));
  const sections = (Object.keys(groups) as RuleGroup[]).map((group) => {
    const rows = rules
      .filter((rule) => rule.group === group)
      .map(({ id, level, title, fixable = false }) => {
        const word = level.padEnd(5);
        const label = level === 'error' ? red(word) : level === 'warn' ? yellow(word) : dim(word);
        return `  ${id.padEnd(width)}  ${label}  ${fixable ? 'fix' : '   '}  ${title}\n`;
      });
    return `${bold(groups[group])}\n${rows.length === 0 ? '  none\n' : rows.join('')}`;
  });
  return `${sections.join('\n')}\nfix: some of its findings can be fixed with lint --fix or --fix-all. oci-seccomp rules RULE explains one.\n`;
}

export function renderFacts(
  { level, fixable = false, group, id, module }: ListedRule,
  { bold }: Colors,
): string {
  const from = module === undefined ? '' : ` ${bold('Module')}: ${module}.`;
  return `${bold('Level')}: ${level}; set it with --rule ${id}=LEVEL. ${bold('Group')}: ${group}. ${bold('Fixable')}: ${fixable ? 'some findings' : 'no'}.${from}\n`;
}
