/**
 * `hook explain` of containers that run, against what the kernel shows of them.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { projectRoot } from '../../tools/debian-cache.ts';
import { until } from './support/gates.ts';
import { type Hooked, type HookedRuntime, makeHooked, ociSeccomp } from './support/hook-bundle.ts';
import { describeWith } from './support/require.ts';

const rule = { names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 33 };
const runtimes = [
  { name: 'runc', family: 'runc', path: 'runc' },
  { name: 'crun', family: 'crun', path: 'crun' },
] as const satisfies readonly HookedRuntime[];

const schemas = ['common', 'hook-explain'].map((name) =>
  JSON.parse(readFileSync(join(projectRoot(), `schemas/output/${name}.schema.json`), 'utf8')),
);
const ajv = new Ajv();
for (const schema of schemas) ajv.addSchema(schema);
const valid = ajv.getSchema('urn:oci-seccomp:schema:output:hook-explain');

describeWith(['root', 'runc', 'crun', 'busybox', 'cc', 'ptrace', 'built'], 'hook explain', () => {
  let folder = '';
  let [profile, table] = ['', ''];
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-explain-'));
    profile = join(folder, 'deny.json');
    table = join(folder, 'choices.json');
    writeFileSync(profile, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [rule] }));
    const rows = [
      { name: 'closed', annotations: { team: 'closed' }, profile },
      { name: 'open', annotations: { team: 'open' }, profile: 'none' },
    ];
    writeFileSync(table, JSON.stringify({ trustedAnnotations: ['team'], rows }));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const explain = (bundle: Hooked, ...words: readonly string[]) => {
    const root = ['--root', join(bundle.folder, 'state')];
    return ociSeccomp('hook', 'explain', '--choices', table, ...root, ...words);
  };
  const json = (bundle: Hooked) => {
    const { stdout, status, stderr } = explain(bundle, '--json');
    expect(stderr).toBe('');
    const value = JSON.parse(stdout);
    expect([valid?.(value), valid?.errors]).toEqual([true, null]);
    return { status, container: value.containers[0], count: value.containers.length };
  };
  const sleeping = async (
    runtime: HookedRuntime,
    annotations: Record<string, string>,
    hook: readonly string[] | undefined,
    work: (bundle: Hooked) => void,
  ): Promise<void> => {
    const args = ['/bin/busybox', 'sleep', '1000'];
    const bundle = makeHooked(runtime, { capabilities: [], args, annotations, hook });
    try {
      const pidFile = join(bundle.folder, 'pid');
      const made = bundle.call('create', '--pid-file', pidFile, 'ID');
      expect(made.status, made.output).toBe(0);
      expect(bundle.call('start', 'ID').status).toBe(0);
      const pid = readFileSync(pidFile, 'utf8');
      // Once it has executed its program.
      await until('it sleeps', () => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('sleep'));
      work(bundle);
      bundle.call('kill', 'ID', 'KILL');
    } finally {
      bundle.remove();
    }
  };

  it.each(runtimes)('says what a container of $name would get, and has', async (runtime) => {
    await sleeping(runtime, { team: 'closed' }, undefined, (bundle) => {
      const { status, container, count } = json(bundle);
      expect([status, count]).toEqual([1, 1]);
      expect(container).toMatchObject({ runtime: runtime.name, outcome: 'filtered', row: 'closed', profile });
      expect(container.running).toEqual({ count: 0, hasProfile: false });
      expect(container.changes).toEqual({
        looser: [],
        // A profile that names no architectures kills calls of others than the machine's.
        stricter: expect.arrayContaining(['mkdir', 'mkdirat', 'every call of x32', 'every call of x86']),
        different: [],
        unknown: [],
      });
      expect(explain(bundle).stdout).toContain(
        'it runs without a filter\n  stricter for every call of x32, every call of x86, mkdir, mkdirat',
      );
    });
    await sleeping(runtime, { team: 'closed' }, ['--choices', table], (bundle) => {
      const { status, container } = json(bundle);
      expect(status).toBe(0);
      expect(container.running).toEqual({ count: 1, hasProfile: true });
      expect(explain(bundle, container.id.slice(0, 12)).stdout).toContain('it runs under this filter');
    });
  });

  it('says what a container would not start for, and what gets none', async () => {
    const [runc] = runtimes;
    await sleeping(runc, { team: 'other' }, undefined, (bundle) => {
      const { status, container } = json(bundle);
      expect([status, container.outcome]).toEqual([1, 'refused']);
      expect(container.reason).toContain('no row of');
    });
    await sleeping(runc, { team: 'open' }, undefined, (bundle) => {
      expect(json(bundle)).toMatchObject({ status: 0, container: { outcome: 'unfiltered', row: 'open' } });
      expect(explain(bundle, 'nonesuch')).toMatchObject({ status: 2 });
    });
    // As the state shows it to a hook.
    await sleeping(runc, { 'team=open': '' }, undefined, (bundle) => {
      expect(json(bundle).container.reason).toContain('disagree on the annotation team');
    });
  });

  it('survives states that are none, and lists no container that has ended', () => {
    const root = join(folder, 'states');
    for (const [id, file, text] of [
      ['broken', 'state.json', '{'],
      ['\u001b[31mred', 'status', '[]'],
      ['ended', 'status', '{"pid": 1, "process-start-time": 4711, "bundle": "/x"}'],
      ['nothing', 'other', ''],
    ] as const) {
      mkdirSync(join(root, id), { recursive: true });
      writeFileSync(join(root, id, file), text);
    }
    const { status, stdout } = ociSeccomp('hook', 'explain', '--profile', profile, '--root', root);
    expect(status).toBe(1);
    expect(stdout.split('\n').filter((line) => line !== '').length).toBe(2);
    expect(stdout).toMatch(/broken: its state cannot be read/);
    expect(stdout).not.toContain('\u001b');
  });
});
