/**
 * A command's output: to standard output, or to a file that is written whole or not at all.
 * @module
 */
import { resolve } from 'node:path';
import { OciSeccompError } from '../errors.ts';
import { ioReason, statsOf, writeWhole } from '../pipeline/files.ts';
import { displayName, EMPTY_HINT } from '../pipeline/read-input.ts';
import { type ColorChoice, type Colors, createColors, noColors, wantsColor } from './render/colors.ts';
import { visibleReport } from './render/safe-text.ts';
import { isStdoutTerminal, writeStdout } from './streams.ts';

/**
 * Writes to a file (through a temporary file beside it and a rename) or to standard output (`-`).
 *
 * @throws OciSeccompError `ERR_IO`; `ERR_USAGE` for bytes to a terminal
 */
export function writeOutput(path: string, output: string | Uint8Array): void {
  if (path !== '-') {
    writeFile(path, output);
    return;
  }
  if (typeof output !== 'string' && isStdoutTerminal()) {
    throw new OciSeccompError('ERR_USAGE', 'BPF is binary, and standard output is a terminal', {
      hint: 'write it to a file with -o FILE, or see it as text with --format asm, json, c, pfc or base64',
    });
  }
  writeStdout(output);
}

/** Where a command writes its profile, and where what it says of it. */
interface TwoOutputs {
  readonly output: string;
  readonly report?: string;
  readonly check?: string;
}

/**
 * @param inputs - the files that are read
 * @throws OciSeccompError `ERR_USAGE` if the report would replace the profile, or a file that is read
 */
export function requireTwoOutputs({ output, report, check }: TwoOutputs, inputs: readonly string[]): void {
  if (report === undefined) return;
  const hint = 'write the profile to a file with -o FILE, or the report with --report FILE';
  if (check === undefined && isOnePlace(report, output)) {
    const place = output === '-' ? 'standard output' : displayName(output);
    throw new OciSeccompError('ERR_USAGE', `the profile and its report would both go to ${place}`, { hint });
  }
  const read = [...inputs, ...(check === undefined ? [] : [check])].filter((each) => each !== '-');
  const lost = read.find((each) => isOnePlace(report, each));
  if (lost === undefined) return;
  throw new OciSeccompError('ERR_USAGE', `the report would replace ${displayName(lost)}, which is read`, {
    hint: 'name another file with --report FILE',
  });
}

/** Whether two names are of one file: also through links, and before it is there. */
export function isOnePlace(first: string, second: string): boolean {
  if (first === second) return true;
  if (first === '-' || second === '-') return false;
  const [one, other] = [statsOf(first), statsOf(second)];
  if (one === undefined || other === undefined) return resolve(first) === resolve(second);
  return one.isFile() && one.dev === other.dev && one.ino === other.ino;
}

/** Writes the report of `--report`, if it is wanted. */
export function writeProof(text: string, { report }: TwoOutputs): void {
  if (report !== undefined) writeOutput(report, text);
}

/** Options that say where a report goes, and how it looks. */
export interface OutputOptions {
  readonly output: string;
  readonly quiet?: true | undefined;
  readonly color: ColorChoice;
}

export interface PaintedOutputOptions extends OutputOptions {
  readonly format: string;
}

/** Writes what a command found out: to its file, or to standard output unless only the exit code is wanted. */
export async function writeReport(text: string, options: PaintedOutputOptions): Promise<void> {
  if (options.output !== '-' || options.quiet !== true) await writeFindings(text, options);
}

/** Writes what `--quiet` leaves. */
export async function writeFindings(text: string, options: PaintedOutputOptions): Promise<void> {
  const colors = options.format === 'human' ? reportColors(options) : noColors;
  // The painter is loaded only where it is needed: most output goes to files and pipes.
  const shown = options.format === 'json' ? text : visibleReport(text);
  const painted = colors.isOn ? (await import('./render/paint-report.ts')).paintReport(shown, colors) : shown;
  writeOutput(options.output, painted);
}

/** Writes a report whose renderer has coloured it. */
export function writeOwnColors(text: string, { output, quiet }: OutputOptions): void {
  if (output !== '-' || quiet !== true) writeOutput(output, text);
}

/** The colours of a report; a file has none, unless they are asked for. */
export function reportColors({ output, color }: Pick<OutputOptions, 'output' | 'color'>): Colors {
  const isTerminal = color === 'auto' && output === '-' && isStdoutTerminal();
  return createColors(wantsColor(process.env, isTerminal, color));
}

function writeFile(path: string, output: string | Uint8Array): void {
  try {
    writeWhole(path, output);
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

/** The error for a file that cannot be written. */
export function cannotWrite(path: string, cause: unknown, hint?: string): OciSeccompError {
  const advice = path === '' ? EMPTY_HINT : hint;
  return new OciSeccompError('ERR_IO', `cannot write ${displayName(path)}: ${ioReason(cause)}`, {
    ...(advice === undefined ? {} : { hint: advice }),
    cause,
  });
}
