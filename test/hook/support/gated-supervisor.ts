/**
 * The supervisor, made to wait at steps of its work: `node gated-supervisor.mjs ID`, started by a hook. It looks for the
 * folder `gates/ID` beside itself:
 *
 *   hold    the steps to wait at, one a line; `*` stands for all, `2 planning call` for the second time only
 *   steps   it appends each step that it comes to
 *   held-N  it makes this file when it waits at its Nth step: "PID of the process, own PID"
 *   go-N    and goes on when this one is there
 *
 * If the folder goes away it ends, so no test leaves one behind. This program is built by tests and is not shipped.
 * @module
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { serve } from '../../../src/hook/supervisor/serve-request.ts';

const folder = join(dirname(process.argv[1] ?? ''), 'gates', basename(process.argv[2] ?? ''));
const hold = readFileSync(join(folder, 'hold'), 'utf8').split('\n');
const visits = new Map<string, number>();
let count = 0;

serve((step) => {
  count++;
  const visit = (visits.get(step) ?? 0) + 1;
  visits.set(step, visit);
  appendFileSync(join(folder, 'steps'), `${step}\n`);
  if (!hold.some((each) => each === '*' || each === step || each === `${visit} ${step}`)) return;
  writeFileSync(join(folder, `held-${count}`), `${process.pid}`);
  while (!existsSync(join(folder, `go-${count}`))) {
    if (!existsSync(folder)) process.kill(process.pid, 'SIGKILL');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
  }
});
