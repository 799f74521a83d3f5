/**
 * `oci-seccomp rules`: the rules of lint, or the page of one.
 * @module
 */
import { nearest } from '../../abi/near.ts';
import { OciSeccompError } from '../../errors.ts';
import type { OwnRule } from '../../lint/engine/own-rule.ts';
import { allRules } from '../../lint/engine/registry.ts';
import type { RuleGroup } from '../../lint/engine/rule.ts';
import type { Ending } from '../exit-code.ts';
import { configsOf } from '../lint/config.ts';
import { renderMarkdown } from '../lint/render-markdown.ts';
import { readRulePage } from '../lint/rule-pages.ts';
import { type Colors, createColors, wantsColor } from '../render/colors.ts';
import { printJson } from '../render/json-meaning.ts';
import { isStdoutTerminal, writeStdout } from '../streams.ts';

export interface RulesCommandOptions {
  readonly json?: boolean;
  /** A file; false for `--no-config`. */
  readonly config?: string | boolean;
}

/** A built-in rule, or one of a module that the configuration names. */
interface ListedRule extends Pick<OwnRule, 'id' | 'group' | 'level' | 'title' | 'fixable' | 'help'> {
  readonly module?: string;
}

const groups = {
  meaning: 'The profile is not what its author thinks',
  openness: 'It lets more through than meant',
  breakage: 'It breaks programs',
  form: 'Form',
} as const satisfies Record<RuleGroup, string>;

export async function runRules(
  operands: readonly string[],
  { json = false, config }: RulesCommandOptions,
): Promise<Ending> {
  const [id] = operands;
  if (operands.length > 1) {
    throw new OciSeccompError('ERR_USAGE', 'one rule at a time', { hint: 'without a rule all are listed' });
  }
  const rules = [...allRules, ...(await ownRules(config))];
  const colors = createColors(wantsColor(process.env, isStdoutTerminal()));
  if (id === undefined) {
    writeStdout(json ? printJson({ rules: rules.map(ruleJson) }) : renderList(rules, colors));
    return 'yes';
  }
  const rule = findRule(id, rules);
  const page = rule.help ?? readRulePage(rule.id) ?? `# ${rule.id}\n\n${rule.title}.\n`;
  if (json) writeStdout(printJson({ ...ruleJson(rule), page }));
  else writeStdout(`${renderMarkdown(page, colors)}\n${renderFacts(rule, colors)}`);
  return 'yes';
}

/** The rules of the modules that the configuration of the current folder names, or the one asked for. */
async function ownRules(asked: string | boolean | undefined): Promise<readonly ListedRule[]> {
  const config = await (await configsOf(asked)).forFile('./-');
  const { rules = [], modules } = config?.own ?? {};
  return rules.map((rule) => {
    const module = modules?.get(rule.id);
    return module === undefined ? rule : { ...rule, module };
  });
}

function findRule(id: string, rules: readonly ListedRule[]): ListedRule {
  const rule = rules.find((each) => each.id === id);
  if (rule !== undefined) return rule;
  const ids = rules.map((each) => each.id);
  const near = nearest(id, ids) ?? ids.find((each) => each.includes(id));
  throw new OciSeccompError('ERR_USAGE', `there is no rule '${id}'`, {
    hint: near === undefined ? 'oci-seccomp rules lists them' : `did you mean ${near}?`,
  });
}

function ruleJson({ id, group, level, title, fixable = false, module }: ListedRule) {
  return { id, group, level, title, fixable, ...(module === undefined ? {} : { module }) };
}

function renderList(rules: readonly ListedRule[], { bold, red, yellow, dim }: Colors): string {
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

function renderFacts({ level, fixable = false, group, id, module }: ListedRule, { bold }: Colors): string {
  const from = module === undefined ? '' : ` ${bold('Module')}: ${module}.`;
  return `${bold('Level')}: ${level}; set it with --rule ${id}=LEVEL. ${bold('Group')}: ${group}. ${bold('Fixable')}: ${fixable ? 'some findings' : 'no'}.${from}\n`;
}
