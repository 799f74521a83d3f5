// TRAP: why the SIGSYS handler of the C articles does not work in Node.
//
// TRAP sends the calling thread SIGSYS instead of making the call. A C program handles it on the spot: its handler
// reads the number of the call from siginfo and sets what the call returns. Node cannot. libuv's handler only notes the
// signal and returns; the listener runs later, without siginfo. Until then the program has gone on with whatever the
// register of the return value held, which is the number of the call: not negative, hence success. A mkdir that never
// happened "succeeds", an open "returns" a descriptor of somebody else.
//
// So: no listener for SIGSYS in a process with TRAP rules. Without one, TRAP ends the process, and its parent sees
// SIGSYS. To have the call fail in a way the program can handle, use errno(); to decide call by call, notify().
//
// Runs itself three times and prints:
//   no listener: ended by SIGSYS
//   with a listener: mkdir returned, although there is no folder; the listener ran later
//   errno instead of trap: mkdir threw EACCES
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { allow, errno, Filter, trap } from 'oci-seccomp/libseccomp';

const mode = process.argv[2];
if (mode === undefined) runAll();
else await runFiltered(mode);

function runAll() {
  for (const each of ['no listener', 'with a listener', 'errno instead of trap']) {
    const { signal, stdout } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), each], {
      encoding: 'utf8',
    });
    console.log(`${each}: ${signal === null ? stdout.trim() : `ended by ${signal}`}`);
  }
}

async function runFiltered(mode) {
  let handled = false;
  if (mode === 'with a listener') process.on('SIGSYS', () => (handled = true));

  const filter = new Filter(allow());
  const action = mode === 'errno instead of trap' ? errno('EACCES') : trap();
  for (const call of ['mkdir', 'mkdirat']) filter.addRule(action, call);
  filter.load();
  filter.release();

  const folder = join(tmpdir(), `oci-seccomp-trap-${process.pid}`);
  let outcome;
  try {
    mkdirSync(folder);
    outcome = existsSync(folder) ? 'mkdir made a folder' : 'mkdir returned, although there is no folder';
  } catch ({ code }) {
    outcome = `mkdir threw ${code}`;
  }
  if (mode === 'with a listener') {
    const early = handled;
    await setTimeout(100);
    outcome += early
      ? '; the listener had run'
      : handled
        ? '; the listener ran later'
        : '; the listener never ran';
  }
  console.log(outcome);
}
