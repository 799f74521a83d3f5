/**
 * `oci-seccomp disasm`: what a program's instructions are.
 * @module
 */
import type { Endian } from '../../abi/architectures.ts';
import { controlFlowDot } from '../../bpf/control-flow.ts';
import { decodeInstructions } from '../../bpf/decode-instructions.ts';
import { disassemble } from '../../bpf/disassemble.ts';
import type { Program } from '../../bpf/program.ts';
import { OciSeccompError } from '../../errors.ts';
import { loadProgram } from '../../pipeline/program-source.ts';
import { displayName } from '../../pipeline/read-input.ts';
import type { Ending } from '../exit-code.ts';
import { writeOutput } from '../output.ts';
import { writeStderr } from '../streams.ts';

export interface DisasmCommandOptions {
  readonly pid?: string;
  readonly format: 'asm' | 'json' | 'dot';
  readonly endian?: Endian;
  readonly output: string;
}

interface Listed {
  readonly program: Program;
  readonly endian: Endian;
}

export async function runDisasm(
  [operand]: readonly string[],
  options: DisasmCommandOptions,
): Promise<Ending> {
  if ((operand === undefined) === (options.pid === undefined)) {
    const [what, hint] =
      operand === undefined
        ? ['no program is given', 'name a file, - for standard input, or --pid PID for a live process']
        : ['a program and --pid are two different things to list', 'give one of them'];
    throw new OciSeccompError('ERR_USAGE', what, { hint });
  }
  const pid = operand?.startsWith('pid:') ? operand.slice('pid:'.length) : options.pid;
  const output =
    operand === undefined || pid !== undefined
      ? await listProcess(pid ?? '', options)
      : listings[options.format](loadProgram(operand, options.endian), displayName(operand));
  writeOutput(options.output, output);
  return 'yes';
}

async function listProcess(pid: string, { format }: DisasmCommandOptions): Promise<string> {
  const { loadProcess } = await import('../../pipeline/process-source.ts');
  const { name, filters, warnings } = await loadProcess(pid);
  for (const warning of warnings) writeStderr(`warning: ${warning}\n`);
  const texts = filters.map((filter, i) => {
    const title = `filter ${i + 1} of ${filters.length} of ${name}${ages(i, filters.length)}`;
    const text = listings[format](filter, title);
    return format === 'asm' ? `; ${title}\n${text}` : text;
  });
  if (format !== 'json') return texts.join('\n');
  const process = JSON.stringify(name);
  return `{\n"process": ${process},\n"filters": [\n${texts.map((text) => text.trimEnd()).join(',\n')}\n]\n}\n`;
}

function ages(i: number, count: number): string {
  if (count === 1) return '';
  return i === 0 ? ', the oldest' : i === count - 1 ? ', the newest' : '';
}

const listings = {
  asm: ({ program, endian }: Listed) => disassemble(program, endian),
  dot: ({ program, endian }: Listed, title: string) => controlFlowDot(program, endian, title),
  json: ({ program, endian }: Listed) => {
    const rows = decodeInstructions(program, endian).map((instruction) => {
      const { comment = null } = instruction;
      return `    ${JSON.stringify({ ...instruction, comment })}`;
    });
    return `{\n  "endian": "${endian}",\n  "instructions": [\n${rows.join(',\n')}\n  ]\n}\n`;
  },
} as const satisfies Record<DisasmCommandOptions['format'], (listed: Listed, title: string) => string>;
