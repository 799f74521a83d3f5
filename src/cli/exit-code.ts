/**
 * How commands end, and the one place where an ending becomes an exit code: as diff(1), cmp(1) and grep(1) have them.
 * @module
 */
import { type ErrorCode, errorCodes, type OciSeccompError } from '../errors.ts';

/** What a command was asked: are they equal, is it within, is it clean, was it done? */
type Answer = 'yes' | 'no';

/** An answer, or the code of an error that the command has reported itself. */
export type Ending = Answer | ErrorCode;

const answers = { yes: 0, no: 1 } as const satisfies Record<Answer, number>;

/** Wrong usage that commander reports. */
export const USAGE_EXIT_CODE = errorCodes.ERR_USAGE.exitCode;

/** The reader of the output closed the pipe before it ended: 128 and the number of SIGPIPE, which ends other programs. */
export const READER_GONE_EXIT_CODE = 141;

export function answer(holds: boolean): Answer {
  return holds ? 'yes' : 'no';
}

/** @param ending - a number is an exit code already: 126, 127 or that of the command that `run` started */
export function exitCodeOf(ending: Ending | number): number {
  if (typeof ending === 'number') return ending;
  return ending === 'yes' || ending === 'no' ? answers[ending] : errorCodes[ending].exitCode;
}

/**
 * The ending of a command that judges files: where files failed, the failure with the highest exit code, for nothing is
 * known of them. What is wrong in a file is the answer no.
 */
export function judge(failures: readonly OciSeccompError[], clean: boolean): Ending {
  const endings = failures.map(({ code }): Ending => (isAboutContent(code) ? 'no' : code));
  return endings.reduce<Ending>(
    (worst, each) => (exitCodeOf(each) > exitCodeOf(worst) ? each : worst),
    answer(clean),
  );
}

function isAboutContent(code: ErrorCode): boolean {
  return code.startsWith('ERR_PROFILE_');
}
