/**
 * The C prototypes of libseccomp, each with the release that introduced it. Raw C names stay in this file.
 *
 * Source: libseccomp 2.6.1 include/seccomp.h.in.
 * @module
 */
import { type Koffi, loadKoffi } from '../ffi.ts';

interface Prototype {
  readonly result: string;
  readonly parameters: readonly string[];
  /** First libseccomp release with the call. */
  readonly since: string;
}

/** `scmp_filter_ctx` is a `void *`; buffers and structs are passed as the address of their bytes. */
export const prototypes = {
  seccomp_version: { result: 'void *', parameters: [], since: '2.3.0' },
  seccomp_api_get: { result: 'unsigned int', parameters: [], since: '2.4.0' },
  seccomp_api_set: { result: 'int', parameters: ['unsigned int'], since: '2.4.0' },
  seccomp_init: { result: 'void *', parameters: ['uint32_t'], since: '2.0.0' },
  seccomp_reset: { result: 'int', parameters: ['void *', 'uint32_t'], since: '2.0.0' },
  seccomp_release: { result: 'void', parameters: ['void *'], since: '2.0.0' },
  seccomp_merge: { result: 'int', parameters: ['void *', 'void *'], since: '2.0.0' },
  seccomp_load: { result: 'int', parameters: ['void *'], since: '2.0.0' },
  seccomp_arch_native: { result: 'uint32_t', parameters: [], since: '2.0.0' },
  seccomp_arch_exist: { result: 'int', parameters: ['void *', 'uint32_t'], since: '2.0.0' },
  seccomp_arch_resolve_name: { result: 'uint32_t', parameters: ['const char *'], since: '2.2.0' },
  seccomp_arch_add: { result: 'int', parameters: ['void *', 'uint32_t'], since: '2.0.0' },
  seccomp_arch_remove: { result: 'int', parameters: ['void *', 'uint32_t'], since: '2.0.0' },
  seccomp_attr_set: { result: 'int', parameters: ['void *', 'int', 'uint32_t'], since: '2.0.0' },
  seccomp_attr_get: { result: 'int', parameters: ['void *', 'int', 'uint32_t *'], since: '2.0.0' },
  seccomp_syscall_resolve_name: { result: 'int', parameters: ['const char *'], since: '2.0.0' },
  seccomp_syscall_resolve_name_arch: {
    result: 'int',
    parameters: ['uint32_t', 'const char *'],
    since: '2.0.0',
  },
  // The caller owns the string.
  seccomp_syscall_resolve_num_arch: { result: 'owned text', parameters: ['uint32_t', 'int'], since: '2.0.0' },
  seccomp_syscall_resolve_name_rewrite: {
    result: 'int',
    parameters: ['uint32_t', 'const char *'],
    since: '2.2.0',
  },
  seccomp_syscall_priority: { result: 'int', parameters: ['void *', 'int', 'uint8_t'], since: '2.0.0' },
  seccomp_rule_add_array: {
    result: 'int',
    parameters: ['void *', 'uint32_t', 'int', 'unsigned int', 'const uint8_t *'],
    since: '2.1.0',
  },
  seccomp_rule_add_exact_array: {
    result: 'int',
    parameters: ['void *', 'uint32_t', 'int', 'unsigned int', 'const uint8_t *'],
    since: '2.1.0',
  },
  seccomp_export_pfc: { result: 'int', parameters: ['void *', 'int'], since: '2.0.0' },
  seccomp_export_bpf: { result: 'int', parameters: ['void *', 'int'], since: '2.0.0' },
  seccomp_export_bpf_mem: { result: 'int', parameters: ['void *', 'uint8_t *', 'size_t *'], since: '2.6.0' },
  seccomp_precompute: { result: 'int', parameters: ['void *'], since: '2.6.0' },
  seccomp_transaction_start: { result: 'int', parameters: ['void *'], since: '2.6.0' },
  seccomp_transaction_commit: { result: 'int', parameters: ['void *'], since: '2.6.0' },
  seccomp_transaction_reject: { result: 'void', parameters: ['void *'], since: '2.6.0' },
  seccomp_notify_fd: { result: 'int', parameters: ['void *'], since: '2.5.0' },
  // `struct seccomp_notif **` and `struct seccomp_notif_resp **`, either may be NULL.
  seccomp_notify_alloc: { result: 'int', parameters: ['void *', 'void *'], since: '2.5.0' },
  seccomp_notify_free: { result: 'void', parameters: ['void *', 'void *'], since: '2.5.0' },
  seccomp_notify_receive: { result: 'int', parameters: ['int', 'void *'], since: '2.5.0' },
  seccomp_notify_respond: { result: 'int', parameters: ['int', 'void *'], since: '2.5.0' },
  seccomp_notify_id_valid: { result: 'int', parameters: ['int', 'uint64_t'], since: '2.5.0' },
  // In no release yet, but in the development branch after 2.6.1.
  seccomp_notify_addfd: { result: 'int', parameters: ['int', 'uint8_t *'], since: '2.7.0' },
} as const satisfies Record<string, Prototype>;

/** A call of libseccomp, by its name in C. */
export type SymbolName = keyof typeof prototypes;

/** A bound C function; the wrappers that call it give it its real types. */
// biome-ignore lint/suspicious/noExplicitAny: the C types are written in `prototypes` and checked by koffi at each call
export type NativeFunction = (...parameters: any[]) => any;

export type NativeLibrary = ReturnType<Koffi['load']>;

/** Binds one call, or answers `undefined` if the loaded library does not have it. */
export function bindSymbol(library: NativeLibrary, name: SymbolName): NativeFunction | undefined {
  const { result, parameters } = prototypes[name];
  try {
    const returns = result === 'owned text' ? ownedText() : result;
    const bind = (types: readonly string[]): NativeFunction => library.func(name, returns, [...types]);
    return process.arch === 'riscv64' ? bindForRiscv(bind, parameters) : bind(parameters);
  } catch {
    return undefined;
  }
}

/**
 * RISC-V passes 32-bit values sign-extended to 64 bits, unsigned ones too. koffi 3.3.4 fills the upper bits with zeros, and then
 * the library finds no architecture for a token. So unsigned values are passed as signed ones.
 *
 * Source: RISC-V ELF psABI 1.0, "Integer calling convention".
 */
function bindForRiscv(
  bind: (types: readonly string[]) => NativeFunction,
  types: readonly string[],
): NativeFunction {
  const call = bind(types.map((type) => (type === 'uint32_t' ? 'int32_t' : type)));
  return (...values: readonly unknown[]) =>
    call(
      ...values.map((value, at) =>
        types[at] === 'uint32_t' && typeof value === 'number' ? value | 0 : value,
      ),
    );
}

let owned: ReturnType<Koffi['disposable']> | undefined;

/** A string that koffi frees once it has copied it. NOTE: koffi.decode() leaks some bytes a call. */
function ownedText(): ReturnType<Koffi['disposable']> {
  owned ??= loadKoffi().disposable('str');
  return owned;
}
