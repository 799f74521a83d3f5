/**
 * Comparisons as the binding's callers write them, and as C takes them.
 *
 * Source: libseccomp 2.6.1 include/seccomp.h.in (`struct scmp_arg_cmp`).
 * @module
 */
import { describe } from '../abi/check-values.ts';
import { HOST_IS_LITTLE } from '../abi/host-endian.ts';
import { type Comparison, type Operator, operators, U64_MAX } from '../abi/operators.ts';
import { anything, type OptionKinds, takeOptions } from '../abi/take-options.ts';
import { OciSeccompError } from '../errors.ts';

/** An operator by name, C constant, symbol, or the word other bindings use. */
export type OperatorSpelling =
  | Operator
  | (typeof operators)[Operator]['symbol']
  | (typeof operators)[Operator]['ociOperator']
  | 'masked_eq';

/** A u64 as number (up to 2^53 - 1), bigint, or text (decimal or `0x…`). */
export type U64Input = number | bigint | string;

/** How `&=` is spelt. */
export type MaskedSpelling =
  | 'maskedEq'
  | 'masked_eq'
  | (typeof operators)['maskedEq']['symbol' | 'ociOperator'];

/** One condition on an argument, with any operator except `&=`. */
export interface PlainComparisonInput {
  /** Argument, 0..5. */
  readonly index: number;
  /** An operator as C, this package or libseccomp spells it. */
  readonly op: Exclude<OperatorSpelling, MaskedSpelling>;
  /** What the argument is compared with, u64. */
  readonly value: U64Input;
  /** Only masked comparisons have one. */
  readonly valueTwo?: undefined;
}

/** `(argument & value) == (valueTwo & value)` */
export interface MaskedComparisonInput {
  /** Argument, 0..5. */
  readonly index: number;
  /** `&=`, `maskedEq` or `SCMP_CMP_MASKED_EQ`. */
  readonly op: MaskedSpelling;
  /** The mask, u64. */
  readonly value: U64Input;
  /** What the masked argument must equal, u64; libseccomp drops bits outside the mask. */
  readonly valueTwo: U64Input;
}

/** One condition on an argument; the operator decides which keys it takes. */
export type ComparisonInput = PlainComparisonInput | MaskedComparisonInput;

const kinds: OptionKinds<ComparisonInput> = {
  index: anything,
  op: anything,
  value: anything,
  valueTwo: anything,
};

const bySpelling = new Map<unknown, Operator>([['masked_eq', 'maskedEq']]);
for (const row of Object.values(operators)) {
  for (const spelling of [row.operator, row.symbol, row.ociOperator]) bySpelling.set(spelling, row.operator);
}

const NONE: readonly Comparison[] = [];
const MAX_COMPARISONS = 6;

/**
 * Checks comparisons and brings them into one form.
 *
 * NOTE: libseccomp itself refuses an argument that is compared twice (EINVAL).
 *
 * @throws OciSeccompError `ERR_USAGE`: more than 6, an unknown key, an index out of 0..5, an unknown operator, a value
 *   that is not a u64, `&=` without `valueTwo`, another operator with it
 */
export function parseComparisons(inputs: readonly ComparisonInput[]): readonly Comparison[] {
  if (!Array.isArray(inputs)) throw usage('comparisons are a list', inputs);
  if (inputs.length > MAX_COMPARISONS) {
    throw new OciSeccompError(
      'ERR_USAGE',
      `a rule takes ${MAX_COMPARISONS} comparisons at most, not ${inputs.length}`,
    );
  }
  return inputs.length === 0 ? NONE : Array.from(inputs, parseComparison);
}

function parseComparison(input: ComparisonInput): Comparison {
  const { index, op, value, valueTwo } = takeOptions('the comparison', input, kinds);
  if (!Number.isInteger(index) || index < 0 || index > 5)
    throw usage('the index of an argument is 0..5', index);
  const operator = bySpelling.get(op);
  if (operator === undefined) throw usage('an operator is one of == != < <= > >= &=', op);
  return { index, op: operator, value: parseU64(value), valueTwo: parseValueTwo(operator, valueTwo) };
}

/**
 * C takes a second value with every operator, but only `&=` uses it. Here a second value that would be ignored is refused.
 */
function parseValueTwo(operator: Operator, valueTwo: U64Input | undefined): bigint {
  if (operator === 'maskedEq') {
    if (valueTwo !== undefined) return parseU64(valueTwo);
    throw new OciSeccompError('ERR_USAGE', 'a comparison with &= needs valueTwo', {
      hint: 'value is the mask, and valueTwo is what the masked argument must equal',
      details: { key: 'valueTwo' },
    });
  }
  if (valueTwo === undefined) return 0n;
  const { symbol } = operators[operator];
  throw new OciSeccompError('ERR_USAGE', `a comparison with ${symbol} takes no valueTwo`, {
    hint: `leave valueTwo out: only &= compares with it`,
    details: { key: 'valueTwo' },
  });
}

/** A checked comparison as {@link parseComparisons} takes it. */
export function toInput({ index, op, value, valueTwo }: Comparison): ComparisonInput {
  return op === 'maskedEq' ? { index, op, value, valueTwo } : { index, op, value };
}

function parseU64(input: U64Input): bigint {
  const value = toBigInt(input);
  if (value !== undefined && value >= 0n && value <= U64_MAX) return value;
  throw new OciSeccompError(
    'ERR_USAGE',
    `a value to compare with is a whole number in 0..2^64-1, not ${describe(input)}`,
    {
      hint: 'write a negative number as the kernel sees it, BigInt.asUintN(64, -1n), and one above 2^53 as bigint or text',
    },
  );
}

function toBigInt(input: unknown): bigint | undefined {
  if (typeof input === 'bigint') return input;
  if (typeof input === 'number') return Number.isSafeInteger(input) ? BigInt(input) : undefined;
  // BigInt() takes more than one would write: white space, binary, an empty text.
  return typeof input === 'string' && /^(?:0x[0-9a-f]{1,16}|[0-9]{1,20})$/i.test(input)
    ? BigInt(input)
    : undefined;
}

function usage(rule: string, given: unknown): OciSeccompError {
  return new OciSeccompError('ERR_USAGE', `${rule}, not ${describe(given)}`);
}

/** arg u32 @0, op u32 @4, datum_a u64 @8, datum_b u64 @16; in this machine's byte order, unlike programs. */
const SCMP_ARG_CMP_SIZE = 24;

/** Encodes comparisons as `struct scmp_arg_cmp[]`, 24 bytes each. */
export function toNative(comparisons: readonly Comparison[]): Uint8Array {
  const bytes = new Uint8Array(comparisons.length * SCMP_ARG_CMP_SIZE);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { index, op, value, valueTwo } of comparisons) {
    view.setUint32(at, index, HOST_IS_LITTLE);
    view.setUint32(at + 4, operators[op].scmpCompare, HOST_IS_LITTLE);
    view.setBigUint64(at + 8, value, HOST_IS_LITTLE);
    view.setBigUint64(at + 16, valueTwo, HOST_IS_LITTLE);
    at += SCMP_ARG_CMP_SIZE;
  }
  return bytes;
}
