/**
 * What an edit of `allow` or `deny` does, as text and as JSON.
 * @module
 */
import { argumentField } from '../../abi/argument-fields.ts';
import { exactValue, isFlagSet } from '../../abi/flag-sets.ts';
import { listWords } from '../../abi/list-words.ts';
import { shellCommand } from '../../abi/shell-word.ts';
import { type MovedBorder, type OtherChange, provenRuntimes } from '../../compose/prove-call-edit.ts';
import { markRuntime } from '../../consumers.ts';
import { describeParameter } from '../../lint/ask/call-parameters.ts';
import type { Opener } from '../../lint/edit/edit-for-call.ts';
import { addArchitecture } from '../../lint/edit/listed-architecture.ts';
import type { OtherArgument } from '../../lint/edit/other-arguments.ts';
import { namesBuiltin } from '../../oci/builtin/index.ts';
import { displayName } from '../../pipeline/read-input.ts';
import type { EditedProfile } from '../answers/edited-profile.ts';
import type { Suggestion } from '../answers/suggested-edit.ts';
import { unifiedDiff } from '../lint/unified-diff.ts';
import { contradictionLines } from './contradiction-text.ts';
import { archsOf, coveringText } from './covering-text.ts';
import { dangerText } from './danger-text.ts';
import { editCommand } from './edit-command.ts';
import { printJson } from './print-json.ts';

/** Calls of a list that are shown. */
const SHOWN = 12;

/** A summary for people, the profile left out. */
export function renderEdit(edit: EditedProfile, name: string): string {
  const { verb, call } = edit;
  const state = verb === 'allow' ? 'gets through' : 'does not get through';
  const first =
    edit.before === edit.after
      ? `${name}: nothing to change: ${call.syscall} already ${state}${argumentsText(edit)}`
      : `${name}: ${call.syscall} ${state} now${argumentsText(edit)}`;
  return [first, ...consequences(edit)].map((line) => `${line}\n`).join('');
}

/** The edit that would reverse the answer of `explain`, printed below it. */
export function renderSuggestion(edit: Suggestion): string {
  if (edit === undefined) {
    return '\nno edit is suggested: some of these calls get through and others do not, or another process decides; name the arguments that matter\n';
  }
  if (edit === 'too-complex') {
    return '\nno edit is suggested: what it changes for all calls together is too complex to prove\n';
  }
  if ('unlisted' in edit) return `\nto allow it: ${addArchitecture(edit.unlisted)}\n`;
  const { verb, file, before, after } = edit;
  const goal = verb === 'allow' ? 'to allow it' : 'to deny it';
  return [
    '',
    `${goal}: ${shellCommand(editCommand(edit))}`,
    ...unifiedDiff(displayName(file), before, after).split('\n').slice(0, -1),
    ...consequences(edit),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** The suggestion as JSON: the summary of the edit, the command and the patch. */
export function suggestionJson(edit: Suggestion) {
  if (edit === undefined || edit === 'too-complex' || 'unlisted' in edit) return null;
  const { text: _, ...rest } = editJson(edit, displayName(edit.file), false);
  return {
    ...rest,
    command: editCommand(edit),
    patch: unifiedDiff(displayName(edit.file), edit.before, edit.after),
  };
}

function consequences(edit: EditedProfile): readonly string[] {
  const { verb, call, proof, companions, dangers } = edit;
  const { syscall } = call;
  const isNothing = edit.before === edit.after;
  return [
    ...edit.unread.map((sentence) => `warning: ${sentence}`),
    ...dangers.map((danger) => `warning: ${dangerText(syscall, danger)}`),
    ...refusedText(edit),
    ...edit.breaks.map((sentence) => `warning: ${sentence}`),
    ...othersText(proof.others, syscall),
    ...proof.borders.flatMap(borderText),
    ...exactFlags(edit),
    ...(isNothing || proof.others.length > 0 ? [] : ['no other call changes']),
    ...(proof.throughMultiplexer.length === 0
      ? []
      : [
          `warning: ${proof.throughMultiplexer.join(', ')} programs can still make it through ${multiplexerOf(syscall)}, which shows no arguments to filters: deny ${multiplexerOf(syscall)} too`,
        ]),
    ...edit.bypassed.map(
      (index) =>
        `warning: a program still makes the call with one of the upper 32 bits of ${describeParameter(syscall, index, edit.arch)} set${exampleOf(exactValue(call.args[index]))}: the kernel ignores them, and filters compare them. To close this, allow only the values that programs need, each with SCMP_CMP_EQ; oci-seccomp rules int-argument-high-bits`,
    ),
    ...edit.elsewhere.map((other) => elsewhereText(edit, other)),
    ...openingText(edit),
    ...companions.map(({ syscall: other, reason }) =>
      verb === 'allow' ? `you may need ${other} too: ${reason}` : `still open: ${other}: ${reason}`,
    ),
    ...provenRuntimes
      .filter((runtime) => !proof.runtimes.includes(runtime))
      .map((runtime) =>
        proof.stricter?.includes(runtime) === true
          ? `warning: ${markRuntime(runtime)} denies it with other arguments too: it swaps the values of masked comparisons`
          : `warning: not so with ${markRuntime(runtime)}, which reads masked comparisons of these rules otherwise`,
      ),
    `proven with ${listWords(proof.runtimes)}, ${coveringText(proof.hosts)}`,
  ];
}

/** A rule compares the same number at the same place on all architectures. */
function elsewhereText({ call, arch }: EditedProfile, { index, archs, value }: OtherArgument): string {
  const parameter = describeParameter(call.syscall, index, arch);
  if (value === undefined) {
    return `warning: on ${shortList(archs)}, programs do not pass ${parameter} there, but in another argument or in memory: this edit does not see it`;
  }
  const is = value.nameThere === undefined ? 'is' : `is ${value.nameThere},`;
  return `warning: on ${shortList(archs)}, 0x${value.number.toString(16)} of ${parameter} ${is} not ${value.name}: this edit is about the number. --arch ${archs[0]} takes names as they are there`;
}

/** An edit may not make such rules, and leaves those of other calls. */
function refusedText({ file, refusedCalls, before, after, proof }: EditedProfile): readonly string[] {
  const how = before === after ? 'nothing is edited' : 'the edit leaves them';
  const archs = archsOf(proof.hosts);
  return contradictionLines(displayName(file), refusedCalls, archs, how).map((line) => `warning: ${line}`);
}

/** Why a call is not allowed without `--force`. */
export function renderRefusal(edit: EditedProfile, name: string): string {
  const { call, dangers } = edit;
  const lines = [
    ...dangers.map((danger) => `error: ${name}: ${dangerText(call.syscall, danger)}`),
    ...dangers.flatMap(({ capability }) =>
      capability === undefined ? [] : [`  programs without ${capability} have little use for it`],
    ),
    ...openingText(edit).map((line) => `  ${line}`),
    '  hint: nothing is written; --force allows it',
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** `, such as 0x100000010` */
function exampleOf(value: bigint | undefined): string {
  return value === undefined ? '' : `, such as 0x${(value | (1n << 32n)).toString(16)}`;
}

function argumentsText({ call }: EditedProfile): string {
  return call.args.some((value) => value !== undefined) ? ' for these arguments' : '';
}

/** An edit is about one value of a flag argument. Users may think of all values with the flag. */
function exactFlags({ call: { syscall, args }, arch }: EditedProfile): readonly string[] {
  return args.flatMap((value, index) => {
    const field = argumentField(syscall, index, arch);
    const flags = exactValue(value) ?? 0n;
    if (field === undefined || flags === 0n || field.kind === 'enum') return [];
    const parameter = describeParameter(syscall, index, arch);
    const names = [...field.names].flatMap(([name, bits]) =>
      (flags & bits) === bits && bits !== 0n && !field.enumNames.has(name) ? [name] : [],
    );
    const other =
      names.length === 0
        ? ''
        : `: any:${names.join()} is about every call with ${names.length === 1 ? 'this flag' : 'one of these flags'}`;
    return [
      `this is about exactly this value of ${parameter}, not about calls with other flags besides${other}`,
    ];
  });
}

/** Architectures with the same change share a line. */
function othersText(others: readonly OtherChange[], asked: string): readonly string[] {
  const places = new Map<string, string[]>();
  for (const other of others) {
    const what = otherText(other, asked);
    places.set(what, [...(places.get(what) ?? []), other.arch ?? 'other architectures']);
  }
  return [...places].map(([what, archs]) => `on ${shortList(archs)} this also ${what}`);
}

function otherText({ calls, kind, isOwn }: OtherChange, asked: string): string {
  const verbs = {
    looser: 'opens',
    stricter: 'closes',
    mixed: 'changes',
    different: 'changes',
    unknown: 'may change',
  };
  const what = `${verbs[kind]} ${shortList(calls)}`;
  if (!isOwn) return what;
  return calls.includes(asked)
    ? `${what} with these arguments and any of the upper 32 bits set: rules that leave those open would not work on 32-bit architectures`
    : `${what} with other arguments: filters see none or half of them there`;
}

function borderText({ arch, reached, left }: MovedBorder): readonly string[] {
  return [
    ...(reached.length === 0
      ? []
      : [
          `runc on ${arch} no longer answers ENOSYS, but as the default action says: ${shortList(reached)}. It answers ENOSYS for calls newer than all that a profile names`,
        ]),
    ...(left.length === 0
      ? []
      : [
          `runc on ${arch} now answers ENOSYS, in place of the default action: ${shortList(left)}. They are newer than all that the profile names`,
        ]),
  ];
}

/** What lets the call through without an edit. */
function openingText({ openers, openFrom }: EditedProfile): readonly string[] {
  const older = openFrom === undefined ? '' : ' on older kernels';
  return [
    ...(openFrom === undefined
      ? []
      : [`without an edit, this gets through from Linux ${openFrom.kernel} on: ${placeText(openFrom)}`]),
    ...openers.map(
      (opener) =>
        `without an edit, --cap-add ${opener.capability.replace(/^CAP_/, '')} opens this${older}: ${placeText(opener)}`,
    ),
  ];
}

function placeText({ rule, place }: Pick<Opener, 'rule' | 'place'>): string {
  return place === undefined || namesBuiltin(place.file) ? `rule ${rule + 1}` : `${place.file}:${place.line}`;
}

function multiplexerOf(syscall: string): string {
  return /^(sem|shm|msg)/.test(syscall) ? 'ipc' : 'socketcall';
}

function shortList(words: readonly string[]): string {
  const rest = words.length - SHOWN;
  return rest <= 0 ? words.join(', ') : `${words.slice(0, SHOWN).join(', ')} (and ${rest} more)`;
}

/** The edit as JSON, with the profile's text unless the edit is refused. */
export function renderEditJson(edit: EditedProfile, name: string, isRefused: boolean): string {
  return printJson(editJson(edit, name, isRefused));
}

function placeJson({ rule, place }: Pick<Opener, 'rule' | 'place'>) {
  return {
    rule,
    ...(place === undefined ? {} : { file: place.file, line: place.line, pointer: place.pointer }),
  };
}

function editJson(edit: EditedProfile, name: string, isRefused: boolean) {
  const { verb, call, proof, dangers, openers, openFrom, companions } = edit;
  return {
    profile: name,
    verb,
    call: {
      syscall: call.syscall,
      args: call.args.map((value) => (isFlagSet(value) ? value.text : (value ?? null))),
    },
    changed: edit.before !== edit.after,
    refused: isRefused,
    dangers: dangers.map(({ what, reason, capability, value, sources }) => ({
      what,
      reason,
      ...(value === undefined ? {} : { value: value.name }),
      ...(capability === undefined ? {} : { capability }),
      sources,
    })),
    capabilities: openers.map((opener) => ({ capability: opener.capability, ...placeJson(opener) })),
    ...(openFrom === undefined ? {} : { openFrom: { kernel: openFrom.kernel, ...placeJson(openFrom) } }),
    bypassed: edit.bypassed,
    elsewhere: edit.elsewhere.map(({ index, archs, value }) => ({
      index,
      archs,
      ...(value === undefined ? {} : { ...value, nameThere: value.nameThere ?? null }),
    })),
    breaks: edit.breaks,
    unread: edit.unread,
    refusedCalls: edit.refusedCalls.map(({ name }) => name),
    others: proof.others.map(({ arch, calls, kind, isOwn }) => ({
      arch: arch ?? null,
      calls,
      kind,
      own: isOwn,
    })),
    borders: proof.borders,
    companions,
    throughMultiplexer: proof.throughMultiplexer,
    proof: { hosts: proof.hosts.length, runtimes: proof.runtimes },
    ...(isRefused ? {} : { text: edit.after }),
  };
}
