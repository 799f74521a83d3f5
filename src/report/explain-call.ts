/**
 * Why a filter answers a call as it does, as data.
 * @module
 */
import { type ArchName, allArchitectures, architectures } from '../abi/architectures.ts';
import { directSyscallNumber, type MultiplexedCall } from '../abi/syscall-numbers.ts';
import {
  type Answer,
  answerCall,
  type DecidableProgram,
  decidePrograms,
  onKernel,
} from '../decision/answer-call.ts';
import { cutByCall } from '../decision/cut-diagram.ts';
import { decidePolicy } from '../decision/decide-policy.ts';
import { FIELD_ARCH, NO_ARCH } from '../decision/diagram-variables.ts';
import { underFlags } from '../decision/flag-condition.ts';
import { matchPartially, type PartialMatch } from '../decision/match-partially.ts';
import { type KnownCall, restrictCall } from '../decision/partial-call.ts';
import { whereRelated } from '../decision/relate.ts';
import { FALSE, type Node, type Space } from '../decision/space.ts';
import { restrict } from '../decision/witness.ts';
import type { Host } from '../oci/host.ts';
import { answeredByStub } from '../policy/answered-by-stub.ts';
import { type ArchPolicy, expandPolicy } from '../policy/expand-policy.ts';
import type { Policy, SyscallTable } from '../policy/policy.ts';
import { type ProfileWork, type RuleTrace, traceRules } from '../policy/rule-trace.ts';
import type { Runtime } from '../policy/runtimes.ts';
import type { CallQuestion } from './asked-call.ts';

/** A profile on its way to the filter that answers. */
export interface ExplainedWork extends Omit<ProfileWork, 'expanded'> {
  readonly host: Host;
  readonly runtime: Runtime;
  readonly table: SyscallTable;
}

/** What was decided before the question. */
interface DecidedSubject {
  readonly space: Space;
  /** What the profile means. */
  readonly meant: Node | undefined;
  /** What each of several programs does; absent: not decided yet. */
  readonly each?: readonly Node[] | undefined;
}

/** The filter that a question is about. */
export interface ExplainSubject {
  /** What to call it. */
  readonly name: string;
  /** The programs of a filter; none where the profile's own meaning answers. */
  readonly programs: readonly DecidableProgram[];
  /** The profile on its way to the filter; `undefined`: programs alone. */
  readonly work: ExplainedWork | undefined;
  readonly decided?: DecidedSubject | undefined;
}

/** Why a call gets its answer, if a profile says so. */
export type Reason =
  /** The filter has no rules for the architecture. */
  | { readonly kind: 'bad-arch'; readonly architectures: readonly ArchName[] }
  /** runc's stub; the largest number it leaves to the filter. */
  | { readonly kind: 'stub'; readonly limit: number }
  /** Rules that match, or can match for some of the unknown arguments; indexes into `Profile.rules`. */
  | { readonly kind: 'rules'; readonly matching: readonly number[]; readonly possible: readonly number[] }
  | { readonly kind: 'default' };

/** A rule about the call: what became of it and, if it is in the filter, whether it matches. */
export interface ExplainedRule extends RuleTrace {
  readonly matches: readonly PartialMatch[];
}

/** One way into the kernel: a number of its own, or a multiplexer. */
export interface Way {
  readonly call: KnownCall;
  readonly through: MultiplexedCall | undefined;
  readonly answer: Answer;
  /** All verdicts that the call can get, with any arguments. */
  readonly whole: Answer;
  /** What each of several programs says alone, the oldest first; empty for a single one. */
  readonly each: readonly Answer[];
  /** For a profile: what its rules say, if the program does something else. */
  readonly otherwiseMeant: Answer | undefined;
  /** For a profile: where the answer comes from. */
  readonly reason: Reason | undefined;
  readonly rules: readonly ExplainedRule[];
}

export interface Explanation {
  readonly asked: CallQuestion;
  readonly ways: readonly Way[];
  /** What the same call gets on other architectures of the filter; only if no argument was given. */
  readonly elsewhere: readonly { readonly arch: ArchName; readonly answer: Answer }[];
}

/** The architectures that a filter treats in a way of their own, in libseccomp's order; empty if it does not ask for the architecture. */
export function architecturesOf(space: Space, root: Node): readonly ArchName[] {
  const foreign = restrict(space, root, FIELD_ARCH, NO_ARCH);
  return cutByCall(space, [root])
    .filter(({ auditArch }) => restrict(space, root, FIELD_ARCH, auditArch) !== foreign)
    .filter(({ numbers }) => numbers.some(({ nodes }) => nodes[0] !== foreign))
    .flatMap(({ arch }) => arch ?? []);
}

/**
 * Explains what becomes of a call.
 *
 * @throws OciSeccompError `ERR_UNDECIDED` if the filter is too complex
 */
export function explainCall(
  space: Space,
  root: Node,
  subject: ExplainSubject,
  asked: CallQuestion,
): Explanation {
  const { work, programs } = subject;
  const decided = subject.decided?.space === space ? subject.decided : undefined;
  const roots =
    programs.length < 2 ? [] : (decided?.each ?? programs.map((each) => decidePrograms(space, [each])));
  const expanded = work === undefined ? [] : expandPolicy(work.lowered.policy, work.table);
  const meant =
    work === undefined
      ? undefined
      : (decided?.meant ??
        onKernel(space, decidePolicy(space, work.lowered.policy, expanded), work.host.kernel));
  const ways = waysOf(asked).map(({ call, through }): Way => {
    const rules = rulesOf(subject, expanded, asked, call, through !== undefined);
    return {
      call,
      through,
      answer: answerCall(space, underFlags(space, root, call.args), call),
      whole: answerCall(space, root, { ...call, args: through === undefined ? [] : call.args }),
      each: roots.map((each) => answerCall(space, underFlags(space, each, call.args), call)),
      otherwiseMeant: otherwiseMeant(space, root, meant, call),
      reason: reasonOf(subject, call, rules),
      rules,
    };
  });
  return {
    asked,
    ways,
    elsewhere: asked.args.length > 0 ? [] : elsewhere(space, root, asked, work?.lowered.policy),
  };
}

function otherwiseMeant(
  space: Space,
  done: Node,
  meant: Node | undefined,
  call: KnownCall,
): Answer | undefined {
  if (meant === undefined) return undefined;
  const [own, other] = [meant, done].map((node) => underFlags(space, node, call.args)) as [Node, Node];
  const [a, b] = [restrictCall(space, own, call), restrictCall(space, other, call)];
  const isSame = whereRelated(space, a, b, ['looser', 'different', 'stricter', 'unknown']) === FALSE;
  return isSame ? undefined : answerCall(space, own, call);
}

/** The ways into the kernel that a call has, each as filters see it. */
export function waysOf({
  arch,
  nr,
  multiplexed,
  args,
}: CallQuestion): readonly Pick<Way, 'call' | 'through'>[] {
  const direct = nr === undefined ? [] : [{ call: { arch, nr, args }, through: undefined }];
  if (multiplexed === undefined) return direct;
  // The call's own arguments are in memory, where no filter sees them.
  const call = { arch, nr: multiplexed.nr, args: [BigInt(multiplexed.argument)] };
  return [...direct, { call, through: multiplexed }];
}

function rulesOf(
  { work }: ExplainSubject,
  expanded: readonly ArchPolicy[],
  { syscall, arch }: CallQuestion,
  call: KnownCall,
  isMultiplexed: boolean,
): readonly ExplainedRule[] {
  if (work === undefined) return [];
  const { profile, resolution, lowered } = work;
  const matches = matchPartially(expanded, call, lowered.policy.runtime.traits.sentry !== undefined);
  const traces = traceRules({ profile, resolution, lowered, expanded }, { syscall, arch, nr: call.nr });
  return traces
    .map((trace) => ({ ...trace, matches: ownMatches(trace, matches, isMultiplexed) }))
    .filter(({ treatment, matches: own }) => treatment.kind !== 'added' || own.length > 0);
}

function ownMatches(
  { treatment }: RuleTrace,
  matches: readonly PartialMatch[],
  isMultiplexed: boolean,
): readonly PartialMatch[] {
  const added = treatment.kind === 'added' ? treatment.rules.map(({ rule }) => rule) : [];
  const own = matches.filter(({ rule }) => added.includes(rule));
  // Rules for other calls of the multiplexer say nothing about this one.
  const about = isMultiplexed ? own.filter(({ matches: match }) => match !== false) : own;
  // Beside a rule without comparisons, the other rules that were made of the same one have no effect.
  const effective = about.filter(({ overruled }) => !overruled);
  return effective.length > 0 ? effective : about;
}

function reasonOf(
  { work }: ExplainSubject,
  call: KnownCall,
  rules: readonly ExplainedRule[],
): Reason | undefined {
  if (work === undefined) return undefined;
  const { policy } = work.lowered;
  const { arch, nr } = call;
  const limit = answeredByStub(policy, arch, nr);
  if (limit !== undefined) return { kind: 'stub', limit };
  if (!policy.architectures.includes(arch)) return { kind: 'bad-arch', architectures: policy.architectures };
  const those = (wanted: boolean | undefined): readonly number[] =>
    rules
      .filter(({ matches }) => matches.some(({ matches: m, overruled }) => m === wanted && !overruled))
      .map(({ rule }) => rule);
  const [matching, possible] = [those(true), those(undefined)];
  return matching.length + possible.length === 0
    ? { kind: 'default' }
    : { kind: 'rules', matching, possible };
}

/** The architectures that a policy is for. x86_64 and x32 share a word, so a filter for one of them answers for both. */
function architecturesFor(policy: Policy): readonly ArchName[] {
  const words: readonly number[] = policy.architectures.map((arch) => architectures[arch].auditArch);
  return allArchitectures.flatMap(({ name, auditArch }) => (words.includes(auditArch) ? [name] : []));
}

/** The calls that an explanation of a policy's answer is about: all ways of the asked one, and its name on other architectures. */
export function callsOf(asked: CallQuestion, policy: Policy): readonly KnownCall[] {
  const own = waysOf(asked).map(({ call }) => call);
  return asked.args.length > 0 ? own : [...own, ...namesakes(asked, architecturesFor(policy))];
}

/** The calls of the same name on other architectures, in libseccomp's order. */
function namesakes({ arch, syscall }: CallQuestion, among: readonly ArchName[]): readonly KnownCall[] {
  if (syscall === undefined) return [];
  return allArchitectures.flatMap(({ name }) => {
    if (name === arch || !among.includes(name)) return [];
    const nr = directSyscallNumber(syscall, name);
    return nr === undefined ? [] : [{ arch: name, nr, args: [] }];
  });
}

function elsewhere(
  space: Space,
  root: Node,
  asked: CallQuestion,
  policy: Policy | undefined,
): Explanation['elsewhere'] {
  const among = policy === undefined ? architecturesOf(space, root) : architecturesFor(policy);
  return namesakes(asked, among).map((call) => ({ arch: call.arch, answer: answerCall(space, root, call) }));
}

/** The architecture that a call is of, if the profile leaves it out: no rule is about the call then. */
export function unlistedArch({ ways }: Pick<Explanation, 'ways'>): ArchName | undefined {
  return ways.find(({ reason }) => reason?.kind === 'bad-arch')?.call.arch;
}

/** Whether some of an explanation is left undecided. */
export function isOpen({ ways, elsewhere: others }: Explanation): boolean {
  return [...ways, ...others].some(({ answer }) => isUndecided(answer));
}

/** Whether an answer is left open for some calls. */
export function isUndecided({ outcomes }: Pick<Answer, 'outcomes'>): boolean {
  return outcomes.some(({ kind }) => kind === 'undecided');
}
