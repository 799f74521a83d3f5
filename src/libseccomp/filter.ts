/// <reference lib="esnext.disposable" preserve="true" />
/**
 * A filter context (`scmp_filter_ctx`): the handle that libseccomp builds a filter in.
 *
 * The native memory is freed by {@link Filter.release} or `Symbol.dispose`, and by the garbage collector if both are
 * forgotten. A released filter throws `ERR_LIBSECCOMP_RELEASED` from every method but `release`.
 *
 * NOTE: for some sets of rules, libseccomp does not return from adding one (several rules with several comparisons on one
 * call, see compile/hazardous-rules.ts). Nothing here guards against that.
 * @module
 */
import { describe } from '../abi/check-values.ts';
import { EEXIST } from '../abi/errno-constants.ts';
import { abortSignal, takeOptions } from '../abi/take-options.ts';
import { OciSeccompError } from '../errors.ts';
import { type Action, toNative as actionToNative } from './action.ts';
import { type ArchSpelling, toNative as archToNative, findArch } from './arch.ts';
import {
  type AttributeName,
  type AttributeValue,
  fromNative as attributeFromNative,
  attributeInfo,
  toNative as attributeToNative,
} from './attribute.ts';
import { type ComparisonInput, parseComparisons } from './comparison.ts';
import { type ExportTarget, exportBpfBytes, exportPfcBytes, exportPfcText, writeTo } from './export.ts';
import { addRuleTo, initContext, setAttributeOf } from './filter-context.ts';
import {
  contextOf,
  type FilterState,
  freeState,
  freshState,
  noteAdded,
  noteCommit,
  noteMerged,
  noteRemoved,
  noteRule,
  rejectTransaction,
  renewCopy,
  restoreArchs,
} from './filter-state.ts';
import { type Library, type LibraryOption, libraryOf, requireArch, requireVersion } from './library.ts';
import { type LoadOptions, loadFilter, requireListenerOf, requireListening } from './load-filter.ts';
import { type NotificationOptions, type NotifyRequest, notifications } from './notify.ts';
import { checkResult } from './result.ts';
import type { SymbolName } from './symbols.ts';
import { toNative as syscallToNative } from './syscall.ts';
import { requireTrapData } from './trap-data.ts';

/** Frees the memory of filters that were collected without a release. */
const forgotten = new FinalizationRegistry<FilterState>(freeState);

const MAX_PRIORITY = 255;

/** A filter context of libseccomp (seccomp_init(3)): rules go in, a program comes out or is loaded. */
export class Filter {
  readonly #handle: FilterState;

  /**
   * Starts a filter with the library's own architecture in it. Wraps seccomp_init(3).
   *
   * @param defaultAction - what calls get that no rule matches
   * @throws OciSeccompError `ERR_LIBSECCOMP` if kernel or library lack the action; `ERR_USAGE` for a value that is not
   * an action; `ERR_LIBSECCOMP_TOO_OLD` for data of TRAP; as `openLibrary`
   */
  constructor(defaultAction: Action, options: LibraryOption = {}) {
    const library = libraryOf('Filter', options);
    const word = actionToNative(defaultAction);
    requireTrapData(library, defaultAction);
    const context = initContext(library, word);
    this.#handle = { library, context, ...freshState(defaultAction) };
    forgotten.register(this, this.#handle, this);
  }

  /** The library the filter is built with. */
  get library(): Library {
    return this.#handle.library;
  }

  /** `false` once released, or merged into another filter. */
  get isValid(): boolean {
    return this.#handle.context !== undefined;
  }

  /** Frees the native memory; a second call does nothing. Wraps seccomp_release(3). */
  release(): void {
    forgotten.unregister(this);
    freeState(this.#handle);
  }

  /** For `using`. */
  [Symbol.dispose](): void {
    this.release();
  }

  /**
   * Starts over with another default action. Rules are gone; attributes and architectures are as in a new filter. Wraps
   * seccomp_reset(3).
   *
   * @throws OciSeccompError as the constructor, with `ERR_LIBSECCOMP` (EINVAL) for an action that kernel or library lack
   */
  reset(defaultAction: Action): void {
    const word = actionToNative(defaultAction);
    requireTrapData(this.library, defaultAction);
    this.#check('seccomp_reset', word);
    Object.assign(this.#handle, freshState(defaultAction));
  }

  /**
   * Takes over the architectures and rules of another filter, which is invalid afterwards. Wraps seccomp_merge(3).
   *
   * @throws OciSeccompError `ERR_LIBSECCOMP`: both have an architecture (EEXIST); default action, CTL_NNP or
   *   CTL_TSYNC differ (EINVAL); byte orders differ (EDOM); then both stay as they were. `ERR_USAGE` for the filter
   *   itself, or one of another copy of the library
   *
   * NOTE: the other attributes stay those of this filter.
   */
  merge(source: Filter): void {
    const context = this.#context();
    if (!(typeof source === 'object' && source !== null && #handle in source) || source === this) {
      throw new OciSeccompError('ERR_USAGE', 'a filter is merged with another filter');
    }
    if (source.#handle.library !== this.#handle.library) {
      throw new OciSeccompError('ERR_USAGE', 'filters of two copies of libseccomp cannot be merged');
    }
    checkResult(this.library.call('seccomp_merge')(context, source.#context()) as number, 'seccomp_merge');
    // libseccomp has freed the source's context.
    forgotten.unregister(source);
    source.#handle.context = undefined;
    noteMerged(this.#handle, source.#handle);
  }

  /**
   * Adds an architecture, without the rules that were added before. Wraps seccomp_arch_add(3).
   *
   * NOTE: libseccomp undoes changes of architectures when a later rule fails. Here they stay, except merges, and architectures that
   * were removed and added again, with libseccomp 2.5.
   *
   * @throws OciSeccompError `ERR_LIBSECCOMP`: it is in the filter already (EEXIST), it has another byte order (EDOM);
   *   `ERR_LIBSECCOMP_TOO_OLD` if this release lacks it; `ERR_USAGE` for an unknown architecture
   */
  addArch(arch: ArchSpelling): void {
    const token = this.#archToken(arch);
    this.#check('seccomp_arch_add', token);
    noteAdded(this.#handle, token);
  }

  /**
   * Removes an architecture and its rules, with libseccomp 2.5 only before the first rule: later rules are refused. A filter without
   * any cannot be exported or loaded. Wraps seccomp_arch_remove(3).
   *
   * @throws OciSeccompError `ERR_LIBSECCOMP`: it is not in the filter (EEXIST, as in C); otherwise as {@link Filter.addArch}
   */
  removeArch(arch: ArchSpelling): void {
    this.#check('seccomp_arch_remove', this.#archToken(arch));
    noteRemoved(this.#handle);
  }

  /**
   * Whether the filter has an architecture. Wraps seccomp_arch_exist(3).
   * @throws OciSeccompError `ERR_USAGE` for an unknown architecture; `ERR_LIBSECCOMP_TOO_OLD` if this release lacks it
   */
  hasArch(arch: ArchSpelling): boolean {
    const token = this.#archToken(arch);
    const result = this.library.call('seccomp_arch_exist')(this.#context(), token) as number;
    if (result === -EEXIST) return false;
    checkResult(result, 'seccomp_arch_exist');
    return true;
  }

  /**
   * Adds a rule: a system call gets the action if all comparisons hold for it. Without comparisons, it always gets the action.
   * libseccomp may change the rule on an architecture that cannot express it exactly. Wraps seccomp_rule_add_array(3).
   *
   * NOTE: of two rules without comparisons for one call, libseccomp silently ignores the second, whatever its action.
   *
   * @param syscall - a name, or a number or pseudo number of the library's own architecture
   * @throws OciSeccompError `ERR_LIBSECCOMP`, `details.errno`: EACCES (13) it is the default action, EEXIST (17) an earlier rule
   *   has another action, and libseccomp makes the same test of 32 bits of both, EINVAL (22) an argument is compared twice, or the kernel lacks the action; `ERR_USAGE` for an unknown call or a wrong comparison; `ERR_LIBSECCOMP_TOO_OLD` for data of TRAP, and with
   *   2.5 after an architecture was removed
   */
  addRule(action: Action, syscall: string | number, comparisons: readonly ComparisonInput[] = []): void {
    this.#addRule('seccomp_rule_add_array', action, syscall, comparisons);
  }

  /**
   * As {@link addRule}, but refuses a rule that libseccomp would have to change. Wraps seccomp_rule_add_exact_array(3).
   *
   * @throws OciSeccompError as {@link addRule}, and `ERR_LIBSECCOMP`: EOPNOTSUPP (95) the filter has several architectures,
   *   EDOM (33) its architecture lacks the call
   */
  addRuleExact(action: Action, syscall: string | number, comparisons: readonly ComparisonInput[] = []): void {
    this.#addRule('seccomp_rule_add_exact_array', action, syscall, comparisons);
  }

  /**
   * Makes the program look for a call before calls of lower priority. A rule for the call may come later. It has no effect
   * with CTL_OPTIMIZE 2. Wraps seccomp_syscall_priority(3).
   *
   * NOTE: a rule that fails and a rejected transaction take back all priorities (libseccomp up to 2.6.1). The filter means the same.
   *
   * @param priority - 0..255, the highest comes first
   * @throws OciSeccompError `ERR_USAGE` for another priority, or an unknown call; `ERR_LIBSECCOMP` (EINVAL) for a number that
   *   cannot be a call's, or a filter without architectures
   */
  syscallPriority(syscall: string | number, priority: number): void {
    if (!Number.isInteger(priority) || priority < 0 || priority > MAX_PRIORITY) {
      throw new OciSeccompError('ERR_USAGE', `a priority is 0..${MAX_PRIORITY}, not ${describe(priority)}`);
    }
    this.#check('seccomp_syscall_priority', syscallToNative(this.library, syscall), priority);
  }

  /**
   * Reads an attribute. Wraps seccomp_attr_get(3).
   *
   * @throws OciSeccompError `ERR_LIBSECCOMP_TOO_OLD` if this release lacks it; `ERR_USAGE` for an unknown name;
   *   `ERR_LIBSECCOMP` (EINVAL) if the filter has no architecture
   */
  getAttribute<N extends AttributeName>(name: N): AttributeValue<N> {
    const { native, since } = attributeInfo(name);
    requireVersion(this.library, name, since);
    const value = new Uint32Array(1);
    const get = this.library.call('seccomp_attr_get');
    checkResult(get(this.#context(), native, value) as number, 'seccomp_attr_get', name);
    return attributeFromNative(name, value[0] ?? 0);
  }

  /**
   * Sets an attribute. Wraps seccomp_attr_set(3).
   *
   * @throws OciSeccompError `ERR_LIBSECCOMP`: read-only (EACCES), the kernel or the API level lacks it (EOPNOTSUPP), or lacks the
   *   action, or CTL_TSYNC together with NOTIFY (EINVAL); `ERR_LIBSECCOMP_TOO_OLD`; `ERR_USAGE` for a value of another type
   */
  setAttribute<N extends AttributeName>(name: N, value: AttributeValue<N>): void {
    // First, because a getter of the value may release the filter.
    const native = attributeToNative(name, value);
    setAttributeOf(this.library, this.#context(), name, native);
  }

  /**
   * The program, in the byte order of the filter's architectures: as bytes, or written to a descriptor or a file
   * (whole or not at all). Wraps seccomp_export_bpf(3), and seccomp_export_bpf_mem(3) since libseccomp 2.6.0.
   *
   * @returns 8 bytes an instruction; nothing with a target
   * @throws OciSeccompError `ERR_LIBSECCOMP`: the filter has no architecture (EINVAL); `ERR_USAGE` for a wrong target; `ERR_IO`
   *   if not all of it can be written
   */
  exportBpf(): Uint8Array;
  exportBpf(target: ExportTarget): void;
  exportBpf(target?: ExportTarget): Uint8Array | undefined {
    const context = this.#context();
    const bytes = (): Uint8Array => exportBpfBytes(this.library, context);
    return target === undefined ? bytes() : void writeTo(target, bytes);
  }

  /**
   * The filter as pseudo filter code: as text, or written to a descriptor or a file. Wraps seccomp_export_pfc(3).
   *
   * @throws OciSeccompError as {@link Filter.exportBpf}
   */
  exportPfc(): string;
  exportPfc(target: ExportTarget): void;
  exportPfc(target?: ExportTarget): string | undefined {
    const context = this.#context();
    const bytes = (): Uint8Array => exportPfcBytes(this.library, context);
    return target === undefined ? exportPfcText(this.library, context) : void writeTo(target, bytes);
  }

  /**
   * Compiles the program now, so that export and load need not. Wraps seccomp_precompute(3), since libseccomp 2.6.0.
   *
   * @throws OciSeccompError `ERR_LIBSECCOMP` (EINVAL) if the filter has no architecture; `ERR_LIBSECCOMP_TOO_OLD`
   */
  precompute(): void {
    this.#check('seccomp_precompute');
  }

  /**
   * Puts the filter into the kernel. It cannot be removed, and children inherit it. {@link LoadOptions} says which threads it
   * binds. Wraps seccomp_load(3).
   *
   * @throws OciSeccompError `ERR_KERNEL`, `details.errno`: EACCES (13) neither no_new_privs nor CAP_SYS_ADMIN, EBUSY (16) a
   *   filter has a listener, EINVAL (22) the kernel refuses the program or a flag, ENOMEM (12), ESRCH (3) a thread
   *   (`details.thread`) has another filter; `ERR_LIBSECCOMP` (EOPNOTSUPP) for `all` at API level 1; `ERR_USAGE` for a wrong
   *   option, and where NOTIFY would get no listener; `ERR_LIBSECCOMP_TOO_OLD` for a merged NOTIFY rule before 2.6.1
   */
  load(options: LoadOptions = {}): void {
    const context = this.#context();
    requireListening(this, context, this.#handle.notifies);
    loadFilter(this, context, options);
  }

  /** Starts a transaction. Wraps seccomp_transaction_start(3), since 2.6.0. @throws OciSeccompError as {@link Filter.precompute} */
  transactionStart(): void {
    renewCopy(this.#handle);
    this.#check('seccomp_transaction_start');
    this.#handle.copied = true;
    this.#handle.depth += 1;
  }

  /**
   * Keeps what was done since the last start; without one nothing happens. Wraps seccomp_transaction_commit(3), since 2.6.0.
   * @throws OciSeccompError as {@link Filter.precompute}
   */
  transactionCommit(): void {
    this.#check('seccomp_transaction_commit');
    noteCommit(this.#handle);
  }

  /**
   * Undoes what was done since the last start, and all priorities. Attributes stay. Wraps seccomp_transaction_reject(3), since
   * libseccomp 2.6.0.
   *
   * @throws OciSeccompError `ERR_USAGE` without a start; `ERR_LIBSECCOMP_TOO_OLD`
   */
  transactionReject(): void {
    this.library.call('seccomp_transaction_reject');
    this.#context();
    // libseccomp 2.6 reads through a null pointer when no transaction is open and a rule has been added.
    if (this.#handle.depth === 0) throw new OciSeccompError('ERR_USAGE', 'no transaction is open');
    rejectTransaction(this.#handle);
    this.#handle.depth -= 1;
  }

  /**
   * Does the work in a transaction: kept if it returns, undone if it throws. Since libseccomp 2.6.0.
   *
   * @throws OciSeccompError `ERR_USAGE` if the work is no function, or returns a promise; `ERR_LIBSECCOMP` (EINVAL) if the filter has no
   *   architecture before or after it; `ERR_LIBSECCOMP_TOO_OLD`; what the work throws
   */
  transaction<T>(work: () => T): T {
    if (typeof work !== 'function')
      throw new OciSeccompError(
        'ERR_USAGE',
        `the work of a transaction is a function, not ${describe(work)}`,
      );
    this.transactionStart();
    const outside = this.#handle.depth - 1;
    try {
      const result = work();
      if (result instanceof Promise) {
        throw new OciSeccompError(
          'ERR_USAGE',
          'the work of a transaction must be done when it returns, not later',
        );
      }
      // The work may have ended it, left others open, or released the filter.
      while (this.isValid && this.#handle.depth > outside) this.transactionCommit();
      return result;
    } catch (error) {
      while (this.isValid && this.#handle.depth > outside) this.transactionReject();
      throw error;
    }
  }

  /**
   * The descriptor that a loaded filter with NOTIFY rules is answered through. Wraps seccomp_notify_fd(3).
   *
   * NOTE: libseccomp keeps one for the whole process, and closes it itself: never close it, hand on a copy.
   *
   * @throws OciSeccompError `ERR_LIBSECCOMP` before such a filter is loaded
   */
  notifyFd(): number {
    return requireListenerOf(this.library, this.#context());
  }

  /**
   * The requests of a loaded filter with NOTIFY rules, one after the other, until no task is left under the filter.
   *
   * @throws OciSeccompError `ERR_LIBSECCOMP` before such a filter is loaded; `ERR_USAGE` for a wrong option; the signal's reason once
   *   it is aborted
   */
  notifications(options: Omit<NotificationOptions, 'library'> = {}): AsyncIterable<NotifyRequest> {
    const { signal } = takeOptions('notifications', options, { signal: abortSignal });
    return notifications(this.notifyFd(), { signal, library: this.library });
  }

  #context(): bigint {
    return contextOf(this.#handle);
  }

  #archToken(arch: ArchSpelling): number {
    const name = findArch(arch, { library: this.library });
    requireArch(this.library, name);
    return archToNative(name);
  }

  #addRule(
    call: 'seccomp_rule_add_array' | 'seccomp_rule_add_exact_array',
    action: Action,
    syscall: string | number,
    inputs: readonly ComparisonInput[],
  ): void {
    this.#context();
    const word = actionToNative(action);
    if (action.kind === 'trap') requireTrapData(this.library, action);
    const comparisons = parseComparisons(inputs);
    const nr = syscallToNative(this.library, syscall);
    // Again, because a getter of what was given may have released the filter, or removed an architecture.
    const context = this.#context();
    // Here libseccomp 2.5 frees foreign memory: its copy of the filter still counts the removed architecture.
    if (this.#handle.removed > 0)
      requireVersion(this.library, 'a rule after an architecture was removed', '2.6.0');
    renewCopy(this.#handle);
    try {
      addRuleTo(this.library, context, call, word, nr, comparisons);
    } catch (error) {
      throw restoreArchs(this.#handle, context, error);
    }
    noteRule(this.#handle, action);
  }

  /** Calls a C function whose first parameter is the filter, and throws if it fails. */
  #check(call: SymbolName, ...parameters: readonly number[]): void {
    checkResult(this.library.call(call)(this.#context(), ...parameters) as number, call, ...parameters);
  }
}
