/**
 * Compiles a policy with libseccomp: in this process if that is known to be safe, else in a child with a limit of processor time.
 * libseccomp loops or corrupts memory for some rule sets, and nothing in the same process can stop it.
 * @module
 */
import { fileURLToPath } from 'node:url';
import { OciSeccompError } from '../errors.ts';
import { openLibrary } from '../libseccomp/library.ts';
import type { Policy } from '../policy/policy.ts';
import { type BuildRequest, type BuiltFilter, buildFilter } from './build-filter.ts';
import { decodeAnswer, encodeTask } from './child-protocol.ts';
import { findHazard } from './hazardous-rules.ts';

export interface LibseccompOptions {
  /** Path or soname; default: `OCI_SECCOMP_LIBRARY`, else `libseccomp.so.2`. */
  readonly library?: string | undefined;
  /** Processor time that the child may use, in milliseconds; a busy machine does not shorten it. */
  readonly timeoutMs: number;
  /** Whether to export pseudo filter code too. */
  readonly pfc: boolean;
}

interface LibseccompResult extends BuiltFilter {
  /** Why a child process was used; `undefined`: it was not. */
  readonly hazard: string | undefined;
}

/**
 * Builds the policy's filter (without runc's stub).
 *
 * @throws OciSeccompError `ERR_LIBSECCOMP` as {@link buildFilter}; `ERR_LIBSECCOMP_TIMEOUT` and
 *   `ERR_LIBSECCOMP_CRASH` for rule sets libseccomp does not survive
 */
export async function buildWithLibseccomp(
  policy: Policy,
  options: LibseccompOptions,
): Promise<LibseccompResult> {
  const { architectures, defaultAction, badArchAction, optimize } = policy;
  let { rules } = policy;
  let hazard = findHazard(rules, architectures.length);
  if (hazard !== undefined) {
    const { withoutRepeats } = await import('./heaviest-call.ts');
    rules = withoutRepeats(rules);
    hazard = findHazard(rules, architectures.length);
  }
  const request: BuildRequest = {
    architectures,
    defaultAction,
    badArchAction,
    optimize,
    rules,
    pfc: options.pfc,
  };
  const built =
    hazard === undefined
      ? buildFilter(request, openLibrary(options.library))
      : await buildInChild(request, options, hazard);
  return { ...built, hazard };
}

async function buildInChild(
  request: BuildRequest,
  options: LibseccompOptions,
  hazard: string,
): Promise<BuiltFilter> {
  const { timeoutMs, library } = options;
  const wallSeconds = LEAST_WALL_SECONDS + Math.ceil((SLOWEST * timeoutMs) / 1000);
  const { output, errors, status, signal, timedOut } = await runChild(
    encodeTask({ request, libraryPath: library, limits: { cpuMs: timeoutMs, wallSeconds } }),
    // The kernel usually ends the child first. This is for a child that has not set its limit yet.
    1000 * (wallSeconds + 1),
  );
  if (signal === 'SIGPROF') throw await outOfCpuTime(request, hazard, timeoutMs);
  if (timedOut || signal === 'SIGALRM') throw outOfTime(hazard, timeoutMs, wallSeconds);
  if (signal !== null) {
    throw new OciSeccompError('ERR_LIBSECCOMP_CRASH', `libseccomp crashed with ${signal}`, {
      hint: `it corrupts memory for some rule sets (${hazard}): make the profile smaller, or use libseccomp 2.6.1 or newer`,
      details: { hazard, signal },
    });
  }
  if (status !== 0) {
    throw new OciSeccompError(
      'ERR_LIBSECCOMP_CRASH',
      `the process that runs libseccomp failed: ${reasonIn(errors)}`,
      {
        details: { hazard, status },
      },
    );
  }
  return decodeAnswer(output);
}

/**
 * The limit by the clock, for a child that gets no processor time: it is long enough if the child gets a sixtieth of a processor.
 */
const LEAST_WALL_SECONDS = 30;
const SLOWEST = 60;

async function outOfCpuTime(
  request: BuildRequest,
  hazard: string,
  timeoutMs: number,
): Promise<OciSeccompError> {
  const { adviseFewer } = await import('./heaviest-call.ts');
  const fewer = adviseFewer(request.rules) ?? 'make the profile smaller';
  return new OciSeccompError(
    'ERR_LIBSECCOMP_TIMEOUT',
    `libseccomp used up ${timeoutMs / 1000} s of processor time and did not finish`,
    {
      hint: `${fewer}, or compile with a larger --timeout (libseccomp loops forever for some sets of rules)`,
      details: { hazard, timeoutMs, limit: 'cpu' },
    },
  );
}

function outOfTime(hazard: string, timeoutMs: number, wallSeconds: number): OciSeccompError {
  return new OciSeccompError(
    'ERR_LIBSECCOMP_TIMEOUT',
    `libseccomp got less than ${timeoutMs / 1000} s of processor time in ${wallSeconds} s`,
    {
      hint: 'the machine is too busy, or the process was stopped: try again when the machine is less busy',
      details: { hazard, timeoutMs, wallSeconds, limit: 'wall' },
    },
  );
}

interface ChildOutcome {
  readonly output: string;
  readonly errors: string;
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly timedOut: boolean;
}

function runChild(task: string, timeoutMs: number): Promise<ChildOutcome> {
  const program = fileURLToPath(new URL('./child.js', import.meta.url));
  // NODE_OPTIONS (debuggers, preloads) is meant for the program the user started.
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { spawn } = process.getBuiltinModule('node:child_process');
  const child = spawn(process.execPath, [program], { env, stdio: 'pipe' });
  return new Promise((resolve, reject) => {
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    // Where no descriptor is left, Node makes no streams, and tells the error later.
    child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk));
    child.once('error', (cause) => {
      clearTimeout(timer);
      reject(new OciSeccompError('ERR_IO', `cannot start ${process.execPath}: ${cause.message}`, { cause }));
    });
    child.once('close', (status, signal) => {
      clearTimeout(timer);
      const [out, err] = [output, errors].map((chunks) => Buffer.concat(chunks).toString('utf8'));
      resolve({ output: out ?? '', errors: err ?? '', status, signal, timedOut });
    });
    // A child that dies before it has read its task ends the pipe; its exit tells why.
    child.stdin?.once('error', () => {});
    child.stdin?.end(task);
  });
}

/** Of what Node writes about an uncaught error, the error; the last line is Node's version. */
function reasonIn(text: string): string {
  const lines = text.trim().split('\n');
  return lines.find((line) => /^\w*Error\b|^FATAL ERROR/.test(line)) ?? lines.at(-1) ?? '';
}
