/**
 * `oci-seccomp rules`: the rules of lint, or the page of one.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import { defineCommand, type Run } from '../define/command-definition.ts';
import { noConfig } from '../lint/lint-options.ts';

export const definition = defineCommand({
  description:
    'Lists the rules of lint with their levels, or prints the page of one: what it finds, why it matters, an example, the fix. Rules of modules that the configuration names are among them.',
  arguments: [{ name: 'rule', help: 'the id of a rule', optional: true, kind: 'rule' }],
  options: {
    json: { help: 'print JSON' },
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
  const [{ findRule, listRules }, render, { createColors, wantsColor }, { printJson }, streams] =
    await Promise.all([
      import('../lint/listed-rules.ts'),
      import('../render/render-rules.ts'),
      import('../render/colors.ts'),
      import('../render/json-meaning.ts'),
      import('../streams.ts'),
    ]);
  const { json = false } = options;
  const rules = await listRules(options.noConfig === true ? false : options.config);
  const colors = createColors(wantsColor(process.env, streams.isStdoutTerminal()));
  if (id === undefined) {
    streams.writeStdout(
      json ? printJson({ rules: rules.map(render.ruleJson) }) : render.renderList(rules, colors),
    );
    return 'yes';
  }
  const { readRulePage } = await import('../lint/rule-pages.ts');
  const rule = findRule(id, rules);
  const page = rule.help ?? readRulePage(rule.id) ?? `# ${rule.id}\n\n${rule.title}.\n`;
  if (json) streams.writeStdout(printJson({ ...render.ruleJson(rule), page }));
  else {
    const { renderMarkdown } = await import('../lint/render-markdown.ts');
    streams.writeStdout(`${renderMarkdown(page, colors)}\n${render.renderFacts(rule, colors)}`);
  }
  return 'yes';
};
