/**
 * `oci-seccomp rules`: the rules of lint, or the page of one.
 * @module
 */
import { nearest } from '../../abi/near.ts';
import { OciSeccompError } from '../../errors.ts';
import { allRules } from '../../lint/engine/registry.ts';
import type { LintRule, RuleGroup } from '../../lint/engine/rule.ts';
import type { Ending } from '../exit-code.ts';
import { renderMarkdown } from '../lint/render-markdown.ts';
import { readRulePage } from '../lint/rule-pages.ts';
import { type Colors, createColors, wantsColor } from '../render/colors.ts';
import { printJson } from '../render/json-meaning.ts';
import { isStdoutTerminal, writeStdout } from '../streams.ts';

export interface RulesCommandOptions {
  readonly json?: boolean;
}

const groups = {
  meaning: 'The profile is not what its author thinks',
  openness: 'It lets more through than meant',
  breakage: 'It breaks programs',
  form: 'Form',
} as const satisfies Record<RuleGroup, string>;

export async function runRules(
  operands: readonly string[],
  { json = false }: RulesCommandOptions,
): Promise<Ending> {
  const [id] = operands;
  if (operands.length > 1) {
    throw new OciSeccompError('ERR_USAGE', 'one rule at a time', { hint: 'without a rule all are listed' });
  }
  const colors = createColors(wantsColor(process.env, isStdoutTerminal()));
  if (id === undefined) {
    writeStdout(json ? printJson({ rules: allRules.map(ruleJson) }) : renderList(colors));
    return 'yes';
  }
  const rule = findRule(id);
  const page = readRulePage(rule.id) ?? `# ${rule.id}\n\n${rule.title}.\n`;
  if (json) writeStdout(printJson({ ...ruleJson(rule), page }));
  else writeStdout(`${renderMarkdown(page, colors)}\n${renderFacts(rule, colors)}`);
  return 'yes';
}

function findRule(id: string): LintRule {
  const rule = allRules.find((each) => each.id === id);
  if (rule !== undefined) return rule;
  const ids = allRules.map((each) => each.id);
  const near = nearest(id, ids) ?? ids.find((each) => each.includes(id));
  throw new OciSeccompError('ERR_USAGE', `there is no rule '${id}'`, {
    hint: near === undefined ? 'oci-seccomp rules lists them' : `did you mean ${near}?`,
  });
}

function ruleJson({ id, group, level, title, fixable }: LintRule) {
  return { id, group, level, title, fixable };
}

function renderList({ bold, red, yellow, dim }: Colors): string {
  const width = Math.max(...allRules.map(({ id }) => id.length));
  const sections = (Object.keys(groups) as RuleGroup[]).map((group) => {
    const rows = allRules
      .filter((rule) => rule.group === group)
      .map(({ id, level, title, fixable }) => {
        const word = level.padEnd(5);
        const label = level === 'error' ? red(word) : level === 'warn' ? yellow(word) : dim(word);
        return `  ${id.padEnd(width)}  ${label}  ${fixable ? 'fix' : '   '}  ${title}\n`;
      });
    return `${bold(groups[group])}\n${rows.length === 0 ? '  none\n' : rows.join('')}`;
  });
  return `${sections.join('\n')}\nfix: some of its findings can be fixed with lint --fix or --fix-all. oci-seccomp rules RULE explains one.\n`;
}

function renderFacts({ level, fixable, group, id }: LintRule, { bold }: Colors): string {
  return `${bold('Level')}: ${level}; set it with --rule ${id}=LEVEL. ${bold('Group')}: ${group}. ${bold('Fixable')}: ${fixable ? 'some findings' : 'no'}.\n`;
}
