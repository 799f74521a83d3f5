/**
 * `oci-seccomp disasm`: what a program's instructions are.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import { defineCommand, type Run } from '../define/command-definition.ts';
import {
  callNumbers,
  color,
  ENVIRONMENT_CODE,
  endian,
  formatOptions,
  namesOf,
  output,
  PROGRAM_HELP,
  pid,
  quiet,
  USAGE_CODE,
} from '../define/shared-options.ts';
import type { ListingFormat } from '../render/render-listing.ts';

export const definition = defineCommand({
  description: 'Lists the instructions of a BPF program. The listing assembles to the same bytes.',
  arguments: [{ name: 'program', help: PROGRAM_HELP, optional: true, kind: 'file' }],
  options: {
    pid: { ...pid, help: 'list each filter of a live process instead, oldest first' },
    ...formatOptions(namesOf<ListingFormat>({ asm: true, json: true, dot: true }), 'asm'),
    endian,
    arch: callNumbers,
    output,
    quiet: { ...quiet, help: 'print no warnings' },
    color,
  },
  exitCodes: {
    0: 'the program is listed',
    1: 'the process has no filter',
    2: USAGE_CODE,
    3: ENVIRONMENT_CODE,
  },
  examples: [
    { does: 'List a compiled filter', line: 'oci-seccomp disasm filter.bpf' },
    { does: 'List the filters of a live process', line: 'oci-seccomp disasm --pid 1234' },
    {
      does: 'Draw the jumps of a filter',
      line: 'oci-seccomp disasm filter.bpf --format dot | dot -Tsvg -o filter.svg',
    },
  ],
});

export const run: Run<typeof definition> = async ([operand], options) => {
  if ((operand === undefined) === (options.pid === undefined)) throw notOne(operand);
  const [{ paintListing, renderListing, renderListings }, { reportColors, writeOutput }, { writeAside }] =
    await Promise.all([
      import('../render/render-listing.ts'),
      import('../output.ts'),
      import('../streams.ts'),
    ]);
  const { format } = options;
  const { loadPrograms } = await import('../../pipeline/program-source.ts');
  const source = operand ?? `pid:${options.pid}`;
  const arch =
    options.arch === undefined
      ? undefined
      : (await import('../../pipeline/parse-host.ts')).parseArch(options.arch);
  const { name, programs, warnings } = await loadPrograms(source, { endian: options.endian, arch });
  if (arch !== undefined && programs.every(({ form }) => form !== 'c')) {
    throw new OciSeccompError('ERR_USAGE', `--arch is for programs that are C arrays, not for ${name}`, {
      hint: 'leave --arch out',
    });
  }
  for (const warning of warnings) writeAside(`warning: ${warning}\n`);
  const isProcess = source.startsWith('pid:');
  const [only, ...others] = programs;
  const isAlone = only !== undefined && others.length === 0 && !isProcess;
  const text = isAlone
    ? renderListing(only, format, name)
    : renderListings(programs, format, { name, isProcess });
  writeOutput(options.output, format === 'asm' ? paintListing(text, reportColors(options)) : text);
  return 'yes';
};

function notOne(operand: string | undefined): OciSeccompError {
  return operand === undefined
    ? new OciSeccompError('ERR_USAGE', 'no program is given', {
        hint: 'name a file, - for standard input, or --pid PID for a live process',
      })
    : new OciSeccompError('ERR_USAGE', 'a program and --pid are two different things to list', {
        hint: 'give one of them',
      });
}
