/**
 * Parameters of system calls: names, C types, and how many bits of each the kernel looks at.
 *
 * The filter sees 64 bits of every argument, the kernel only as many as the parameter's type has: it truncates the
 * rest, so a 64-bit comparison of an `int` can be walked around through the upper half.
 * @module
 */
import { isSyscallName } from './syscall-numbers.ts';
import { otherPrototypes, prototypes } from './syscall-prototypes.generated.ts';

export interface Parameter {
  /** The kernel's name for it; man pages often have another. */
  readonly name: string;
  /** C type as the kernel's source spells it, `const char *`. */
  readonly type: string;
  /**
   * Bits the kernel uses on a 64-bit architecture: it ignores those above. 32-bit ABIs have 32 at most, whatever is
   * said here.
   */
  readonly width: 16 | 32 | 64;
  /** An address: a filter sees the number, never what is stored there. */
  readonly pointer: boolean;
  /** The kernel reads a value with its top bit set as negative. */
  readonly signed: boolean;
}

interface TypeFacts {
  readonly width: 16 | 32 | 64;
  readonly signed: boolean;
}

const unsigned16: TypeFacts = { width: 16, signed: false };
const unsigned32: TypeFacts = { width: 32, signed: false };
const signed32: TypeFacts = { width: 32, signed: true };
const unsigned64: TypeFacts = { width: 64, signed: false };
const signed64: TypeFacts = { width: 64, signed: true };

/** The types in prototypes that are not spelled as pointers. Source: Linux 6.18 include/linux/types.h. */
export const valueTypes: ReadonlyMap<string, TypeFacts> = new Map([
  ['int', signed32],
  ['unsigned int', unsigned32],
  ['long', signed64],
  ['unsigned long', unsigned64],
  ['size_t', unsigned64],
  ['uintptr_t', unsigned64],
  ['__u32', unsigned32],
  ['u32', unsigned32],
  ['__s32', signed32],
  ['__u64', unsigned64],
  ['umode_t', unsigned16],
  ['pid_t', signed32],
  ['uid_t', unsigned32],
  ['gid_t', unsigned32],
  ['off_t', signed64],
  ['loff_t', signed64],
  ['clockid_t', signed32],
  ['timer_t', signed32],
  ['mqd_t', signed32],
  ['key_t', signed32],
  ['key_serial_t', signed32],
  ['qid_t', unsigned32],
  ['rwf_t', signed32],
  ['aio_context_t', unsigned64],
  ['enum landlock_rule_type', unsigned32],
  ['old_sigset_t', unsigned64],
]);

/** Pointers behind a typedef. */
const pointerTypes: ReadonlySet<string> = new Set(['cap_user_header_t', 'cap_user_data_t', '__sighandler_t']);

/**
 * Parameters of which the kernel drops bits their type has.
 *
 * clone: kernel/fork.c takes `lower_32_bits(clone_flags)`; unshare, of the same type, refuses such flags instead.
 */
const narrowed: ReadonlyMap<string, 32> = new Map([['clone.clone_flags', 32]]);

/** By call, once it was asked for. */
const signatures = new Map<string, readonly Parameter[]>();

function parseParameter(call: string, text: string): Parameter {
  const split = /^(.*?)(\w+)$/.exec(text);
  const name = split?.[2] ?? '';
  const type = (split?.[1] ?? '').trim();
  if (type.endsWith('*') || pointerTypes.has(type))
    return { name, type, width: 64, pointer: true, signed: false };
  const facts = valueTypes.get(type) ?? unsigned64;
  const width = narrowed.get(`${call}.${name}`) ?? facts.width;
  return { name, type, width, pointer: false, signed: facts.signed };
}

/** Parses `name(type name, type name)`. */
function parsePrototype(call: string, line: string): readonly Parameter[] {
  const parameters = line.slice(call.length + 1, -1);
  return Object.freeze(
    parameters === '' ? [] : parameters.split(', ').map((text) => parseParameter(call, text)),
  );
}

/** The line of a call. A run asks for few calls: it takes no table of all. */
function prototypeOf(call: string): string | undefined {
  const start = `\n${call}(`;
  for (const text of [otherPrototypes, prototypes]) {
    const at = text.indexOf(start);
    if (at !== -1) return text.slice(at + 1, text.indexOf('\n', at + 1));
  }
  return undefined;
}

/**
 * Finds the parameters of a system call: as x86_64 has it or, for a call that x86_64 lacks, as those that have it.
 *
 * NOTE: on other architectures some calls order their parameters differently (`clone` on s390x), take them through a
 * pointer (`mmap` on s390x and x86), or split a `loff_t` in two (32-bit ABIs).
 *
 * @returns 0..6 parameters, frozen; `undefined` for a call whose definition is not known, among them all that no kernel
 *   has any more
 */
export function syscallSignature(syscall: string): readonly Parameter[] | undefined {
  const known = signatures.get(syscall);
  if (known !== undefined) return known;
  const line = isSyscallName(syscall) ? prototypeOf(syscall) : undefined;
  if (line === undefined) return undefined;
  const parameters = parsePrototype(syscall, line);
  signatures.set(syscall, parameters);
  return parameters;
}
