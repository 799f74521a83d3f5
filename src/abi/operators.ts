/**
 * Comparison operators: one row an operator.
 *
 * Sources: libseccomp 2.6.1 include/seccomp.h.in (`enum scmp_compare`), runtime-spec 1.3 (names).
 * @module
 */

/** How an argument is compared with a value, which stands on the right: `lt` is `argument < value`. */
export type Operator = 'ne' | 'lt' | 'le' | 'eq' | 'ge' | 'gt' | 'maskedEq';

interface OperatorInfo {
  readonly operator: Operator;
  readonly ociOperator: `SCMP_CMP_${string}`;
  /** Value of `enum scmp_compare`. */
  readonly scmpCompare: number;
  readonly symbol: string;
}

export const operators = {
  ne: { operator: 'ne', ociOperator: 'SCMP_CMP_NE', scmpCompare: 1, symbol: '!=' },
  lt: { operator: 'lt', ociOperator: 'SCMP_CMP_LT', scmpCompare: 2, symbol: '<' },
  le: { operator: 'le', ociOperator: 'SCMP_CMP_LE', scmpCompare: 3, symbol: '<=' },
  eq: { operator: 'eq', ociOperator: 'SCMP_CMP_EQ', scmpCompare: 4, symbol: '==' },
  ge: { operator: 'ge', ociOperator: 'SCMP_CMP_GE', scmpCompare: 5, symbol: '>=' },
  gt: { operator: 'gt', ociOperator: 'SCMP_CMP_GT', scmpCompare: 6, symbol: '>' },
  maskedEq: { operator: 'maskedEq', ociOperator: 'SCMP_CMP_MASKED_EQ', scmpCompare: 7, symbol: '&=' },
} as const satisfies Record<Operator, OperatorInfo>;

const byOciOperator = new Map<string, OperatorInfo>(
  Object.values(operators).map((row) => [row.ociOperator, row]),
);

/** All runtime-spec operator names. */
export const ociOperators: readonly string[] = [...byOciOperator.keys()];

/** Finds an operator by its exact runtime-spec name. */
export function operatorByOciOperator(name: string): OperatorInfo | undefined {
  return byOciOperator.get(name);
}

/** Largest u32: the low half of an argument. */
export const U32_MAX = 0xffff_ffffn;

/** Largest u64. */
export const U64_MAX = 0xffff_ffff_ffff_ffffn;

/**
 * One condition on one system call argument. For `maskedEq` `value` is the mask:
 * `(arg & value) == (valueTwo & value)`; the other operators ignore `valueTwo`.
 */
export interface Comparison {
  /** Argument, 0..5. */
  readonly index: number;
  /** How the argument is compared with `value`. */
  readonly op: Operator;
  /** u64. */
  readonly value: bigint;
  /** u64. */
  readonly valueTwo: bigint;
}
