/**
 * Agent, supervisor and client are killed at each step of a container's start: its program never runs without the filter,
 * no process stays stopped, and another agent takes over.
 *
 * Without OCI_SECCOMP_REQUIRE_ALL=1 each step is tried with one runtime and one victim.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../../tools/debian-cache.ts';
import { type Bundle, bundleProgram } from '../kernel/support/bundle.ts';
import { isThorough } from '../support/samples.ts';
import { startAgentOf, type TestAgent } from './support/agent.ts';
import { until } from './support/gates.ts';
import { type HookedRuntime, makeHooked } from './support/hook-bundle.ts';
import { injectionSteps } from './support/injection-steps.ts';
import { describeWith } from './support/require.ts';

/** Nobody has answered the client yet. */
const beforeAnswer = ['asked', 'attached'] as const;
const afterAnswer = ['answered', ...injectionSteps] as const;

type Victim = 'agent' | 'supervisor' | 'client';
type Fate = 'gone' | 'filtered' | 'gone or filtered';
const table: readonly (readonly [Victim, string, Fate])[] = [
  ...beforeAnswer.flatMap((step): (readonly [Victim, string, Fate])[] => [
    ['agent', step, 'gone'],
    ['supervisor', step, 'gone'],
    ['client', step, 'gone'],
  ]),
  // The agent may have told the client by then.
  ['agent', 'answered', 'gone or filtered'],
  ['supervisor', 'answered', 'gone'],
  ...afterAnswer.slice(1).flatMap((step): (readonly [Victim, string, Fate])[] => [
    // The supervisor does its work without the agent.
    ['agent', step, 'filtered'],
    ['supervisor', step, 'gone'],
  ]),
];

const FILTERED = 'Seccomp:\t2\n';
const args = ['/bin/busybox', 'grep', 'Seccomp:', '/proc/self/status'];

describeWith(
  ['root', 'x86_64', 'runc', 'crun', 'cc', 'busybox', 'ptrace', 'built'],
  'an agent, interrupted',
  () => {
    let program: Bundle;
    let agent: TestAgent;
    let gates = '';

    beforeAll(async () => {
      program = await bundleProgram('test/hook/support/gated-pool.ts');
      const home = dirname(program.file);
      gates = join(home, 'gates');
      mkdirSync(gates);
      cpSync(`${projectRoot()}/dist/bin`, join(home, 'bin'), { recursive: true });
      // Beside its own files, as the agent starts it.
      cpSync(program.file, join(home, 'bin/gated-pool.mjs'));
      writeFileSync(join(home, 'bin/pool-supervisor.cjs'), "import('./gated-pool.mjs');\n");
      agent = await startAgentOf(join(home, 'bin/main.cjs'), ['--spare', '1']);
    });
    afterAll(async () => {
      rmSync(gates, { recursive: true, force: true });
      await agent.remove();
      program.remove();
    });

    const pidOf = (victim: Victim): number => {
      if (victim === 'agent') return agent.child.pid ?? -1;
      if (victim === 'supervisor') return Number(readFileSync(join(gates, 'held'), 'utf8'));
      const client = join(agent.folder, 'client');
      const found = readdirSync('/proc').filter((name) => {
        try {
          return /^\d+$/.test(name) && readlinkSync(`/proc/${name}/exe`) === client;
        } catch {
          return false;
        }
      });
      return Number(found[0] ?? -1);
    };

    const kill = async (victim: Victim): Promise<void> => {
      const pid = pidOf(victim);
      expect(pid).toBeGreaterThan(1);
      // Counts its supervisors, too: they are to end later.
      if (victim === 'agent') await agent.end('SIGKILL');
      else process.kill(pid, 'SIGKILL');
    };

    const interrupt = async (
      runtime: HookedRuntime,
      victim: Victim,
      step: string,
      fate: Fate,
    ): Promise<void> => {
      const options = ['--agent', agent.socket, '--client', join(agent.folder, 'client')];
      // crun can miss the end of a hook that is killed, and waits for this.
      const hook = ['--profile', 'docker-default', '--timeout', '5', ...options];
      const bundle = makeHooked(runtime, { capabilities: [], args, hook });
      try {
        writeFileSync(join(gates, 'hold'), step);
        const output = bundle.start();
        await until(`it comes to ${step}`, () => existsSync(join(gates, 'held')));
        await until('its number is written', () => readFileSync(join(gates, 'held'), 'utf8') !== '');
        await kill(victim);
        writeFileSync(join(gates, 'go'), '');
        const printed = await output;
        expect(printed).not.toMatch(/Seccomp:\t[013]/);
        const found = printed === FILTERED ? 'filtered' : 'gone';
        expect({ printed, fits: fate.split(' or ').includes(found) }).toEqual({ printed, fits: true });
        if (victim === 'supervisor') {
          const told = `container: id="${bundle.id}" `;
          await until('the log names it', () => agent.log().includes(told));
        }
      } finally {
        for (const name of ['hold', 'held', 'go']) rmSync(join(gates, name), { force: true });
        bundle.remove();
      }
      if (victim === 'agent') await agent.restart();
      // Nothing is held any more, and the next container starts.
      await until('no container is held', () => agent.metric('supervisors{state="busy"}') === 0);
    };

    describe.each([
      { name: 'runc', family: 'runc', path: 'runc' },
      { name: 'crun', family: 'crun', path: 'crun' },
    ] as const)('$name', (runtime) => {
      const rows = table.filter(([victim, step], i) => {
        if (!isThorough) return i % 4 === (runtime.name === 'runc' ? 0 : 3);
        // The runtime has its answer by then, and does not see that the agent ends: each of these steps is one runtime's.
        const at = injectionSteps.indexOf(step as (typeof injectionSteps)[number]);
        return victim !== 'agent' || at === -1 || at % 2 === Number(runtime.name === 'crun');
      });

      it.each(rows)('the %s is killed at "%s": the container is %s', async (victim, step, fate) => {
        await interrupt(runtime, victim, step, fate);
      });

      it('then starts a container as if nothing had been', async () => {
        const hook = [
          '--profile',
          'docker-default',
          '--agent',
          agent.socket,
          '--client',
          join(agent.folder, 'client'),
        ];
        const bundle = makeHooked(runtime, { capabilities: [], args, hook });
        try {
          expect(await bundle.start()).toBe(FILTERED);
        } finally {
          bundle.remove();
        }
      });

      it('keeps a created container over a restart of the agent', async () => {
        const hook = [
          '--profile',
          'docker-default',
          '--agent',
          agent.socket,
          '--client',
          join(agent.folder, 'client'),
        ];
        const bundle = makeHooked(runtime, {
          capabilities: [],
          args: ['/bin/busybox', 'sleep', '1000'],
          hook,
        });
        try {
          expect(bundle.call('create', '--pid-file', join(bundle.folder, 'pid'), 'ID')).toMatchObject({
            status: 0,
          });
          await agent.end('SIGTERM');
          // Without an agent nothing starts.
          const other = makeHooked(runtime, { capabilities: [], args, hook });
          const { status, output } = other.call('run', 'ID');
          other.remove();
          expect(status).not.toBe(0);
          expect(output).not.toContain('Seccomp');
          await agent.restart();
          expect(bundle.call('start', 'ID')).toMatchObject({ status: 0 });
          const pid = Number(readFileSync(join(bundle.folder, 'pid'), 'utf8'));
          await until('it has its filter', () => bundle.logText().includes('has its filter'));
          expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toContain(FILTERED);
          bundle.call('kill', 'ID', 'KILL');
        } finally {
          bundle.remove();
        }
      });
    });
  },
);
