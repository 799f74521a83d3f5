/**
 * The manifests of examples/kubernetes: kubectl reads them, lint finds no error, and the copying works.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lintProfiles } from '../../src/lint/engine/lint-profile.ts';
import { readProfiles } from '../../src/oci/read-profiles.ts';
import { describeWith } from './support/require.ts';

const folder = 'examples/kubernetes';
const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
const files = readdirSync(folder);
const temporary = mkdtempSync(join(tmpdir(), 'oci-seccomp-kubernetes-'));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

interface Manifest {
  readonly kind: string;
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly initContainers: readonly [{ readonly command: readonly string[] }];
        readonly volumes: readonly { readonly hostPath?: { readonly path: string } }[];
      };
    };
  };
}

/** The documents of a file, as kubectl reads them. */
function manifests(file: string): readonly Manifest[] {
  const args = ['annotate', '--local', '-f', join(folder, file), 'oracle=yes', '-o', 'json'];
  const { stdout, status } = spawnSync('kubectl', args, { encoding: 'utf8' });
  expect(status).toBe(0);
  return JSON.parse(`[${stdout.trim().replaceAll(/\n}\n{/g, '\n},\n{')}]`) as Manifest[];
}

const expected: Readonly<Record<string, readonly string[]>> = {
  'node-profiles.yaml': ['RuntimeDefault', 'RuntimeDefault', 'Localhost profiles/web.json'],
  'operator.yaml': ['Localhost operator/web.json'],
  'runtime-class.yaml': ['RuntimeDefault'],
};

describe('examples/kubernetes', () => {
  it.each(files)('%s: no container is without a profile, and nothing is wrong', async (file) => {
    const workloads = {
      hasProfile: (path: string) => path === 'profiles/web.json' || path === 'operator/web.json',
    };
    const found = await readProfiles(read(file), { name: file, workloads });
    expect(found.flatMap(({ problems }) => problems)).toEqual([]);
    const profiles = found.flatMap(({ containers = [] }) => containers);
    expect(profiles.map(({ type, path }) => (path === undefined ? type : `${type} ${path}`))).toEqual(
      expected[file],
    );
    const findings = (await lintProfiles(read(file), { workloads })).flatMap((each) => each.findings);
    expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describeWith(['kubectl'], 'examples/kubernetes and kubectl', () => {
  it.each(files)('%s', (file) => {
    const kinds = [...read(file).matchAll(/^kind: (\w+)$/gm)].map(([, kind]) => kind);
    expect(manifests(file).map(({ kind }) => kind)).toEqual(kinds);
  });

  /** As the types of Kubernetes take an object that has pods: a field that they do not know is left out. */
  const typed = (manifest: object): Manifest => {
    const args = ['set', 'serviceaccount', '--local', '-f', '-', 'default', '-o', 'json'];
    const { stdout } = spawnSync('kubectl', args, { encoding: 'utf8', input: JSON.stringify(manifest) });
    return JSON.parse(stdout) as Manifest;
  };

  it('each field of a pod is one that Kubernetes knows', () => {
    const found = files.flatMap(manifests).filter(({ kind }) => ['Pod', 'DaemonSet'].includes(kind));
    expect(found).toHaveLength(4);
    for (const manifest of found) expect(typed(manifest)).toMatchObject(manifest);
    const [first] = found;
    const misspelt = { ...first, spec: { ...first?.spec, hostUser: false } };
    expect(typed(misspelt)).not.toMatchObject(misspelt);
  });

  it('the DaemonSet copies each profile to the folder that the pod names', async () => {
    const { spec } = manifests('node-profiles.yaml').find(({ kind }) => kind === 'DaemonSet') as Manifest;
    const { initContainers, volumes } = spec.template.spec;
    const host = volumes.find(({ hostPath }) => hostPath !== undefined)?.hostPath?.path ?? '';
    const kubelet = '/var/lib/kubelet/seccomp/';
    const target = join(temporary, host.slice(kubelet.length));
    const source = join(temporary, 'source');
    expect(host.startsWith(kubelet)).toBe(true);
    for (const each of [source, target]) mkdirSync(each);
    writeFileSync(join(source, 'web.json'), 'new');
    writeFileSync(join(target, 'web.json'), 'old');
    const [command = '', ...args] = initContainers[0].command;
    const env = { ...process.env, SOURCE: source, TARGET: target };
    const { status, stderr } = spawnSync(command, args, { env, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const found = await readProfiles(read('node-profiles.yaml'), { workloads: {} });
    const paths = found.flatMap(({ containers = [] }) => containers).flatMap(({ path }) => path ?? []);
    expect(paths.map((path) => readFileSync(join(temporary, path), 'utf8'))).toEqual(['new']);
    expect(readdirSync(target)).toEqual(['web.json']);
  });
});
