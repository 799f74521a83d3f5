/**
 * From text to a program: the inverse of disassemble.ts. It also reads what people write by hand, with labels, names for numbers, and
 * no line numbers (docs/bpf-text.md). Nothing is optimised or added: each line is one instruction.
 * @module
 */
import type { Endian } from '../abi/architectures.ts';
import { parseNumber } from '../abi/parse-number.ts';
import { byteOrder, plainText, takeOptions } from '../abi/take-options.ts';
import { type ParsedLine, parseLine, type TargetText } from './parse-line.ts';
import { FIELD_LIMITS, type Program, type SockFilter } from './program.ts';
import { type ProblemList, problemList } from './text-problem.ts';

/** How assembly is read. */
export interface AssembleOptions {
  /** What to call the text in messages. Default: `<listing>`. */
  readonly name?: string | undefined;
  /** The target's byte order, for names of halves such as `args[0].hi`; the text's own `.endian` wins over little. */
  readonly endian?: Endian | undefined;
}

/** The most instructions that are read: twice what the kernel takes. */
export const MAX_INSTRUCTIONS = 8192;

/** The byte order a text names with `.endian`, if it does so before its first instruction. */
export function endianOfText(text: string): Endian | undefined {
  const match = /^(?:[ \t]*(?:;[^\n]*)?\r?\n)*[ \t]*\.endian[ \t]+(little|big)\b/.exec(text);
  return match?.[1] === 'big' ? 'big' : match?.[1] === 'little' ? 'little' : undefined;
}

/** Assembles a listing or a program written by hand. program-problems.ts checks whether the kernel would accept it. */
export function assemble(text: string, options: AssembleOptions = {}): Program {
  return assembleLines(text, takeOptions('assemble', options, { name: plainText, endian: byteOrder }))
    .program;
}

/**
 * As {@link assemble}, and tells where each instruction stands.
 *
 * @returns `lines`: of each instruction its line, from 1
 */
export function assembleLines(
  text: string,
  options: AssembleOptions,
): { readonly program: Program; readonly lines: readonly number[] } {
  const { name = '<listing>' } = options;
  const endian = options.endian ?? endianOfText(text) ?? 'little';
  const problems = problemList(name);
  const lines: ParsedLine[] = [];
  const labels = new Map<string, number>();
  for (const [i, content] of text.split('\n').entries()) {
    const parsed = parseLine(content.replace(/\r$/, ''), i + 1, endian, problems);
    if (parsed === undefined) continue;
    for (const { text: label, column } of parsed.labels) {
      const place = { line: parsed.line, column };
      if (labels.has(label)) problems.add(place, 'bpf-label', `the label ${label} is defined twice`);
      labels.set(label, lines.length);
    }
    if (parsed.hasInstruction) lines.push(parsed);
    if (lines.length > MAX_INSTRUCTIONS) {
      const message = `more than ${MAX_INSTRUCTIONS} instructions`;
      problems.add({ line: parsed.line, column: 1 }, 'bpf-too-long', message);
    }
    if (problems.isFull() || lines.length > MAX_INSTRUCTIONS) break;
  }
  const resolve = targetResolver(lines, labels, problems);
  const program = lines.map((line, index) => withTargets(line, index, resolve, problems));
  problems.throwIfAny('listing');
  return { program, lines: lines.map(({ line }) => line) };
}

type Resolver = (target: TargetText, line: number) => number | undefined;

/**
 * Decides what a number as a target means. If the lines are numbered in order, it is a place in the program, which may be past the
 * end. If they are not, because someone moved lines, it is the line that has this number.
 */
function targetResolver(
  lines: readonly ParsedLine[],
  labels: ReadonlyMap<string, number>,
  problems: ProblemList,
): Resolver {
  const isInOrder = lines.every(({ number }, index) => number === undefined || number.value === index);
  const numbered = new Map<number, number>();
  for (const [index, { number, line }] of lines.entries()) {
    if (isInOrder || number === undefined) continue;
    if (numbered.has(number.value)) {
      problems.add({ line, column: number.column }, 'bpf-label', `two lines have the number ${number.value}`);
    }
    numbered.set(number.value, index);
  }
  return ({ text, column }, line) => {
    const place = { line, column };
    const value = parseNumber(text);
    const found = value === undefined ? labels.get(text) : isInOrder ? value : numbered.get(value);
    if (found !== undefined) return found;
    if (value !== undefined) problems.add(place, 'bpf-target', `no line has the number ${text}`);
    else
      problems.add(
        place,
        'bpf-target',
        `there is no label ${text}`,
        'write a label as NAME: before its line',
      );
    return undefined;
  };
}

function withTargets(line: ParsedLine, index: number, resolve: Resolver, problems: ProblemList): SockFilter {
  const { instruction, targets } = line;
  const distances = targets.map((target) => {
    const to = resolve(target, line.line);
    if (to === undefined) return 0;
    const distance = to - index - 1;
    const limit = line.isBranch ? FIELD_LIMITS.jt : FIELD_LIMITS.k;
    const place = { line: line.line, column: target.column };
    if (distance < 0)
      problems.add(place, 'bpf-target', `jumps only go forward; this is ${index}, not before ${to}`);
    if (distance > limit) {
      const hint = line.isBranch ? 'jump to a ja that jumps on from there' : undefined;
      problems.add(
        place,
        'bpf-target',
        `${to} is ${distance} instructions away; the limit is ${limit}`,
        hint,
      );
    }
    return distance;
  });
  const [first, second = 0] = distances;
  if (first === undefined) return instruction;
  return line.isBranch ? { ...instruction, jt: first, jf: second } : { ...instruction, k: first };
}
