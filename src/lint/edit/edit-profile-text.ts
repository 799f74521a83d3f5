/**
 * `allow` and `deny` for users of the library: a text goes in, and the text with the edit comes out.
 * @module
 */
import { parseCallArguments } from '../../abi/call-arguments.ts';
import { nearest } from '../../abi/nearest-name.ts';
import { allSyscallNames } from '../../abi/syscall-numbers.ts';
import type { CallVerb } from '../../compose/prove-call-edit.ts';
import { OciSeccompError } from '../../errors.ts';
import { withBases } from '../../oci/base-profile.ts';
import type { DialectName } from '../../oci/dialect-rows.ts';
import { type ReadObjectResult, readProfiles } from '../../oci/read-profiles.ts';
import { markOf } from '../../oci/source-text.ts';
import { usableProfile } from '../../oci/usable-profile.ts';
import { parseArch } from '../../pipeline/parse-host.ts';
import { selectProfile } from '../../pipeline/select-profile.ts';
import { consumersFor } from '../../policy/profile-readers.ts';
import { parseRuntime } from '../../policy/runtimes.ts';
import type { ProfileText } from './call-edits.ts';
import { type CallEdit, editForCall } from './edit-for-call.ts';

/** A call that is to get through, or not. */
export interface CallToEdit {
  /** Its name. */
  readonly syscall: string;
  /**
   * Numbers, or C names as `AF_VSOCK`; `any:`, `all:` or `none:` before flags (`any:CLONE_NEWUSER,CLONE_NEWNS`) leaves other bits
   * open. What is missing or `undefined` may be anything.
   */
  readonly args?: readonly (bigint | number | string | undefined)[] | undefined;
}

/** How a profile is read for an edit. */
export interface CallEditOptions {
  /** What to call the profile in messages: its path. */
  readonly name?: string | undefined;
  /** Default: told from the content. */
  readonly dialect?: DialectName | undefined;
  /** Which of several profiles of a document: `NAME`, `NAMESPACE/NAME`. */
  readonly object?: string | undefined;
  /** The architecture that names of arguments are of, in any spelling (`arm64`, `aarch64`); default: x86_64. */
  readonly arch?: string | undefined;
}

/** What `on-demand.ts` offers. */
export async function editCall(
  input: string | Uint8Array,
  verb: CallVerb,
  asked: CallToEdit,
  options: CallEditOptions,
): Promise<CallEdit> {
  const { syscall, args = [] } = asked;
  const { name = '<profile>', dialect } = options;
  const arch = parseArch(options.arch ?? 'x86_64');
  const call = { syscall: knownCall(syscall), args: parseCallArguments(args, syscall, arch), arch };
  const read = async (text: string | Uint8Array): Promise<ProfileText> => {
    const found = await readProfiles(text, { name, ...(dialect === undefined ? {} : { dialect }) });
    const one = selectProfile(found, name, options);
    const written = usableProfile(
      one,
      consumersFor(one.dialect ?? 'oci', undefined, parseRuntime('runc')),
      name,
    );
    const profile = withBases(written, (base) => profileNamed(base, found));
    return editableText(one, profile, name);
  };
  return withMark(input, await editForCall({ before: await read(input), read, call, verb, arch }));
}

function profileNamed(name: string, found: readonly ReadObjectResult[]): ReadObjectResult['profile'] {
  return found.find(({ object }) => object?.name === name)?.profile;
}

/** @throws OciSeccompError `ERR_USAGE` for a text that is neither JSON nor YAML */
export function editableText(
  { document }: Pick<ReadObjectResult, 'document'>,
  profile: ProfileText['profile'],
  name: string,
): ProfileText {
  if (document !== undefined && document.syntax !== 'other') return { document, profile };
  throw new OciSeccompError('ERR_USAGE', `${name} holds the profile in a form that cannot be edited`, {
    hint: 'it has to be JSON, a YAML object, or JSON in a literal block of a ConfigMap (key: |); oci-seccomp resolve writes the profile as JSON',
  });
}

/** Puts the byte-order mark of an input, which documents do not hold, before its text again. */
export function withMark<Edited extends Pick<CallEdit, 'before' | 'after'>>(
  input: string | Uint8Array,
  edit: Edited,
): Edited {
  const mark = markOf(input);
  return { ...edit, before: mark + edit.before, after: mark + edit.after };
}

function knownCall(syscall: string): string {
  const names = allSyscallNames();
  if (names.includes(syscall)) return syscall;
  const near = nearest(syscall, names);
  throw new OciSeccompError(
    'ERR_USAGE',
    `no architecture has a system call '${syscall}'`,
    near === undefined ? {} : { hint: `did you mean ${near}?` },
  );
}
