/**
 * What prover and program are said to do, asked elsewhere: an interpreter that shares nothing with src/, and the kernel.
 * @module
 */
import { actions, parseReturnWord, type ReturnWord } from '../../src/abi/actions.ts';
import { type ArchName, architectures } from '../../src/abi/architectures.ts';
import { ENOSYS } from '../../src/abi/errno-constants.ts';
import type { SeccompData } from '../../src/abi/seccomp-data.ts';
import { syscallNumber } from '../../src/abi/syscall-numbers.ts';
import { archOfCall } from '../../src/decision/witness.ts';
import { runHelper, toHex } from '../../test/oracle/support/native.ts';
import { runs32Bit } from '../../test/oracle/support/runs-32-bit.ts';
import { simulate } from '../../test/oracle/support/simulate.ts';

export interface Question {
  readonly program: Uint8Array;
  readonly call: SeccompData;
  readonly done: ReturnWord;
}

/** The interpreter's answer. @param arch - one of the program's architectures, for the byte order */
export function interpreted(program: Uint8Array, call: SeccompData, arch: ArchName): ReturnWord {
  return simulate(program, call, architectures[arch].endian) >>> 0;
}

/** Calls that do nothing whatever their arguments are. */
const harmless = ['getppid', 'getuid', 'getgid'];

/** Whether this machine's kernel, an x86_64 one, can be asked: the call is harmless and can be made. */
export function isCallable(call: SeccompData): boolean {
  const arch = archOfCall(call);
  if (process.arch !== 'x64' || call.instructionPointer !== 0n) return false;
  if (arch !== 'x86_64' && !(arch === 'x86' && runs32Bit())) return false;
  return harmless.some((name) => syscallNumber(name, arch) === call.nr);
}

/** The kernel's answers that differ from what was expected, as text. All questions must be callable. */
export function kernelObjections(questions: readonly Question[]): readonly string[] {
  if (questions.length === 0) return [];
  const lines = questions.flatMap(({ program, call }) => [
    `program ${toHex(program)}`,
    `${archOfCall(call) === 'x86' ? 'call32' : 'call'} ${[call.nr, ...call.args].join(' ')}`,
  ]);
  const { status, stdout, stderr } = runHelper('kernel-verdict', [], `${lines.join('\n')}\n`, 600);
  if (status !== 0) throw new Error(`kernel-verdict: ${stderr}`);
  const answers = stdout.trimEnd().split('\n');
  return questions.flatMap(({ call, done }, i) => {
    const answer = answers[i] ?? 'nothing';
    const expected = expectedAnswer(done);
    return expected.test(answer)
      ? []
      : [`nr ${call.nr} args ${call.args.join(' ')}: kernel says ${answer}, expected ${expected.source}`];
  });
}

function expectedAnswer(word: ReturnWord): RegExp {
  const { action, data } = parseReturnWord(word);
  switch (action ?? actions.killProcess) {
    case actions.killProcess:
      return /^kill-process$/;
    case actions.killThread:
      return /^kill-thread$/;
    case actions.trap:
      return new RegExp(`^trap ${data}$`);
    case actions.errno:
      return data === 0 ? /^return 0$/ : new RegExp(`^errno ${data}$`);
    case actions.trace:
    case actions.notify:
      // Nobody traces and nobody listens.
      return new RegExp(`^errno ${ENOSYS}$`);
    default:
      return /^return \d+$/;
  }
}
