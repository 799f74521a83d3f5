/**
 * Modules with lint rules that a configuration names. An import runs the module's code. So a module is imported only if
 * the user named the configuration, or works in the tree that holds it.
 * @module
 */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type OwnRule, problemOfRule } from '../../lint/engine/own-rule.ts';
import { outOfRange, type Reader, stringOf } from '../../oci/config-values.ts';
import type { Located } from '../../oci/object-view.ts';
import { repositoryOf } from './repository-path.ts';

/** Rules of modules, and which module each is from, as the configuration names it. */
export interface LoadedRules {
  readonly rules: readonly OwnRule[];
  readonly modules: ReadonlyMap<string, string>;
}

const HINT = 'the module must export `rules`, a list of rules: see "Rules of your own" in docs/lint.md';

/**
 * Imports the modules that a configuration names; what is wrong with one is a complaint at its place.
 *
 * @param path - of the configuration
 * @param isNamed - whether the user named it, instead of it being found
 */
export async function loadRuleModules(
  reader: Reader,
  values: readonly Located[],
  path: string,
  isNamed: boolean,
): Promise<LoadedRules> {
  const rules: OwnRule[] = [];
  const modules = new Map<string, string>();
  for (const value of values) {
    const name = stringOf(reader, value);
    if (name === undefined) continue;
    if (!isNamed && !isWorkedIn(dirname(path))) {
      const message = `the module ${name} is not run: this configuration is outside the current folder`;
      const hint = 'name the configuration with --config if you trust it; --no-config uses none';
      outOfRange(reader, value, message, hint);
      continue;
    }
    for (const rule of await rulesOf(reader, value, resolve(dirname(path), name), name)) {
      const other = modules.get(rule.id);
      if (other === undefined) {
        modules.set(rule.id, name);
        rules.push(rule);
      } else {
        const message = `the module ${name} defines the rule '${rule.id}', and ${other === name ? 'so it does again' : `so does ${other}`}`;
        outOfRange(reader, value, message, 'give one of them another id');
      }
    }
  }
  return { rules, modules };
}

async function rulesOf(
  reader: Reader,
  value: Located,
  path: string,
  name: string,
): Promise<readonly OwnRule[]> {
  const refuse = (message: string, hint = HINT): readonly never[] =>
    outOfRange(reader, value, message, hint) ?? [];
  if (!existsSync(path)) {
    return refuse(`there is no module ${name}`, 'the path is relative to the folder of the configuration');
  }
  let module: { readonly rules?: unknown; readonly default?: { readonly rules?: unknown } };
  try {
    module = await import(pathToFileURL(path).href);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return refuse(`the module ${name} cannot be loaded: ${said.split('\n')[0]}`);
  }
  // A CommonJS module is a default export.
  const rules = module.rules ?? module.default?.rules;
  if (!Array.isArray(rules)) {
    return refuse(`the module ${name} exports no list of rules`);
  }
  return rules.flatMap((rule: unknown): readonly OwnRule[] => {
    const problem = problemOfRule(rule);
    if (problem === undefined) return [rule as OwnRule];
    return refuse(`the module ${name}: ${problem}`);
  });
}

/** Whether a folder is the current one, below it, or above it in the same repository. */
function isWorkedIn(folder: string): boolean {
  const here = realpathSync('.');
  const there = realpathSync(folder);
  return isWithin(there, here) || (isWithin(here, there) && isWithin(there, repositoryOf(here)));
}

function isWithin(folder: string, parent: string): boolean {
  return !/^\.\.(?:\/|$)/.test(relative(parent, folder));
}
