/**
 * `oci-seccomp asm`: assembly, or a program in any other form, to bytes.
 * @module
 */
import type { Endian } from '../../abi/architectures.ts';
import type { Program } from '../../bpf/program.ts';
import type { ProgramFormat } from '../../compile/emit-formats.ts';
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
  quiet,
} from '../define/shared-options.ts';
import { PACKAGE_VERSION } from '../version.ts';

export const definition = defineCommand({
  description:
    'Assembles what disasm lists or people write. Programs in other forms are converted. A program that the kernel would refuse is not written.',
  arguments: [{ name: 'program', help: PROGRAM_HELP, kind: 'file' }],
  options: {
    ...formatOptions(
      namesOf<Exclude<ProgramFormat, 'asm'> | 'hex'>({
        bpf: true,
        base64: true,
        hex: true,
        c: true,
        json: true,
      }),
      'bpf',
    ),
    endian,
    arch: callNumbers,
    output,
    quiet: { ...quiet, help: 'print no warnings' },
    color,
    force: { help: 'write the program even if the kernel would refuse it' },
  },
  exitCodes: {
    0: 'the program is written',
    1: 'the process has no filter',
    2: 'wrong usage, text that is not a program, or a program that the kernel would refuse',
    3: ENVIRONMENT_CODE,
  },
  examples: [
    { does: 'Assemble a listing', line: 'oci-seccomp asm filter.asm -o filter.bpf' },
    {
      does: 'Write a small filter by hand, as an array for C',
      line: "printf 'ld [nr]\\njeq #110, no\\nret ALLOW\\nno: ret ERRNO(EPERM)\\n' |\n    oci-seccomp asm - --format c",
    },
  ],
});

export const run: Run<typeof definition> = async ([operand = '-'], options) => {
  const [{ encodeProgram }, { findProgramProblems }, { emitFilter }, source, io, streams, problem] =
    await Promise.all([
      import('../../bpf/program.ts'),
      import('../../bpf/program-problems.ts'),
      import('../../compile/emit.ts'),
      import('../../pipeline/program-source.ts'),
      import('../output.ts'),
      import('../streams.ts'),
      import('../render/render-program-problem.ts'),
    ]);
  const arch =
    options.arch === undefined
      ? undefined
      : (await import('../../pipeline/parse-host.ts')).parseArch(options.arch);
  const {
    name,
    program,
    endian: order,
    lines,
  } = await source.loadProgram(operand, {
    endian: options.endian,
    arch,
  });
  const problems = source.placeProblems(findProgramProblems(program), name, lines);
  if (problems.length > 0 && options.force !== true) {
    throw new OciSeccompError('ERR_BPF_INVALID', `the kernel would refuse ${name}`, {
      hint: '--force writes it all the same',
      details: { problems },
    });
  }
  for (const each of problems) streams.writeAside(problem.renderProgramProblem(each, 'warning'));
  const provenance = { generator: `oci-seccomp ${PACKAGE_VERSION}`, source: name };
  const written =
    options.format === 'hex'
      ? formatHex(program, order, encodeProgram)
      : emitFilter({ program, endian: order, stubLength: 0, pfc: undefined }, options.format, provenance);
  io.writeOutput(options.output, written);
  return 'yes';
};

/** An instruction a line. */
function formatHex(
  program: Program,
  order: Endian,
  encode: (program: Program, order: Endian) => Uint8Array,
): string {
  return program
    .map((instruction) => `${Buffer.from(encode([instruction], order)).toString('hex')}\n`)
    .join('');
}
