/**
 * Registries that lie, flood, pack, or lead elsewhere. They are servers of Node's own in this process; what they got is
 * what they saw.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { pullProfile, pushProfile } from '../../src/registry/registry-on-demand.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const servers: Server[] = [];
const folders: string[] = [];
async function closeServers(): Promise<void> {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
}
afterEach(async () => {
  await closeServers();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function serve(handler: Handler, address = '127.0.0.1'): Promise<string> {
  const server = createServer(handler).listen(0, address);
  servers.push(server);
  await once(server, 'listening');
  const found = server.address();
  return `${address}:${typeof found === 'object' ? found?.port : 0}`;
}

const PROFILE_TYPE = 'application/vnd.cncf.seccomp-profile.config.v1+json';
const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const EMPTY_TYPE = 'application/vnd.oci.empty.v1+json';
const digestOf = (bytes: Uint8Array | string): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

const LAYER = Buffer.from('{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[]}');
const describeBlob = (mediaType: string, bytes: Buffer | string) => ({
  mediaType,
  digest: digestOf(bytes),
  size: bytes.length,
});

interface Shape {
  readonly layer?: Buffer;
  readonly manifest?: object;
  /** In place of a manifest that is written as JSON. */
  readonly text?: string;
  readonly type?: string;
}

/** A registry with one artifact, and its pinned reference. */
async function artifact({
  layer = LAYER,
  manifest = {},
  text,
  type = MANIFEST_TYPE,
}: Shape): Promise<string> {
  const whole = {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    artifactType: PROFILE_TYPE,
    config: describeBlob(PROFILE_TYPE, '{}'),
    layers: [describeBlob('application/x-anything', layer)],
    ...manifest,
  };
  const written = text ?? JSON.stringify(whole);
  const host = await serve((request, response) => {
    const url = request.url ?? '';
    if (url.includes('/manifests/')) response.setHeader('content-type', type).end(written);
    else response.end(url.endsWith(digestOf('{}')) ? '{}' : layer);
  });
  return `${host}/a/b@${digestOf(written)}`;
}

const failure = async (work: Promise<unknown>): Promise<{ code: string; message: string }> =>
  work.then(
    () => ({ code: 'none', message: 'it was taken' }),
    (error) => ({ code: error.code, message: error.message }),
  );

describe('an artifact', () => {
  it('is a profile by the type of its config, or by artifactType if the config is the empty one', async () => {
    const accepted: readonly object[] = [
      {},
      { artifactType: undefined },
      { config: describeBlob(EMPTY_TYPE, '{}') },
      { mediaType: undefined },
    ];
    for (const manifest of accepted) {
      const { bytes } = await pullProfile(await artifact({ manifest }));
      expect(Buffer.from(bytes)).toEqual(LAYER);
    }
  });

  const layerOf = (more: object) => ({ layers: [{ ...describeBlob('a/b', LAYER), ...more }] });
  const refused: Readonly<Record<string, readonly [Shape, RegExp]>> = {
    'of another type': [
      { manifest: { config: describeBlob('a/b', '{}'), artifactType: undefined } },
      /its type is/,
    ],
    'of two types': [{ manifest: { artifactType: 'a/b' } }, /says another thing/],
    'with an empty config alone': [
      { manifest: { config: describeBlob(EMPTY_TYPE, '{}'), artifactType: undefined } },
      /names no type/,
    ],
    'without layers': [{ manifest: { layers: [] } }, /exactly one layer/],
    'of two layers': [
      { manifest: { layers: [describeBlob('a/b', LAYER), describeBlob('a/b', LAYER)] } },
      /exactly one layer/,
    ],
    'that is elsewhere': [{ manifest: layerOf({ urls: ['https://registry.example/x'] }) }, /elsewhere/],
    'of a wrong size': [{ manifest: layerOf({ size: LAYER.length + 1 }) }, /bytes, and the manifest says/],
    'of another digest': [{ manifest: layerOf({ digest: digestOf('x') }) }, /its digest differs/],
    'of a weak digest': [{ manifest: layerOf({ digest: 'md5:00' }) }, /not a SHA-256/],
    'of a negative size': [{ manifest: layerOf({ size: -1 }) }, /the size of its layer/],
    'of a size beyond the limit': [{ manifest: layerOf({ size: 1024 * 1024 + 1 }) }, /the size of its layer/],
    'that is an index': [
      { manifest: { mediaType: 'application/vnd.oci.image.index.v1+json' } },
      /an index of several/,
    ],
    'sent as another thing': [{ type: 'text/html' }, /"text\/html"/],
    'with a key twice': [
      { text: `{"schemaVersion":2,"mediaType":"${MANIFEST_TYPE}","mediaType":"${MANIFEST_TYPE}"}` },
      /a key twice/,
    ],
    'with a key in capitals': [{ manifest: { Layers: [] } }, /letter case/],
    // Go 1.19's encoding/json takes the second list.
    'with a key that Go folds': [{ manifest: { 'layer\u017f': [] } }, /letter case/],
    'with a key twice behind what is too deep to read': [
      {
        text: `{"schemaVersion":2,"a":${'['.repeat(2000)}${']'.repeat(2000)},"layers":[],"layers":[]}`,
      },
      /not JSON that all readers take: .*deep/,
    ],
    'that is no JSON': [{ text: '<html>' }, /not JSON/],
    'that is a list': [{ text: '[]' }, /not a JSON object/],
    'packed with gzip': [{ layer: gzipSync(LAYER) }, /gzip/],
    'packed with zstd': [{ layer: Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0]) }, /zstd/],
    'in a tar': [
      { layer: Buffer.concat([Buffer.alloc(257), Buffer.from('ustar'), Buffer.alloc(250)]) },
      /tar archive/,
    ],
    'with a listener': [
      { layer: Buffer.from('{"defaultAction":"SCMP_ACT_ALLOW","listenerPath":"/run/x"}') },
      /would not take/,
    ],
  };
  it.each(Object.entries(refused))('%s is refused', async (_, [shape, message]) => {
    const { code, message: said } = await failure(pullProfile(await artifact(shape)));
    expect(said).toMatch(message);
    expect(code).toBe('ERR_ARTIFACT');
  });

  it('whose manifest is not that of the digest is refused', async () => {
    const reference = await artifact({});
    const other = reference.replace(/sha256:.*/, digestOf('another'));
    expect(await failure(pullProfile(other))).toMatchObject({ code: 'ERR_ARTIFACT' });
  });
});

describe('a registry that floods', () => {
  const pinned = (host: string): string => `${host}/a/b@${digestOf('x')}`;

  it('with an endless body is left at the limit', async () => {
    let sent = 0;
    const host = await serve((_, response) => {
      response.setHeader('content-type', MANIFEST_TYPE);
      const chunk = Buffer.alloc(65_536, 'x');
      const more = (): void => {
        while (!response.destroyed) {
          // An end far above the limit, so that a client without one fails the test, and does not hang it.
          if (sent > 256 * 1024 * 1024) return void response.end();
          sent += chunk.length;
          if (!response.write(chunk)) break;
        }
      };
      response.on('drain', more);
      more();
    });
    const found = await failure(pullProfile(pinned(host)));
    expect(found.code).toBe('ERR_REGISTRY');
    expect(found.message).toContain('more than the 262144 bytes');
    // What was on the way when it was left, in the buffers of both sides.
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });

  it('with a packed answer is refused before it is unpacked', async () => {
    const host = await serve((_, response) => {
      response.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(50 * 1024 * 1024)));
    });
    expect((await failure(pullProfile(pinned(host)))).message).toContain('encoding "gzip"');
  });

  it('with headers is left', async () => {
    const host = await serve(({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      for (let i = 0; i < 2000; i++) socket.write(`x-${i}: ${'y'.repeat(500)}\r\n`);
      socket.on('error', () => undefined);
    });
    expect((await failure(pullProfile(pinned(host)))).message).toContain('HEADERS_OVERFLOW');
  });

  it.each([
    ['more', 1000],
    ['fewer', 3],
  ])('that announces %s bytes than it sends is refused', async (_, length) => {
    const host = await serve(({ socket }) => {
      const head = `HTTP/1.1 200 OK\r\ncontent-type: ${MANIFEST_TYPE}\r\ncontent-length: ${length}\r\n\r\n`;
      socket.on('error', () => undefined).end(`${head}{"schemaVersion":2}`);
    });
    const { code } = await failure(pullProfile(pinned(host)));
    expect(['ERR_REGISTRY', 'ERR_ARTIFACT']).toContain(code);
  });

  it.each([
    ['nobody listens', 'nothing listens there (ECONNREFUSED)'],
    ['it ends in the middle', 'it ends the connection before its answer is whole ('],
  ])('is said in words where %s', async (where, message) => {
    const host = await serve(({ socket }) => {
      const head = `HTTP/1.1 200 OK\r\ncontent-type: ${MANIFEST_TYPE}\r\ncontent-length: 1000\r\n\r\n`;
      socket.on('error', () => undefined).end(`${head}{"schemaVersion":2}`);
    });
    if (where === 'nobody listens') await closeServers();
    expect((await failure(pullProfile(pinned(host)))).message).toContain(message);
  });

  it('with redirects is left after five', async () => {
    let count = 0;
    const host = await serve((_, response) => {
      response.writeHead(307, { location: `/v2/${++count}` }).end();
    });
    expect((await failure(pullProfile(pinned(host)))).message).toContain('redirects more than 5 times');
    expect(count).toBe(6);
  });

  it('with silence is left after --timeout', async () => {
    const host = await serve(() => undefined);
    const found = await failure(pullProfile(pinned(host), { timeoutMs: 50 }));
    expect(found).toMatchObject({ code: 'ERR_REGISTRY', message: expect.stringContaining('--timeout') });
  });

  it.each([0, -1, 0.5, Number.NaN, 2 ** 31])(
    'is not given %d milliseconds, which no timer takes',
    async (timeoutMs) => {
      const found = await failure(pullProfile(pinned('127.0.0.1:1'), { timeoutMs }));
      expect(found.code).toBe('ERR_USAGE');
    },
  );

  it.each([
    ['long', {}, Buffer.alloc(300_000, 'x')],
    ['packed', { 'content-encoding': 'gzip' }, gzipSync('x')],
  ])('with a %s page about an error is said by its status', async (_, headers, page) => {
    const host = await serve((_request, response) => void response.writeHead(503, headers).end(page));
    expect((await failure(pullProfile(pinned(host)))).message).toContain('it answers 503 for the manifest');
  });

  it('cannot put its own words into a message', async () => {
    const host = await serve((_, response) => {
      const errors = [{ code: '\u001b[31mEVIL', message: '\u001b]0;x\u0007' }, { code: 'DENIED' }];
      response.writeHead(500).end(JSON.stringify({ errors }));
    });
    const { message } = await failure(pullProfile(pinned(host)));
    expect(message).toMatch(/it answers 500 for the manifest of \S+ \(DENIED\)$/);
  });
});

const LOGIN = { username: 'somebody', password: 'keep this' };

describe('a login', () => {
  const answer401 = (response: ServerResponse, challenge: string): void => {
    response.writeHead(401, { 'www-authenticate': challenge }).end();
  };

  it('goes to the registry that asks, and to no host that it leads to', async () => {
    const seen: string[] = [];
    const other = await serve(({ headers }, response) => {
      seen.push(`other ${headers.authorization ?? 'nothing'} ${headers.cookie ?? ''}`);
      response.setHeader('content-type', MANIFEST_TYPE).end('{}');
    });
    const host = await serve(({ headers }, response) => {
      seen.push(`own ${headers.authorization ?? 'nothing'}`);
      if (headers.authorization === undefined) answer401(response, 'Basic realm="x"');
      else response.writeHead(307, { location: `http://${other}/blob` }).end();
    });
    await failure(pullProfile(`${host}/a/b@${digestOf('x')}`, { credentials: LOGIN }));
    const basic = `Basic ${Buffer.from('somebody:keep this').toString('base64')}`;
    expect(seen).toEqual(['own nothing', `own ${basic}`, 'other nothing ']);
  });

  it('is not asked for by a host that the registry leads to', async () => {
    const seen: string[] = [];
    const other = await serve(({ url = '', headers }, response) => {
      seen.push(`${url} ${headers.authorization ?? 'nothing'}`);
      if (url.startsWith('/token')) response.end('{"token":"x"}');
      else answer401(response, `Bearer realm="http://${headers.host}/token"`);
    });
    const host = await serve((_, response) => {
      response.writeHead(307, { location: `http://${other}/blob` }).end();
    });
    const found = await failure(pullProfile(`${host}/a/b@${digestOf('x')}`, { credentials: LOGIN }));
    expect(found.message).toContain('does not permit this (401)');
    expect(seen).toEqual(['/blob nothing']);
  });

  it('is looked for under the port that the reference has', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-auth-'));
    folders.push(folder);
    const file = join(folder, 'auth.json');
    const auth = Buffer.from('a:b').toString('base64');
    writeFileSync(file, JSON.stringify({ auths: { 'registry.example:443': { auth } } }));
    const seen: (string | null)[] = [];
    vi.stubEnv('REGISTRY_AUTH_FILE', file);
    vi.stubGlobal('fetch', async (_: URL, { headers }: RequestInit) => {
      seen.push(new Headers(headers).get('authorization'));
      return new Response('', { status: 401, headers: { 'www-authenticate': 'Basic' } });
    });
    try {
      await failure(pullProfile(`registry.example:443/a/b@${digestOf('x')}`));
    } finally {
      vi.unstubAllGlobals();
      vi.unstubAllEnvs();
    }
    expect(seen).toEqual([null, `Basic ${auth}`]);
  });

  it('for docker.io goes to Docker Hub, under the names that Docker and Podman write', async () => {
    const seen: string[] = [];
    const login = (key: string) => ({
      auths: { [key]: { auth: Buffer.from(`a:${key}`).toString('base64') } },
    });
    const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-auth-'));
    folders.push(folder);
    vi.stubEnv('REGISTRY_AUTH_FILE', join(folder, 'auth.json'));
    vi.stubGlobal('fetch', async (url: URL, { headers }: RequestInit) => {
      const sent = new Headers(headers).get('authorization');
      if (sent !== null) seen.push(`${url.host} ${Buffer.from(sent.slice(6), 'base64')}`);
      return new Response('', { status: 401, headers: { 'www-authenticate': 'Basic' } });
    });
    const keys = [
      'https://index.docker.io/v1/',
      'docker.io',
      'docker.io/team',
      'docker.io/other',
      'example.com',
    ];
    try {
      for (const key of keys) {
        writeFileSync(join(folder, 'auth.json'), JSON.stringify(login(key)));
        await failure(pullProfile(`docker.io/team/web@${digestOf('x')}`));
      }
    } finally {
      vi.unstubAllGlobals();
      vi.unstubAllEnvs();
    }
    expect(seen).toEqual(keys.slice(0, 3).map((key) => `registry-1.docker.io a:${key}`));
  });

  it('gets a token, which the registry gets', async () => {
    const seen: string[] = [];
    const host = await serve(({ url = '', headers }, response) => {
      const { authorization = 'nothing' } = headers;
      seen.push(`${authorization.split(' ')[0]} ${url}`);
      if (url.startsWith('/token')) response.end(JSON.stringify({ token: 'abc.def' }));
      else if (authorization === 'nothing') {
        answer401(
          response,
          `Bearer realm="http://${headers.host}/token",service="the \\"registry\\"",scope="x"`,
        );
      } else response.writeHead(404).end(JSON.stringify({ errors: [{ code: authorization.slice(7) }] }));
    });
    await failure(pullProfile(`${host}/a/b@${digestOf('x')}`, { credentials: LOGIN }));
    const manifest = `/v2/a/b/manifests/${digestOf('x')}`;
    const query = new URLSearchParams({ service: 'the "registry"', scope: 'repository:a/b:pull' });
    expect(seen).toEqual([`nothing ${manifest}`, `Basic /token?${query}`, `Bearer ${manifest}`]);
  });

  const realms = [
    'http://registry.example/token',
    'file:///etc/passwd',
    'http://127.0.0.2:1/token',
    'nonsense',
    '',
  ];
  it.each(realms)('is not sent to the token server %j', async (realm) => {
    const host = await serve((_, response) => answer401(response, `Bearer realm="${realm}"`));
    const { code, message } = await failure(
      pullProfile(`${host}/a/b@${digestOf('x')}`, { credentials: LOGIN }),
    );
    expect(code).toBe('ERR_REGISTRY');
    expect(message).toContain('token server that is not on https');
    expect(message).not.toContain(LOGIN.password);
  });

  it('is not shown where its file is broken', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-auth-'));
    folders.push(folder);
    const file = join(folder, 'auth.json');
    writeFileSync(file, '{"auths": {"x": {"auth": "c2VjcmV0"}');
    const { findCredentials } = await import('../../src/registry/credentials.ts');
    const read = (env: NodeJS.ProcessEnv) => () => findCredentials({ registry: 'x', repository: 'a' }, env);
    expect(read({ REGISTRY_AUTH_FILE: file })).toThrow(/not a JSON object with logins$/);
    const auth = Buffer.from('a:b:c').toString('base64');
    writeFileSync(
      file,
      JSON.stringify({ auths: { 'registry.example:5000': { auth }, other: {}, none: null } }),
    );
    const found = (registry: string) =>
      findCredentials({ registry, repository: 'a' }, { REGISTRY_AUTH_FILE: file });
    expect(found('registry.example:5000')).toEqual({ username: 'a', password: 'b:c' });
    expect([found('registry.example'), found('other'), found('none'), found('__proto__')]).toEqual(
      Array(4).fill(undefined),
    );
  });
});

describe('a redirect', () => {
  const targets = [
    'file:///etc/passwd',
    'http://registry.example/x',
    'ftp://127.0.0.1/x',
    'http://u:p@127.0.0.1/x',
    'http://',
  ];
  it.each(targets)('to %s is not followed', async (location) => {
    const host = await serve((_, response) => void response.writeHead(302, { location }).end());
    const { code } = await failure(pullProfile(`${host}/a/b@${digestOf('x')}`));
    expect(code).toBe('ERR_REGISTRY');
  });

  it('of an upload is not followed', async () => {
    const methods: string[] = [];
    const host = await serve(({ method = '' }, response) => {
      methods.push(method);
      if (method === 'HEAD') response.writeHead(404).end();
      else response.writeHead(307, { location: '/elsewhere' }).end();
    });
    const { message } = await failure(pushProfile(LAYER, `${host}/a/b:1`));
    expect(message).toContain('redirects a POST');
    expect(methods).toEqual(['HEAD', 'POST']);
  });
});

describe('a reference', () => {
  const wrong = [
    'web',
    'team/web',
    'https://registry.example/web@sha256:1',
    'registry.example/Web:1',
    'registry.example/web@sha256:1234',
    `registry.example/web@sha512:${'0'.repeat(128)}`,
    'registry.example:99999/web:1',
    ...[
      '[::::]/web:1',
      '[1:2]/web:1',
      '1.2.3.4.5/web:1',
      '256.1.1.1/web:1',
      'a.1/web:1',
      'xn--a.example/web:1',
    ],
    'registry.example/../web:1',
    'registry.example/web:../../x',
    'user@registry.example/web:1',
    'registry.example/web:1?x=2',
    `registry.example/${'a/'.repeat(600)}b:1`,
    '-registry.example/a:1',
    '',
  ];
  it.each(wrong)('%j is refused', async (reference) => {
    expect((await failure(pullProfile(reference, { unpinned: true }))).code).toBe('ERR_USAGE');
  });
});
