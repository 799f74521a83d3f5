/**
 * What programs cost in the kernel, in CPU time: seccomp(2) itself, and calls under the filter; of the builtin compiler,
 * of libseccomp linear and as a tree, and of a program that allows everything.
 *
 * Run as root on x86_64: npm run tool -- bench/attach.ts [PROFILE...]
 * Needs cc and libseccomp. PROFILE (default: Docker's and Podman's), ROUNDS and LIBRARIES as in bench/compilers.ts; the
 * newest library is measured.
 * Before that, PTRACE_SECCOMP_GET_FILTER reads back what the kernel holds, and calls must come out alike under all
 * programs of the same rules.
 * @module
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { directSyscallNumber } from '../src/abi/syscall-numbers.ts';
import { BPF_LD_W_ABS, BPF_RET_K, encodeProgram, type Program } from '../src/bpf/program.ts';
import { newestTable } from '../src/policy/newest-table.ts';
import { countAtAttach } from './count-steps.ts';
import { builtinCompilers, ENDIAN, libseccompCompilers } from './filter-compilers.ts';
import { makeSubjects, type Subject } from './filter-subjects.ts';
import { type Cost, cell, summarize } from './measure.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 201);
const CALLS = 10_000;
const STACKED = 4;
const PROFILES = ['docker-default', 'podman-default'];
const OF_TREE = 1 / 4;
const OF_LINEAR = 1 / 7;
const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-bench-'));
const helper = join(folder, 'attach');

interface Contender {
  readonly label: string;
  readonly program: Program;
  readonly file: string;
  /** The same program, of which the kernel cannot tell in advance what it returns. */
  readonly uncached: string;
}

const ALLOW_ALL: Program = [{ code: BPF_RET_K, jt: 0, jf: 0, k: 0x7fff_0000 }];
/** The low half of argument 0: what comes after a load of it is not followed (Linux 6.18 seccomp_is_const_allow). */
const LOAD_ARGUMENT = { code: BPF_LD_W_ABS, jt: 0, jf: 0, k: 16 } as const;

/** Calls to make, all of them quick where no filter is: what is to be denied is a call that the kernel does not have. */
const KINDS = [
  { label: 'getppid, allowed', syscall: 'getppid', argument: 0 },
  { label: 'vserver, denied', syscall: 'vserver', argument: 0 },
  { label: 'personality(0xffffffff), arguments decide', syscall: 'personality', argument: 0xffff_ffff },
] as const;

async function main(asked: readonly string[]): Promise<void> {
  buildHelper();
  const { libraries, compilers } = libseccompCompilers();
  const table = libraries[0] ?? newestTable;
  const tree = compilers.at(-1);
  const linear = compilers.at(-2);
  print(`Linux ${release()}, node ${process.versions.node}; BPF compiled to machine code: ${jit()}\n`);
  print(`${ROUNDS} rounds, each program in a process of its own in every round; medians of CPU time\n`);
  if (tree === undefined || linear === undefined)
    print('absent: libseccomp; install it, or run npm run fetch\n');
  const others = [tree, linear].filter((each) => each !== undefined);
  for (const subject of await makeSubjects(table, asked.length > 0 ? asked : PROFILES)) {
    const [builtin] = builtinCompilers(table);
    const made = [builtin, ...others].flatMap((each) =>
      each === undefined ? [] : [contender(each.label, each.compile(subject.policy))],
    );
    report(subject, [contender('allow all', ALLOW_ALL), ...made]);
  }
}

function buildHelper(): void {
  const { status, stderr, error } = spawnSync('cc', ['-O2', '-o', helper, 'bench/attach.c'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`cc: ${error?.message ?? stderr}`);
}

function jit(): string {
  try {
    return readFileSync('/proc/sys/net/core/bpf_jit_enable', 'utf8').trim() === '0' ? 'no' : 'yes';
  } catch {
    return 'unknown';
  }
}

let written = 0;

function contender(label: string, program: Program): Contender {
  const write = (instructions: Program): string => {
    written += 1;
    const file = join(folder, `${written}.bpf`);
    writeFileSync(file, encodeProgram(instructions, ENDIAN));
    return file;
  };
  return { label, program, file: write(program), uncached: write([LOAD_ARGUMENT, ...program]) };
}

function run(...parameters: readonly (string | number)[]): string {
  const { status, stdout, stderr } = spawnSync(helper, parameters.map(String), { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

function report({ label, policy }: Subject, contenders: readonly Contender[]): void {
  print(`\n${label}: ${policy.rules.length} rules on ${policy.architectures.join(', ')}\n`);
  for (const each of contenders) checkHeld(each);
  print('read back with PTRACE_SECCOMP_GET_FILTER: the kernel holds these programs\n\n');
  reportAttach(contenders);
  reportCalls(contenders);
}

/** Fails if the kernel holds anything else than what was attached. */
function checkHeld({ label, file, uncached }: Contender): void {
  for (const path of [file, uncached]) {
    const expected = readFileSync(path).toString('hex');
    const held = run('read', STACKED, path).trimEnd().split('\n');
    if (held.length !== STACKED || held.some((each) => each !== expected)) {
      throw new Error(`${label}: the kernel holds another program than was attached`);
    }
  }
}

function reportAttach(contenders: readonly Contender[]): void {
  const files = contenders.map(({ file }) => file);
  const costs = columns(run('attach', ROUNDS, ...files)).map((column) =>
    summarize(column.map(Number.parseFloat)),
  );
  const base = costs[0]?.median ?? Number.NaN;
  const over = costs.map(({ median }) => (median - base) / 1000);
  print(
    `${'seccomp(2)'.padEnd(28)}  instr  followed         µs        over allow all   builtin ÷ it  ÷ by followed only\n`,
  );
  const [allowed, builtin] = contenders;
  const followed = contenders.map(({ program }) => countAtAttach(program));
  for (const [i, { label, program }] of contenders.entries()) {
    const { median, spread } = costs[i] ?? { median: Number.NaN, spread: Number.NaN };
    const steps = followed[i] ?? Number.NaN;
    const isOther = i > 1;
    print(
      [
        label.padEnd(28),
        cell(program.length, 7),
        cell(steps, 10),
        cell(median / 1000, 11, 1),
        ` ±${cell(100 * spread, 3)} %`,
        cell(over[i], 15, 1),
        isOther ? cell((over[1] ?? 0) / (over[i] ?? 0), 15, 3) : '',
        isOther && allowed !== undefined && builtin !== undefined
          ? cell(((followed[1] ?? 0) - (followed[0] ?? 0)) / (steps - (followed[0] ?? 0)), 20, 3)
          : '',
        '\n',
      ].join(''),
    );
  }
  for (const [i, name, target] of [
    [2, 'tree', OF_TREE],
    [3, 'linear', OF_LINEAR],
  ] as const) {
    if (over[i] === undefined) continue;
    const ratio = (over[1] ?? Number.NaN) / over[i];
    print(`target over allow all, at most ${target.toFixed(3)} of ${name}: ${ratio.toFixed(3)} `);
    print(`${ratio <= target ? 'met' : 'missed'}\n`);
  }
}

/** Values of lines, by their place in the line. */
function columns(text: string): readonly (readonly string[])[] {
  const lines = text.trimEnd().split('\n');
  const rows = lines.map((line) => line.trim().split(' '));
  return (rows[0] ?? []).map((_, i) => rows.map((row) => row[i] ?? ''));
}

function reportCalls(contenders: readonly Contender[]): void {
  for (const { label, syscall, argument } of KINDS) {
    const nr = directSyscallNumber(syscall, 'x86_64') ?? -1;
    print(`\n${label.padEnd(44)} ns a call over no filter, spread\n`);
    print(`${''.padEnd(28)}      one filter      not cached     four filters  four not cached\n`);
    const rounds = Math.max(1, Math.round(ROUNDS / 5));
    const ways = [
      { stacked: 1, file: 'file' },
      { stacked: 1, file: 'uncached' },
      { stacked: STACKED, file: 'file' },
      { stacked: STACKED, file: 'uncached' },
    ] as const;
    const tables = ways.map(({ stacked, file }) => {
      const files = ['-', ...contenders.map((each) => each[file])];
      return columns(run('calls', rounds, CALLS, stacked, nr, argument, ...files));
    });
    checkResults(syscall, contenders, tables);
    for (const [i, each] of contenders.entries()) {
      const cells = tables.map((table) => difference(table[i + 1] ?? [], table[0] ?? []));
      print(
        `${each.label.padEnd(28)}${cells.map(({ median, spread }) => nanoseconds(median, spread)).join('')}\n`,
      );
    }
  }
}

function nanoseconds(median: number, spread: number): string {
  return `${cell(median, 10, 1)} ±${cell(Math.abs(spread * median), 4, 1)}`;
}

/** Round by round over the calls without a filter. */
function difference(column: readonly string[], bare: readonly string[]): Cost {
  return summarize(column.map((each, i) => Number.parseFloat(each) - Number.parseFloat(bare[i] ?? '')));
}

/** Programs of the same rules must give a call the same result. */
function checkResults(
  syscall: string,
  contenders: readonly Contender[],
  tables: readonly (readonly (readonly string[])[])[],
): void {
  const results = tables.flatMap((table) =>
    contenders.flatMap(({ label }, i) =>
      label === 'allow all' ? [] : (table[i + 1] ?? []).map((each) => each.split(':')[1]),
    ),
  );
  const distinct = new Set(results);
  if (distinct.size > 1) throw new Error(`${syscall} comes out as ${[...distinct].join(' and ')}`);
}

function print(text: string): void {
  process.stdout.write(text);
}

try {
  await main(process.argv.slice(2));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
