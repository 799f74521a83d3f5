// The program of the Python articles: open files, write to standard output, nothing else.
//
// Two differences to Python. The default is an error instead of the end of the process, so that one run can show what
// is refused. And Node's own calls are allowed too (node-needs.mjs): V8 and libuv run threads that need them, and with
// `threads: 'all'` the filter binds those threads as well, so that nothing is left that could act for the others.
//
// Prints, on standard output:
//   opened /etc/passwd, descriptor is a number
//   standard error: EPERM
//   new folder: EPERM
//   new process: EPERM
import { spawnSync } from 'node:child_process';
import { mkdirSync, openSync, writeSync } from 'node:fs';
import { allow, errno, Filter } from 'oci-seccomp/libseccomp';
import { allowNode } from './node-needs.mjs';

const filter = new Filter(errno('EPERM'));
allowNode(filter);
filter.addRule(allow(), 'open');
filter.addRule(allow(), 'openat');
filter.addRule(allow(), 'write', [{ index: 0, op: '==', value: 1 }]);
filter.load({ threads: 'all' });
filter.release();

// Straight to the descriptor: console.log would first ask what kind of file it is.
const say = (text) => writeSync(1, `${text}\n`);
const attempt = (what, work) => {
  try {
    work();
    say(`${what}: done`);
  } catch ({ code }) {
    say(`${what}: ${code}`);
  }
};

say(`opened /etc/passwd, descriptor is a ${typeof openSync('/etc/passwd')}`);
attempt('standard error', () => writeSync(2, 'not to be seen\n'));
attempt('new folder', () => mkdirSync('not-to-be-made'));
attempt('new process', () => {
  const { error } = spawnSync('/bin/true');
  if (error !== undefined) throw error;
});
