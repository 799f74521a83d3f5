/**
 * `oci-seccomp explain`: what a filter does with a call, and why.
 * @module
 */
import { type ArchName, architectures } from '../../abi/architectures.ts';
import { syscallName } from '../../abi/syscalls.ts';
import { decidePrograms } from '../../decision/answer.ts';
import { wordsOf } from '../../decision/format.ts';
import { createSpace, type Node, type Space } from '../../decision/space.ts';
import { OciSeccompError } from '../../errors.ts';
import { machineArch } from '../../kernel/this-machine.ts';
import type { Ending } from '../exit-code.ts';
import { parseQuestion } from '../operands/call-question.ts';
import { architecturesOf, type Explanation, explainCall, type Way } from '../operands/explanation.ts';
import { type Filtered, filterOf, type ReadingOptions, readSubject } from '../operands/filter-operand.ts';
import { parseArch } from '../operands/host-options.ts';
import { basisJson } from '../render/answer-basis.ts';
import { descriptionJson, outcomeJson, printJson, verdictJson } from '../render/json-meaning.ts';
import { renderExplanation } from '../render/render-explain.ts';
import { renderTrace } from '../render/render-trace.ts';
import { writeStdout } from '../streams.ts';

export interface ExplainCommandOptions extends ReadingOptions {
  /** Of the call. */
  readonly arch?: string;
  readonly hostArch?: string;
  readonly pid?: string;
  readonly trace?: boolean;
  readonly json?: boolean;
}

export async function runExplain(
  operands: readonly string[],
  options: ExplainCommandOptions,
): Promise<Ending> {
  const [subject, syscall, ...args] =
    options.pid === undefined ? operands : [`pid:${options.pid}`, ...operands];
  if (subject === undefined || syscall === undefined) {
    throw new OciSeccompError('ERR_USAGE', 'no system call is given to explain', {
      hint: 'for instance: oci-seccomp explain docker-default clone, or oci-seccomp explain --pid 1234 clone',
    });
  }
  const asked = options.arch === undefined ? undefined : parseArch(options.arch);
  // A misspelled call should not wait for a filter to be compiled.
  if (asked !== undefined) parseQuestion(syscall, args, asked);
  const { arch: _, hostArch, ...rest } = options;
  const reading = { ...rest, arch: hostArch ?? hostFor(asked) };
  const filtered = await filterOf(await readSubject(subject, reading), reading);
  const space = createSpace();
  const root = decidePrograms(space, filtered.programs);
  const arch = asked ?? defaultArch(space, root, filtered);
  const explanation = explainCall(space, root, filtered, parseQuestion(syscall, args, arch));
  if (options.json === true) writeStdout(printJson(explanationJson(explanation, filtered)));
  else writeStdout(renderExplanation(explanation, filtered) + traces(explanation, filtered, options));
  const isUndecided = explanation.ways.some(({ answer }) =>
    answer.outcomes.some(({ kind }) => kind === 'undecided'),
  );
  return isUndecided ? 'ERR_UNDECIDED' : 'yes';
}

/** The 64-bit architecture whose machines run programs of this one too. */
const parents: Partial<Record<ArchName, ArchName>> = {
  x86: 'x86_64',
  x32: 'x86_64',
  arm: 'aarch64',
  s390: 's390x',
  mips: 'mips64',
  mips64n32: 'mips64',
  mipsel: 'mipsel64',
  mipsel64n32: 'mipsel64',
  ppc: 'ppc64',
  parisc: 'parisc64',
};

/** The host to resolve a profile for: this machine if it runs such calls, else one of the call's architecture. */
function hostFor(asked: ArchName | undefined): ArchName {
  const machine = machineArch();
  if (asked === undefined || machine === asked || machine === parents[asked]) return machine;
  return architectures[asked].uname.length > 0 ? asked : (parents[asked] ?? asked);
}

/** This machine's, if the filter is for it; else the first that the filter is for. */
function defaultArch(space: Space, root: Node, { work }: Filtered): ArchName {
  if (work !== undefined) return work.host.arch;
  const machine = machineArch();
  const known = architecturesOf(space, root);
  return known.includes(machine) ? machine : (known[0] ?? machine);
}

function traces(
  { ways }: Explanation,
  { programs, name }: Filtered,
  { trace }: ExplainCommandOptions,
): string {
  if (trace !== true) return '';
  return ways
    .map(({ call }) => {
      const { arch, nr } = call;
      const args = Array.from({ length: 6 }, (_, index) => call.args[index] ?? 0n);
      const data = { nr: nr | 0, arch: architectures[arch].auditArch, instructionPointer: 0n, args };
      const open = call.args.filter((value) => value !== undefined).length < 6;
      const note = open ? ' (arguments that are not given count as 0 here)' : '';
      const texts = programs.map((program, i) => {
        const which = programs.length === 1 ? '' : ` of filter ${i + 1}`;
        return `trace${which}${note}: ${renderTrace(program, data, name)}`;
      });
      return texts.join('');
    })
    .join('');
}

function explanationJson({ asked, ways, elsewhere }: Explanation, filtered: Filtered) {
  return {
    subject: filtered.name,
    compiledFor: filtered.circumstances,
    restsOn: basisJson(filtered.basis),
    arch: asked.arch,
    syscall: asked.syscall ?? null,
    ways: ways.map((way) => wayJson(way, asked.syscall, filtered)),
    elsewhere: elsewhere.map(({ arch, answer }) => ({
      arch,
      ...descriptionJson(answer.description, wordsOf(arch, asked.syscall)),
    })),
  };
}

function wayJson(way: Way, syscall: string | undefined, { work, name }: Filtered) {
  const { call, through, answer, each, otherwiseMeant, reason, rules } = way;
  const words = wordsOf(call.arch, through?.multiplexer ?? syscallName(call.nr, call.arch) ?? syscall);
  return {
    nr: call.nr >>> 0,
    through: through === undefined ? null : { multiplexer: through.multiplexer, argument: through.argument },
    args: call.args.map((value) => (value === undefined ? null : String(value))),
    verdicts: answer.outcomes.map(outcomeJson),
    dependsOn: answer.dependsOn,
    dependsOnInstructionPointer: answer.dependsOnInstructionPointer,
    ...descriptionJson(answer.description, words),
    filters: each.map(({ outcomes }) => outcomes.map(outcomeJson)),
    rulesSay: otherwiseMeant === undefined ? null : descriptionJson(otherwiseMeant.description, words),
    reason: reason ?? null,
    rules: rules.map(({ rule, fate, notes, matches }) => ({
      rule,
      place: work?.input.profile.rules[rule]?.place ?? null,
      profile: name,
      fate: fate.kind,
      ...('message' in fate ? { message: fate.message } : {}),
      notes,
      matches: matches.map(({ returnWord, comparisons, matches: holds, overruled }) => ({
        verdict: verdictJson(returnWord),
        comparisons: comparisons.map((each) => ({ ...each, holds: each.holds ?? null })),
        matches: holds ?? null,
        overruled,
      })),
    })),
  };
}
