/**
 * Configuration files: `oci-seccomp.config.json`, the nearest one in the folder of a profile or above it.
 *
 * Most runs have none: what reads one is loaded with the first that is found.
 * @module
 */
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Config, Settings } from './config-form.ts';

export const CONFIG_NAME = 'oci-seccomp.config.json';

/** Finds configurations. Looks at each folder and file once. */
export interface Configs {
  /** The configuration that counts for a file, if there is one. @throws OciSeccompError as `readConfig` in read-config.ts */
  readonly forFile: (file: string) => Promise<Config | undefined>;
}

export function createConfigs(): Configs {
  const byFolder = new Map<string, Promise<Config | undefined>>();
  const find = async (folder: string): Promise<Config | undefined> => {
    const path = join(folder, CONFIG_NAME);
    const parent = dirname(folder);
    if (existsSync(path)) return (await import('./read-config.ts')).readConfig(path);
    return parent === folder ? undefined : forFolder(parent);
  };
  const forFolder = (folder: string): Promise<Config | undefined> => {
    const found = byFolder.get(folder) ?? find(folder);
    byFolder.set(folder, found);
    return found;
  };
  return { forFile: (file) => forFolder(dirname(resolve(file))) };
}

/** @param asked - the file of `--config`, `false` for `--no-config`, `undefined` for neither */
export async function configsOf(asked: string | boolean | undefined): Promise<Configs> {
  if (asked === false) return { forFile: async () => undefined };
  if (typeof asked !== 'string') return createConfigs();
  const { readConfig } = await import('./read-config.ts');
  const config = await readConfig(asked, { isNamed: true });
  return { forFile: async () => config };
}

/** The settings for a file: the configuration's, then those of each override for it. A later override wins. */
export function settingsFor(config: Config | undefined, file: string): Settings {
  if (config === undefined) return {};
  const path = pathBelow(config, file);
  let settings: Settings = config;
  for (const { files, ...own } of config.overrides) {
    if (!files.some((pattern) => pattern(path))) continue;
    const { rules, ruleSettings } = settings;
    settings = {
      ...settings,
      ...own,
      rules: { ...rules, ...own.rules },
      ruleSettings: { ...ruleSettings, ...own.ruleSettings },
    };
  }
  return settings;
}

/** Whether the configuration leaves the file out of searches. */
export function isIgnored(config: Config | undefined, file: string): boolean {
  return config?.ignore.some((pattern) => pattern(pathBelow(config, file))) ?? false;
}

function pathBelow({ path }: Config, file: string): string {
  return relative(dirname(path), resolve(file)).replaceAll('\\', '/');
}
