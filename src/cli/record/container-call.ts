/**
 * The command line that starts a container, and the words that make the container call our hook.
 * @module
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { OciSeccompError } from '../../errors.ts';
import { changeBundleConfig, readBundleConfig } from '../../hook/bundle-config.ts';
import { formatHookConfig, type HookConfigOptions } from '../../hook/format-hook-config.ts';
import { readFileBounded } from '../../hook/read-bundle.ts';
import { configPath } from '../../hook/wrapper/guard-container.ts';
import { parseRuntimeCall, type WrappedRuntime } from '../../hook/wrapper/runtime-call.ts';
import type { RecordedStart } from './recorded-word.ts';

/** Programs that start containers, by name. */
const STARTERS = ['podman', 'runc', 'crun'] as const;
type Starter = (typeof STARTERS)[number];

type HookSettings = Omit<HookConfigOptions, 'for'>;

/**
 * Says which program of its command line starts the container.
 *
 * @throws OciSeccompError `ERR_USAGE` if it is not one of those that are known
 */
export function requireStarter(words: readonly string[]): Starter {
  const [command = ''] = words;
  const found = STARTERS.find((name) => name === basename(command));
  if (found !== undefined) return found;
  throw new OciSeccompError('ERR_USAGE', `--container knows podman, runc and crun, not '${command}'`, {
    hint:
      basename(command) === 'sudo'
        ? 'run the recorder itself with sudo: sudo oci-seccomp record --container … -- podman run IMAGE'
        : 'name one of them first after --; for Docker, record the program inside the container, see docs/record.md',
  });
}

/**
 * Prepares what the container's runtime reads, in a folder of ours.
 *
 * @param words - the command line
 * @returns the words to add to the command line
 * @throws OciSeccompError `ERR_USAGE`, `ERR_HOOK`, `ERR_IO` for a command that makes no container, or a bundle that cannot be read
 */
export function addHook(words: readonly string[], folder: string, hook: HookSettings): RecordedStart['more'] {
  const starter = requireStarter(words);
  return starter === 'podman' ? addToPodman(words, folder, hook) : addToBundle(starter, words, folder, hook);
}

/** oci-hooks(5): where Podman looks without a configuration. */
const HOOK_FOLDERS = ['/usr/share/containers/oci/hooks.d', '/etc/containers/oci/hooks.d'];
/** containers.conf(5). */
const CONFIGURATIONS = ['/usr/share/containers/containers.conf', '/etc/containers/containers.conf'];
const CONFIGURATION_FOLDER = '/etc/containers/containers.conf.d';

function addToPodman(words: readonly string[], folder: string, hook: HookSettings): RecordedStart['more'] {
  const own = join(folder, 'hooks');
  mkdirSync(own);
  writeFileSync(join(own, 'oci-seccomp-record.json'), formatHookConfig({ ...hook, for: 'podman' }));
  const isNamed = words.some((word) => word === '--hooks-dir' || word.startsWith('--hooks-dir='));
  if (!isNamed) requireKnownFolders();
  const others = isNamed ? [] : HOOK_FOLDERS.filter((each) => existsSync(each));
  return { at: 1, words: [...others, own].map((each) => `--hooks-dir=${each}`) };
}

/** Refuses a configuration that names folders: our folder would replace them, and their hooks would not run. */
function requireKnownFolders(): void {
  const more = existsSync(CONFIGURATION_FOLDER) ? readdirSync(CONFIGURATION_FOLDER) : [];
  const all = [
    ...CONFIGURATIONS,
    ...more.map((name) => join(CONFIGURATION_FOLDER, name)),
    process.env.CONTAINERS_CONF ?? '',
  ];
  const naming = all.find(
    (file) => existsSync(file) && /^\s*hooks_dir\s*=/m.test(readFileSync(file, 'utf8')),
  );
  if (naming === undefined) return;
  throw new OciSeccompError(
    'ERR_USAGE',
    `${naming} names folders of hooks, which the recorder must not displace`,
    {
      hint: 'name them in the command: podman --hooks-dir=FOLDER run IMAGE',
    },
  );
}

/** Runtimes read hooks from the bundle alone, so they get a copy of it with another config.json. */
function addToBundle(
  runtime: WrappedRuntime,
  words: readonly string[],
  folder: string,
  hook: HookSettings,
): RecordedStart['more'] {
  const { creates } = parseRuntimeCall(words.slice(1), runtime);
  if (creates === undefined) {
    throw new OciSeccompError('ERR_USAGE', `this call of ${runtime} makes no container`, {
      hint: `record ${runtime} run, or ${runtime} create and start the container while it is recorded`,
    });
  }
  const file = configPath(creates);
  const config = readBundleConfig(readFileBounded(file), file);
  const original = resolve(creates.bundle);
  const bundle = join(folder, 'bundle');
  mkdirSync(bundle);
  for (const name of readdirSync(original)) {
    if (name !== 'config.json') symlinkSync(join(original, name), join(bundle, name));
  }
  const { hooks } = JSON.parse(formatHookConfig({ ...hook, for: 'oci' })) as {
    readonly hooks: Readonly<Record<string, readonly unknown[]>>;
  };
  const text = changeBundleConfig(config, {
    // runc refuses a root that is a link.
    ...(config.rootPath === undefined ? {} : { rootPath: realpathSync(resolve(original, config.rootPath)) }),
    createRuntime: JSON.stringify(hooks.createRuntime?.[0]),
  });
  writeFileSync(join(bundle, 'config.json'), text, { mode: 0o600 });
  // The last option wins, and none may follow the container's name. runc refuses two spellings of one option.
  const isShort = runtime === 'runc' && words.some((word) => /^--?b(=|$)/.test(word));
  const again = creates.config === undefined ? [] : ['--config', 'config.json'];
  return { at: words.length - 1, words: [isShort ? '-b' : '--bundle', bundle, ...again] };
}
