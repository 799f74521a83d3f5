/**
 * `oci-seccomp rules`: the rules of lint, or the page of one.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import { defineCommand, type Run } from '../define/command-definition.ts';
import { reportOptions, textOrJson } from '../define/shared-options.ts';
import { noConfig } from '../lint/lint-options.ts';

export const definition = defineCommand({
  description:
    'Lists the rules of lint with their levels, or prints the page of one: what it finds, why it matters, an example, the fix. Rules of modules that the configuration names are among them.',
  arguments: [{ name: 'rule', help: 'the id of a rule', optional: true, kind: 'rule' }],
  options: {
    ...textOrJson,
    ...reportOptions,
    config: {
      value: 'file',
      help: 'also list the rules of the modules that this configuration names',
      kind: 'file',
    },
    'no-config': noConfig,
  },
  exitCodes: { 0: 'printed', 2: 'wrong usage, or there is no such rule' },
  examples: [
    { does: 'List all rules', line: 'oci-seccomp rules' },
    { does: 'Explain one', line: 'oci-seccomp rules shadowed-rule' },
  ],
});

export const run: Run<typeof definition> = async ([id, ...more], options) => {
  if (more.length > 0) {
    throw new OciSeccompError('ERR_USAGE', 'one rule at a time', { hint: 'without a rule all are listed' });
  }
  const [{ findRule, listRules }, render, { reportColors, writeOwnColors }, { printJson }] =
    await Promise.all([
      import('../lint/listed-rules.ts'),
      import('../render/render-rules.ts'),
      import('../output.ts'),
      import('../render/print-json.ts'),
    ]);
  const isJson = options.format === 'json';
  const rules = await listRules(options.noConfig === true ? false : options.config);
  const colors = reportColors(options);
  if (id === undefined) {
    const list = isJson ? printJson({ rules: rules.map(render.ruleJson) }) : render.renderList(rules, colors);
    writeOwnColors(list, options);
    return 'yes';
  }
  const { readRulePage } = await import('../lint/rule-pages.ts');
  const rule = findRule(id, rules);
  const page = rule.help ?? readRulePage(rule.id) ?? `# ${rule.id}\n\n${rule.title}.\n`;
  if (isJson) writeOwnColors(printJson({ ...render.ruleJson(rule), page }), options);
  else {
    const { renderMarkdown } = await import('../lint/render-markdown.ts');
    writeOwnColors(`${renderMarkdown(page, colors)}\n${render.renderFacts(rule, colors)}`, options);
  }
  return 'yes';
};
