/**
 * Where each kind of workload has its containers: kubectl sets the image of every container that it finds, without a
 * cluster, and we say which containers there are.
 */
import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { readProfiles } from '../../src/oci/read-profiles.ts';
import { describeWith } from './support/require.ts';

const pod = {
  metadata: { labels: { a: 'b' } },
  spec: {
    securityContext: { seccompProfile: { type: 'RuntimeDefault' }, SeccompProfile: { type: 'Unconfined' } },
    initContainers: [{ name: 'i', image: 'x' }],
    containers: [
      { name: 'c', image: 'x', securityContext: { seccompProfile: null } },
      {
        name: 'd',
        image: 'x',
        securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'a' } },
      },
    ],
  },
};
const selector = { matchLabels: { a: 'b' } };

const kinds: readonly (readonly [kind: string, apiVersion: string, body: object])[] = [
  ['Pod', 'v1', pod],
  ['ReplicationController', 'v1', { spec: { template: pod } }],
  ['Deployment', 'apps/v1', { spec: { selector, template: pod } }],
  ['StatefulSet', 'apps/v1', { spec: { selector, serviceName: 's', template: pod } }],
  ['DaemonSet', 'apps/v1', { spec: { selector, template: pod } }],
  ['ReplicaSet', 'apps/v1', { spec: { selector, template: pod } }],
  ['Job', 'batch/v1', { spec: { template: pod } }],
  ['CronJob', 'batch/v1', { spec: { schedule: '* * * * *', jobTemplate: { spec: { template: pod } } } }],
];

/** What kubectl makes of an object when it sets all images, as Go's types read it. */
function theirs(text: string): unknown {
  const args = ['set', 'image', '--local', '-f', '-', '*=oracle:1', '-o', 'json'];
  const { stdout, stderr, status } = spawnSync('kubectl', args, { input: text, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout);
}

interface Place {
  readonly pointer: string;
  readonly value: unknown;
}

function places(value: unknown, pointer = ''): readonly Place[] {
  const inner =
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, each]) => places(each, `${pointer}/${key}`))
      : [];
  return [{ pointer, value }, ...inner];
}

async function ours(text: string) {
  const [read] = await readProfiles(text, { workloads: {} });
  return read?.containers ?? [];
}

describeWith(['kubectl'], 'workloads as kubectl reads them', () => {
  it.each(kinds)('%s: the same containers', async (kind, apiVersion, body) => {
    const text = JSON.stringify({ apiVersion, kind, ...body, metadata: { name: 'a' } });
    const images = places(theirs(text)).filter(({ value }) => value === 'oracle:1');
    const found = await ours(text);
    expect(found.map(({ pointer }) => `${pointer}/image`).sort()).toEqual(
      images.map(({ pointer }) => pointer).sort(),
    );
    expect(found).toHaveLength(3);
  });

  it('a container has the field that Go reads, by the spelling of its key; null is no field', async () => {
    const text = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', ...pod, metadata: { name: 'a' } });
    const fields = new Map(
      places(theirs(text))
        .filter(({ pointer }) => pointer.endsWith('/seccompProfile'))
        .map(({ pointer, value }) => [pointer, (value as { type: string }).type]),
    );
    for (const { pointer, type, by } of await ours(text)) {
      const own = fields.get(`${pointer}/securityContext/seccompProfile`);
      expect([type, by]).toEqual([
        own ?? fields.get('/spec/securityContext/seccompProfile'),
        own === undefined ? 'pod' : 'container',
      ]);
    }
    expect([...fields.values()].sort()).toEqual(['Localhost', 'RuntimeDefault']);
  });
});
