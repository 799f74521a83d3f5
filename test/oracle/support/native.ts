/**
 * Compiles the C helpers of this folder on first use and runs them.
 * @module
 */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { projectRoot } from '../../../tools/debian-cache.ts';
import { HANGS_AFTER } from '../../support/patience.ts';
import { hasAllSamples } from '../../support/samples.ts';

export type Helper =
  | 'dump-filter'
  | 'trace-install'
  | 'libseccomp-build'
  | 'kernel-verdict'
  | 'bpf-batch'
  | 'filter-target'
  | 'container-probe'
  | 'exec-target'
  | 'exec-probe'
  | 'first-calls'
  | 'notify-agent'
  | 'notify-target'
  | 'process-state'
  | 'counts-calls'
  | 'hostile-program'
  | 'interrupted-calls'
  | 'signal-storm'
  | 'serves-files'
  | 'pty-session'
  | 'open-socket'
  | 'in-process-handler'
  | 'clock-by-call'
  | 'late-listener'
  | 'peer'
  | 'trace-bypass'
  | 'kernel-facts'
  | 'branch-target'
  | 'sentry-probe';

/** What some helpers are linked with in place of the usual. */
const linked: Partial<Record<Helper, readonly string[]>> = {
  'exec-probe': ['-static', '-nostdlib'],
  'first-calls': ['-static', '-nostdlib'],
  'in-process-handler': ['-shared', '-fPIC'],
  'clock-by-call': ['-shared', '-fPIC'],
  'late-listener': ['-shared', '-fPIC'],
  peer: ['-static'],
  'hostile-program': ['-static', '-lpthread'],
  'interrupted-calls': ['-static'],
  'branch-target': ['-nostdlib', '-mbranch-protection=standard', '-Wl,-z,force-bti'],
  'sentry-probe': ['-static'],
};

/**
 * Path of a helper's executable, built when its source has changed since.
 *
 * @param compiler - another than `cc`, for another machine: the executable is static then
 * @throws Error with the compiler's messages
 */
export function helperPath(helper: Helper, compiler = 'cc'): string {
  const source = `${projectRoot()}/test/oracle/support/${helper}.c`;
  const digest = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 12);
  const folder = `${projectRoot()}/.cache/oracle`;
  const target = `${folder}/${helper}-${compiler === 'cc' ? '' : `${compiler}-`}${digest}`;
  if (existsSync(target)) return target;
  mkdirSync(folder, { recursive: true });
  // Test files run in parallel: each builds under its own name, the last rename wins with the same content.
  const scratch = `${target}.${process.pid}`;
  const args = [
    '-std=gnu11',
    '-O1',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-o',
    scratch,
    source,
    ...(compiler === 'cc' ? [] : ['-static']),
    ...(linked[helper] ?? ['-ldl', '-lpthread', '-lutil']),
  ];
  const cc = spawnSync(compiler, args, { encoding: 'utf8' });
  if (cc.status !== 0) throw new Error(`${compiler} ${helper}.c: ${cc.error?.message ?? cc.stderr}`);
  renameSync(scratch, target);
  return target;
}

/**
 * Runs a helper to its end; standard output and error as text.
 *
 * @param cpuSeconds - processor time after which the kernel ends it with SIGKILL (setrlimit(2), RLIMIT_CPU); a helper
 *   that does not come to an end is told by this alone, on a busy machine too
 */
export function runHelper(
  helper: Helper,
  args: readonly string[],
  input = '',
  cpuSeconds = 60,
): SpawnSyncReturns<string> {
  const options = {
    encoding: 'utf8',
    input,
    timeout: HANGS_AFTER,
    killSignal: 'SIGKILL',
    maxBuffer: 1 << 28,
  } as const;
  const limited = ['-c', `ulimit -t ${cpuSeconds}; exec "$0" "$@"`, helperPath(helper), ...args];
  return spawnSync('sh', limited, options);
}

/**
 * For `libseccomp-build`: after so many milliseconds of processor time, whatever the machine does beside, a rule set is
 * taken to loop. Rule sets that return take one or two.
 */
export const loopsAfterMs: string = hasAllSamples ? '1000' : '200';

/** Bytes of a hexadecimal string. */
export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

/** Hexadecimal digits of bytes. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
