/**
 * Reads the sizes of types from BTF, the type information a running kernel carries (/sys/kernel/btf/vmlinux).
 *
 * Format: Linux 6.18 Documentation/bpf/btf.rst.
 * @module
 */

export interface BtfSize {
  readonly bytes: number;
  readonly signed: boolean;
}

const KIND_INT = 1;
const KIND_ENUM = 6;
const KIND_TYPEDEF = 8;
const SIGNED = 1;

/** Bytes that follow the 12 of a type, by kind; the others have none. */
function trailing(kind: number, vlen: number): number {
  const perMember: Record<number, number> = { 4: 12, 5: 12, 6: 8, 13: 8, 15: 12, 19: 12 };
  const fixed: Record<number, number> = { 1: 4, 3: 12, 14: 4, 17: 4 };
  return (perMember[kind] ?? 0) * vlen + (fixed[kind] ?? 0);
}

/** Integer types, enums (as `enum NAME`) and what typedefs of them come down to, by name. */
export function integerSizes(btf: Uint8Array): ReadonlyMap<string, BtfSize> {
  const view = new DataView(btf.buffer, btf.byteOffset, btf.byteLength);
  const u32 = (at: number): number => view.getUint32(at, true);
  const [types, typesLength, strings] = [u32(4) + u32(8), u32(12), u32(4) + u32(16)];
  const text = (offset: number): string => {
    const start = strings + offset;
    return new TextDecoder().decode(btf.subarray(start, btf.indexOf(0, start)));
  };
  const sizes = new Map<number, BtfSize>();
  const targets = new Map<number, number>();
  const names: [string, number][] = [];
  for (let at = types, id = 1; at < types + typesLength; id++) {
    const [nameOffset, info, size] = [u32(at), u32(at + 4), u32(at + 8)];
    const kind = (info >>> 24) & 0x1f;
    if (kind === KIND_INT) sizes.set(id, { bytes: size, signed: ((u32(at + 12) >>> 24) & SIGNED) !== 0 });
    if (kind === KIND_ENUM) sizes.set(id, { bytes: size, signed: info >>> 31 === 1 });
    if (kind === KIND_TYPEDEF) targets.set(id, size);
    if ([KIND_INT, KIND_ENUM, KIND_TYPEDEF].includes(kind)) {
      names.push([`${kind === KIND_ENUM ? 'enum ' : ''}${text(nameOffset)}`, id]);
    }
    at += 12 + trailing(kind, info & 0xffff);
  }
  const resolve = (id: number): BtfSize | undefined => {
    const target = targets.get(id);
    return target === undefined ? sizes.get(id) : resolve(target);
  };
  return new Map(
    names.flatMap(([name, id]): [string, BtfSize][] => {
      const size = resolve(id);
      return size === undefined ? [] : [[name, size]];
    }),
  );
}
