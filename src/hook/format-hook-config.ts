/**
 * What makes container runtimes call a hook: a file for Podman's and CRI-O's hooks directory, or the `hooks` of a
 * config.json.
 *
 * Sources: oci-hooks(5) (schema 1.0.0); runtime-spec 1.3 config.md#posix-platform-hooks.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import { PROFILE_ANNOTATION } from './profile-annotation.ts';
import type { UsefulStage } from './stages.ts';

/** Who reads it: Podman or CRI-O from a hooks directory, or an OCI runtime from a config.json. */
export type HookConfigFor = 'podman' | 'oci';
/** For every container, or for those with the annotation that names a profile. */
export type HookWhen = 'always' | 'annotation';

export interface HookConfigOptions {
  readonly for: HookConfigFor;
  readonly stage: UsefulStage;
  readonly when: HookWhen;
  /** Seconds after which the runtime ends the hook, and the container does not start. */
  readonly timeout: number;
  readonly command: HookInNode | StaticHook;
  /** Options of the hook itself, as words. */
  readonly parameters: readonly string[];
}

/** Absolute paths. The launcher is a script, see tools/hook-launcher.sh. */
interface HookInNode {
  readonly launcher: string;
  readonly node: string;
  readonly program: string;
}

/** Absolute paths: of the static client, and of the agent's socket. */
interface StaticHook {
  readonly client: string;
  readonly socket: string;
}

const SHELL = '/bin/sh';
const LAUNCH = 'ulimit -n 1024 2>/dev/null; . "$0"';

/**
 * Writes the configuration of a hook.
 *
 * The static client starts under any limits, so it is called directly.
 *
 * A shell starts Node. crun hands the container's limits on to hooks, and under some of them Node cannot start. The
 * launcher raises them, or says in the log why it cannot. The limit of open files comes first, because the shell needs
 * some to read the launcher.
 *
 * The configuration names Node itself: `#!/usr/bin/env node` finds nothing if PATH is not set. It also names an
 * environment. Without one, runc and crun hand on their own, for instance with `NODE_OPTIONS`. The environment is not
 * empty, because an empty one gets lost when configurations are rewritten.
 *
 * @returns JSON text
 * @throws OciSeccompError `ERR_USAGE` for what cannot be written: runtimes know no `precreate`, nor conditions
 */
export function formatHookConfig(options: HookConfigOptions): string {
  const { stage, when, timeout, command, parameters } = options;
  const hook = {
    ...calling(command, [stage, ...parameters]),
    env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'],
    timeout,
  };
  if (options.for === 'oci') {
    requireRuntimeStage(stage, when);
    return text({ hooks: { [stage]: [hook] } });
  }
  const pattern = `^${PROFILE_ANNOTATION.replaceAll('.', '\\.')}$`;
  const condition = when === 'always' ? { always: true } : { annotations: { [pattern]: '.*' } };
  return text({ version: '1.0.0', hook, when: condition, stages: [stage] });
}

function calling(command: HookInNode | StaticHook, words: readonly string[]) {
  if ('client' in command) return { path: command.client, args: [command.client, command.socket, ...words] };
  const { launcher, node, program } = command;
  return { path: SHELL, args: ['sh', '-c', LAUNCH, launcher, node, program, 'hook', ...words] };
}

function requireRuntimeStage(stage: UsefulStage, when: HookWhen): void {
  if (stage === 'precreate') {
    throw new OciSeccompError('ERR_USAGE', 'precreate is a stage of Podman: runtimes do not know it', {
      hint: 'leave out --for oci, or use --stage createRuntime',
    });
  }
  if (when === 'annotation') {
    throw new OciSeccompError('ERR_USAGE', 'a hook in a config.json has no conditions: it is always called', {
      hint: 'leave --when away',
    });
  }
}

function text(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
