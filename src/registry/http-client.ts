/**
 * Requests to a registry, with Node's own fetch. The answers of a server are not trusted: bodies are read with a limit,
 * redirects are counted, and credentials go to the host that they are for.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import { type Challenge, parseChallenges } from './challenges.ts';
import type { Credentials } from './credentials.ts';
import { hostOf, quoted, type Reference } from './reference.ts';

/** How a registry is talked to. */
export interface RegistryOptions {
  /** Use http also for a registry that is not on this machine. */
  readonly plainHttp?: boolean | undefined;
  /** Give up when the whole work has taken so many milliseconds, 1 to 2147483647; default: never. */
  readonly timeoutMs?: number | undefined;
  /** What to log in with; default: what REGISTRY_AUTH_FILE or the configuration of Podman or Docker holds. */
  readonly credentials?: Credentials | undefined;
}

/** What is asked of a registry. */
interface Asked {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** The most bytes of the body of a good answer; more is an error. Default: what an error message needs. */
  readonly limit?: number;
}

/** What it answered. */
interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
  /** Where the answer came from, after redirects. */
  readonly url: URL;
}

/** The most bytes of an answer that is not an artifact, but an error or a token. */
const SMALL = 64 * 1024;
const MAX_REDIRECTS = 5;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
const MAX_TOKEN = 16 * 1024;

/** A registry, and how it wants to be talked to. */
export interface RegistryClient {
  readonly base: URL;
  /** @param path - below the base, or a whole URL that the registry gave */
  ask(path: string | URL, asked?: Asked): Promise<Answered>;
}

/**
 * Makes a client for a registry; nothing is sent yet.
 *
 * @param actions - what a token must be good for in the repository
 * @throws OciSeccompError `ERR_USAGE` for a time that no timer takes
 */
export function openRegistry(
  reference: Pick<Reference, 'registry' | 'repository'>,
  actions: 'pull' | 'pull,push',
  options: RegistryOptions,
): RegistryClient {
  const registry = hostOf(reference);
  const host = new URL(`http://${registry}`);
  const isPlain = isLoopback(host) || options.plainHttp === true;
  const base = new URL(`${isPlain ? 'http' : 'https'}://${registry}`);
  const signal = options.timeoutMs === undefined ? undefined : endAfter(options.timeoutMs);
  let authorization: string | undefined;
  const send = (url: URL, asked: Asked): Promise<Answered> =>
    follow(url, asked, { base, isPlain, authorization, signal });
  return {
    base,
    async ask(path, asked = {}) {
      const url = new URL(path, base);
      const first = await send(url, asked);
      // A host that the registry redirects to could name a token server of its own, which would get the login.
      if (first.status !== 401 || authorization !== undefined || first.url.origin !== base.origin)
        return first;
      const challenges = parseChallenges(first.headers.get('www-authenticate') ?? '');
      authorization = await authorize(challenges, { reference, actions, base, options, signal });
      return authorization === undefined ? first : send(url, asked);
    },
  };
}

/** The longest time of Node's timers, in milliseconds. A longer one would be over at once. */
const MAX_TIMEOUT = 2 ** 31 - 1;

function endAfter(ms: number): AbortSignal {
  if (Number.isInteger(ms) && ms >= 1 && ms <= MAX_TIMEOUT) return AbortSignal.timeout(ms);
  throw new OciSeccompError('ERR_USAGE', `timeoutMs is a whole number from 1 to ${MAX_TIMEOUT}, not ${ms}`);
}

/** 127.0.0.0/8, ::1 and localhost: what is sent there does not leave the machine. */
function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

interface Sending {
  readonly base: URL;
  readonly isPlain: boolean;
  readonly authorization: string | undefined;
  readonly signal: AbortSignal | undefined;
}

async function follow(start: URL, asked: Asked, sending: Sending): Promise<Answered> {
  let url = allowed(start, sending);
  for (let count = 0; count <= MAX_REDIRECTS; count++) {
    const answered = await sendOnce(url, asked, sending);
    if (!REDIRECTS.includes(answered.status)) return answered;
    const { method = 'GET' } = asked;
    if (method !== 'GET' && method !== 'HEAD') {
      throw broken(sending.base, `it redirects a ${method}, which is not followed`);
    }
    url = allowed(locationOf(answered, sending.base), sending);
  }
  throw broken(sending.base, `it redirects more than ${MAX_REDIRECTS} times`);
}

/** Where an answer leads to. @throws OciSeccompError `ERR_REGISTRY` */
export function locationOf({ headers, url }: Answered, base: URL): URL {
  const location = headers.get('location');
  const target = location === null ? undefined : parseUrl(location, url);
  if (target === undefined) throw broken(base, 'it leads to no usable address');
  return target;
}

function parseUrl(text: string, base?: URL): URL | undefined {
  return URL.canParse(text, base?.href) ? new URL(text, base) : undefined;
}

/** Allows http only if the registry itself is asked by http: what comes is verified, but others could read it. */
function allowed(url: URL, { base, isPlain }: Sending): URL {
  const isFine =
    url.protocol === 'https:' ||
    (url.protocol === 'http:' && isPlain && (url.host === base.host || isLoopback(url) === isLoopback(base)));
  if (isFine && url.username === '' && url.password === '') return url;
  throw broken(base, `it leads to ${quoted(`${url.protocol}//${url.host}`)}, which is not followed`);
}

async function sendOnce(url: URL, asked: Asked, sending: Sending): Promise<Answered> {
  const { method = 'GET', headers = {}, body, limit = SMALL } = asked;
  const isOwn = url.origin === sending.base.origin;
  const { authorization, signal } = sending;
  try {
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: {
        'accept-encoding': 'identity',
        'user-agent': 'oci-seccomp',
        ...headers,
        ...(isOwn && authorization !== undefined ? { authorization } : {}),
      },
      ...(body === undefined ? {} : { body: new Uint8Array(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    const read = method === 'HEAD' ? new Uint8Array() : await readBody(response, limit, sending.base);
    return { status: response.status, headers: response.headers, body: read, url };
  } catch (cause) {
    if (cause instanceof OciSeccompError) throw cause;
    throw broken(sending.base, reasonOf(cause), cause);
  }
}

/** Reads no more than the limit, whatever length the server announces. */
async function readBody(response: Response, limit: number, base: URL): Promise<Uint8Array> {
  const encoding = response.headers.get('content-encoding') ?? 'identity';
  if (encoding !== 'identity') {
    await response.body?.cancel();
    // The status of an error says more than the form of its page.
    if (!response.ok) return new Uint8Array();
    throw broken(base, `it answers in the encoding ${quoted(encoding)}, which nobody asked for`);
  }
  const most = response.ok ? limit : SMALL;
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop cancels the rest.
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size <= most) chunks.push(chunk);
    else if (response.ok) throw broken(base, `it answers with more than the ${most} bytes that are expected`);
    else break;
  }
  return Buffer.concat(chunks);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'the time of --timeout is over';
  const { cause } = error as { cause?: { code?: unknown; message?: unknown } };
  const code = typeof cause?.code === 'string' ? cause.code : undefined;
  // The ports of the Fetch Standard, "bad port": 1, 22, 6000, 10080 and others.
  if (cause?.message === 'bad port') return "Node's fetch does not use this port, as browsers do not";
  if (code === undefined) return String(cause?.message ?? error.message);
  const known = failures.find(([codes]) => codes.test(code));
  return known === undefined ? code : `${known[1]} (${code})`;
}

/** Codes of Node's sockets, of its TLS, and of undici, which fetch is made of. */
const failures: readonly (readonly [codes: RegExp, what: string])[] = [
  [/^ECONNREFUSED$/, 'nothing listens there'],
  [/^(?:ENOTFOUND|EAI_AGAIN)$/, 'its name leads to no address'],
  [/^(?:ECONNRESET|EPIPE|UND_ERR_SOCKET)$/, 'it ends the connection before its answer is whole'],
  [/^(?:ETIMEDOUT|UND_ERR_\w*TIMEOUT)$/, 'it does not answer'],
  [/CERT|^UNABLE_TO_/, 'its certificate is not trusted'],
  [/^ERR_SSL_|^EPROTO$/, 'it does not speak TLS'],
];

interface Login {
  /** As it is written: a URL leaves out the port of its scheme, and files of logins do not. */
  readonly reference: Pick<Reference, 'registry' | 'repository'>;
  readonly actions: string;
  readonly base: URL;
  readonly options: RegistryOptions;
  readonly signal: AbortSignal | undefined;
}

/** The header that the registry asks for; `undefined` if there is nothing to send. */
async function authorize(challenges: readonly Challenge[], login: Login): Promise<string | undefined> {
  const { reference, base, options } = login;
  const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
  const basic = challenges.find(({ scheme }) => scheme === 'basic');
  if (bearer === undefined && basic === undefined) return undefined;
  const found = options.credentials ?? (await import('./credentials.ts')).findCredentials(reference);
  if (found !== undefined && base.protocol === 'http:' && !isLoopback(base)) {
    throw broken(base, 'it asks for a login, and without https others can read it', undefined, 'use https');
  }
  const header = found === undefined ? undefined : basicHeader(found);
  return bearer === undefined ? header : `Bearer ${await fetchToken(bearer, header, login)}`;
}

function basicHeader({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** The token of a token server (distribution's "Token Authentication Specification"); without a login an anonymous one. */
async function fetchToken({ parameters }: Challenge, login: string | undefined, to: Login): Promise<string> {
  const { base, reference, actions, signal } = to;
  const realm = parseUrl(parameters.realm ?? '');
  const isFine =
    realm !== undefined &&
    (realm.protocol === 'https:' ||
      (realm.protocol === 'http:' && isLoopback(realm) && realm.hostname === base.hostname));
  if (realm === undefined || !isFine) {
    throw broken(base, `it names a token server that is not on https: ${quoted(parameters.realm ?? '')}`);
  }
  if (parameters.service !== undefined) realm.searchParams.set('service', parameters.service);
  realm.searchParams.set('scope', `repository:${reference.repository}:${actions}`);
  const sending = { base: realm, isPlain: realm.protocol === 'http:', authorization: login, signal };
  const { status, body } = await follow(realm, {}, sending);
  if (status !== 200) throw refused(realm, status, login !== undefined);
  const { token, access_token: other } = parseSmall(body);
  const text = token ?? other;
  if (typeof text === 'string' && text.length <= MAX_TOKEN && /^[\x21-\x7e]+$/.test(text)) return text;
  throw broken(realm, 'its answer holds no token');
}

function parseSmall(body: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** The codes of the distribution API in an answer: `MANIFEST_UNKNOWN`. Its texts are not shown: anyone can write them. */
function errorCodesOf({ body }: Answered): string {
  const { errors } = parseSmall(body);
  const codes = (Array.isArray(errors) ? errors : []).map(
    (each) => (each as { code?: unknown } | null)?.code,
  );
  const known = codes.filter((code) => typeof code === 'string' && /^[A-Z_]{3,40}$/.test(code)).slice(0, 3);
  return known.length === 0 ? '' : ` (${known.join(', ')})`;
}

/** The error for an answer with another status than expected. @param what - what was asked for, `the manifest` */
export function unexpected(answered: Answered, what: string, base: URL): OciSeccompError {
  const { status } = answered;
  if (status === 401 || status === 403) return refused(base, status, false);
  const reason = status === 404 ? `it does not have ${what}` : `it answers ${status} for ${what}`;
  return broken(base, `${reason}${errorCodesOf(answered)}`);
}

function refused(at: URL, status: number, hadLogin: boolean): OciSeccompError {
  const how = hadLogin ? ' with the login that was found' : '';
  return broken(
    at,
    `it does not permit this${how} (${status})`,
    undefined,
    'podman login and docker login write what is read: REGISTRY_AUTH_FILE, containers/auth.json or ~/.docker/config.json; credential helpers are not asked',
  );
}

/** An error about a registry. */
export function broken(at: URL, reason: string, cause?: unknown, hint?: string): OciSeccompError {
  return new OciSeccompError('ERR_REGISTRY', `cannot use the registry ${at.host}: ${reason}`, {
    hint,
    cause,
  });
}
