/**
 * The walk of `allow` and `deny`: edits to try, each proven before one is written.
 * @module
 */
import { parseArgument } from '../../abi/arguments.ts';
import { answerCall, decidePrograms } from '../../decision/answer-call.ts';
import { formatOutcome } from '../../decision/format-call.ts';
import { createSpace } from '../../decision/space.ts';
import { OciSeccompError } from '../../errors.ts';
import { dangerousCalls } from '../../lint/catalog/danger.ts';
import { namesBuiltin } from '../../oci/builtin/index.ts';
import { readProfiles } from '../../oci/read-profiles.ts';
import { loadProfileBytes } from '../../pipeline/load-profile.ts';
import { displayName, readInput } from '../../pipeline/read-input.ts';
import { selectProfile } from '../../pipeline/select-profile.ts';
import { readersFor } from '../../policy/profile-readers.ts';
import { parseRuntime } from '../../policy/runtimes.ts';
import type { OptionsOf } from '../define/command-definition.ts';
import type { editOptions } from '../define/edit-options.ts';
import type { Ending } from '../exit-code.ts';
import { unifiedDiff } from '../lint/unified-diff.ts';
import { type AskedCall, parseQuestion } from '../operands/call-question.ts';
import { type Filtered, filterOf } from '../operands/filter-operand.ts';
import { hostFromOptions } from '../operands/host-options.ts';
import { writeOutput } from '../output.ts';
import { arrange, renderDifferences } from '../render/render-diff.ts';
import { writeAside } from '../streams.ts';
import { compareFilters } from './compare-filters.ts';
import {
  ALLOW,
  addName,
  addRule,
  comparisons,
  type ProfileText,
  removeName,
  type TextEdit,
} from './profile-text.ts';

type Verb = 'allow' | 'deny';
type Options = OptionsOf<typeof editOptions> & { readonly force?: true };

/** A text, and what is installed for it. */
interface Version extends ProfileText {
  readonly filtered: Filtered;
}

const EPERM = 1;

/** Edits the profile that the first operand names, for the call that the others are. */
export async function editProfile(
  operands: readonly string[],
  verb: Verb,
  options: Options,
): Promise<Ending> {
  const [file, syscall, ...words] = operands;
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
  const host = hostFromOptions(options, before.profile);
  const call = parseQuestion(syscall, words, host.arch);
  if (verb === 'allow') checkDanger(call, options.force === true);
  if (isDone(before.filtered, call, verb)) {
    emit(file, before.document.text, before.document.text, options);
    note(
      options,
      `${file}: nothing to change, ${syscall} ${verb === 'allow' ? 'gets' : 'does not get'} through already\n`,
    );
    return 'yes';
  }
  const after = await firstProven(file, before, call, verb, options);
  emit(file, before.document.text, after.document.text, options);
  const comparison = compareFilters([before.filtered, after.filtered]);
  const text = renderDifferences(arrange(comparison.differences, comparison.preferred), comparison, {});
  note(
    options,
    `${file}: ${syscall} ${verb === 'allow' ? 'gets' : 'does not get'} through now. All that changes:\n${text}`,
  );
  return 'yes';
}

async function read(file: string, bytes: Uint8Array, options: Options): Promise<Version> {
  const { dialect, engine } = options;
  const name = displayName(file);
  const found = await readProfiles(bytes, { name, ...(dialect === undefined ? {} : { dialect }) });
  const { document } = selectProfile(found, name, options);
  const runtime = parseRuntime(options.runtime);
  const consumers = (each: Parameters<typeof readersFor>[0]) => readersFor(each, engine, runtime);
  const input = await loadProfileBytes(file, bytes, dialect, consumers, options);
  const isWhole = document?.text.trim() === new TextDecoder().decode(bytes).trim();
  if (document === undefined || document.yaml || !isWhole) {
    throw new OciSeccompError('ERR_USAGE', `${name} is not JSON, and only JSON can be edited`, {
      hint: 'oci-seccomp resolve writes the profile as JSON',
    });
  }
  const filtered = await filterOf({ kind: 'profile', input }, options);
  return { document, profile: input.profile, filtered };
}

function isDone({ programs }: Filtered, { arch, nr, args, syscall }: AskedCall, verb: Verb): boolean {
  if (nr === undefined || syscall === undefined) {
    throw new OciSeccompError('ERR_USAGE', 'this call has no name and number of its own here', {
      hint: 'name the call that it is made through, or another architecture with --arch',
    });
  }
  const space = createSpace();
  const { outcomes } = answerCall(space, decidePrograms(space, programs), { arch, nr, args });
  return outcomes.every((outcome) => (formatOutcome(outcome) === 'ALLOW') === (verb === 'allow'));
}

/** The edits to try, the smallest first. */
function candidates({ syscall = '', args }: AskedCall, verb: Verb): readonly (readonly TextEdit[])[] {
  const given = comparisons(args, 'SCMP_CMP_EQ');
  const names = [syscall];
  const removed = removeName(syscall, ({ action }) => (action === ALLOW) !== (verb === 'allow'));
  const added = (action: string, errnoRet?: number): TextEdit =>
    addRule({
      names,
      action,
      ...(errnoRet === undefined ? {} : { errnoRet }),
      ...(given.length === 0 ? {} : { args: plain(given) }),
    });
  if (verb === 'allow') {
    const put = given.length === 0 ? [[addName(syscall, ALLOW)]] : [];
    return [
      ...put,
      [added(ALLOW)],
      ...put.map((each) => [removed, ...each]),
      [removed],
      [removed, added(ALLOW)],
    ];
  }
  const denied = added('SCMP_ACT_ERRNO', EPERM);
  if (given.length === 0) return [[removed], [denied], [removed, denied]];
  const others = comparisons(args, 'SCMP_CMP_NE').map((each) =>
    addRule({ names, action: ALLOW, args: plain([each]) }),
  );
  return [[denied], [removed, ...others]];
}

/** Values as JSON numbers. */
function plain(args: ReturnType<typeof comparisons>): readonly object[] {
  return args.map(({ index, value, op }) => {
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw new OciSeccompError(
        'ERR_USAGE',
        `the value ${value} is too large to be written exactly by this command`,
      );
    }
    return { index, value: Number(value), op };
  });
}

async function firstProven(
  file: string,
  before: Version,
  call: AskedCall,
  verb: Verb,
  options: Options,
): Promise<Version> {
  for (const edits of candidates(call, verb)) {
    const after = await applied(file, before, edits, options);
    if (after !== undefined && isDone(after.filtered, call, verb) && isOnly(before, after, call, verb))
      return after;
  }
  throw new OciSeccompError(
    'ERR_PROOF',
    `no small edit of ${file} is proven to ${verb} ${call.syscall} and nothing else`,
    {
      hint: `oci-seccomp explain ${file} ${call.syscall} shows the rules that decide it`,
    },
  );
}

async function applied(
  file: string,
  before: Version,
  edits: readonly TextEdit[],
  options: Options,
): Promise<Version | undefined> {
  let version = before;
  for (const edit of edits) {
    const text = edit(version);
    if (text === undefined) return undefined;
    const next = await tryRead(file, text, options);
    if (next === undefined) return undefined;
    version = next;
  }
  return version;
}

/** `undefined`: libseccomp or a reader refuses the edited profile, so this edit is none to make. */
async function tryRead(file: string, text: string, options: Options): Promise<Version | undefined> {
  try {
    return await read(file, Buffer.from(text), options);
  } catch (error) {
    if (error instanceof OciSeccompError && error.code !== 'ERR_LIBSECCOMP_MISSING') return undefined;
    throw error;
  }
}

/** Whether no other call, and no other arguments of a call with given ones, are answered otherwise. */
function isOnly(before: Version, after: Version, call: AskedCall, verb: Verb): boolean {
  const { differences } = compareFilters([before.filtered, after.filtered]);
  const wanted = verb === 'allow' ? 'looser' : 'stricter';
  return differences.every(({ changes }) =>
    changes.every(
      ({ kind, numbers }) =>
        kind === wanted &&
        numbers.every(({ name }) => name === call.syscall || name === 'socketcall' || name === 'ipc'),
    ),
  );
}

function checkDanger({ syscall = '', args, arch }: AskedCall, isForced: boolean): void {
  for (const { calls, what, reason, value, whenFiltered, capability } of dangerousCalls) {
    if (whenFiltered || !calls.split(/\s+/).includes(syscall)) continue;
    if (value !== undefined) {
      const given = args[value.index];
      const bits = parseArgument(value.name, { syscall, index: value.index, arch });
      if (given !== undefined && (given & bits) !== bits) continue;
    }
    const text = `${syscall} is dangerous: it ${what}; ${reason}`;
    if (!isForced) {
      throw new OciSeccompError('ERR_USAGE', text, {
        hint: `${capability === undefined ? '' : `programs without ${capability} have little use for it; `}--force allows it`,
      });
    }
    writeAside(`warning: ${text}\n`);
  }
}

function emit(file: string, before: string, after: string, options: Options): void {
  writeOutput(options.output, options.diff === true ? unifiedDiff(displayName(file), before, after) : after);
}

function note({ quiet }: Options, text: string): void {
  if (quiet !== true) writeAside(text);
}
