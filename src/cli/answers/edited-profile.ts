/**
 * The edit that `allow` and `deny` make of a file, from their operands.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import type { CallVerb } from '../../compose/prove-call-edit.ts';
import { OciSeccompError } from '../../errors.ts';
import { machineArch } from '../../kernel/this-machine.ts';
import type { ProfileText } from '../../lint/edit/call-edits.ts';
import { type CallEdit, editForCall } from '../../lint/edit/edit-for-call.ts';
import { editableText, withMark } from '../../lint/edit/edit-profile-text.ts';
import { namesBuiltin } from '../../oci/builtin/index.ts';
import { readProfiles } from '../../oci/read-profiles.ts';
import { serializeProfile } from '../../oci/serialize.ts';
import { builtinProfile } from '../../pipeline/builtin-profile.ts';
import { loadProfileBytes } from '../../pipeline/load-profile.ts';
import { displayName, readInput } from '../../pipeline/read-input.ts';
import { selectProfile } from '../../pipeline/select-profile.ts';
import { consumersFor } from '../../policy/profile-readers.ts';
import { parseRuntime } from '../../policy/runtimes.ts';
import type { CallQuestion } from '../../report/asked-call.ts';
import type { OptionsOf } from '../define/command-definition.ts';
import type { editOptions } from '../define/edit-options.ts';
import { askedWords } from '../operands/asked-words.ts';
import { parseQuestion } from '../operands/call-question.ts';
import { hostFromOptions, requireUses } from '../operands/host-options.ts';
import { unknownCall } from '../operands/unknown-call.ts';
import { unreadLines } from '../render/unread-text.ts';

type Options = Pick<OptionsOf<typeof editOptions>, 'dialect' | 'object' | 'baseDir' | 'arch'>;

/** An edit, and the file that it is of. */
export interface EditedProfile extends CallEdit {
  /** The path, as it was given. */
  readonly file: string;
  /** What nobody reads in the file, each with its place. */
  readonly unread: readonly string[];
  /** How the file was read, as far as a command that is to make the same edit has to say so. */
  readonly reading: Options;
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
  const { arch, ...asked } = await askedWords([syscall, ...words], options.arch);
  return editFile(file, verb, arch === undefined ? options : { ...options, arch }, (own) =>
    parseQuestion(asked.syscall, asked.args, own),
  );
}

/** @param ask - the call, by an architecture that names are of */
export async function editFile(
  file: string,
  verb: CallVerb,
  options: Options,
  ask: (arch: ArchName) => CallQuestion,
): Promise<EditedProfile> {
  return editText(await textToEdit(file, options), verb, ask);
}

/** A file that was read to be edited. */
export interface EditableFile {
  readonly file: string;
  readonly options: Options;
  readonly bytes: Uint8Array;
  readonly before: ProfileText;
  readonly read: (text: string) => Promise<ProfileText>;
  /** What nobody reads in it, each with its place. */
  readonly unread: readonly string[];
}

/** Reads a file for edits. What is found out about its profile is kept for the next edit of it. */
export async function textToEdit(file: string, options: Options): Promise<EditableFile> {
  // A built-in profile is edited as the file that it would be.
  const bytes = namesBuiltin(file)
    ? Buffer.from(serializeProfile(await builtinProfile(file)))
    : readInput(file);
  const read = async (text: string): Promise<ProfileText> => (await readText(file, text, options)).text;
  const { text: before, unread } = await readText(file, bytes, options);
  return { file, options, bytes, before, read, unread };
}

/** As {@link editFile}, of a file that was read. */
export async function editText(
  { file, options, bytes, before, read, unread }: EditableFile,
  verb: CallVerb,
  ask: (arch: ArchName) => CallQuestion,
): Promise<EditedProfile> {
  const { syscall, args, arch, nr } = askOn(hostFromOptions(options, before.profile).arch, options, ask);
  if (syscall === undefined) {
    throw unknownCall(`${nr}`, arch);
  }
  const call = { syscall, args, arch };
  const edit = await editForCall({ before, read, call, verb, arch });
  return { file, unread, reading: readingOf(options, arch), ...withMark(bytes, edit) };
}

/** An edit is for all machines: a call that this one lacks, as `socketcall`, is asked about on one that has it. */
function askOn(own: ArchName, { arch }: Options, ask: (arch: ArchName) => CallQuestion): CallQuestion {
  try {
    return ask(own);
  } catch (error) {
    if (arch !== undefined || !(error instanceof OciSeccompError)) throw error;
    const { architectures = [] } = error.details as { readonly architectures?: readonly ArchName[] };
    const [first] = architectures;
    if (first === undefined) throw error;
    return ask(first);
  }
}

function readingOf({ dialect, object, baseDir }: Options, arch: ArchName): Options {
  const own = { dialect, object, baseDir, arch: arch === machineArch() ? undefined : arch };
  return Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
}

async function readText(
  file: string,
  input: string | Uint8Array,
  options: Options,
): Promise<Pick<EditableFile, 'unread'> & { readonly text: ProfileText }> {
  const { dialect } = options;
  const name = displayName(file);
  const bytes = typeof input === 'string' ? Buffer.from(input) : input;
  const found = await readProfiles(bytes, { name, dialect });
  const readers = (each: Parameters<typeof consumersFor>[0]) =>
    consumersFor(each, undefined, parseRuntime('runc'));
  const loaded = await loadProfileBytes(file, bytes, dialect, readers, options);
  const { object, baseDir } = options;
  await requireUses({ object, baseDir }, [{ kind: 'profile', input: loaded }]);
  const { profile, problems } = loaded;
  const text = editableText(selectProfile(found, name, options), profile, name);
  return { text, unread: unreadLines(name, problems) };
}
