/**
 * Programs as a listing, as JSON and as a graph.
 * @module
 */
import type { Endian } from '../../abi/architectures.ts';
import { visibleJson } from '../../abi/visible-json.ts';
import { controlFlowDot } from '../../bpf/control-flow.ts';
import { decodeInstructions } from '../../bpf/decode-instructions.ts';
import { disassemble } from '../../bpf/disassemble.ts';
import type { Program } from '../../bpf/program.ts';
import type { Colors } from './colors.ts';

export type ListingFormat = 'asm' | 'json' | 'dot';

interface Listed {
  readonly program: Program;
  readonly endian: Endian;
}

/** One program. @param title - of the graph */
export function renderListing(listed: Listed, format: ListingFormat, title: string): string {
  return listings[format](listed, title);
}

/** All filters of a process, the oldest first, or of a file that shows several. @param name - `process 1234 (nginx)`, or a path */
export function renderListings(
  filters: readonly Listed[],
  format: ListingFormat,
  { name, isProcess }: { readonly name: string; readonly isProcess: boolean },
): string {
  const texts = filters.map((filter, i) => {
    const title = `filter ${i + 1} of ${filters.length} of ${name}${isProcess ? ages(i, filters.length) : ''}`;
    const text = listings[format](filter, title);
    return format === 'asm' ? `; ${title}\n${text}` : text;
  });
  if (format !== 'json') return texts.join('\n');
  const head = `"${isProcess ? 'process' : 'file'}": ${visibleJson(JSON.stringify(name))}`;
  return `{\n${head},\n"filters": [\n${texts.map((text) => text.trimEnd()).join(',\n')}\n]\n}\n`;
}

function ages(i: number, count: number): string {
  if (count === 1) return '';
  return i === 0 ? ', the oldest' : i === count - 1 ? ', the newest' : '';
}

/** Dims the comments of a listing. */
export function paintListing(text: string, { dim }: Colors): string {
  return text.replace(/;.*$/gm, (comment) => dim(comment));
}

const listings = {
  asm: ({ program, endian }: Listed) => disassemble(program, endian),
  dot: ({ program, endian }: Listed, title: string) => controlFlowDot(program, endian, title),
  json: ({ program, endian }: Listed) => {
    const rows = decodeInstructions(program, endian).map((instruction) => {
      const { comment = null } = instruction;
      return `    ${visibleJson(JSON.stringify({ ...instruction, comment }))}`;
    });
    return `{\n  "endian": "${endian}",\n  "instructions": [\n${rows.join(',\n')}\n  ]\n}\n`;
  },
} as const satisfies Record<ListingFormat, (listed: Listed, title: string) => string>;
