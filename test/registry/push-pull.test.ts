/**
 * What push writes is read by skopeo, and what skopeo copies is read by pull, in Debian's docker-registry.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ociSeccomp, root } from '../cli/run.ts';
import { describeWith } from '../oracle/support/require.ts';
import { type LocalRegistry, startRegistry } from './local-registry.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function requireForm(name: 'push' | 'pull', text: string): void {
  const ajv = new Ajv({ allErrors: true });
  for (const each of ['common', name]) {
    ajv.addSchema(JSON.parse(readFileSync(join(root, `schemas/output/${each}.schema.json`), 'utf8')));
  }
  const validate = ajv.getSchema(`urn:oci-seccomp:schema:output:${name}`);
  validate?.(JSON.parse(text));
  expect(validate?.errors ?? null).toBe(null);
}

const NAME = 'the-user';
const PASSWORD = 'a password that nobody may see';
/** bcrypt of it, as htpasswd -B writes it. */
const HASH = '$2y$05$abcdefghijklmnopqrstuuaWEgs27H4DfQt5R8swM11H9/7AZW0M6';

describeWith(['docker-registry', 'skopeo', 'built'], 'a real registry', () => {
  let registry: LocalRegistry | undefined;
  const host = (): string => registry?.host ?? '';
  let folder = '';
  let reference = '';
  const file = (name: string): string => join(folder, name);
  const skopeo = (...words: readonly string[]): string =>
    execFileSync('skopeo', words, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      // It looks for passwords there, where a user without a session may not.
      env: { ...process.env, XDG_RUNTIME_DIR: folder },
    });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-artifacts-'));
    registry = await startRegistry();
    const resolved = [
      'resolve',
      'docker-default',
      '--to',
      'oci',
      '--arch',
      'x86_64',
      '--kernel',
      '6.1',
      '-q',
    ];
    ociSeccomp([...resolved, '-o', file('web.json')]);
    const pushed = ociSeccomp(['push', file('web.json'), `${host()}/team/web:1.0`]);
    expect(pushed.stderr).toBe('');
    expect(pushed.status).toBe(0);
    reference = pushed.stdout.trim();
  });
  afterAll(async () => {
    await registry?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('holds what push wrote, as skopeo reads it', () => {
    const raw = skopeo('inspect', '--raw', '--tls-verify=false', `docker://${host()}/team/web:1.0`);
    expect(reference).toBe(`${host()}/team/web@sha256:${sha256(Buffer.from(raw))}`);
    const type = 'application/vnd.cncf.seccomp-profile.config.v1+json';
    const manifest = JSON.parse(raw);
    expect(manifest).toMatchObject({ schemaVersion: 2, artifactType: type, config: { mediaType: type } });
    skopeo('copy', '--src-tls-verify=false', `docker://${reference}`, `dir:${file('dir')}`);
    const bytes = readFileSync(file('web.json'));
    expect(readFileSync(join(file('dir'), sha256(bytes)))).toEqual(bytes);
    expect(readFileSync(join(file('dir'), sha256(Buffer.from('{}'))), 'utf8')).toBe('{}');
  });

  it('gives pull what skopeo copied', () => {
    const copy = `${host()}/copies/web:2`;
    const plain = ['--src-tls-verify=false', '--dest-tls-verify=false', '--preserve-digests'];
    skopeo('copy', ...plain, `docker://${reference}`, `docker://${copy}`);
    const pinned = reference.replace('/team/web@', '/copies/web@');
    const pulled = ociSeccomp(['pull', pinned, '-o', file('copy.json')]);
    expect(pulled).toMatchObject({ status: 0, stdout: '' });
    expect(readFileSync(file('copy.json'))).toEqual(readFileSync(file('web.json')));
    // A tag beside the digest is not asked for: this one does not exist.
    const tagged = pinned.replace('@', ':no-such-tag@');
    expect(ociSeccomp(['pull', tagged]).bytes).toEqual(readFileSync(file('web.json')));
  });

  it('is asked for a tag only with --unpinned', () => {
    const tagged = `${host()}/team/web:1.0`;
    const refused = ociSeccomp(['pull', tagged]);
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    expect(refused.stderr).toContain('has no digest');
    const found = ociSeccomp(['pull', tagged, '--unpinned', '--json']);
    requireForm('pull', found.stdout);
    expect(JSON.parse(found.stdout)).toMatchObject({ reference });
  });

  it('gives the same digest for the same profile, and tells it as data', () => {
    const again = ociSeccomp(['push', file('web.json'), `${host()}/other/name`, '--json']);
    requireForm('push', again.stdout);
    expect(JSON.parse(again.stdout).digest).toBe(reference.split('@')[1]);
    const wrong = `${host()}/team/web@sha256:${'0'.repeat(64)}`;
    expect(ociSeccomp(['push', file('web.json'), wrong]).status).toBe(2);
  });

  it('proves what was pulled within a baseline, and writes nothing else', () => {
    const machine = ['--arch', 'x86_64', '--kernel', '6.1'];
    const within = ociSeccomp([
      'pull',
      reference,
      '-o',
      file('in.json'),
      '--baseline',
      'docker-default',
      ...machine,
    ]);
    expect(within.status).toBe(0);
    expect(within.stderr).toContain('is within docker-default: no call gets a looser verdict');
    expect(within.stderr).toContain('rests on:');
    writeFileSync(
      file('strict.json'),
      '{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW"}]}',
    );
    const words = ['pull', reference, '-o', file('out.json'), '--baseline', file('strict.json'), ...machine];
    const outside = ociSeccomp(words);
    expect(outside.status).toBe(1);
    expect(outside.stderr).toMatch(/is not within .*strict\.json/);
    expect(outside.stderr).toMatch(/for instance \w+\(/);
    expect(existsSync(file('out.json'))).toBe(false);
    const asData = ociSeccomp([...words, '--json']);
    expect(asData.status).toBe(1);
    requireForm('pull', asData.stdout);
    expect(JSON.parse(asData.stdout).baseline.subset).toBe(false);
    expect(existsSync(file('out.json'))).toBe(false);
  });

  it('takes one object of a file as the baseline', () => {
    const words = ['pull', reference, '--baseline', 'fixtures/kubernetes/good/several.yaml', '--json'];
    const any = ociSeccomp(words);
    expect(any).toMatchObject({ status: 2, stdout: '' });
    expect(any.stderr).toContain('hint: pick one with --baseline-object NAME\n');
    const one = ociSeccomp([...words, '--baseline-object', 'runtime']);
    expect(one.status).toBe(1);
    requireForm('pull', one.stdout);
    const of = ['--baseline', 'docker-default', '--baseline-object', 'runtime'];
    expect(ociSeccomp(['pull', reference, ...of]).stderr).toMatch(/^error: --baseline-object is for files /);
  });

  it('says what it does not have', () => {
    const absent = ociSeccomp(['pull', `${host()}/team/web@sha256:${'0'.repeat(64)}`]);
    expect(absent).toMatchObject({ status: 3, stdout: '' });
    expect(absent.stderr).toContain('MANIFEST_UNKNOWN');
  });
});

describeWith(['docker-registry', 'built'], 'a registry that wants a login', () => {
  let registry: LocalRegistry | undefined;
  const host = (): string => registry?.host ?? '';
  let folder = '';
  const login = (host: string, password: string): Readonly<Record<string, string>> => {
    const auth = Buffer.from(`${NAME}:${password}`).toString('base64');
    writeFileSync(join(folder, 'auth.json'), JSON.stringify({ auths: { [host]: { auth } } }));
    return { REGISTRY_AUTH_FILE: join(folder, 'auth.json') };
  };
  const profile = (): string => join(folder, 'p.json');

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-login-'));
    writeFileSync(profile(), '{"defaultAction":"SCMP_ACT_ALLOW"}');
    writeFileSync(join(folder, 'htpasswd'), `${NAME}:${HASH}\n`);
    registry = await startRegistry({ htpasswd: { realm: 'test', path: join(folder, 'htpasswd') } });
  });
  afterAll(async () => {
    await registry?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('gets that of REGISTRY_AUTH_FILE, and nobody sees it', () => {
    const to = `${host()}/team/web:1.0`;
    const anonymous = ociSeccomp(['push', profile(), to], { env: { HOME: folder } });
    expect(anonymous.status).toBe(3);
    expect(anonymous.stderr).toContain('(401)');
    const pushed = ociSeccomp(['push', profile(), to], { env: login(host(), PASSWORD) });
    expect(pushed.stderr).toBe('');
    const pulled = ociSeccomp(['pull', pushed.stdout.trim()], { env: login(host(), PASSWORD) });
    expect(pulled.stdout).toBe(readFileSync(profile(), 'utf8'));
    const wrong = ociSeccomp(['push', profile(), to], { env: login(host(), `${PASSWORD}!`) });
    expect(wrong.status).toBe(3);
    expect(wrong.stdout + wrong.stderr).not.toContain(PASSWORD);
    const other = ociSeccomp(['push', profile(), to], { env: login('registry.example', PASSWORD) });
    expect(other.status).toBe(3);
  });

  // skopeo writes the login and asks with it: what it may read, push and pull may, and nothing else.
  const places: readonly (readonly [
    where: string,
    file: string,
    env: readonly (readonly [string, string])[],
  ])[] = [
    ['of a session', 'run/containers/auth.json', [['XDG_RUNTIME_DIR', 'run']]],
    ['of the configuration folder', 'config/containers/auth.json', [['XDG_CONFIG_HOME', 'config']]],
    ['of the home folder', 'home/.config/containers/auth.json', [['HOME', 'home']]],
    ['of Docker', 'home/.docker/config.json', [['HOME', 'home']]],
  ];
  describeWith(['skopeo'], 'finds the login of skopeo', () => {
    it.each(places)('%s, for a registry and for a part of it', (_, path, variables) => {
      const env: Record<string, string> = { HOME: folder, XDG_RUNTIME_DIR: join(folder, 'nothing') };
      for (const [name, value] of variables) env[name] = join(folder, value);
      const skopeo = (...words: readonly string[]) =>
        spawnSync('skopeo', words, { encoding: 'utf8', env: { ...process.env, ...env }, input: PASSWORD });
      const authFile = join(folder, path);
      ociSeccomp(['push', profile(), `${host()}/team/web:1`], { env: login(host(), PASSWORD) });
      for (const key of [host(), `${host()}/team`, `${host()}/team/web`, `${host()}/tea`]) {
        mkdirSync(dirname(authFile), { recursive: true });
        const words = ['--authfile', authFile, '--username', NAME, '--password-stdin', '--tls-verify=false'];
        expect(skopeo('login', ...words, key).stderr).toBe('');
        const read = skopeo('inspect', '--raw', '--tls-verify=false', `docker://${host()}/team/web:1`);
        const pulled = ociSeccomp(['pull', `${host()}/team/web:1`, '--unpinned', '-q'], { env });
        expect([key, pulled.status === 0], pulled.stderr).toEqual([key, read.status === 0]);
        expect(pulled.status === 0).toBe(!key.endsWith('/tea'));
        rmSync(authFile);
      }
    });
  });
});
