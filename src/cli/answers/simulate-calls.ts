/**
 * The verdicts of a program on the calls of a table, line by line.
 * @module
 */
import type { ReturnWord } from '../../abi/actions.ts';
import type { Architecture, ArchName, Endian } from '../../abi/architectures.ts';
import type { SeccompData } from '../../abi/seccomp-data.ts';
import { findProgramProblems } from '../../bpf/program-problems.ts';
import { prepareProgram } from '../../bpf/simulate-program.ts';
import { winningWord } from '../../decision/relate.ts';
import { OciSeccompError } from '../../errors.ts';
import type { ProgramSource } from '../../pipeline/process-source.ts';
import { placeProblems } from '../../pipeline/program-source.ts';
import { displayName } from '../../pipeline/read-input.ts';
import { wordOnKernel } from '../../policy/kernel-limits.ts';
import type { MeaningOptions } from '../define/shared-options.ts';
import { type BadLine, type CallRow, callsOf, parseCall } from '../operands/call-rows.ts';
import { filterOf, readSubject } from '../operands/filter-operand.ts';
import { requireUses } from '../operands/host-options.ts';
import { readLines } from '../operands/read-lines.ts';
import { renderCall, renderCallJson } from '../render/render-call.ts';
import { plural } from '../render/render-problems.ts';
import { streamStdout, writeStderr } from '../streams.ts';

interface SimulateOptions {
  /** The architecture of JSON calls that name no architecture. */
  readonly defaultArch: Architecture;
  readonly json: boolean;
  /** Print only calls that are not as expected. */
  readonly quiet: boolean;
}

/** Lines that cannot be read are shown up to this number, and counted. */
const MAX_SHOWN = 20;
const BATCH = 1 << 16;

interface Tally {
  calls: number;
  asExpected: number;
  unexpected: number;
  badLines: number;
}

/** Runs a program over all calls of a file, and prints as it goes. @throws OciSeccompError `ERR_CALLS` if the file has no calls */
export async function simulateCalls(
  prepared: PreparedFilter,
  calls: string,
  options: SimulateOptions,
): Promise<Tally> {
  const tally: Tally = { calls: 0, asExpected: 0, unexpected: 0, badLines: 0 };
  await simulateLines(prepared, calls, options, tally);
  if (tally.calls === 0 && tally.badLines === 0) {
    throw new OciSeccompError('ERR_CALLS', `${displayName(calls)} has no calls`, {
      hint: 'oci-seccomp simulate --help shows how calls are written',
    });
  }
  return tally;
}

/** What answers calls: a program, all programs of a process, or the one that a profile becomes. */
interface PreparedFilter {
  readonly endian: Endian;
  /** The word that wins, as the kernel of the host takes it. */
  readonly verdict: (data: SeccompData) => ReturnWord;
}

/**
 * Prepares whatever has a filter.
 *
 * @param namesArch - whose system call numbers the names in a C array stand for
 * @throws OciSeccompError `ERR_BPF_INVALID` if the kernel would refuse the program; as `readSubject` and `filterOf`
 */
export async function prepareOperand(
  operand: string,
  options: MeaningOptions & { readonly endian?: Endian | undefined; readonly hostArch?: string | undefined },
  namesArch: ArchName,
): Promise<PreparedFilter> {
  const { endian } = options;
  const subject = await readSubject(operand, { ...options, arch: namesArch }, { endian });
  await requireUses(options, [subject]);
  if (subject.kind === 'program') requireVerdicts(subject);
  const { name, programs, work } = await filterOf(subject, options);
  const prepared = programs.map((each) => prepareProgram(each.program, { endian: each.endian, name }));
  const [first, ...newer] = prepared;
  if (first === undefined) throw new RangeError('no filter');
  const decide =
    newer.length === 0
      ? first.verdict
      : (data: SeccompData): ReturnWord =>
          newer.reduce((word, each) => winningWord(word, each.verdict(data)), first.verdict(data));
  const kernel = work?.host.kernel;
  return {
    endian: first.endian,
    verdict: kernel === undefined ? decide : (data) => wordOnKernel(decide(data), kernel),
  };
}

function requireVerdicts({ name, filters }: ProgramSource): void {
  const problems = filters.flatMap(({ program, lines }) =>
    placeProblems(findProgramProblems(program), name, lines),
  );
  if (problems.length === 0) return;
  throw new OciSeccompError('ERR_BPF_INVALID', `the kernel would refuse ${name}: it has no verdicts`, {
    details: { problems },
  });
}

async function simulateLines(
  prepared: PreparedFilter,
  calls: string,
  options: SimulateOptions,
  tally: Tally,
): Promise<void> {
  const file = displayName(calls);
  let line = 0;
  let output = '';
  for await (const lines of readLines(calls)) {
    for (const text of lines) {
      line += 1;
      const parsed = parseCall(text, options.defaultArch);
      if (parsed === undefined) continue;
      const row = 'problem' in parsed ? parsed : (foreignOrder(parsed, prepared.endian) ?? parsed);
      if ('problem' in row) {
        tally.badLines += 1;
        if (tally.badLines <= MAX_SHOWN) writeStderr(renderBadLine(row, file, line));
        continue;
      }
      for (const rendered of simulateRow(prepared, row, line, file, options, tally)) {
        output += rendered;
        if (output.length < BATCH) continue;
        await streamStdout(output);
        output = '';
      }
    }
  }
  if (output !== '') await streamStdout(output);
}

/** Yields what is to be printed of each call, if anything is. */
function* simulateRow(
  { verdict }: PreparedFilter,
  { args, expected, count, ...row }: CallRow,
  line: number,
  file: string,
  options: SimulateOptions,
  tally: Tally,
): Generator<string> {
  const given = args.length;
  for (const { arch, data } of callsOf({ args, expected, count, ...row })) {
    const word = verdict(data);
    tally.calls += 1;
    if (expected !== undefined) {
      if (word === expected) tally.asExpected += 1;
      else tally.unexpected += 1;
    }
    if (options.quiet && (expected === undefined || word === expected)) continue;
    const call = { arch, data, given, word, expected, line };
    yield options.json ? renderCallJson(call) : renderCall(call, file);
  }
}

/** Objects to rows for machines of the other byte order, whose calls the program never sees. */
function foreignOrder({ targets }: CallRow, endian: Endian): BadLine | undefined {
  const foreign = targets.find(({ arch }) => arch.endian !== endian)?.arch;
  if (foreign === undefined) return undefined;
  const problem = `${foreign.name} is ${foreign.endian}-endian, the program ${endian}-endian: it never sees such calls`;
  const hint = `if the order of the program was told wrongly, say it with --endian ${foreign.endian}`;
  return { column: 1, problem, hint };
}

function renderBadLine({ column, problem, hint }: BadLine, file: string, line: number): string {
  const advice = hint === undefined ? '' : `    hint: ${hint}\n`;
  return `${file}:${line}:${column}: error: ${problem} [ERR_CALLS]\n${advice}`;
}

/** A rate of fewer calls would be that of the start of the program. */
const MIN_RATED = 100_000;

/** `3 calls, 2 as expected, 1 not as expected`; of many calls also the rate */
export function renderTally({ calls, asExpected, unexpected, badLines }: Tally, seconds: number): string {
  const hasExpectations = asExpected + unexpected > 0;
  const parts = [
    plural(calls, 'call'),
    ...(hasExpectations ? [`${asExpected} as expected`, `${unexpected} not as expected`] : []),
    ...(badLines > 0 ? [`${plural(badLines, 'line')} not understood`] : []),
    ...(calls >= MIN_RATED ? [`${Math.round(calls / seconds)} calls per second`] : []),
  ];
  return `${parts.join(', ')}\n`;
}
