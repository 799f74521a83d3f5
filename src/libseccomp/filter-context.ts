/**
 * The calls on a filter context (`scmp_filter_ctx`) with values that are checked. `Filter` checks what its callers write and knows
 * whether its context is still there. Whoever hands over a policy's hundreds of rules has checked them, and owns the context.
 * @module
 */
import type { ReturnWord } from '../abi/actions.ts';
import { EINVAL } from '../abi/errno-constants.ts';
import type { Comparison } from '../abi/operators.ts';
import { OciSeccompError } from '../errors.ts';
import { type AttributeName, attributeInfo } from './attribute.ts';
import { toNative as comparisonsToNative } from './comparison.ts';
import { type Library, requireVersion } from './library.ts';
import { checkResult } from './result.ts';
import type { SymbolName } from './symbols.ts';

/**
 * Starts a filter. Wraps seccomp_init(3).
 *
 * @returns the context, for `seccomp_release`
 * @throws OciSeccompError `ERR_LIBSECCOMP` if kernel or library lack the default action
 */
export function initContext(library: Library, defaultAction: ReturnWord): bigint {
  const context = library.call('seccomp_init')(defaultAction) as bigint | null;
  if (context !== null && context !== 0n) return context;
  throw new OciSeccompError('ERR_LIBSECCOMP', `seccomp_init(0x${defaultAction.toString(16)}) failed`, {
    hint: 'this kernel or this libseccomp does not know the default action',
    details: { call: 'seccomp_init', errno: EINVAL },
  });
}

/** Calls a C function whose first parameter is the filter. @throws OciSeccompError `ERR_LIBSECCOMP` if it fails */
export function callOn(
  library: Library,
  context: bigint,
  call: SymbolName,
  ...parameters: readonly number[]
): void {
  checkResult(library.call(call)(context, ...parameters) as number, call, ...parameters);
}

/**
 * Sets an attribute. Wraps seccomp_attr_set(3).
 *
 * @param value - as libseccomp takes it
 * @throws OciSeccompError as `Filter.setAttribute`
 */
export function setAttributeOf(library: Library, context: bigint, name: AttributeName, value: number): void {
  const { native, since } = attributeInfo(name);
  requireVersion(library, name, since);
  callOn(library, context, 'seccomp_attr_set', native, value);
}

/**
 * Adds a rule. Wraps seccomp_rule_add_array(3) and seccomp_rule_add_exact_array(3).
 *
 * @param nr - of the library's own architecture
 * @throws OciSeccompError `ERR_LIBSECCOMP` as `Filter.addRule`
 */
export function addRuleTo(
  library: Library,
  context: bigint,
  call: 'seccomp_rule_add_array' | 'seccomp_rule_add_exact_array',
  word: ReturnWord,
  nr: number,
  comparisons: readonly Comparison[],
): void {
  // SAFETY: libseccomp copies the comparisons before it returns.
  const bytes = comparisons.length === 0 ? null : comparisonsToNative(comparisons);
  const result = library.call(call)(context, word, nr, comparisons.length, bytes) as number;
  if (result < 0) checkResult(result, call, word, nr, comparisons.length);
}
