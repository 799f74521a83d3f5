/**
 * The operations that the static clients are written in. Each is one machine instruction, or two where a constant is
 * longer than an instruction holds; each architecture encodes them in its own file.
 *
 * All numbers are unsigned and 64 bits wide unless an operation says otherwise.
 * @module
 */

/** Registers by what they hold. `argument0` to `argument5` are those of system calls, `result` is where they answer. */
export type Register =
  | 'argument0'
  | 'argument1'
  | 'argument2'
  | 'argument3'
  | 'argument4'
  | 'argument5'
  | 'result'
  /** At the start: the number of arguments, then their addresses, then 0; the same of the environment. It never moves. */
  | 'stack'
  /** These keep their values over system calls. */
  | 'words'
  | 'source'
  | 'target'
  | 'state'
  | 'socket'
  | 'status'
  /** These do not. */
  | 'scratch'
  | 'limit';

export type Condition = 'equal' | 'notEqual' | 'below' | 'aboveOrEqual' | 'above' | 'negative';

export type SystemCall =
  | 'read'
  | 'write'
  | 'socket'
  | 'connect'
  | 'sendto'
  | 'recvfrom'
  | 'setsockopt'
  | 'getsockopt'
  | 'exit_group'
  | 'openat'
  | 'writev'
  | 'execve'
  | 'ppoll'
  | 'rt_sigprocmask'
  | 'lseek';

export type Operation =
  /** A place to jump to; no instruction. */
  | { readonly op: 'label'; readonly name: string }
  /** A constant below 2^32. */
  | { readonly op: 'set'; readonly to: Register; readonly value: number }
  | { readonly op: 'copy'; readonly to: Register; readonly from: Register }
  /** `to = from + value`, where value is below 128. */
  | { readonly op: 'addValue'; readonly to: Register; readonly from: Register; readonly value: number }
  | { readonly op: 'add'; readonly to: Register; readonly from: Register }
  | { readonly op: 'subtract'; readonly to: Register; readonly from: Register }
  /** `to -= value`, where value is below 128. */
  | { readonly op: 'subtractValue'; readonly to: Register; readonly value: number }
  /** 8, 4 or 1 byte; what is above is 0. */
  | {
      readonly op: 'load';
      readonly size: 8 | 4 | 1;
      readonly to: Register;
      readonly at: Register;
      readonly offset: number;
    }
  | {
      readonly op: 'store';
      readonly size: 8 | 4 | 1;
      readonly from: Register;
      readonly at: Register;
      readonly offset: number;
    }
  | { readonly op: 'compare'; readonly left: Register; readonly right: Register }
  /** The constant is below 4096, a multiple of 4096 below 2^24, or above -4096. */
  | { readonly op: 'compareValue'; readonly left: Register; readonly value: number }
  | { readonly op: 'branch'; readonly when: Condition; readonly to: string }
  | { readonly op: 'jump'; readonly to: string }
  | { readonly op: 'call'; readonly name: SystemCall };

/** A machine instruction, and how a disassembler writes it. */
export interface Encoded {
  readonly bytes: Uint8Array;
  readonly mnemonic: string;
  readonly operands: string;
}

/** The address of a label of the program. */
type AddressOf = (label: string) => number;

/** Encodes an operation that stands at an address. Its length does not depend on the addresses of labels. */
export type Encoder = (operation: Operation, at: number, addressOf: AddressOf) => readonly Encoded[];

export interface TargetMachine {
  /** `e_machine` of an ELF file: EM_X86_64, EM_AARCH64. */
  readonly elfMachine: number;
  readonly encode: Encoder;
}

/** Short spellings, for the program's listing. */
export const label = (name: string): Operation => ({ op: 'label', name });
export const set = (to: Register, value: number): Operation => ({ op: 'set', to, value });
export const copy = (to: Register, from: Register): Operation => ({ op: 'copy', to, from });
export const addValue = (to: Register, from: Register, value: number): Operation => ({
  op: 'addValue',
  to,
  from,
  value,
});
export const add = (to: Register, from: Register): Operation => ({ op: 'add', to, from });
export const subtract = (to: Register, from: Register): Operation => ({ op: 'subtract', to, from });
export const subtractValue = (to: Register, value: number): Operation => ({ op: 'subtractValue', to, value });
export const load = (to: Register, size: 8 | 4 | 1, at: Register, offset = 0): Operation => ({
  op: 'load',
  size,
  to,
  at,
  offset,
});
export const store = (from: Register, size: 8 | 4 | 1, at: Register, offset = 0): Operation => ({
  op: 'store',
  size,
  from,
  at,
  offset,
});
export const compare = (left: Register, right: Register): Operation => ({ op: 'compare', left, right });
export const compareValue = (left: Register, value: number): Operation => ({
  op: 'compareValue',
  left,
  value,
});
export const branch = (when: Condition, to: string): Operation => ({ op: 'branch', when, to });
export const jump = (to: string): Operation => ({ op: 'jump', to });
export const call = (name: SystemCall): Operation => ({ op: 'call', name });
