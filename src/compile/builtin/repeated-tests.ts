/**
 * The tests that a program repeats: a shorter program may have them once.
 * @module
 */
import { SECCOMP_DATA_ARGS, SECCOMP_DATA_SIZE } from '../../abi/seccomp-data.ts';
import { BPF_JMP_JA, BPF_LD_MEM, BPF_LD_W_ABS, type Program } from '../../bpf/program.ts';

/** Counts the tests of arguments that a program has at another place already. */
export function countRepeats(program: Program): number {
  /** By instruction: the place of the word that was loaded last, which is the same one on all ways there. */
  const words: (number | undefined)[] = [];
  const known = new Set<string>();
  let repeats = 0;
  for (const [at, { code, jt, jf, k }] of program.entries()) {
    if (code === BPF_LD_W_ABS) words[at] = k;
    else if (code === BPF_LD_MEM) words[at] = SECCOMP_DATA_SIZE + k;
    const word = words[at];
    const over = code === BPF_JMP_JA ? k : jt;
    words[at + 1 + over] ??= word;
    words[at + 1 + jf] ??= word;
    if (jt === jf || word === undefined || word < SECCOMP_DATA_ARGS) continue;
    const test = `${word} ${code} ${k}`;
    if (known.has(test)) repeats += 1;
    known.add(test);
  }
  return repeats;
}
