/**
 * What a plain scalar means to readers of the YAML of Kubernetes: go-yaml v2 as sigs.k8s.io/yaml carries it
 * (resolve.go). It reads YAML 1.1's booleans and octals beside those of 1.2, but not 1.1's base-60 numbers.
 * @module
 */

type Scalar =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'number'; readonly integer: bigint | undefined }
  | { readonly kind: 'string' };

const NULL = /^(?:~|null|Null|NULL|)$/;
const TRUE = /^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(?:n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/;
/** As Go's strconv.ParseInt with base 0 reads it, after underscores were removed. */
const INTEGER = /^([-+]?)(0[bB][01]+|0[oO][0-7]+|0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/;
const FLOAT =
  /^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
/** More digits than a u64 has in any base: of a longer number it is only known that it is too large. */
const MAX_DIGITS = 80;

/** Reads a plain scalar. */
export function resolvePlain(text: string): Scalar {
  if (NULL.test(text)) return { kind: 'null' };
  if (TRUE.test(text)) return { kind: 'boolean', value: true };
  if (FALSE.test(text)) return { kind: 'boolean', value: false };
  if (!/^[-+.0-9]/.test(text)) return { kind: 'string' };
  const digits = text.replaceAll('_', '');
  const [, sign = '', magnitude = ''] = INTEGER.exec(digits.slice(0, MAX_DIGITS + 1)) ?? [];
  if (magnitude !== '' && digits.length <= MAX_DIGITS) {
    // BigInt knows 0b, 0o and 0x; a leading 0 alone is octal to Go.
    const value = BigInt(/^0[0-7]+$/.test(magnitude) ? `0o${magnitude.slice(1)}` : magnitude.toLowerCase());
    return { kind: 'number', integer: sign === '-' ? -value : value };
  }
  if (!FLOAT.test(digits)) return { kind: 'string' };
  const value = Number(digits);
  // Go finds it out of range, and takes it for a text.
  if (Math.abs(value) === Number.POSITIVE_INFINITY) return { kind: 'string' };
  // Kubernetes hands on JSON, so an integer that is written as a fraction arrives as an integer.
  return { kind: 'number', integer: Number.isSafeInteger(value) ? BigInt(value) : undefined };
}
