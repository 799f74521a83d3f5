/**
 * What becomes of a call that gets a return word: the one place that says what "denied" means. `lint`, `run` and `explain`
 * ask here, so that they cannot disagree.
 *
 * Source: seccomp(2); Linux 6.18 kernel/seccomp.c `__seccomp_filter`.
 * @module
 */
import { parseReturnWord, type ReturnWord } from './actions.ts';
import type { ArchName } from './architectures.ts';
import { errnoByName, formatErrno } from './errno.ts';
import { ENOSYS } from './errno-constants.ts';

/**
 * - `made`: the kernel carries it out (ALLOW, LOG)
 * - `left`: the process that holds the listener answers (NOTIFY)
 * - `traced`: a tracer of the task decides; without one the call gets ENOSYS (TRACE)
 * - `faked`: it is not carried out and returns 0, which programs take for success (ERRNO 0)
 * - `failed`: it is not carried out and returns an error
 * - `fatal`: the program is ended, or gets a SIGSYS that ends it unless it handles that (KILL, TRAP, unknown words)
 */
type Treatment = 'made' | 'left' | 'traced' | 'faked' | 'failed' | 'fatal';

/** What the kernel does with a call that gets the word. */
export function treatmentOf(word: ReturnWord): Treatment {
  const { action, data } = parseReturnWord(word);
  switch (action?.kind) {
    case 'allow':
    case 'log':
      return 'made';
    case 'notify':
      return 'left';
    case 'trace':
      return 'traced';
    case 'errno':
      return data === 0 ? 'faked' : 'failed';
    default:
      return 'fatal';
  }
}

/** Whether a call with the word is carried out for certain. */
export function isMade(word: ReturnWord): boolean {
  return treatmentOf(word) === 'made';
}

/**
 * Whether a call with the word is not carried out in a process that nobody traces. NOTIFY denies nothing by itself: who
 * holds the listener decides.
 */
export function isDenied(word: ReturnWord): boolean {
  return !['made', 'left'].includes(treatmentOf(word));
}

/** The number that the kernel of an architecture returns for a call that it does not have: 89 on MIPS, 251 on PA-RISC, else 38. */
export function enosysOf(arch?: ArchName): number {
  return errnoByName('ENOSYS', arch) ?? ENOSYS;
}

/** Whether programs in a process that nobody traces take a call with the word for one that their kernel lacks. */
export function seemsAbsent(word: ReturnWord, arch?: ArchName): boolean {
  const treatment = treatmentOf(word);
  return treatment === 'traced' || (treatment === 'failed' && parseReturnWord(word).data === enosysOf(arch));
}

/**
 * Explains a word whose name does not say what happens (TRACE, NOTIFY, ERRNO 0); `undefined` for all others.
 *
 * @param arch - of the call; x86's errors, which most have, unless told
 */
export function describeTreatment(word: ReturnWord, arch?: ArchName): string | undefined {
  const refused = formatErrno(enosysOf(arch), arch);
  switch (treatmentOf(word)) {
    case 'traced':
      return `${refused} unless a tracer of the process decides; a process that may call ptrace can trace its own child and let every such call through`;
    case 'left':
      return `whoever holds the listener decides; ${refused} once nobody holds it`;
    case 'faked':
      return 'the call is not made, but returns 0: the program believes that it was made';
    default:
      return undefined;
  }
}
