/**
 * Runs shell commands on an emulated machine (tools/machines/machine-list.ts): another architecture, an older kernel.
 * The built project lies in /project there, and `oci-seccomp` runs it.
 *
 *   npm run machine -- aarch64-6.12 'uname -a' 'oci-seccomp doctor'
 *   npm run machine -- --fetch [NAME...]       download what machines start from (all, or those that are named)
 *   npm run machine                            list them
 * @module
 */
import { runOnMachine } from './machines/boot-machine.ts';
import { fetchMachine, machineFiles } from './machines/machine-files.ts';
import { findMachine, machines } from './machines/machine-list.ts';

const [name, ...rest] = process.argv.slice(2);
if (name === undefined) {
  for (const machine of machines)
    process.stdout.write(`${machine.name}${machineFiles(machine) === undefined ? ' (not fetched)' : ''}\n`);
} else if (name === '--fetch') {
  for (const machine of rest.length === 0 ? machines : rest.map(findMachine)) {
    process.stderr.write(`${machine.name}\n`);
    fetchMachine(machine);
  }
} else {
  for (const { command, status, stdout, stderr } of await runOnMachine(findMachine(name), {
    commands: rest,
  })) {
    process.stdout.write(`$ ${command}\n${stdout}`);
    process.stderr.write(stderr);
    if (status !== 0) process.stdout.write(`(exit code ${status})\n`);
    process.exitCode ||= status;
  }
}
