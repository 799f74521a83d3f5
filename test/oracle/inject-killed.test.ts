/**
 * Hook, supervisor and runtime are killed at each step of the injection: the container's program never runs without its
 * filter, and no process is left stopped.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { programBytes } from '../kernel/support/target.ts';
import { buildGates, fateOf, type Gated, removeGates, startGated, until } from './support/gates.ts';
import { injectionSteps } from './support/injection-steps.ts';
import { describeWith } from './support/require.ts';

/** mkdir gives errno 77, which nothing else gives. */
const program = programBytes(
  [0x20, 0, 0, 0],
  [0x15, 0, 1, 83],
  [0x06, 0, 0, 0x0005004d],
  [0x06, 0, 0, 0x7fff0000],
);
const FILTERED = '4d 0 0 0 0 0\n';
/** Into a file: runc hands on what a container prints, until it is killed. */
const args = ['/bin/busybox', 'sh', '-c', '/bin/probe >/w/out; exec /bin/busybox sleep 1000'];

/** With no_new_privs, since the container has no capabilities: two calls. */
const beforeExec = ['asked', 'attached', 'answered'] as const;

type Victim = 'hook' | 'supervisor' | 'runtime';
/** Who is killed at a step, and what becomes of the container. The hook ends by itself once it is answered. */
const table: readonly (readonly [Victim, string, 'gone' | 'filtered' | 'gone or filtered'])[] = [
  ...(['asked', 'attached'] as const).map((step) => ['hook', step, 'gone'] as const),
  ...[...beforeExec, ...injectionSteps].map((step) => ['supervisor', step, 'gone'] as const),
  ...(['asked', 'attached'] as const).map((step) => ['runtime', step, 'gone'] as const),
  // It may have told its process to go on by then.
  ['runtime', 'answered', 'gone or filtered'],
  ...injectionSteps.map((step) => ['runtime', step, 'filtered'] as const),
];

beforeAll(buildGates);
afterAll(removeGates);

function printed({ rootfs }: Gated): string {
  const file = join(rootfs, 'w/out');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

function kill(victim: Victim, supervisor: number, { hookPid, runtime }: Gated): void {
  if (victim === 'runtime') runtime.kill('SIGKILL');
  else process.kill(victim === 'hook' ? hookPid() : supervisor, 'SIGKILL');
}

describe.each(['runc', 'crun'] as const)('%s', (name) => {
  describeWith(['root', 'x86_64', name, 'cc', 'busybox', 'ptrace', 'built'], `${name}, interrupted`, () => {
    const run = async (hold: readonly string[], use: (gated: Gated) => Promise<void>): Promise<void> => {
      const gated = startGated(name, { program, args, hold });
      try {
        await use(gated);
      } finally {
        if (fateOf(gated.pid(), 'busybox') !== 'gone') process.kill(gated.pid(), 'SIGKILL');
        await until(`${gated.id} ends`, () => fateOf(gated.pid(), 'busybox') === 'gone');
        gated.remove();
      }
    };

    it('comes to these steps', async () => {
      await run([], async (gated) => {
        await until('the program prints', () => printed(gated) !== '');
        expect(printed(gated)).toBe(FILTERED);
        const plain = [...beforeExec, ...injectionSteps].map((step) => step.replace(/^\d /, ''));
        expect(gated.steps().filter((step) => !/^waiting (?!exec)/.test(step))).toEqual(plain);
      });
    });

    it.each(table)('the %s is killed at "%s": the container is %s', async (victim, step, fate) => {
      await run([step], async (gated) => {
        const held = await gated.held();
        expect(held?.step).toBe(step.replace(/^\d /, ''));
        kill(victim, held?.supervisor ?? -1, gated);
        if (victim === 'runtime') await until('the runtime ends', () => gated.runtime.signalCode !== null);
        gated.go();
        // One that is being killed shows without a tracer for a moment; one that runs prints something.
        const now = () => {
          const found = fateOf(gated.pid(), 'busybox');
          return found.endsWith('filtered') && printed(gated) === '' ? 'waiting' : found;
        };
        await until('its fate is sealed', () => !['waiting', 'stopped'].includes(now()));
        const found = now();
        expect(fate.split(' or ')).toContain(found);
        await until('the program prints or is gone', () => printed(gated) !== '' || now() === 'gone');
        expect(printed(gated)).toBe(found === 'filtered' ? FILTERED : '');
      });
    });
  });
});
