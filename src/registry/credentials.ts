/**
 * The logins that `podman login` and `docker login` keep (containers-auth.json(5)). Credential helpers are programs that
 * such a file names; they are not started.
 * @module
 */
import { homedir } from 'node:os';
import { OciSeccompError } from '../errors.ts';
import { ioReason, readFileBounded } from '../pipeline/files.ts';
import { hostOf, type Reference } from './reference.ts';

/** A login. It is never printed, and sent to nobody but the registry that it is for and its token server. */
export interface Credentials {
  /** The user's name. */
  readonly username: string;
  /** The password, or a token that the registry takes for one. */
  readonly password: string;
}

interface AuthFile {
  readonly auths?: Readonly<Record<string, { readonly auth?: unknown } | null>>;
}

/**
 * The login for a repository, from the first file that has one: REGISTRY_AUTH_FILE alone, if it is set; else those
 * that {@link filesOf} lists.
 *
 * @param reference - its host with the port as it is written
 * @throws OciSeccompError `ERR_IO` for a file of REGISTRY_AUTH_FILE that cannot be read; `ERR_USAGE` for a file that is not JSON
 */
export function findCredentials(
  reference: Pick<Reference, 'registry' | 'repository'>,
  env: Env = process.env,
): Credentials | undefined {
  const named = variable(env, 'REGISTRY_AUTH_FILE');
  if (named !== undefined) return loginIn(readAuthFile(named, true), reference);
  for (const file of filesOf(env)) {
    const login = loginIn(readAuthFile(file, false), reference);
    if (login !== undefined) return login;
  }
  return undefined;
}

type Env = Readonly<Record<string, string | undefined>>;

/** An empty variable counts as none. */
function variable(env: Env, name: string): string | undefined {
  return env[name] === '' ? undefined : env[name];
}

/** The files of containers/image, `getAuthFilePaths`, in its order, but for the `.dockercfg` of Docker before 1.7. */
function filesOf(env: Env): readonly string[] {
  const home = env.HOME ?? homedir();
  const runtime = variable(env, 'XDG_RUNTIME_DIR');
  return [
    // Without a session, as for root, podman login writes the second.
    runtime === undefined
      ? `/run/containers/${process.getuid?.()}/auth.json`
      : `${runtime}/containers/auth.json`,
    `${variable(env, 'XDG_CONFIG_HOME') ?? `${home}/.config`}/containers/auth.json`,
    `${variable(env, 'DOCKER_CONFIG') ?? `${home}/.docker`}/config.json`,
  ];
}

/** In bytes; what is longer is not read as JSON. A device such as /dev/zero has no end. */
const MAX_SIZE = 1 << 20;

function readAuthFile(path: string, mustExist: boolean): AuthFile {
  let text: string;
  try {
    text = Buffer.from(readFileBounded(path, MAX_SIZE)).toString('utf8');
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    if (!mustExist && ['ENOENT', 'ENOTDIR'].includes(code)) return {};
    throw new OciSeccompError('ERR_IO', `cannot read ${path}: ${ioReason(cause)}`, { cause });
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // The error of JSON.parse shows a part of the text, which holds passwords.
  }
  throw new OciSeccompError('ERR_USAGE', `${path} is not a JSON object with logins`, {
    hint: 'podman login writes such a file',
  });
}

/** The login for a repository. A key is the repository or a part of its beginning; docker login also wrote URLs of API versions. */
function loginIn(
  { auths }: AuthFile,
  { registry, repository }: Pick<Reference, 'registry' | 'repository'>,
): Credentials | undefined {
  if (typeof auths !== 'object' || auths === null) return undefined;
  const parts = [registry, ...repository.split('/')];
  const named = parts.map((_, index) => parts.slice(0, parts.length - index).join('/'));
  const key =
    named.find((each) => Object.hasOwn(auths, each)) ??
    Object.keys(auths).find((each) => hostOfKey(each) === hostOf({ registry }));
  const auth = key === undefined ? undefined : auths[key]?.auth;
  if (typeof auth !== 'string' || auth === '') return undefined;
  const decoded = Buffer.from(auth, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  return colon < 1
    ? undefined
    : { username: decoded.slice(0, colon), password: decoded.slice(colon + 1).replace(/\0+$/, '') };
}

/** `https://index.docker.io/v1/` is a key of docker login for docker.io. A key without a scheme may be a repository. */
function hostOfKey(key: string): string {
  const bare = key.replace(/^https?:\/\//, '');
  return hostOf({ registry: bare === key ? key : bare.replace(/\/.*/, '') });
}
