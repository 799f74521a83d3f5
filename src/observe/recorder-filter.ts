/**
 * The filter of a recorded program: every call notifies the recorder.
 *
 * One call is let through unseen: the sendmsg(2) by which the listener reaches the recorder. It is told apart by all it
 * is made of: socket, address of the message, flags.
 * @module
 */
import { actions } from '../abi/actions.ts';
import { type ArchName, architectures } from '../abi/architectures.ts';
import { directSyscallNumber } from '../abi/syscall-numbers.ts';
import { BPF_JMP_JEQ_K, BPF_LD_W_ABS, BPF_RET_K, type Program, type SockFilter } from '../bpf/program.ts';

/** struct seccomp_data: nr @0, arch @4, args u64[6] @16. */
const ARGUMENTS_AT = 16;

/** @param message - the arguments of the one sendmsg(2) that notifies nobody */
export function recorderFilter(arch: ArchName, message: readonly [bigint, bigint, bigint]): Program {
  const row = architectures[arch];
  const [lowAt, highAt] = row.endian === 'little' ? [0, 4] : [4, 0];
  const [socket, header, flags] = message;
  const half = (index: number, at: number): number => ARGUMENTS_AT + 8 * index + at;
  const wanted: readonly (readonly [offset: number, value: number])[] = [
    [4, row.auditArch],
    [0, directSyscallNumber('sendmsg', arch) ?? -1],
    [half(0, lowAt), Number(socket)],
    [half(1, lowAt), Number(header & 0xffff_ffffn)],
    [half(1, highAt), Number(header >> 32n)],
    [half(2, lowAt), Number(flags)],
  ];
  const tests = wanted.flatMap(([offset, value], index): readonly SockFilter[] => [
    { code: BPF_LD_W_ABS, jt: 0, jf: 0, k: offset },
    // Past the tests that are left, and the instruction that allows.
    { code: BPF_JMP_JEQ_K, jt: 0, jf: 2 * (wanted.length - 1 - index) + 1, k: value >>> 0 },
  ]);
  return [
    ...tests,
    { code: BPF_RET_K, jt: 0, jf: 0, k: actions.allow.word },
    { code: BPF_RET_K, jt: 0, jf: 0, k: actions.notify.word },
  ];
}
