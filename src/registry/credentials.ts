/**
 * The logins that `podman login` and `docker login` keep (containers-auth.json(5)). Credential helpers are programs that
 * such a file names; they are not started.
 * @module
 */
import { homedir } from 'node:os';
import { OciSeccompError } from '../errors.ts';
import { ioReason, readFileBounded } from '../pipeline/files.ts';

/** A login. It is never printed, and sent to nobody but the registry that it is for and its token server. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

interface AuthFile {
  readonly auths?: Readonly<Record<string, { readonly auth?: unknown } | null>>;
}

/**
 * The login for a registry, from the first file that has one: REGISTRY_AUTH_FILE alone, if it is set; else
 * `$XDG_RUNTIME_DIR/containers/auth.json`, else `~/.docker/config.json`.
 *
 * @param host - with its port, as a reference has it
 * @throws OciSeccompError `ERR_IO` for a file of REGISTRY_AUTH_FILE that cannot be read; `ERR_USAGE` for a file that is not JSON
 */
export function findCredentials(
  host: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Credentials | undefined {
  const { REGISTRY_AUTH_FILE: named, XDG_RUNTIME_DIR: runtime, DOCKER_CONFIG: docker } = env;
  if (named !== undefined && named !== '') return loginIn(readAuthFile(named, true), host);
  const files = [
    ...(runtime === undefined || runtime === '' ? [] : [`${runtime}/containers/auth.json`]),
    `${docker === undefined || docker === '' ? `${env.HOME ?? homedir()}/.docker` : docker}/config.json`,
  ];
  for (const file of files) {
    const login = loginIn(readAuthFile(file, false), host);
    if (login !== undefined) return login;
  }
  return undefined;
}

/** In bytes; what is longer is not read as JSON. A device such as /dev/zero has no end. */
const MAX_SIZE = 1 << 20;

function readAuthFile(path: string, mustExist: boolean): AuthFile {
  let text: string;
  try {
    text = Buffer.from(readFileBounded(path, MAX_SIZE)).toString('utf8');
  } catch (cause) {
    if (!mustExist && (cause as NodeJS.ErrnoException).code === 'ENOENT') return {};
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

/** The login for a host. Keys are hosts; for some, docker login wrote URLs of API versions. */
function loginIn({ auths }: AuthFile, host: string): Credentials | undefined {
  if (typeof auths !== 'object' || auths === null) return undefined;
  const key = [host, `https://${host}`, `https://${host}/v2/`, `https://${host}/v1/`].find((each) =>
    Object.hasOwn(auths, each),
  );
  const auth = key === undefined ? undefined : auths[key]?.auth;
  if (typeof auth !== 'string' || auth === '') return undefined;
  const decoded = Buffer.from(auth, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  return colon < 1
    ? undefined
    : { username: decoded.slice(0, colon), password: decoded.slice(colon + 1).replace(/\0+$/, '') };
}
