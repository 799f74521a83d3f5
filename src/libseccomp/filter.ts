/**
 * A filter context (`scmp_filter_ctx`): the handle that libseccomp builds a filter in.
 * @module
 */
import type { ReturnWord } from '../abi/actions.ts';
import { type ArchName, architectures } from '../abi/architectures.ts';
import { type Comparison, operators } from '../abi/operators.ts';
import { OciSeccompError } from '../errors.ts';
import { type Library, requireArch } from './library.ts';
import { captureOutput } from './memory-file.ts';
import { checkResult } from './result.ts';

/** `enum scmp_filter_attr`, the attributes used here. */
export const filterAttributes = {
  SCMP_FLTATR_ACT_BADARCH: 2,
  SCMP_FLTATR_CTL_NNP: 3,
  SCMP_FLTATR_CTL_OPTIMIZE: 8,
} as const;

export type FilterAttribute = keyof typeof filterAttributes;

/** struct scmp_arg_cmp: arg u32 @0, op u32 @4, datum_a u64 @8, datum_b u64 @16. */
const SCMP_ARG_CMP_SIZE = 24;

/**
 * A filter context. Holds native memory until {@link Filter.release} (also `Symbol.dispose`); after that every
 * method throws `ERR_LIBSECCOMP`.
 */
export class Filter {
  readonly #library: Library;
  #context: bigint | undefined;

  /**
   * Starts a filter with the native architecture in it. Wraps seccomp_init(3).
   *
   * @throws OciSeccompError `ERR_LIBSECCOMP` if the running kernel lacks the action, or memory is short
   */
  constructor(library: Library, defaultAction: ReturnWord) {
    this.#library = library;
    const context = library.call('seccomp_init')(defaultAction) as bigint | null;
    if (context === null || context === 0n) {
      throw new OciSeccompError('ERR_LIBSECCOMP', `seccomp_init(0x${defaultAction.toString(16)}) failed`, {
        hint: 'this kernel or this libseccomp does not know the default action',
      });
    }
    this.#context = context;
  }

  /** Frees the native memory; a second call does nothing. Wraps seccomp_release(3). */
  release(): void {
    if (this.#context === undefined) return;
    this.#library.call('seccomp_release')(this.#context);
    this.#context = undefined;
  }

  [Symbol.dispose](): void {
    this.release();
  }

  /** Wraps seccomp_arch_add(3). @throws OciSeccompError `ERR_LIBSECCOMP`: present already (EEXIST), other byte order */
  addArch(arch: ArchName): void {
    requireArch(this.#library, arch);
    const result = this.#library.call('seccomp_arch_add')(
      this.#handle(),
      architectures[arch].scmpArch,
    ) as number;
    checkResult(result, 'seccomp_arch_add', arch);
  }

  /** Wraps seccomp_arch_remove(3). @throws OciSeccompError `ERR_LIBSECCOMP`: not in the filter (EEXIST) */
  removeArch(arch: ArchName): void {
    const result = this.#library.call('seccomp_arch_remove')(
      this.#handle(),
      architectures[arch].scmpArch,
    ) as number;
    checkResult(result, 'seccomp_arch_remove', arch);
  }

  /** Wraps seccomp_attr_set(3). */
  setAttribute(attribute: FilterAttribute, value: number): void {
    const result = this.#library.call('seccomp_attr_set')(
      this.#handle(),
      filterAttributes[attribute],
      value,
    ) as number;
    checkResult(result, 'seccomp_attr_set', attribute, value);
  }

  /**
   * Adds a rule for a syscall number (or pseudo number) of the native architecture; libseccomp translates it for
   * the others. Wraps seccomp_rule_add_array(3).
   *
   * @throws OciSeccompError `ERR_LIBSECCOMP`, `details.errno`: EACCES equal to the default action, EEXIST same
   *   comparisons with another action, EINVAL an argument compared twice or a bad action
   */
  addRule(action: ReturnWord, nr: number, comparisons: readonly Comparison[]): void {
    // SAFETY: libseccomp copies the comparisons before it returns.
    const bytes = comparisons.length === 0 ? null : encodeComparisons(comparisons);
    const add = this.#library.call('seccomp_rule_add_array');
    const result = add(this.#handle(), action, nr, comparisons.length, bytes) as number;
    checkResult(result, 'seccomp_rule_add_array', action, nr, comparisons.length);
  }

  /** The program, in the byte order of the filter's architectures. Wraps seccomp_export_bpf_mem(3), seccomp_export_bpf(3). */
  exportBpf(): Uint8Array {
    const toMemory = this.#library.find('seccomp_export_bpf_mem');
    const context = this.#handle();
    if (toMemory === undefined) {
      const toFile = this.#library.call('seccomp_export_bpf');
      return captureOutput((fd) => checkResult(toFile(context, fd) as number, 'seccomp_export_bpf'));
    }
    const size = new BigUint64Array(1);
    checkResult(toMemory(context, null, size) as number, 'seccomp_export_bpf_mem');
    const bytes = new Uint8Array(Number(size[0]));
    checkResult(toMemory(context, bytes, size) as number, 'seccomp_export_bpf_mem');
    return bytes;
  }

  /** The filter as pseudo filter code. Wraps seccomp_export_pfc(3). */
  exportPfc(): string {
    const toFile = this.#library.call('seccomp_export_pfc');
    const context = this.#handle();
    const bytes = captureOutput((fd) => checkResult(toFile(context, fd) as number, 'seccomp_export_pfc'));
    return new TextDecoder().decode(bytes);
  }

  #handle(): bigint {
    if (this.#context !== undefined) return this.#context;
    throw new OciSeccompError('ERR_LIBSECCOMP', 'the filter has been released');
  }
}

function encodeComparisons(comparisons: readonly Comparison[]): Uint8Array {
  const bytes = new Uint8Array(comparisons.length * SCMP_ARG_CMP_SIZE);
  const view = new DataView(bytes.buffer);
  for (const [i, { index, op, value, valueTwo }] of comparisons.entries()) {
    const at = i * SCMP_ARG_CMP_SIZE;
    view.setUint32(at, index, HOST_IS_LITTLE);
    view.setUint32(at + 4, operators[op].scmpCompare, HOST_IS_LITTLE);
    view.setBigUint64(at + 8, value, HOST_IS_LITTLE);
    view.setBigUint64(at + 16, valueTwo, HOST_IS_LITTLE);
  }
  return bytes;
}

/** C structs are in this machine's byte order, unlike programs, which are in the target's. */
const HOST_IS_LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
