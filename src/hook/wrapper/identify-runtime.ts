/**
 * What the runtime behind the wrapper is.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import { parseRuntime, type Runtime, requireLinuxFilter } from '../../policy/runtimes.ts';
import { askProgram, INTERRUPTED } from '../ask-program.ts';
import type { WrappedRuntime } from './runtime-call.ts';

/**
 * A guard against a runtime that hangs, and nothing else: a busy machine must not refuse containers. It is below the
 * 30 seconds that a client waits for the agent, so that the client hears the reason.
 */
const ASK_GUARD_MS = 25_000;

export interface Identity {
  readonly name: WrappedRuntime;
  readonly runtime: Runtime;
  /** As `parseRuntime` reads it: `runc@1.1.5`. */
  readonly spelling: string;
  /** The libseccomp it says it builds filters with; `undefined`: it does not say. */
  readonly libseccomp: string | undefined;
}

/**
 * Says what the real runtime is.
 *
 * @param behavesAs - the answer, from the configuration; `undefined`: the runtime is asked for its version
 * @param limit - how long it may take to answer, in milliseconds, or what ends it
 * @throws OciSeccompError `ERR_HOOK` if it is neither runc nor crun, or does not say
 */
export async function identifyRuntime(
  path: string,
  behavesAs: string | undefined,
  limit: number | AbortSignal = ASK_GUARD_MS,
): Promise<Identity> {
  if (behavesAs !== undefined) return toIdentity(behavesAs, undefined);
  const signal = typeof limit === 'number' ? AbortSignal.timeout(limit) : limit;
  const {
    status,
    failure = `exited with ${status}`,
    stdout,
  } = await askProgram(path, ['--version'], process.env, signal);
  if (status !== 0) {
    const isLate = failure === INTERRUPTED && typeof limit === 'number';
    const how = isLate ? `did not end within ${limit / 1000} s` : failure;
    throw new OciSeccompError('ERR_HOOK', `${path} --version ${how}, so its filters are not known`, {
      hint: 'say what it is in the configuration, for instance "behavesAs": "runc@1.1.5"',
    });
  }
  const match = /^(runc|crun) version (\d+\.\d+(?:\.\d+)?)/m.exec(stdout);
  if (match === null) {
    throw new OciSeccompError('ERR_HOOK', `${path} does not say that it is runc or crun`, {
      hint: 'if it is one of them under another name, say so in the configuration: "behavesAs": "runc@1.1.5"',
      details: { answer: stdout.slice(0, 200) },
    });
  }
  const [, name, version] = match;
  if (name === 'crun') requireSeccomp(path, stdout);
  const libseccomp = /^libseccomp: (\d+\.\d+\.\d+)/m.exec(stdout)?.[1];
  return toIdentity(name === 'runc' ? `runc@${version}` : 'crun', libseccomp);
}

/**
 * crun without libseccomp (configure --disable-seccomp) ignores `linux.seccomp` and its annotation, and says nothing: seen
 * with 1.8.1. runc without it refuses such a container (libcontainer/seccomp/seccomp_unsupported.go).
 */
function requireSeccomp(path: string, answer: string): void {
  if (/(?:^|\s)\+SECCOMP(?:\s|$)/.test(answer)) return;
  throw new OciSeccompError(
    'ERR_HOOK',
    `${path} was built without libseccomp, and would start the container without a filter`,
    { hint: 'install a crun whose --version lists +SECCOMP', details: { answer: answer.slice(0, 200) } },
  );
}

function toIdentity(spelling: string, libseccomp: string | undefined): Identity {
  const runtime = parseRuntime(spelling);
  requireLinuxFilter(runtime);
  return { name: runtime.name === 'crun' ? 'crun' : 'runc', runtime, spelling, libseccomp };
}
