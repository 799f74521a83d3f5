/**
 * The rules that `rules` lists: the built-in ones, and those of modules that a configuration names.
 * @module
 */
import { nearest } from '../../abi/nearest-name.ts';
import { OciSeccompError } from '../../errors.ts';
import type { OwnRule } from '../../lint/engine/own-rule.ts';
import { allRules } from '../../lint/engine/registry.ts';
import { configsOf } from './config.ts';

/** A built-in rule, or one of a module that the configuration names. */
export interface ListedRule extends Pick<OwnRule, 'id' | 'group' | 'level' | 'title' | 'fixable' | 'help'> {
  readonly module?: string;
}

/** @param asked - as `configsOf` takes it */
export async function listRules(asked: string | false | undefined): Promise<readonly ListedRule[]> {
  return [...allRules, ...(await ownRules(asked))];
}

/** The rules of the modules that the configuration of the current folder names, or the one asked for. */
async function ownRules(asked: string | false | undefined): Promise<readonly ListedRule[]> {
  const config = await (await configsOf(asked)).forFile('./-');
  const { rules = [], modules } = config?.own ?? {};
  return rules.map((rule) => {
    const module = modules?.get(rule.id);
    return module === undefined ? rule : { ...rule, module };
  });
}

/** @throws OciSeccompError `ERR_USAGE`, with a similar name as the hint */
export function findRule(id: string, rules: readonly ListedRule[]): ListedRule {
  const rule = rules.find((each) => each.id === id);
  if (rule !== undefined) return rule;
  const ids = rules.map((each) => each.id);
  const near = nearest(id, ids) ?? ids.find((each) => each.includes(id));
  throw new OciSeccompError('ERR_USAGE', `there is no rule '${id}'`, {
    hint: near === undefined ? 'oci-seccomp rules lists them' : `did you mean ${near}?`,
  });
}
