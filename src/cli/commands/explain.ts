/**
 * `oci-seccomp explain`: what a filter does with a call, and why.
 * @module
 */
import { fileWord, shellCommand } from '../../abi/shell-word.ts';
import { OciSeccompError } from '../../errors.ts';
import type { Explanation } from '../../report/explain-call.ts';
import type { Suggestion } from '../answers/suggested-edit.ts';
import { defineCommand, type OptionsOf, type Run } from '../define/command-definition.ts';
import {
  ENVIRONMENT_CODE,
  FILTER_HELP,
  meaningOptions,
  pid,
  reportOptions,
  textOrJson,
} from '../define/shared-options.ts';
import type { Ending } from '../exit-code.ts';
import type { Filtered } from '../operands/filter-operand.ts';

export const definition = defineCommand({
  description:
    'Says what a filter does with a system call, and why: which rule matches, which others name the call and what keeps them from matching. Without a system call it sums up what the filter blocks.',
  usage: ['[options] <filter> [syscall] [argument...]', '--pid PID [options] [syscall] [argument...]'],
  arguments: [
    { name: 'filter', help: FILTER_HELP, optional: true, kind: 'filter' },
    {
      name: 'call',
      help: 'name or number of a system call, or a part of an audit record that holds it (arch=c000003e syscall=165), then its arguments: decimal, hexadecimal, names (AF_INET, CLONE_NEWUSER|SIGCHLD), or flags with any other bits (any:CLONE_NEWUSER,CLONE_NEWNS; all: each of them, none: none of them); _ and those left out may be anything; or a line of strace in quotes',
      optional: true,
      variadic: true,
      kind: 'syscall',
    },
  ],
  options: {
    ...meaningOptions,
    arch: {
      ...meaningOptions.arch,
      help: "architecture of the call (default: this machine's, or the filter's)",
    },
    pid: { ...pid, help: 'the filters of a live process, in place of the first operand' },
    'host-arch': {
      value: 'arch',
      help: 'architecture of the host of a profile (default: this machine if it runs such calls)',
      kind: 'arch',
    },
    trace: { short: 't', help: 'list the instructions executed' },
    suggest: {
      help: 'of a profile in a file: add the edit that would allow the call, or deny it if it gets through, and what else that changes',
    },
    ...textOrJson,
    ...reportOptions,
  },
  exitCodes: {
    0: 'the call is explained, or the filter',
    1: 'the process has no filter',
    2: 'wrong usage, an input that cannot be read, or a filter that computes something that cannot be followed',
    3: ENVIRONMENT_CODE,
  },
  examples: [
    { does: "What Docker's default blocks", line: 'oci-seccomp explain docker-default' },
    { does: "What Docker's default does with clone", line: 'oci-seccomp explain docker-default clone' },
    { does: 'The same for one argument', line: 'oci-seccomp explain docker-default socket AF_VSOCK' },
    {
      does: 'With a flag, whatever the others are',
      line: 'oci-seccomp explain docker-default clone any:CLONE_NEWUSER',
    },
    {
      does: 'Any descriptor, one request, under crun',
      line: 'oci-seccomp explain profile.json ioctl _ TIOCSTI --runtime crun',
    },
    {
      does: 'And the edit that would change the answer',
      line: 'oci-seccomp explain profile.json socket AF_VSOCK --suggest',
    },
    {
      does: 'The call of a line of strace',
      line: `oci-seccomp explain docker-default 'socket(AF_VSOCK, SOCK_STREAM, 0) = -1 EPERM'`,
    },
    {
      does: 'The call of an audit record',
      line: 'oci-seccomp explain docker-default arch=c000003e syscall=165',
    },
    {
      does: 'The filters of a live process, instruction by instruction',
      line: 'oci-seccomp explain --pid 1234 mount --trace',
    },
  ],
});

export const run: Run<typeof definition> = async (operands, options) => {
  const [subject, ...words] = options.pid === undefined ? operands : [`pid:${options.pid}`, ...operands];
  if (subject === undefined) {
    throw new OciSeccompError('ERR_USAGE', 'no filter is given to explain', {
      hint: 'for instance: oci-seccomp explain docker-default, or oci-seccomp explain docker-default clone',
    });
  }
  if (words.length === 0) {
    const needing = options.suggest === true ? '--suggest' : options.trace === true ? '--trace' : undefined;
    if (needing === undefined) return explainAll(subject, options);
    throw new OciSeccompError('ERR_USAGE', `${needing} needs a system call`, {
      hint: `for instance: ${shellCommand(['oci-seccomp', 'explain', fileWord(subject), 'clone', needing])}`,
    });
  }
  const { askedWords } = await import('../operands/asked-words.ts');
  const { syscall, args, arch, error } = await askedWords(words, options.arch);
  const { explainQuestion } = await import('../answers/explain-question.ts');
  const { writeReport } = await import('../output.ts');
  const { explanation, filtered } = await explainQuestion(
    { subject, syscall, args },
    {
      ...options,
      ...(arch === undefined ? {} : { arch }),
    },
  );
  const suggested =
    options.suggest === true ? await suggestionFor(subject, explanation, filtered, options) : undefined;
  const asked = { isTraced: options.trace === true, error };
  const text =
    options.format === 'json'
      ? await jsonOf(explanation, filtered, suggested, asked)
      : await textOf(explanation, filtered, suggested, asked);
  await writeReport(text, options);
  const { isUndecided } = await import('../../report/explain-call.ts');
  const isOpen =
    suggested?.edit === 'too-complex' || explanation.ways.some(({ answer }) => isUndecided(answer));
  return isOpen ? 'ERR_UNDECIDED' : 'yes';
};

type Options = OptionsOf<typeof definition.options>;

/** What is asked beside the verdict. */
interface Asked {
  readonly isTraced: boolean;
  /** With which the traced call ended. */
  readonly error: string | undefined;
}

/** What `--suggest` adds. */
interface Suggested {
  readonly edit: Suggestion;
}

async function suggestionFor(
  subject: string,
  explanation: Explanation,
  filtered: Filtered,
  options: Options,
): Promise<Suggested> {
  const { suggestEdit } = await import('../answers/suggested-edit.ts');
  return { edit: await suggestEdit(subject, explanation, filtered, options) };
}

async function jsonOf(
  explanation: Explanation,
  filtered: Filtered,
  suggested: Suggested | undefined,
  { isTraced, error }: Asked,
): Promise<string> {
  const { explanationJson } = await import('../render/explanation-json.ts');
  const { printJson } = await import('../render/print-json.ts');
  const suggestion =
    suggested === undefined
      ? {}
      : { suggestion: (await import('../render/render-edit.ts')).suggestionJson(suggested.edit) };
  const traces = isTraced
    ? { traces: (await import('../render/render-trace.ts')).tracesJson(explanation, filtered) }
    : {};
  const origin =
    error === undefined
      ? {}
      : { error: (await import('../render/render-tracer-error.ts')).tracerErrorJson(explanation, error) };
  return printJson({ ...explanationJson(explanation, filtered), ...origin, ...traces, ...suggestion });
}

async function textOf(
  explanation: Explanation,
  filtered: Filtered,
  suggested: Suggested | undefined,
  { isTraced, error }: Asked,
): Promise<string> {
  const { renderExplanation } = await import('../render/render-explain.ts');
  const traces = isTraced
    ? (await import('../render/render-trace.ts')).renderTraces(explanation, filtered)
    : '';
  const suggestion =
    suggested === undefined
      ? ''
      : (await import('../render/render-edit.ts')).renderSuggestion(suggested.edit);
  const origin =
    error === undefined
      ? ''
      : (await import('../render/render-tracer-error.ts')).renderTracerError(explanation, error);
  return renderExplanation(explanation, filtered) + origin + traces + suggestion;
}

/** What a filter blocks. */
async function explainAll(subject: string, options: Options): Promise<Ending> {
  const [{ summarizeFilter }, { blockedJson, renderBlocked }, { printJson }, { writeReport }] =
    await Promise.all([
      import('../answers/blocked-summary.ts'),
      import('../render/render-blocked.ts'),
      import('../render/print-json.ts'),
      import('../output.ts'),
    ]);
  const summary = await summarizeFilter(subject, options);
  const text = options.format === 'json' ? printJson(blockedJson(summary)) : renderBlocked(summary);
  await writeReport(text, options);
  return summary.calls.some(({ outcomes }) => outcomes.some(({ kind }) => kind === 'undecided'))
    ? 'ERR_UNDECIDED'
    : 'yes';
}
