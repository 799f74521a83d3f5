// A hook as small as can be: takes the state from standard input and hands the container to a supervisor.
// Arguments: the built package's dist/, the program's file, the log, and JSON with what else the request says.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { OciSeccompError } from '../../../src/errors.ts';
import { containerProcessState } from '../../../src/hook/supervisor/process-state.ts';
import { startSupervisor } from '../../../src/hook/supervisor/start-supervisor.ts';
import { readStartTime } from '../../../src/kernel/process-status.ts';

const [dist = '', program = '', log = '', more = '{}'] = process.argv.slice(2);

const options = JSON.parse(more);
const state = JSON.parse(readFileSync(0, 'utf8'));
if (options.pidFile) {
  writeFileSync(`${options.pidFile}.new`, `${process.pid} ${state.pid}`);
  renameSync(`${options.pidFile}.new`, options.pidFile);
}
const supervisor = await startSupervisor({
  containerId: state.id,
  timeoutMs: 300_000,
  program: options.supervisor ?? `${dist}/bin/supervisor.cjs`,
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
  process.stderr.write(error instanceof OciSeccompError ? `${error.code}: ${error.message}\n` : `${error}\n`);
  process.exitCode = 1;
}
