// The program of the C articles: write to standard error is allowed, any other write ends the process.
//
// The default is to kill, as in C. node-needs.mjs allows the calls that Node needs and a C program does not. Of these,
// `write` goes only to the descriptors that wake Node's event loop.
//
// Prints "to standard error: written" on standard error. Nothing appears on standard output: the kernel ends the whole
// process with SIGSYS at that write. So the last line is not reached either. The shell shows status 159 (128 + 31).
import { writeSync } from 'node:fs';
import { allow, Filter, killProcess } from 'oci-seccomp/libseccomp';
import { allowNode } from './node-needs.mjs';

const filter = new Filter(killProcess());
allowNode(filter);
filter.addRule(allow(), 'write', [{ index: 0, op: '==', value: 2 }]);
filter.load({ threads: 'all' });
filter.release();

writeSync(2, 'to standard error: written\n');
writeSync(1, 'to standard output: written\n');
writeSync(2, 'not reached\n');
