/**
 * Classes of JavaScript as every realm has them: `instanceof` knows those of one.
 * @module
 */

const kindOfBytes = Reflect.getOwnPropertyDescriptor(
  Reflect.getPrototypeOf(Uint8Array.prototype) as object,
  Symbol.toStringTag,
)?.get;

/** Whether a value is bytes, also those of another realm: a frame, `node:vm`, the environments that some test runners make. */
export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && kindOfBytes?.call(value) === 'Uint8Array';
}

/** Whether a value is a Map, also of another realm. */
export function isMap(value: unknown): value is ReadonlyMap<unknown, unknown> {
  try {
    return Map.prototype.has.call(value as never, undefined) || true;
  } catch {
    return false;
  }
}
