/**
 * What rules about breakage ask: what becomes of a system call on an architecture, whatever its arguments.
 * @module
 */
import type { ReturnWord } from '../../abi/actions.ts';
import type { ArchName } from '../../abi/architectures.ts';
import { enosysOf, isDenied, seemsAbsent, treatmentOf } from '../../abi/carried-out.ts';
import { formatReturnWord } from '../../abi/return-word.ts';
import { directSyscallNumber } from '../../abi/syscall-numbers.ts';
import { leavesBelow } from '../../decision/outcomes.ts';
import type { Node } from '../../decision/space.ts';
import type { LintContext } from '../engine/rule-context.ts';
import { nodeIfDecided } from './call-meaning.ts';
import type { HostView } from './host-view.ts';
import { listNames } from './list-names.ts';
import { pointerOfName } from './name-pointer.ts';
import { entriesByName, ifDecided } from './named-calls.ts';
import { onceAView } from './once-a-view.ts';

/** What becomes of a system call on an architecture, whatever its arguments. */
export interface CallDenials {
  /** The architecture, whose error numbers the answers hold. */
  readonly arch: ArchName;
  /** The name of the call. */
  readonly syscall: string;
  /** `always`: it is carried out, or a supervisor decides, for all arguments. Nobody traces a container. */
  readonly passes: 'always' | 'sometimes' | 'never';
  /** Answers other than carrying it out. */
  readonly denials: readonly ReturnWord[];
}

/** @returns `undefined` if the architecture has no such call, or what becomes of it is too complex to decide */
export function denialsOf(view: HostView, arch: ArchName, syscall: string): CallDenials | undefined {
  const nr = directSyscallNumber(syscall, arch);
  if (nr === undefined) return undefined;
  const node = nodeIfDecided(view, arch, nr);
  const answers = node === undefined ? undefined : ifDecided(() => answersOf(view, node));
  return answers === undefined
    ? undefined
    : { arch, syscall, passes: answers.passes, denials: answers.denials };
}

type Answers = Pick<CallDenials, 'passes' | 'denials'>;

/** What a node of the view's meaning answers, whatever the arguments: most calls share a few nodes. */
function answersOf(view: HostView, node: Node): Answers {
  const known = answersByNode(view);
  let found = known.get(node);
  if (found === undefined) {
    found = findAnswers(view, node);
    known.set(node, found);
  }
  return found;
}

const answersByNode = onceAView(() => new Map<Node, Answers>());

function findAnswers({ space }: HostView, node: Node): Answers {
  const words = leavesBelow(space, node).flatMap((outcome) =>
    outcome.kind === 'word' ? [outcome.word] : outcome.kind === 'conflict' ? outcome.words : [],
  );
  const denials = words.filter(isDenied);
  const passes = denials.length === 0 ? 'always' : denials.length < words.length ? 'sometimes' : 'never';
  return { passes, denials };
}

/** Which of some calls the architecture has, and the view never lets through. */
export function deniedAmong(
  view: HostView,
  arch: ArchName,
  syscalls: readonly string[],
): readonly CallDenials[] {
  return syscalls.flatMap((syscall) => {
    const asked = denialsOf(view, arch, syscall);
    return asked?.passes === 'never' ? [asked] : [];
  });
}

/** Whether every denial of a call is ENOSYS, so that programs take the call for one that the kernel lacks. */
export function seemsMissing({ arch, denials }: CallDenials): boolean {
  return denials.length > 0 && denials.every((word) => seemsAbsent(word, arch));
}

/** `ERRNO EPERM (1)`: what a denied call gets. */
export function formatDenials(denied: CallDenials): string {
  return formatAllDenials([denied]);
}

/** `ERRNO EPERM (1) or ERRNO ENOSYS (38)`: all answers that some denied calls get. */
export function formatAllDenials(denied: readonly CallDenials[]): string {
  return [
    ...new Set(denied.flatMap(({ arch, denials }) => denials.map((word) => formatDenial(word, arch)))),
  ].join(' or ');
}

/** The key for an error number: that of a rule, or that of the default action. */
export type ErrnoKey = 'errnoRet' | 'defaultErrnoRet';

/** `"errnoRet": 38 (ENOSYS)`: what a profile says for the error of calls that the machine's kernel lacks. */
export function writeEnosys({ policy }: HostView, key: ErrnoKey = 'errnoRet'): string {
  return `"${key}": ${enosysOf(policy.architectures[0])} (ENOSYS)`;
}

function formatDenial(word: ReturnWord, arch: ArchName): string {
  const untraced = treatmentOf(word) === 'traced' ? ', ENOSYS without a tracer' : '';
  return `${formatReturnWord(word, arch)}${untraced}`;
}

/** Where a profile denies a call: the first name of a rule that does, else the default action. */
export function denyingPlace(context: LintContext, view: HostView, syscall: string): string {
  return placeOf(context, view, syscall, false);
}

/** Where a profile lets a call through: the first name of a rule that does, else the default action. */
export function passingPlace(context: LintContext, view: HostView, syscall: string): string {
  return placeOf(context, view, syscall, true);
}

function placeOf(context: LintContext, view: HostView, syscall: string, passes: boolean): string {
  const entry = (entriesByName(view).get(syscall) ?? []).find(({ policyRules }) =>
    policyRules.some((rule) => {
      const word = view.policy.rules[rule]?.returnWord;
      return word !== undefined && isDenied(word) !== passes;
    }),
  );
  return entry === undefined ? `${context.root}/defaultAction` : pointerOfName(context, entry);
}

/** As {@link listNames}, with fewer names: for the calls that a message names in passing. */
export function listCalls(names: readonly string[], limit = 6): string {
  return listNames(names, limit);
}
