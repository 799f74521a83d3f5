/**
 * One profile on one host under one runtime: everything rules ask about its meaning, computed when first asked for.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import { architectures } from '../../abi/architectures.ts';
import type { Program } from '../../bpf/program.ts';
import type { Engine } from '../../consumers.ts';
import { decideEachNumber, leftCallsOpen } from '../../decision/decide-policy.ts';
import { type DecidedNumbers, joinNumbers } from '../../decision/join-numbers.ts';
import { numbersOf } from '../../decision/number-meaning.ts';
import { createSpace, type Node, type Space, tooComplex } from '../../decision/space.ts';
import { accountLeft, askWithin, type Work } from '../../decision/work.ts';
import { type ErrorCode, OciSeccompError } from '../../errors.ts';
import type { Host } from '../../oci/host.ts';
import type { LinuxSeccomp } from '../../oci/linux-seccomp.ts';
import type { Profile } from '../../oci/profile.ts';
import type { Resolution } from '../../oci/resolve-profile.ts';
import { lowerFor, resolveFor } from '../../pipeline/resolve-and-lower.ts';
import { type ArchPolicy, expandPolicy } from '../../policy/expand-policy.ts';
import type { Lowered } from '../../policy/lower-profile.ts';
import { newestTable } from '../../policy/newest-table.ts';
import type { Policy } from '../../policy/policy.ts';
import { describeRuntime, type Runtime } from '../../policy/runtimes.ts';
import type { Container } from './needed-for-start.ts';

/** Compiles a policy with the library of that version; handed in, because compiling needs the world. */
export interface LintCompiler {
  /** `libseccomp 2.5.4` */
  readonly name: string;
  /** Whether its program can be wrong or too long for this policy; absent: always. */
  readonly concerns?: (policy: Policy) => boolean;
  /** Compiles the policy. @throws OciSeccompError as `compilePolicy`, except that a failed proof is no error here */
  readonly compile: (policy: Policy) => Promise<{ readonly program: Program }>;
}

/** What a compiler made of the view's policy. */
export interface CompiledView {
  /** Who compiled it: `libseccomp 2.5.4`. */
  readonly compiler: string;
  /** `undefined`: it failed, with `error`. */
  readonly program: Program | undefined;
  /** Why it failed; `undefined`: it did not. */
  readonly error: OciSeccompError | undefined;
}

/** A profile on one host under one runtime. */
export interface HostView {
  /** `x86_64, kernel 6.1, runc` */
  readonly name: string;
  /** The machine that it was resolved for. */
  readonly host: Host;
  /** Who installs the filter. */
  readonly runtime: Runtime;
  /** The settings of the container that decide when its runtime loads the filter. */
  readonly container: Container;
  /** What `resolveProfile` returned. */
  readonly resolution: Resolution;
  /** What the runtime is handed. */
  readonly seccomp: LinuxSeccomp;
  /** What `lowerProfile` returned. */
  readonly lowered: Lowered;
  /** What the runtime makes of it. */
  readonly policy: Policy;
  /** The policy's rules in numbers of each architecture. */
  readonly expanded: readonly ArchPolicy[];
  /** Where this view's diagrams live; bounded, see decision/space.ts. */
  readonly space: Space;
  /**
   * What the policy means for single numbers: `undecided` if their rules are too complex. They are not joined to one diagram.
   *
   * @throws OciSeccompError `ERR_UNDECIDED` if the calls together are too complex
   */
  readonly meaningOn: (arch: ArchName) => (nr: number) => Node;
  /**
   * What the policy means, call by call: the outcome of a call whose rules are too complex is `undecided`.
   *
   * @throws OciSeccompError `ERR_UNDECIDED` if the calls together are too complex
   */
  readonly meaningByCall: () => Node;
  /** What the policy means. @throws OciSeccompError `ERR_UNDECIDED` if a call is too complex */
  readonly meaning: () => Node;
  /** The profile rule (index into `Profile.rules`) that a policy rule (index into `policy.rules`) came from. */
  readonly profileRule: (policyRule: number) => number | undefined;
  /** What each compiler made of the policy that was handed in and whose `concerns` is not false. */
  readonly compiled: readonly CompiledView[];
  /** What rules have worked out about the view, by the function that works it out (ask/once-a-view.ts). */
  readonly answers: Map<(view: HostView) => unknown, unknown>;
}

interface ViewRequest {
  readonly profile: Profile;
  readonly host: Host;
  readonly runtime: Runtime;
  /** Default: one as engines start it, without noNewPrivileges. */
  readonly container?: Container | undefined;
  readonly engine?: Engine | undefined;
  /** The account of the file; absent: one for this view alone. */
  readonly work?: Work | undefined;
  readonly compilers: readonly LintCompiler[];
}

/**
 * Makes the view of a profile.
 *
 * @returns the view; `undefined` if the profile turns seccomp off; the error with which engine or runtime refuse it
 */
export async function createView(request: ViewRequest): Promise<HostView | OciSeccompError | undefined> {
  try {
    return await buildView(request);
  } catch (error) {
    if (error instanceof OciSeccompError) return error;
    throw error;
  }
}

const ENVIRONMENT_ERRORS: ReadonlySet<ErrorCode> = new Set([
  'ERR_FFI',
  'ERR_LIBSECCOMP_MISSING',
  'ERR_LIBSECCOMP_TOO_OLD',
]);

async function buildView({
  profile,
  host,
  runtime,
  container = { noNewPrivileges: false, capabilities: true },
  engine,
  work,
  compilers,
}: ViewRequest): Promise<HostView | undefined> {
  // Even a refused profile has a meaning that lint can check: the problems are findings themselves.
  const { refusals: _, ...taken } = profile;
  const resolution = resolveFor(taken, { host, engine });
  const { seccomp } = resolution;
  if (seccomp === undefined) return undefined;
  const lowered = lowerFor(seccomp, { runtime, host, table: newestTable, anyKernel: true });
  const { policy } = lowered;
  const expanded = expandPolicy(policy, newestTable);
  const space = createSpace(work === undefined ? {} : { work });
  return {
    name: `${host.arch}, kernel ${host.kernel.kernel}.${host.kernel.major}, ${describeRuntime(runtime)}`,
    host,
    runtime,
    container,
    resolution,
    seccomp,
    lowered,
    policy,
    expanded,
    space,
    ...meaningsOf(space, policy, expanded),
    profileRule: (policyRule) => {
      const origin = policy.rules[policyRule]?.origin;
      return origin === undefined ? undefined : resolution.origins[origin];
    },
    compiled: await compileViews(compilers, policy, work),
    answers: new Map(),
  };
}

type Meanings = Pick<HostView, 'meaningOn' | 'meaningByCall' | 'meaning'>;

/** What a policy means, decided when it is first asked for. */
function meaningsOf(space: Space, policy: Policy, expanded: readonly ArchPolicy[]): Meanings {
  const decided = askedOnce(space, (): { readonly numbers: DecidedNumbers; readonly isPartial: boolean } => {
    const numbers = decideEachNumber(space, policy, expanded);
    return { numbers, isPartial: leftCallsOpen(space) };
  });
  const joined = askedOnce(space, () => joinNumbers(space, policy, expanded, decided().numbers));
  return {
    meaningOn: (arch) => numbersOf(space, policy, expanded, decided().numbers, arch),
    meaningByCall: joined,
    meaning: () => {
      const node = joined();
      if (decided().isPartial) throw tooComplex('the rules of some calls');
      return node;
    },
  };
}

/** The share of the work that is left. The rest is for questions. */
const SHARE_OF_MEANING = 0.5;

/** The meaning has its own steps. Otherwise the first rule that asks for it would have too few left. */
function askedOnce<Answer>(space: Space, decide: () => Answer): () => Answer {
  let known: { readonly answer: Answer } | OciSeccompError | undefined;
  return () => {
    known ??= asQuestion(space, decide);
    if (known instanceof OciSeccompError) throw known;
    return known.answer;
  };
}

function asQuestion<Answer>(
  { work }: Space,
  decide: () => Answer,
): { readonly answer: Answer } | OciSeccompError {
  try {
    return { answer: askWithin(work, SHARE_OF_MEANING * accountLeft(work), decide) };
  } catch (error) {
    if (!(error instanceof OciSeccompError)) throw error;
    return error;
  }
}

async function compileViews(
  compilers: readonly LintCompiler[],
  policy: Policy,
  work: Work | undefined,
): Promise<readonly CompiledView[]> {
  const compiled: CompiledView[] = [];
  for (const compiler of compilers) {
    if (compiler.concerns?.(policy) === false) continue;
    const view = await compileView(compiler, policy, work);
    // A machine without the library says nothing about the profile.
    if (view.error === undefined || !ENVIRONMENT_ERRORS.has(view.error.code)) compiled.push(view);
  }
  return compiled;
}

/** Reads `compiler.name` after compiling: a compiler that is loaded on first use knows its version only then. */
async function compileView(
  compiler: LintCompiler,
  policy: Policy,
  work: Work | undefined,
): Promise<CompiledView> {
  if (work !== undefined && work.compilerSteps >= BUILD_STEPS_A_FILE) {
    const error = tooComplex('a compiler had to do too much for other hosts and profiles of the file');
    return { compiler: compiler.name, program: undefined, error };
  }
  let steps = buildSteps(policy);
  try {
    const { program } = await compiler.compile(policy);
    return { compiler: compiler.name, program, error: undefined };
  } catch (error) {
    if (!(error instanceof OciSeccompError)) throw error;
    if (error.code === 'ERR_LIBSECCOMP_TIMEOUT') steps = STEPS_UNTIL_TIMEOUT;
    return { compiler: compiler.name, program: undefined, error };
  } finally {
    if (work !== undefined) work.compilerSteps += steps;
  }
}

/** The steps that compilers may take for a file: about six seconds of libseccomp. Each of hundreds of hosts and profiles can take some. */
const BUILD_STEPS_A_FILE = 200_000_000;
/** The steps of a build that ran into its time limit of three seconds. */
const STEPS_UNTIL_TIMEOUT = 100_000_000;

/** The steps of a build: libseccomp compares each rule with those of the same call. 1,700 rules take it 0.2 seconds. */
function buildSteps({ rules, architectures }: Policy): number {
  const counts = new Map<string, number>();
  for (const { syscall } of rules) counts.set(syscall, (counts.get(syscall) ?? 0) + 1);
  let steps = 0;
  for (const count of counts.values()) steps += count * count;
  return steps * architectures.length;
}

/** How many bits of an argument comparisons look at on an architecture. */
export function argumentBits(arch: ArchName): 32 | 64 {
  return architectures[arch].bits;
}
