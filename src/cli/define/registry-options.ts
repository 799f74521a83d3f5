/**
 * Options of `push` and `pull`.
 * @module
 */
import type { RegistryOptions } from '../../registry/http-client.ts';
import { parseTimeout } from '../operands/timeout.ts';
import type { ArgumentRow, OptionRows, OptionsOf } from './command-definition.ts';

export const registryOptions = {
  'plain-http': {
    help: 'talk http also to a registry on another machine (default: https; http for one on this machine)',
  },
  timeout: {
    value: 'seconds',
    help: 'give up if an exchange with the registry takes longer than this (default: five minutes for the registry to begin an answer, and five between two parts of it)',
  },
} as const satisfies OptionRows;

export const referenceArgument = {
  name: 'reference',
  help: 'host of the registry, repository, and tag or digest: registry.example/team/web:1.0',
} as const satisfies ArgumentRow;

export const registryNotes = [
  'Logins are read from the file that REGISTRY_AUTH_FILE names, else from where podman login and docker login keep them: containers/auth.json in XDG_RUNTIME_DIR (without it /run/containers/UID/auth.json), ~/.config/containers/auth.json, ~/.docker/config.json. Credential helpers are not asked.',
] as const;

export function registryOptionsOf({
  plainHttp,
  timeout,
}: OptionsOf<typeof registryOptions>): RegistryOptions {
  return {
    ...(plainHttp === undefined ? {} : { plainHttp }),
    ...(timeout === undefined ? {} : { timeoutMs: parseTimeout(timeout) }),
  };
}
