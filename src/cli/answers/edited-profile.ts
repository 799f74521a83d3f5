/**
 * The walk of `allow` and `deny`: edits to try, each proven before one is written.
 * @module
 */
import { capabilitySets } from '../../abi/capabilities.ts';
import type { Comparison } from '../../abi/operators.ts';
import {
  type CallEditProof,
  type CallVerb,
  callStates,
  hostsOfProfile,
  proveCallEdit,
} from '../../compose/prove-call-edit.ts';
import { OciSeccompError } from '../../errors.ts';
import {
  type CallDanger,
  type Companion,
  dangersOf,
  doTheSame,
  triedInstead,
} from '../../lint/ask/call-company.ts';
import {
  addName,
  addRule,
  leftOfRules,
  mayMatch,
  type NewRule,
  type ProfileText,
  removeName,
  type TextEdit,
} from '../../lint/edit/call-edits.ts';
import { namesBuiltin } from '../../oci/builtin/index.ts';
import type { Host } from '../../oci/host.ts';
import type { Profile, ProfileRule } from '../../oci/profile.ts';
import { readProfiles } from '../../oci/read-profiles.ts';
import { loadProfileBytes } from '../../pipeline/load-profile.ts';
import { displayName, readInput } from '../../pipeline/read-input.ts';
import { selectProfile } from '../../pipeline/select-profile.ts';
import { readersFor } from '../../policy/profile-readers.ts';
import { parseRuntime } from '../../policy/runtimes.ts';
import type { OptionsOf } from '../define/command-definition.ts';
import type { editOptions } from '../define/edit-options.ts';
import { type AskedCall, parseQuestion } from '../operands/call-question.ts';
import { hostFromOptions } from '../operands/host-options.ts';

type Options = OptionsOf<typeof editOptions>;

/** A capability of the container that opens the call without an edit, and the rule that says so. */
export interface Opener {
  readonly capability: string;
  readonly rule: number;
  readonly place: ProfileRule['place'];
}

/** What became of a profile's text, and all there is to say of it. */
export interface EditedProfile {
  readonly file: string;
  readonly verb: CallVerb;
  readonly call: AskedCall & { readonly syscall: string };
  readonly before: string;
  /** The same as `before` if there was nothing to change. */
  readonly after: string;
  readonly proof: CallEditProof;
  readonly dangers: readonly CallDanger[];
  readonly openers: readonly Opener[];
  /** Of `allow`: calls that programs make in its place, and that do not get through; of `deny`: calls that still do the same. */
  readonly companions: readonly Companion[];
}

/** Finds the smallest edit that is proven. Nothing is written. */
export async function editProfile(
  [file, syscall, ...words]: readonly string[],
  verb: CallVerb,
  options: Options,
): Promise<EditedProfile> {
  if (file === undefined || syscall === undefined) {
    throw new OciSeccompError('ERR_USAGE', `no system call is given to ${verb}`);
  }
  if (namesBuiltin(file)) {
    throw new OciSeccompError('ERR_USAGE', `${file} is built in and has no text to edit`, {
      hint: `write it to a file first: oci-seccomp simplify ${file} -o profile.json`,
    });
  }
  const bytes = readInput(file);
  const before = await read(file, bytes, options);
  const { arch } = hostFromOptions(options, before.profile);
  const asked = parseQuestion(syscall, words, arch);
  const name = asked.syscall;
  if (name === undefined) {
    throw new OciSeccompError('ERR_USAGE', `${arch} has no system call of number ${syscall}`);
  }
  const call = { ...asked, syscall: name };
  const hosts = hostsOfProfile(before.profile);
  const prove = (after: Profile): CallEditProof => proveCallEdit(before.profile, after, call, verb, hosts);
  const now = prove(before.profile);
  const found = now.isMet
    ? { after: before, proof: now }
    : await smallest(before, call, verb, prove, file, options);
  const host: Host = { arch, kernel: { kernel: 6, major: 18 }, capabilities: capabilitySets.docker };
  return {
    file,
    verb,
    call,
    before: before.document.text,
    after: found.after.document.text,
    proof: found.proof,
    dangers: verb === 'allow' && !now.isMet ? dangersOf(name, call.args, arch) : [],
    openers: verb === 'allow' && !now.isMet ? openersOf(before.profile, call, host) : [],
    companions: companionsOf(found.after.profile, name, verb, host),
  };
}

async function read(file: string, input: string | Uint8Array, options: Options): Promise<ProfileText> {
  const { dialect } = options;
  const name = displayName(file);
  const bytes = typeof input === 'string' ? Buffer.from(input) : input;
  const found = await readProfiles(bytes, { name, ...(dialect === undefined ? {} : { dialect }) });
  const { document } = selectProfile(found, name, options);
  const readers = (each: Parameters<typeof readersFor>[0]) =>
    readersFor(each, undefined, parseRuntime('runc'));
  const { profile } = await loadProfileBytes(file, bytes, dialect, readers, options);
  if (document === undefined || document.yaml === true) {
    throw new OciSeccompError('ERR_USAGE', `${name} is not JSON, and only JSON can be edited`, {
      hint: 'oci-seccomp resolve writes the profile as JSON',
    });
  }
  return { document, profile };
}

type Given = readonly (Comparison & { readonly op: 'eq' })[];

/** The edits to try, the smallest first. */
function candidates(
  { profile }: ProfileText,
  { syscall, args }: EditedProfile['call'],
  verb: CallVerb,
): readonly (readonly TextEdit[])[] {
  const given: Given = args.flatMap((value, index) =>
    value === undefined ? [] : [{ index, op: 'eq' as const, value, valueTwo: 0n }],
  );
  const isAgainst = ({ action }: ProfileRule): boolean => OPENING.has(action) !== (verb === 'allow');
  const isInTheWay = (rule: ProfileRule): boolean => isAgainst(rule) && mayMatch(rule, given);
  const opposing = profile.rules.filter(
    (rule) => isInTheWay(rule) && (rule.names.includes(syscall) || rule.name === syscall),
  );
  const word = verb === 'allow' ? { action: 'SCMP_ACT_ALLOW' } : denialOf(profile);
  const rule: NewRule = {
    names: [syscall],
    ...word,
    ...(given.length === 0
      ? {}
      : { args: given.map(({ index, value }) => ({ index, value, op: 'SCMP_CMP_EQ' })) }),
  };
  const isDefault = word.action === profile.defaultAction;
  const added = isDefault ? [] : [...(given.length === 0 ? [[addName(syscall, word)]] : []), [addRule(rule)]];
  const left = leftOfRules(opposing, syscall, given);
  const cuts =
    opposing.length === 0 || left === undefined
      ? []
      : [
          [
            ...left.toReversed().map((each) => addRule(each)),
            removeName(syscall, isInTheWayOf(left, isInTheWay)),
          ],
        ];
  return [...added, ...cuts, ...cuts.flatMap((cut) => added.map((each) => [...cut, ...each]))];
}

/** The rules that were there before; those that an edit has just added stay. */
function isInTheWayOf(
  added: readonly NewRule[],
  isInTheWay: (rule: ProfileRule) => boolean,
): (rule: ProfileRule) => boolean {
  const keys = new Set(added.map(keyOf));
  return (rule) => isInTheWay(rule) && !keys.has(keyOf(rule));
}

function keyOf({ names, action, args, includes, excludes }: NewRule): string {
  return JSON.stringify([names, action, args, includes, excludes], (_, value) =>
    typeof value === 'bigint' ? `${value}` : value,
  );
}

const OPENING: ReadonlySet<string> = new Set([
  'SCMP_ACT_ALLOW',
  'SCMP_ACT_LOG',
  'SCMP_ACT_NOTIFY',
  'SCMP_ACT_TRACE',
]);

/** As the profile denies: by its default action, else as its rules do. */
function denialOf({ defaultAction, rules }: Profile): Pick<NewRule, 'action' | 'errnoRet'> {
  if (defaultAction !== undefined && !OPENING.has(defaultAction)) return { action: defaultAction };
  const own = rules.find(({ action, args = [] }) => !OPENING.has(action) && args.length === 0);
  if (own === undefined) return { action: 'SCMP_ACT_ERRNO' };
  const { action, errnoRet } = own;
  return { action, ...(errnoRet === undefined ? {} : { errnoRet }) };
}

interface Proven {
  readonly after: ProfileText;
  readonly proof: CallEditProof;
}

async function smallest(
  before: ProfileText,
  call: EditedProfile['call'],
  verb: CallVerb,
  prove: (after: Profile) => CallEditProof,
  file: string,
  options: Options,
): Promise<Proven> {
  let second: Proven | undefined;
  for (const edits of candidates(before, call, verb)) {
    const after = await applied(file, before, edits, options);
    const proof = after === undefined ? undefined : tryProof(prove, after.profile);
    if (after === undefined || proof?.isMet !== true) continue;
    if (proof.others.length === 0) return { after, proof };
    // A multiplexer shows no arguments: what goes through it is opened or closed as a whole.
    if (proof.others.every(({ isOwn }) => isOwn)) second ??= { after, proof };
  }
  if (second !== undefined) return second;
  throw new OciSeccompError(
    'ERR_INEXPRESSIBLE',
    `no small edit of ${displayName(file)} is proven to ${verb} ${call.syscall} and nothing else`,
    { hint: `oci-seccomp explain ${displayName(file)} ${call.syscall} shows the rules that decide it` },
  );
}

/** A runtime that refuses the edited profile, and not the one before, refuses the edit. */
function tryProof(prove: (after: Profile) => CallEditProof, after: Profile): CallEditProof | undefined {
  try {
    return prove(after);
  } catch (error) {
    if (error instanceof OciSeccompError && error.code.startsWith('ERR_PROFILE_')) return undefined;
    throw error;
  }
}

async function applied(
  file: string,
  before: ProfileText,
  edits: readonly TextEdit[],
  options: Options,
): Promise<ProfileText | undefined> {
  let version = before;
  for (const edit of edits) {
    const text = edit(version);
    if (text === undefined) return undefined;
    version = await read(file, text, options);
  }
  return version;
}

/** Capabilities with which the call gets through as the profile stands. */
function openersOf(profile: Profile, call: EditedProfile['call'], host: Host): readonly Opener[] {
  const naming = profile.rules.flatMap((rule, index) =>
    rule.names.includes(call.syscall) || rule.name === call.syscall ? [{ rule, index }] : [],
  );
  const openers = new Map<string, Opener>();
  const { capabilities = [] } = host;
  for (const { rule, index } of naming) {
    if (!OPENING.has(rule.action)) continue;
    for (const capability of rule.includes?.caps ?? []) {
      if (capabilities.includes(capability) || openers.has(capability)) continue;
      const held = { ...host, capabilities: [...capabilities, capability] };
      if (!proveCallEdit(profile, profile, call, 'allow', [held]).isMet) continue;
      openers.set(capability, { capability, rule: index, place: rule.place });
    }
  }
  return [...openers.values()];
}

function companionsOf(profile: Profile, syscall: string, verb: CallVerb, host: Host): readonly Companion[] {
  const stateOf = callStates(profile, host);
  const related = verb === 'allow' ? triedInstead(syscall) : doTheSame(syscall);
  return related.filter((each) => {
    const state = stateOf(each.syscall);
    if (state === undefined) return false;
    return verb === 'allow'
      ? state === 'closed' || state === 'partly'
      : state === 'open' || state === 'partly';
  });
}
