// A hook as small as can be: takes the state from standard input and hands the container to a supervisor.
// Arguments: the built package's dist/, the program's file, the log, and JSON with what else the request says.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

const [dist, program, log, more] = process.argv.slice(2);
const { startSupervisor } = await import(`${dist}/hook/supervisor/start-supervisor.js`);
const { containerProcessState } = await import(`${dist}/hook/supervisor/process-state.js`);
const { readStartTime } = await import(`${dist}/kernel/process-status.js`);

const options = JSON.parse(more ?? '{}');
const state = JSON.parse(readFileSync(0, 'utf8'));
if (options.pidFile) {
  writeFileSync(`${options.pidFile}.new`, `${process.pid} ${state.pid}`);
  renameSync(`${options.pidFile}.new`, options.pidFile);
}
const supervisor = startSupervisor({
  containerId: state.id,
  timeoutMs: 300_000,
  ...(options.supervisor === undefined ? {} : { program: options.supervisor }),
});
try {
  if (options.hookDies) process.kill(process.pid, 'SIGKILL');
  await supervisor.attach({
    pid: state.pid,
    startTime: readStartTime(state.pid) ?? '',
    program: readFileSync(program),
    flags: 0,
    noNewPrivileges: options.noNewPrivileges ?? 'auto',
    allowUnverified: options.allowUnverified ?? false,
    timeoutMs: options.injectionMs,
    ...(options.listenerPath === undefined
      ? {}
      : {
          listener: { path: options.listenerPath, message: containerProcessState(state, options.metadata) },
        }),
    containerId: state.id,
    log: { file: log },
  });
  if (options.killSupervisor) process.kill(supervisor.pid, 'SIGKILL');
} catch (error) {
  process.stderr.write(`${error.code}: ${error.message}\n`);
  process.exitCode = 1;
}
