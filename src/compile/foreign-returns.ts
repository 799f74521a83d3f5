/**
 * Repairs libseccomp's mistake in programs for machines of the other byte order.
 *
 * If a `ret` is too far away to jump to, libseccomp puts a copy of it nearer. It makes the copy from the word in the program, which
 * is converted already, and converts it a second time (src/gen_bpf.c `_gen_bpf_build_jmp_ret`, read in 2.5.4; the same seen with
 * 2.6.0 and 2.6.1). On a machine with the target's byte order nothing is converted, so runtimes there install a right program. A
 * program that is made on another machine kills instead of allowing. This turns the copies back, so that the program is the one
 * that libseccomp makes on the target.
 * @module
 */
import type { ReturnWord } from '../abi/actions.ts';
import { BPF_RET_K, type Program } from '../bpf/program.ts';
import type { Policy } from '../policy/policy.ts';

/** @param program - libseccomp's, made on a machine of the other byte order than the policy's architectures have */
export function repairReturns(program: Program, policy: Policy): Program {
  const words = new Set<ReturnWord>([policy.defaultAction, policy.badArchAction]);
  for (const { returnWord } of policy.rules) words.add(returnWord);
  return program.map((instruction) => {
    const { code, k } = instruction;
    const turned = swapBytes(k);
    return code === BPF_RET_K && !words.has(k) && words.has(turned)
      ? { ...instruction, k: turned }
      : instruction;
  });
}

function swapBytes(word: number): number {
  const [a, b, c, d] = [word >>> 24, (word >>> 16) & 0xff, (word >>> 8) & 0xff, word & 0xff];
  return ((d << 24) | (c << 16) | (b << 8) | a) >>> 0;
}
