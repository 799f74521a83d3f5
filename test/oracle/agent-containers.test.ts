/**
 * Containers of real runtimes that get their filter from the agent: the same as from a hook without it, whoever asks.
 *
 * OCI_SECCOMP_AGENT_STARTS: how many containers the agent gives their filter, eight at once; 40 by default.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startAgent, type TestAgent } from './support/agent.ts';
import {
  type BundleOptions,
  eventually,
  type Hooked,
  type HookedRuntime,
  makeHooked,
} from './support/hook-bundle.ts';
import { describeWith } from './support/require.ts';
import { readFilters } from './support/runtime.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-agent-profiles-'));
const deny = { names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 33 };
const profile = join(folder, 'deny-mkdir.json');
writeFileSync(profile, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [deny] }));
const STARTS = Number(process.env.OCI_SECCOMP_AGENT_STARTS ?? 40);
const AT_ONCE = 8;

const runtimes: readonly HookedRuntime[] = [
  { name: 'runc', family: 'runc', path: 'runc' },
  { name: 'crun', family: 'crun', path: 'crun' },
];

describeWith(
  ['root', 'runc', 'crun', 'busybox', 'cc', 'ptrace', 'built'],
  'containers with the agent',
  () => {
    let agent: TestAgent;
    beforeAll(async () => {
      agent = await startAgent();
    });
    afterAll(async () => {
      await agent.remove();
      rmSync(folder, { recursive: true, force: true });
    });

    const withBundle = async (
      runtime: HookedRuntime,
      options: BundleOptions,
      use: (bundle: Hooked) => void | Promise<void>,
    ): Promise<void> => {
      const bundle = makeHooked(runtime, { capabilities: [], ...options });
      try {
        await use(bundle);
      } finally {
        bundle.remove();
      }
    };

    /** The filters of a container, and the lines of its log without what differs from start to start. */
    const filtersOf = async (runtime: HookedRuntime, hook: readonly string[]) => {
      let found: { filters: readonly Buffer[]; lines: readonly string[] } = { filters: [], lines: [] };
      await withBundle(runtime, { args: ['/bin/probe', '60'], hook }, ({ call, logText, folder: home }) => {
        const created = call('create', '--pid-file', join(home, 'pid'), 'ID');
        expect(created).toMatchObject({ status: 0 });
        expect(logText()).not.toContain('has its filter');
        expect(call('start', 'ID')).toMatchObject({ status: 0 });
        expect(eventually(() => logText().includes('has its filter'))).toBe(true);
        const filters = readFilters(Number(readFileSync(join(home, 'pid'), 'utf8')));
        const lines = logText().trimEnd().split('\n');
        found = { filters: filters.map((each) => Buffer.from(each)), lines: lines.map(withoutNumbers) };
        call('kill', 'ID', 'KILL');
      });
      return found;
    };

    it.each(runtimes)(
      '$name: the same filter and log as without the agent, from a client in Node and from the static one',
      async (runtime) => {
        const hook = ['--profile', profile];
        const plain = await filtersOf(runtime, hook);
        expect(plain.filters).toHaveLength(1);
        const first = await filtersOf(runtime, [...hook, '--agent', agent.socket]);
        expect(first.filters).toEqual(plain.filters);
        const client = ['--client', join(agent.folder, 'client')];
        const second = await filtersOf(runtime, [...hook, '--agent', agent.socket, ...client]);
        expect(second.filters).toEqual(plain.filters);
        expect(second.lines).toEqual(plain.lines.map((line) => line.replace(' ms=', ' memory=used ms=')));
      },
    );

    it(`${STARTS} starts, ${AT_ONCE} at once: each has its filter, and nothing stays behind`, async () => {
      const client = ['--client', join(agent.folder, 'client')];
      const hook = ['--profile', profile, '--agent', agent.socket, ...client];
      const args = ['/bin/busybox', 'grep', 'Seccomp_filters:', '/proc/self/status'];
      const before = agent.metric('filters_total{outcome="installed"}');
      const bundles = Array.from({ length: AT_ONCE }, (_, i) => {
        const runtime = runtimes[i % runtimes.length] ?? { name: 'runc', family: 'runc', path: 'runc' };
        return makeHooked(runtime, { capabilities: [], args, hook });
      });
      let left = STARTS;
      const work = async (bundle: Hooked): Promise<void> => {
        for (; left > 0; ) {
          left -= 1;
          expect(await bundle.start()).toBe('Seccomp_filters:\t1\n');
        }
      };
      try {
        await Promise.all(bundles.map(work));
        const installed = (): number => agent.metric('filters_total{outcome="installed"}') - before;
        expect(eventually(() => installed() === STARTS)).toBe(true);
        expect(eventually(() => agent.metric('supervisors{state="busy"}') === 0)).toBe(true);
        expect(agent.metric('connections')).toBe(1);
        const lines = bundles.flatMap(({ logText }) => logText().trimEnd().split('\n'));
        expect(lines.filter((line) => line.includes('has its filter'))).toHaveLength(STARTS);
        expect(lines.filter((line) => line.includes(' attached: '))).toHaveLength(STARTS);
        expect(lines).toHaveLength(2 * STARTS);
      } finally {
        for (const bundle of bundles) bundle.remove();
      }
    });
  },
);

/** Times, ids of processes and containers, and milliseconds. */
function withoutNumbers(line: string): string {
  return line
    .replace(/^\S+ /, '')
    .replace(/\[\d+\]/, '')
    .replace(/container \S+:/, 'container:')
    .replace(/process \d+/, 'process')
    .replace(/ms=\d+/, 'ms=');
}
