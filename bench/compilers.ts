/**
 * The builtin compiler beside libseccomp and other compilers: for the same rules the length of the program, what the
 * kernel follows of it at attach, what it executes a call, and the CPU time of one compilation.
 *
 * Run: npm run tool -- bench/compilers.ts [PROFILE...]
 * PROFILE is a file or the name of a built-in profile, `docker-default@20.10` for a release's (default: the newest of all,
 * and some of fixtures/). Environment: ROUNDS; LIBRARIES, paths with a colon between (default: the oldest and the newest
 * of this machine's libseccomp and those that `npm run fetch` fetched). bench/peers.ts says how other compilers are found.
 * @module
 */
import './plain-environment.ts';
import { release } from 'node:os';
import type { Program } from '../src/bpf/program.ts';
import { proveProgram } from '../src/compile/prove.ts';
import { expandPolicy } from '../src/policy/expand-policy.ts';
import { newestTable } from '../src/policy/newest-table.ts';
import type { Policy, SyscallTable } from '../src/policy/policy.ts';
import { type Calls, countAtAttach, measureDepths, sortCalls } from './count-steps.ts';
import { builtinCompilers, type Compiler, ENDIAN, libseccompCompilers } from './filter-compilers.ts';
import { builtinNames, fixtureFiles, makeSubjects, type Subject } from './filter-subjects.ts';
import { reportFirst } from './first-compile.ts';
import { leastAtAttach, leastOfDenied } from './least-steps.ts';
import { type Cost, cell, cpuOf, cpuOfBareNode, takeTurns } from './measure.ts';
import { findPeers } from './peers.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 21);
const WARM_UP_ROUNDS = Math.min(ROUNDS, 5);
/** Rounds of whole processes. */
const FIRST_ROUNDS = Math.min(ROUNDS, 11);

async function main(asked: readonly string[]): Promise<void> {
  const profiles = asked.length > 0 ? asked : [...builtinNames, ...fixtureFiles];
  const { libraries, compilers: theirs } = libseccompCompilers();
  const table = libraries[0] ?? newestTable;
  const peers = findPeers(table);
  const bare = takeTurns([{ label: 'node -e 0', take: cpuOfBareNode }], ROUNDS)[0]?.median ?? Number.NaN;
  print(`Linux ${release()}, node ${process.versions.node}, ${ROUNDS} rounds; medians of CPU time\n`);
  print(`unit: node -e 0 takes ${bare.toFixed(1)} ms of CPU; names of ${table.name}\n`);
  for (const absent of peers.absent) print(`absent: ${absent}\n`);
  if (theirs.length === 0) print('absent: libseccomp; install it, or run npm run fetch\n');
  for (const subject of await makeSubjects(table, profiles)) {
    report(subject, [...builtinCompilers(table), ...theirs, ...peers.compilers], bare);
  }
  if (theirs.length > 0) print(reportFirst(bare, FIRST_ROUNDS));
  print(`\n${LEGEND}`);
}

const LEGEND = `instr: instructions of the program, runc's ENOSYS stub included.
CPU ms: one compilation in a process that has made many, without proof, and the spread (half the distance of the quartiles).
attach: instructions that a kernel for x86_64 with i386 follows when the program is attached.
allowed, denied, args: instructions executed for a call of x86_64 that is allowed whatever its arguments (as often as
calls come), that is denied whatever they are, and for which they decide. The kernel executes nothing for the first
kind, if it could follow the program.
meaning: proven equal to the rules, or what differs.
`;

function report({ label, policy }: Subject, compilers: readonly Compiler[], bare: number): void {
  const left: string[] = [];
  const made = compilers.flatMap((compiler) => {
    try {
      return [{ compiler, program: compiler.compile(policy) }];
    } catch (error) {
      left.push(`${compiler.label.padEnd(28)}     - ${(error as Error).message.split('\n')[0]}\n`);
      return [];
    }
  });
  const [reference] = made;
  if (reference === undefined) return;
  const [native] = expandPolicy(policy, reference.compiler.table);
  const calls = sortCalls(reference.program, native?.rules ?? []);
  const turns = made.map(({ compiler }) => ({
    label: compiler.label,
    take: () => compiler.cpu?.(policy) ?? cpuOf(() => compiler.compile(policy)),
  }));
  const costs = takeTurns(turns, ROUNDS, WARM_UP_ROUNDS);
  print(`\n${label}: ${policy.rules.length} rules on ${policy.architectures.join(', ')}\n`);
  print(`${''.padEnd(28)} instr    CPU ms        × node   attach  allowed  denied    args  meaning\n`);
  for (const [i, { compiler, program }] of made.entries()) {
    const cost = costs[i] ?? { median: Number.NaN, spread: Number.NaN };
    print(
      `${row(compiler.label, program, cost, bare, calls)}  ${meaning(policy, compiler.table, program)}\n`,
    );
  }
  print(left.join(''));
  const tree = made.findLast(({ compiler }) => compiler.label.endsWith(' tree'));
  if (tree !== undefined) reportRatios(tree.compiler.label, reference.program, tree.program, calls);
}

/** What the builtin compiler takes of libseccomp's tree, at most. */
const OF_TREE_AT_ATTACH = 0.55;
const OF_TREE_IN_DEPTH = 0.6;

function reportRatios(label: string, program: Program, tree: Program, calls: Calls): void {
  const [own, theirs] = [measureDepths(program, calls), measureDepths(tree, calls)];
  const ratio = (name: string, ours = Number.NaN, other = Number.NaN, most?: number): string => {
    const share = ours / other;
    const target = most === undefined ? '' : ` (target ${most}: ${share <= most ? 'met' : 'missed'})`;
    return Number.isNaN(share) ? '' : `, ${name} ${share.toFixed(3)}${target}`;
  };
  print(
    [
      `builtin ÷ ${label}: instr ${(program.length / tree.length).toFixed(3)}`,
      ratio('attach', countAtAttach(program), countAtAttach(tree), OF_TREE_AT_ATTACH),
      ratio('attach with comparisons at least', leastAtAttach(program), countAtAttach(tree)),
      ratio('allowed', own.allowed, theirs.allowed),
      ratio('denied', own.denied, theirs.denied, OF_TREE_IN_DEPTH),
      ratio('denied with comparisons at least', leastOfDenied(calls), theirs.denied),
      ratio('args', own.checked, theirs.checked, OF_TREE_IN_DEPTH),
      '\n',
    ].join(''),
  );
}

function row(label: string, program: Program, cost: Cost, bare: number, calls: Calls): string {
  const depths = measureDepths(program, calls);
  return [
    label.padEnd(28),
    cell(program.length, 6),
    cell(cost.median, 9, 2),
    ` ±${cell(100 * cost.spread, 2)} %`,
    cell(cost.median / bare, 9, 3),
    cell(countAtAttach(program), 9),
    cell(depths.allowed, 9, 1),
    cell(depths.denied, 8, 1),
    cell(depths.checked, 8, 1),
  ].join('');
}

function meaning(policy: Policy, table: SyscallTable, program: Program): string {
  const { equal, counterexample } = proveProgram({ policy, table, program, endian: ENDIAN });
  if (equal) return 'equal';
  const { call, relation } = counterexample ?? {};
  return `${relation ?? 'differs'}, as for number ${call?.nr} of 0x${call?.arch.toString(16)}`;
}

function print(text: string): void {
  process.stdout.write(text);
}

await main(process.argv.slice(2));
