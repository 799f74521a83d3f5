/**
 * The supervisor of an agent, made to wait at a step of its work. It looks for the folder `gates` beside its folder:
 *
 *   hold    the step to wait at: `2 planning call` for the second time with this container
 *   held    it makes this file when it waits there: its own process id, and that of the process that it holds
 *   go      and goes on when this one is there
 *
 * The first container of each supervisor is the agent's rehearsal, which is not held. If the folder goes away it ends,
 * so no test leaves one behind. This program is built by tests and is not shipped.
 * @module
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { servePool } from '../../../src/hook/supervisor/serve-request.ts';

const folder = join(dirname(process.argv[1] ?? ''), '../gates');
let containers = 0;
let visits = new Map<string, number>();

servePool((step) => {
  if (step === 'asked') {
    containers += 1;
    visits = new Map();
  }
  if (containers < 2) return;
  const visit = (visits.get(step) ?? 0) + 1;
  visits.set(step, visit);
  const hold = existsSync(join(folder, 'hold')) ? readFileSync(join(folder, 'hold'), 'utf8') : '';
  if (hold !== step && hold !== `${visit} ${step}`) return;
  writeFileSync(join(folder, 'held'), `${process.pid}`);
  while (!existsSync(join(folder, 'go'))) {
    if (!existsSync(folder)) process.kill(process.pid, 'SIGKILL');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
  }
});
