/**
 * The mappings of a process, and where in them some bytes can be borrowed.
 *
 * Source: proc_pid_maps(5).
 * @module
 */
import { readFileSync } from 'node:fs';

interface Mapping {
  readonly start: number;
  /** The first address behind it. */
  readonly end: number;
  readonly readable: boolean;
  readonly writable: boolean;
  readonly shared: boolean;
  /** A path, `[stack]` and the like, or empty. */
  readonly name: string;
}

/**
 * The mappings of a process, by address.
 *
 * @throws the error of open(2) or read(2) if the process is gone, or may not be looked at (ptrace(2), PTRACE_MODE_READ)
 */
export function readMaps(pid: number | 'self'): readonly Mapping[] {
  return parseMaps(readFileSync(`/proc/${pid}/maps`, 'utf8'));
}

export function parseMaps(text: string): readonly Mapping[] {
  const lines = text.matchAll(/^([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \d+ *(.*)$/gm);
  return [...lines].map(([, start = '', end = '', modes = '', name = '']) => ({
    start: Number.parseInt(start, 16),
    end: Number.parseInt(end, 16),
    readable: modes.startsWith('r'),
    writable: modes[1] === 'w',
    shared: modes[3] === 's',
    name,
  }));
}

/**
 * The files that a process has mapped: its program and the libraries it has loaded.
 *
 * @returns paths, each once; `undefined` if there is no such process, or it may not be looked at
 */
export function mappedFiles(pid: number | 'self'): readonly string[] | undefined {
  try {
    return [...new Set(readMaps(pid).flatMap(({ name }) => (name.startsWith('/') ? [name] : [])))];
  } catch {
    return undefined;
  }
}

interface Room {
  readonly bytes: number;
  readonly stackPointer: number;
  readonly redZone: number;
  /** Bytes that must stay as they are. */
  readonly keep: { readonly at: number; readonly bytes: number };
}

const ALIGNMENT = 16;

/**
 * Where a process can be lent memory that a system call of it can read, to be given back as it was: below its stack
 * pointer, else in other memory of its own, else over its private view of a file. The mapping of the stack may be too
 * small, with a low RLIMIT_STACK, and a tracer cannot make it grow. Mapping new memory in the process would be one more
 * call for a filter to deny.
 *
 * @returns an address, 16-byte aligned; `undefined` if nothing has room
 */
export function findRoom(maps: readonly Mapping[], room: Room): number | undefined {
  const below = alignDown(room.stackPointer - room.redZone - room.bytes);
  const stack = maps.find(({ start, end }) => start < room.stackPointer && room.stackPointer <= end);
  if (stack?.writable === true && below >= stack.start) return below;
  const own = maps.filter((map) => map.readable && !map.shared && !isKernels(map));
  const sorted = [
    ...own.filter(({ writable, name }) => writable && !name.startsWith('/')),
    ...own.filter(({ writable, name }) => writable && name.startsWith('/')),
    ...own.filter(({ writable }) => !writable),
  ];
  for (const map of sorted) {
    const at = within(map, room);
    if (at !== undefined) return at;
  }
  return undefined;
}

/** [vdso], [vvar] and others; the stack and the heap are the program's. */
function isKernels({ name }: Mapping): boolean {
  return name.startsWith('[') && name !== '[stack]' && name !== '[heap]' && !name.startsWith('[anon');
}

function within({ start, end }: Mapping, { bytes, keep }: Room): number | undefined {
  const behind = Math.ceil((keep.at + keep.bytes) / ALIGNMENT) * ALIGNMENT;
  const places = [start, behind].filter((at) => at >= start && at + bytes <= end);
  return places.find((at) => at + bytes <= keep.at || at >= keep.at + keep.bytes);
}

function alignDown(address: number): number {
  return address - (address % ALIGNMENT);
}
