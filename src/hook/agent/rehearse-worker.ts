/**
 * A supervisor's first work: a process of our own gets a filter that allows everything. After it, the supervisor has
 * loaded and compiled what it runs, which the next container does not wait for. And a machine on which no process can be
 * given a filter shows when the agent starts, and not with the first container.
 * @module
 */
import { once } from 'node:events';
import { actions } from '../../abi/actions.ts';
import { architectures } from '../../abi/architectures.ts';
import { BPF_RET_K, encodeProgram } from '../../bpf/program.ts';
import { OciSeccompError } from '../../errors.ts';
import { readStartTime } from '../../kernel/process-status.ts';
import { machineArch } from '../../kernel/this-machine.ts';
import type { Worker } from './worker.ts';

const SHELL = '/bin/sh';
/** It waits for a line, and then becomes a program that does nothing. */
const SCRIPT = `read -r line; exec ${SHELL} -c :`;

/**
 * A guard against a supervisor that hangs, for all of it. No container's start depends on it: who waits for this
 * supervisor gives up earlier by itself. Node alone was seen to need ten seconds on an emulated processor.
 */
const GUARD_MS = 300_000;

/** @throws OciSeccompError what keeps a process of this machine from being given a filter */
export async function rehearseWorker(worker: Worker): Promise<void> {
  const { spawn } = process.getBuiltinModule('node:child_process');
  const child = spawn(SHELL, ['-c', SCRIPT], { cwd: '/', env: {}, stdio: ['pipe', 'ignore', 'ignore'] });
  const ended = once(child, 'exit');
  ended.catch(() => {});
  // Where no descriptor is left, Node makes no stream, and tells the error later.
  child.stdin?.on('error', () => {});
  const timer = setTimeout(() => void worker.kill(), GUARD_MS);
  try {
    const { pid } = child;
    const startTime = pid === undefined ? undefined : readStartTime(pid);
    if (pid === undefined || startTime === undefined) throw failed(`${SHELL} cannot be started`);
    const program = encodeProgram(
      [{ code: BPF_RET_K, jt: 0, jf: 0, k: actions.allow.word }],
      architectures[machineArch()].endian,
    );
    await worker.attach(
      {
        pid,
        startTime,
        program,
        flags: 0,
        noNewPrivileges: 'auto',
        allowUnverified: false,
        containerId: 'rehearsal',
        log: {},
      },
      GUARD_MS,
    );
    child.stdin?.end('\n');
    const end = await worker.done();
    if (end?.outcome !== 'installed' || !end.isFree) throw failed('the process did not get it');
    await ended;
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
  }
}

function failed(why: string): OciSeccompError {
  return new OciSeccompError('ERR_HOOK', `a supervisor cannot give a process of its own a filter: ${why}`, {
    hint: 'oci-seccomp doctor shows what this machine permits',
  });
}
