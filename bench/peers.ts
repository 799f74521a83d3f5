/**
 * Other compilers of filters, where they are present: minijail, kafel and seccompiler. Each has a language of its own, so
 * rules are written in it; what a language has no words for stays out, and the proof then says where the meanings differ.
 *
 * How each is found:
 * - minijail: OCI_SECCOMP_MINIJAIL, or `parse_seccomp_policy` in PATH; its tree has it as a make target of that name.
 * - kafel: OCI_SECCOMP_KAFEL, or `libkafel.so` where the loader looks; `make` in its tree builds it.
 * - seccompiler is a library for Rust: OCI_SECCOMP_SECCOMPILER names a program of a few lines that hands its standard
 *   input to `compile_from_json` and writes the instructions as they are in memory.
 * @module
 */
import { spawnSync } from 'node:child_process';
import { actions } from '../src/abi/actions.ts';
import { type Comparison, U64_MAX } from '../src/abi/operators.ts';
import { syscallName } from '../src/abi/syscall-numbers.ts';
import { decodeProgram, type Program } from '../src/bpf/program.ts';
import { loadKoffi } from '../src/ffi.ts';
import { type ArchRule, expandPolicy } from '../src/policy/expand-policy.ts';
import type { Policy, SyscallTable } from '../src/policy/policy.ts';
import type { Compiler } from './filter-compilers.ts';
import { cpuOfCommand } from './measure.ts';

interface Peers {
  readonly compilers: readonly Compiler[];
  /** What is not here, and what to do to have it measured. */
  readonly absent: readonly string[];
}

/** The rules of one call: alternatives; without comparisons: always. */
interface CallRules {
  readonly nr: number;
  readonly name: string;
  readonly word: number;
  readonly alternatives: readonly (readonly Comparison[])[];
}

const { allow, errno } = actions;

/** Finds the compilers that are here. */
export function findPeers(table: SyscallTable): Peers {
  const found = [findMinijail(table), findKafel(table), findSeccompiler(table)];
  return {
    compilers: found.filter((each) => typeof each !== 'string'),
    absent: found.filter((each) => typeof each === 'string'),
  };
}

function findMinijail(table: SyscallTable): Compiler | string {
  const program = process.env.OCI_SECCOMP_MINIJAIL ?? 'parse_seccomp_policy';
  if (spawnSync(program, ['--help']).status !== 0) {
    return 'minijail; make parse_seccomp_policy in its tree, and name it in OCI_SECCOMP_MINIJAIL';
  }
  return ofCommand('minijail', table, [program, '--dump', '-'], toMinijail);
}

function findSeccompiler(table: SyscallTable): Compiler | string {
  const program = process.env.OCI_SECCOMP_SECCOMPILER;
  if (program === undefined) {
    return 'seccompiler; name a program around its compile_from_json in OCI_SECCOMP_SECCOMPILER';
  }
  return ofCommand('seccompiler', table, [program], toSeccompiler);
}

type Write = (calls: readonly CallRules[], policy: Policy) => string;

/** A compiler that is a process: policy in, instructions out. */
function ofCommand(
  label: string,
  table: SyscallTable,
  command: readonly [string, ...string[]],
  write: Write,
): Compiler {
  const [program, ...parameters] = command;
  const compile = (text: string): Program => {
    const { error, status, stdout, stderr } = spawnSync(program, parameters, { input: text });
    if (error !== undefined) throw error;
    if (status !== 0) throw new Error(`refuses: ${`${stderr}`.trim()}`);
    return decodeProgram(stdout, 'little');
  };
  return {
    label: `${label} (process)`,
    table,
    compile: (policy) => compile(written(policy, table, write)),
    cpu: (policy) => cpuOfCommand(command, written(policy, table, write)),
  };
}

function findKafel(table: SyscallTable): Compiler | string {
  const koffi = loadKoffi();
  const path = process.env.OCI_SECCOMP_KAFEL ?? 'libkafel.so';
  try {
    const library = koffi.load(path);
    const create = library.func('void *kafel_ctxt_create(void)');
    const setInput = library.func('void kafel_set_input_string(void *context, const char *text)');
    const compile = library.func('int kafel_compile(void *context, void *program)');
    const message = library.func('const char *kafel_error_msg(void *context)');
    const destroy = library.func('void kafel_ctxt_destroy(void **context)');
    const free = koffi.load(null).func('void free(void *memory)');
    const run = (text: string): Program => {
      const context = create();
      try {
        setInput(context, text);
        // struct sock_fprog: length u16 @0, pointer @8.
        const made = Buffer.alloc(16);
        if (compile(context, made) !== 0) throw new Error(`refuses: ${message(context)}`);
        const filter = koffi.decode(made, 8, 'void *');
        const bytes = koffi.decode(filter, koffi.array('uint8_t', 8 * made.readUInt16LE(0), 'Typed'));
        free(filter);
        return decodeProgram(bytes as Uint8Array, 'little');
      } finally {
        destroy([context]);
      }
    };
    return {
      label: 'kafel',
      table,
      compile: (policy) => run(written(policy, table, toKafel)),
    };
  } catch {
    return 'kafel; make in its tree, and name its libkafel.so in OCI_SECCOMP_KAFEL';
  }
}

/** A policy in a peer's language. All of them filter one architecture. */
function written(policy: Policy, table: SyscallTable, write: Write): string {
  if (policy.architectures.length !== 1 || policy.architectures[0] !== 'x86_64') {
    throw new Error('not asked: it filters one architecture');
  }
  return write(groupByCall(policy, table), policy);
}

function groupByCall(policy: Policy, table: SyscallTable): readonly CallRules[] {
  const [native] = expandPolicy(policy, table);
  const byNumber = new Map<number, ArchRule[]>();
  for (const rule of native?.rules ?? []) byNumber.set(rule.nr, [...(byNumber.get(rule.nr) ?? []), rule]);
  return [...byNumber].map(([nr, rules]) => {
    // Rules that contradict one which has no comparisons and comes first never decide.
    const [first] = rules;
    const deciding = first?.comparisons.length === 0 ? [first] : rules;
    const words = new Set(deciding.map(({ returnWord }) => returnWord));
    const [word = 0] = words;
    const name = syscallName(nr, 'x86_64');
    if (words.size !== 1 || name === undefined) throw new Error('not asked: several actions for one call');
    const always = deciding.some(({ comparisons }) => comparisons.length === 0);
    return { nr, name, word, alternatives: always ? [] : deciding.map(({ comparisons }) => comparisons) };
  });
}

/** The number in an errno word. */
function errnoOf(word: number): number {
  if ((word & 0xffff_0000) >>> 0 !== errno.word) throw new Error('not asked: actions beside ALLOW and ERRNO');
  return word & 0xffff;
}

const symbols = { ne: '!=', lt: '<', le: '<=', eq: '==', ge: '>=', gt: '>' } as const;

/** minijail0(5): `name: arg0 == 1 && arg1 in 2 || …`; what no line names is killed. */
function toMinijail(calls: readonly CallRules[]): string {
  const comparison = ({ index, op, value, valueTwo }: Comparison): string => {
    if (op !== 'maskedEq') return `arg${index} ${symbols[op]} ${value}`;
    // `in`: no bits beside those.
    if ((value & valueTwo) !== 0n) throw new Error('not asked: masked bits that are not zero');
    return `arg${index} in 0x${(U64_MAX ^ value).toString(16)}`;
  };
  return calls
    .map(({ name, word, alternatives }) => {
      if (word !== allow.word) {
        if (alternatives.length > 0) throw new Error('not asked: comparisons of rules that deny');
        return `${name}: return ${errnoOf(word)}\n`;
      }
      const expression = alternatives.map((all) => all.map(comparison).join(' && ')).join(' || ');
      return `${name}: ${expression === '' ? '1' : expression}\n`;
    })
    .join('');
}

/** Kafel's documentation: `POLICY p { ALLOW { SYSCALL[41](a0) { a0 == 1 } } } USE p DEFAULT ERRNO(1)`. */
function toKafel(calls: readonly CallRules[], { defaultAction }: Policy): string {
  const comparison = ({ index, op, value, valueTwo }: Comparison): string =>
    op === 'maskedEq'
      ? `(a${index} & 0x${value.toString(16)}) == 0x${(value & valueTwo).toString(16)}`
      : `a${index} ${symbols[op]} ${value}`;
  const action = (word: number): string => (word === allow.word ? 'ALLOW' : `ERRNO(${errnoOf(word)})`);
  const entries = calls.map(({ nr, word, alternatives }) => {
    const count = 1 + Math.max(-1, ...alternatives.flat().map(({ index }) => index));
    const parameters = Array.from({ length: count }, (_, index) => `a${index}`).join(', ');
    const expression = alternatives.map((all) => `(${all.map(comparison).join(' && ')})`).join(' || ');
    return `${action(word)} { SYSCALL[${nr}]${count === 0 ? '' : `(${parameters}) { ${expression} }`} }`;
  });
  return `POLICY p { ${entries.join(',\n')} } USE p DEFAULT ${action(defaultAction)}`;
}

/** seccompiler's JSON has one action for all rules: those with another stay out, and then get the default. */
function toSeccompiler(calls: readonly CallRules[], { defaultAction }: Policy): string {
  const argument = ({ index, op, value, valueTwo }: Comparison): string => {
    const operator = op === 'maskedEq' ? `{"masked_eq": ${value}}` : JSON.stringify(op);
    const compared = op === 'maskedEq' ? value & valueTwo : value;
    return `{"index": ${index}, "type": "qword", "op": ${operator}, "val": ${compared}}`;
  };
  const filter = calls
    .filter(({ word }) => word === allow.word)
    .flatMap(({ name, alternatives }) =>
      alternatives.length === 0
        ? [`{"syscall": "${name}"}`]
        : alternatives.map((all) => `{"syscall": "${name}", "args": [${all.map(argument).join(', ')}]}`),
    );
  const mismatch = defaultAction === allow.word ? '"allow"' : `{"errno": ${errnoOf(defaultAction)}}`;
  return `{"main": {"mismatch_action": ${mismatch}, "match_action": "allow", "filter": [${filter.join(',\n')}]}}`;
}
