/**
 * runc's ENOSYS stub: a prologue that answers ENOSYS to calls with larger numbers than all that the profile names. So the C
 * library's fallbacks work under a profile that is older than the call.
 *
 * Layout (runc 1.1.5-1.5.1, libcontainer/seccomp/patchbpf):
 *
 *     ld arch
 *     jeq AUDIT_ARCH → section          one per audit architecture
 *     ja → filter
 *     section: ld nr, checks            one per audit architecture
 *     ja +1
 *     ret ERRNO(ENOSYS)
 *     filter
 *
 * All conditional jumps are short. With every architecture of one byte order the stub has at most 66 instructions, so runc's long
 * forms, for distances above 255, never occur.
 *
 * NOTE: runc emits the sections and the jumps to them in Go's map order, which is random; here both are in the
 * profile's order.
 * @module
 */
import type { ReturnWord } from '../abi/actions.ts';
import { X32_SYSCALL_BIT } from '../abi/architectures.ts';
import { SECCOMP_DATA_ARCH, SECCOMP_DATA_NR } from '../abi/seccomp-data.ts';
import {
  BPF_JMP_JA,
  BPF_JMP_JEQ_K,
  BPF_JMP_JGT_K,
  BPF_JMP_JSET_K,
  BPF_LD_W_ABS,
  BPF_RET_K,
  type Program,
  type SockFilter,
} from '../bpf/program.ts';
import type { EnosysSection } from '../policy/policy.ts';

/** `setup`, which s390 kernels use to carry numbers above 255 and which programs do not call. */
const S390_SETUP = 0;

function load(offset: number): SockFilter {
  return { code: BPF_LD_W_ABS, jt: 0, jf: 0, k: offset };
}

function jump(distance: number): SockFilter {
  return { code: BPF_JMP_JA, jt: 0, jf: 0, k: distance };
}

function jumpIf(code: number, k: number, jt: number, jf: number): SockFilter {
  return { code, jt, jf, k };
}

/**
 * Builds the stub that stands in front of the filter.
 *
 * @param word - what it answers, of policy/answered-by-stub.ts
 */
export function buildEnosysStub(sections: readonly EnosysSection[], word: ReturnWord): Program {
  const retEnosys: SockFilter = { code: BPF_RET_K, jt: 0, jf: 0, k: word };
  // Distances count from the end, where the filter starts, so everything is built back to front.
  let tail: readonly SockFilter[] = [jump(1), retEnosys];
  const starts = new Map<EnosysSection, number>();
  for (const section of sections.toReversed()) {
    if (section.limits.length === 0) continue;
    tail = [load(SECCOMP_DATA_NR), ...buildChecks(section, tail.length, retEnosys), ...tail];
    starts.set(section, tail.length);
  }
  tail = [jump(tail.length), ...tail];
  for (const section of sections.toReversed()) {
    // If the profile names no call of an architecture, it has no section and jumps to the filter.
    const distance = tail.length - (starts.get(section) ?? 0);
    tail = [jumpIf(BPF_JMP_JEQ_K, section.auditArch, distance, 0), ...tail];
  }
  return [load(SECCOMP_DATA_ARCH), ...tail];
}

/**
 * @param tailLength - instructions between the last check and the filter; the one before the filter returns ENOSYS
 */
function buildChecks(
  { limits }: EnosysSection,
  tailLength: number,
  retEnosys: SockFilter,
): readonly SockFilter[] {
  const toFilter = tailLength;
  const native = limits.find(({ arch }) => arch !== 'x32');
  const x32 = limits.find(({ arch }) => arch === 'x32');
  if (native !== undefined && x32 !== undefined) {
    return [
      jumpIf(BPF_JMP_JSET_K, X32_SYSCALL_BIT, 1, 0),
      jumpIf(BPF_JMP_JGT_K, native.maxNr, toFilter + 1, 1),
      jumpIf(BPF_JMP_JGT_K, x32.maxNr, toFilter, 0),
      jump(toFilter),
    ];
  }
  const [only] = limits;
  if (only === undefined) return [];
  const check = [jumpIf(BPF_JMP_JGT_K, only.maxNr, toFilter, 0), jump(toFilter)];
  switch (only.arch) {
    case 's390':
    case 's390x':
      return [jumpIf(BPF_JMP_JEQ_K, S390_SETUP, 0, 1), retEnosys, ...check];
    // The other ABI of x86_64 goes past the check, to the jump to the filter.
    case 'x86_64':
      return [jumpIf(BPF_JMP_JSET_K, X32_SYSCALL_BIT, 1, 0), ...check];
    case 'x32':
      return [jumpIf(BPF_JMP_JSET_K, X32_SYSCALL_BIT, 0, 1), ...check];
    default:
      return check;
  }
}
