/**
 * `oci-seccomp asm`: assembly, or a program in any other form, to bytes.
 * @module
 */
import type { Endian } from '../../abi/architectures.ts';
import { encodeProgram, type Program } from '../../bpf/program.ts';
import { verifyProgram } from '../../bpf/verify-program.ts';
import { type EmitFormat, emitFilter } from '../../compile/emit.ts';
import { OciSeccompError } from '../../errors.ts';
import { loadProgram, placeProblems } from '../../pipeline/program-source.ts';
import { displayName } from '../../pipeline/read-input.ts';
import type { Ending } from '../exit-code.ts';
import { writeOutput } from '../output.ts';
import { renderProgramProblem } from '../render/render-program-problem.ts';
import { writeStderr } from '../streams.ts';
import { PACKAGE_VERSION } from '../version.ts';

export interface AsmCommandOptions {
  readonly format: Extract<EmitFormat, 'bpf' | 'base64' | 'c' | 'json'> | 'hex';
  readonly endian?: Endian;
  readonly output: string;
  readonly force?: boolean;
}

export async function runAsm(
  [operand = '-']: readonly string[],
  options: AsmCommandOptions,
): Promise<Ending> {
  const name = displayName(operand);
  const { program, endian, lines } = loadProgram(operand, options.endian);
  const problems = placeProblems(verifyProgram(program), name, lines);
  if (problems.length > 0 && options.force !== true) {
    throw new OciSeccompError('ERR_BPF_INVALID', `the kernel would refuse ${name}`, {
      hint: '--force writes it all the same',
      details: { problems },
    });
  }
  for (const problem of problems) writeStderr(renderProgramProblem(problem, 'warning'));
  const provenance = { generator: `oci-seccomp ${PACKAGE_VERSION}`, source: name };
  const output =
    options.format === 'hex'
      ? formatHex(program, endian)
      : emitFilter({ program, endian, stubLength: 0, pfc: undefined }, options.format, provenance);
  writeOutput(options.output, output);
  return 'yes';
}

/** An instruction a line. */
function formatHex(program: Program, endian: Endian): string {
  return program
    .map((instruction) => `${Buffer.from(encodeProgram([instruction], endian)).toString('hex')}\n`)
    .join('');
}
