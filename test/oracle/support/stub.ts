/**
 * Takes runc's ENOSYS stub off a program, in a form that does not depend on the order of its sections.
 *
 * runc iterates over a Go map of audit architectures, so their order differs from run to run; nothing else may.
 * Source: runc 1.1.5 libcontainer/seccomp/patchbpf/enosys_linux.go (layout), read as a description of what to expect.
 * @module
 */
import { toHex } from './native.ts';

export interface StubSection {
  /** u32, the value compared with seccomp_data.arch. */
  readonly auditArch: number;
  /** One text an instruction, jumps out of the section as `enosys`, `filter` or `next`; empty: straight to the filter. */
  readonly instructions: readonly string[];
}

export interface SplitProgram {
  /** A stub can be there and be without sections: runc before 1.1.15 for a profile that names no architecture. */
  readonly hasStub: boolean;
  /** Sorted by audit architecture. */
  readonly sections: readonly StubSection[];
  /** What follows the stub: libseccomp's own program. */
  readonly filter: Uint8Array;
}

const LD_ABS = 0x20;
const JA = 0x05;
const JEQ = 0x15;
const RET = 0x06;
const ARCH_OFFSET = 4;
const RET_ENOSYS = 0x00050026;

interface Word {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

function words(program: Uint8Array): Word[] {
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength);
  return Array.from({ length: program.length / 8 }, (_, i) => ({
    code: view.getUint16(8 * i, true),
    jt: view.getUint8(8 * i + 2),
    jf: view.getUint8(8 * i + 3),
    k: view.getUint32(8 * i + 4, true),
  }));
}

/** Where the header sends each audit architecture, and where the header ends. */
function readHeader(program: readonly Word[]): { targets: { arch: number; at: number }[]; end: number } {
  const targets: { arch: number; at: number }[] = [];
  let pc = 1;
  for (; program[pc]?.code === JEQ; pc++) {
    const { jt, jf, k } = program[pc] as Word;
    const next = program[pc + 1];
    // The long form jumps over an unconditional jump when the architecture is another one.
    if (jt === 0 && jf === 1 && next?.code === JA) {
      targets.push({ arch: k, at: pc + 2 + next.k });
      pc++;
    } else targets.push({ arch: k, at: pc + 1 + jt });
  }
  return { targets, end: pc };
}

function describe(program: readonly Word[], from: number, to: number, ret: number): string[] {
  const place = (target: number): string => {
    if (target === ret) return 'enosys';
    if (target === ret + 1) return 'filter';
    return target >= from && target < to ? `+${target - from}` : target === to ? 'next' : `?${target}`;
  };
  return program.slice(from, to).map(({ code, jt, jf, k }, i) => {
    const after = from + i + 1;
    if (code === JA) return `ja ${place(after + k)}`;
    const jump = (code & 7) === 5 ? ` ${place(after + jt)} ${place(after + jf)}` : '';
    return `${code.toString(16)} ${k.toString(16)}${jump}`;
  });
}

/**
 * Splits a little-endian program into its stub's sections and the filter behind it.
 *
 * @throws Error when it begins like one but does not hold together
 */
export function splitStub(bytes: Uint8Array): SplitProgram {
  const program = words(bytes);
  const ret =
    program.findIndex((word, i) => word.code === JA && word.k === 1 && program[i + 1]?.k === RET_ENOSYS) + 1;
  const { targets, end } = readHeader(program);
  const first = program[0];
  // A filter of libseccomp loads the architecture too, but jumps over no `ja` to the place behind RET ENOSYS.
  const skip = program[end];
  const isStub = first?.code === LD_ABS && first.k === ARCH_OFFSET && ret > 0 && program[ret]?.code === RET;
  if (!isStub || skip?.code !== JA || end + 1 + skip.k !== ret + 1)
    return { hasStub: false, sections: [], filter: bytes };
  // An architecture none of whose calls is named has no section: its jump goes straight to the filter.
  const starts = targets
    .map(({ at }) => at)
    .filter((at) => at !== ret + 1)
    .sort((a, b) => a - b);
  if ((starts[0] ?? ret - 1) !== end + 1)
    throw new Error('the sections of the stub do not follow its header');
  const sections = targets.map(({ arch, at }) => {
    if (at === ret + 1) return { auditArch: arch, instructions: [] };
    const to = starts.find((start) => start > at) ?? ret - 1;
    return { auditArch: arch, instructions: describe(program, at, to, ret) };
  });
  sections.sort((a, b) => a.auditArch - b.auditArch);
  return { hasStub: true, sections, filter: bytes.subarray(8 * (ret + 1)) };
}

/** One text for a program: equal for programs that differ in the order of stub sections and in nothing else. */
export function canonicalText(bytes: Uint8Array): string {
  const { hasStub, sections, filter } = splitStub(bytes);
  const stub = sections.map(
    ({ auditArch, instructions }) => `${auditArch.toString(16)}: ${instructions.join('; ')}`,
  );
  return [
    hasStub ? 'stub' : 'no stub',
    ...stub,
    ...toHex(filter).replace(/.{16}/g, '$&\n').trimEnd().split('\n'),
  ].join('\n');
}
