/**
 * Why a program does less than its profile seems to say.
 * @module
 */
import { actions, parseReturnWord, type ReturnWord } from '../abi/actions.ts';
import type { ArchName } from '../abi/architectures.ts';
import { formatReturnWord } from '../abi/return-word.ts';
import { visibleJson } from '../abi/visible-json.ts';
import { OciSeccompError } from '../errors.ts';
import { isUnread, type Problem } from '../oci/problems.ts';
import type { ResolveStep } from '../oci/resolve/resolve-steps.ts';
import type { Resolution } from '../oci/resolve-profile.ts';
import type { Lowered, LowerStep, LowerStepKind } from '../policy/lower-profile.ts';
import { rewritingSteps } from '../policy/lower-step.ts';
import type { Policy } from '../policy/policy.ts';
import type { RuleAccount } from '../policy/rule-account.ts';
import { type Contradiction, describeContradictions } from './contradictions.ts';
import type { Proof } from './prove.ts';
import type { SkipEffect, SkippedName } from './skipped-names.ts';

/**
 * - `unproven`: the program does something else, or cannot be decided
 * - `threads`: other threads of the process run under other filters, or under none
 * - `nothing-left`: the profile has rules, and none of them is in the filter
 * - `unknown-names`: the syscall table lacks names
 * - `contradiction`: rules of different actions match one call
 * - `lost`: something that the author wrote is not read: no reader knows the key, or the engine ignores it
 * - `rewritten`: the runtime changed what a rule says
 * - `kernel`: the kernel lacks an action or a flag, or has nobody to ask
 * - `company`: beside another filter of the same process the program can act differently
 */
export type WeaknessKind =
  | 'unproven'
  | 'threads'
  | 'nothing-left'
  | 'unknown-names'
  | 'contradiction'
  | 'lost'
  | 'rewritten'
  | 'kernel'
  | 'company';

/** One reason why a filter does less than its profile seems to say. */
export interface Weakness {
  /** What kind of reason it is; stable. */
  readonly kind: WeaknessKind;
  /** Index into `Profile.rules`, where it is about one rule. */
  readonly rule?: number;
  /** For unknown names: the effect of skipping them. */
  readonly effect?: SkipEffect;
  /** A main clause, without a full stop. */
  readonly message: string;
}

declare module '../errors.ts' {
  interface ErrorDetailsByCode {
    /** `weaknesses`: why the program does less than the profile seems to say; `notes`: their messages. */
    readonly ERR_CLAIM: ErrorDetails & {
      readonly weaknesses: readonly Weakness[];
      readonly notes: readonly string[];
    };
  }
}

interface WeaknessInput {
  /** Problems of the document, without those that stop a reader. */
  readonly problems: readonly Problem[];
  readonly proof: Proof | OciSeccompError;
  readonly resolution: Resolution;
  readonly lowered: Lowered;
  readonly rules: RuleAccount;
  readonly skipped: readonly SkippedName[];
  readonly contradictions: readonly Contradiction[];
  /** The syscall table's name. */
  readonly table: string;
  readonly found?: Found | undefined;
}

/** What is known only about programs that were found in a process, not built here. */
export interface Found {
  /** What is said of the other threads of the process, each a main clause. */
  readonly threads: readonly string[];
  /** Whether another filter of the same process can make the program differ from what the profile says. */
  readonly differsInCompany: boolean;
}

/** Everything that weakens a claim, the gravest kind first. */
export function findWeaknesses(input: WeaknessInput): readonly Weakness[] {
  const { problems, proof, rules, skipped, contradictions, table, resolution, lowered, found } = input;
  const { policy, steps } = lowered;
  const all = (kind: WeaknessKind, messages: readonly string[]): readonly Weakness[] =>
    messages.map((message) => ({ kind, message }));
  const isEmpty = rules.used.length === 0 && writtenOf(rules) > 0;
  return [
    ...all('unproven', unproven(proof)),
    ...all('threads', found?.threads ?? []),
    ...all('nothing-left', isEmpty ? [nothingLeft(policy)] : []),
    ...describeSkipped(skipped, table, policy.architectures[0]),
    ...all('contradiction', describeContradictions(contradictions)),
    ...all('lost', problems.filter(isUnread).map(placed)),
    ...resolution.steps.flatMap(lost),
    ...steps.filter(isKind(rewritingSteps)).map(rewritten(resolution)),
    ...all('kernel', unique(steps.filter(isKind(kernelKinds)).map(({ message }) => message))),
    ...all('kernel', isHeard(policy, resolution) ? [] : [NOT_HEARD]),
    ...all('company', found?.differsInCompany === true ? [IN_COMPANY] : []),
  ];
}

/** How many rules the profile has. */
export function writtenOf({ used, dropped, sameAsDefault, unknown, nameless }: RuleAccount): number {
  return used.length + dropped.length + sameAsDefault.length + unknown.length + nameless.length;
}

function nothingLeft({ defaultAction, architectures: [native] }: Policy): string {
  return `no rule is in the filter: every call gets ${formatReturnWord(defaultAction, native)}`;
}

/** Whether somebody answers NOTIFY. With `plain`, whoever loads the program gets the listener and can pass it on. */
function isHeard({ runtime, defaultAction, rules }: Policy, { seccomp }: Resolution): boolean {
  if (runtime.name === 'plain' || seccomp?.listenerPath !== undefined) return true;
  return ![defaultAction, ...rules.map(({ returnWord }) => returnWord)].includes(actions.notify.word);
}

/** seccomp_unotify(2). */
const NOT_HEARD =
  'SCMP_ACT_NOTIFY asks nobody, because the profile has no listenerPath: the kernel answers ENOSYS';

const IN_COMPANY = 'beside another filter of the same process it can act differently';

const kernelKinds: readonly LowerStepKind[] = ['action-unknown-to-kernel', 'flags-dropped'];

function isKind(kinds: readonly LowerStepKind[]): (step: LowerStep) => boolean {
  return ({ kind }) => kinds.includes(kind);
}

function placed({ line, message }: Problem): string {
  return `${message} (line ${line})`;
}

function lost({ severity, rule, message }: ResolveStep): readonly Weakness[] {
  if (severity !== 'warning') return [];
  return [{ kind: 'lost', ...(rule === undefined ? {} : { rule }), message }];
}

function rewritten({ origins }: Resolution): (step: LowerStep) => Weakness {
  return ({ rule: origin, message }) => {
    const rule = origin === undefined ? undefined : origins[origin];
    return rule === undefined
      ? { kind: 'rewritten', message }
      : { kind: 'rewritten', rule, message: `rule ${rule + 1}: ${message}` };
  };
}

function unproven(proof: Proof | OciSeccompError): readonly string[] {
  if (proof instanceof OciSeccompError) return [`the program cannot be decided: ${proof.message}`];
  return proof.equal ? [] : ['the program does not do what the profile says'];
}

/** Names whose absence has the same effect, in one clause. */
function describeSkipped(
  skipped: readonly SkippedName[],
  table: string,
  native: ArchName,
): readonly Weakness[] {
  const groups = new Map<string, { effect: SkipEffect; names: string[] }>();
  for (const { name, wanted, gets, effect } of skipped) {
    if (effect === 'nothing') continue;
    const key = consequence(wanted, gets, native);
    const group = groups.get(key) ?? { effect, names: [] };
    groups.set(key, group);
    if (!group.names.includes(name)) group.names.push(name);
  }
  return [...groups].map(([key, { effect, names }]) => {
    const [count, be] = names.length === 1 ? ['1 name', 'is'] : [`${names.length} names`, 'are'];
    const message = `${count} that ${table} does not know (${listNames(names)}) ${key.replace('BE', be)}`;
    return { kind: 'unknown-names', effect, message };
  });
}

function consequence(wanted: ReturnWord, gets: ReturnWord, native: ArchName): string {
  const [was, is] = [inWords(wanted), inWords(gets)];
  if (was !== is) return `would have been ${was} and BE ${is}`;
  return `would have been answered ${formatReturnWord(wanted, native)} and BE answered ${formatReturnWord(gets, native)}`;
}

function inWords(word: ReturnWord): string {
  switch (parseReturnWord(word).action?.kind) {
    case 'allow':
      return 'allowed';
    case 'log':
      return 'allowed and logged';
    case 'notify':
      return 'put to the listener';
    case 'trace':
      return 'put to a tracer';
    default:
      return 'denied';
  }
}

const MAX_LISTED = 3;

function listNames(names: readonly string[]): string {
  // Names come from the profile and end up in messages and comments. A name that is not one word is quoted, as in `validate`.
  const shown = names
    .slice(0, MAX_LISTED)
    .map((name) => (/^\w{1,64}$/.test(name) ? name : visibleJson(JSON.stringify(name.slice(0, 64)))));
  const rest = names.length - shown.length;
  return `${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function unique(messages: readonly string[]): readonly string[] {
  return [...new Set(messages)];
}
