/**
 * Cold start: whole processes, in processor time (user and system, of the process and what it waited for), as ratios to a
 * bare `node -e 0` of the same round. The program keeps its compiled code (SECURITY.md), as it does for a user; a column
 * says what the same command takes without. A row says what libseccomp takes of `compile FILE` with it, called from C: needs cc.
 *
 * Run: npm run bench (after npm run build); it measures this Node, and those in `.cache/node` (npm run fetch). ROUNDS=31
 * @module
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadKoffi } from '../src/ffi.ts';
import { openLibrary } from '../src/libseccomp/library.ts';
import { cExport, compileC, dockerRules } from './from-c.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 31);
const program = resolve('dist/bin/main.cjs');
const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-bench-'));
const CHILDREN = -1; // RUSAGE_CHILDREN, include/uapi/linux/resource.h

interface Contender {
  readonly label: string;
  /** What runs; default: the Node that is measured. */
  readonly command?: string;
  readonly parameters: readonly string[];
  /** The most that it should take, as a ratio. */
  readonly target?: number;
}

function contenders(): readonly Contender[] {
  const output = join(folder, 'out.bpf');
  const file = join(folder, 'docker-default.json');
  writeDockerDefault(file);
  const compile = (operand: string, backend: string): readonly string[] => [
    ...[program, 'compile', operand, '-q', '-o', output, '--backend', backend],
  ];
  return [
    { label: '--version', parameters: [program, '--version'], target: 1.15 },
    { label: '--help', parameters: [program, '--help'], target: 1.15 },
    { label: 'validate FILE', parameters: [program, 'validate', file], target: 1.6 },
    { label: 'compile built-in, builtin', parameters: compile('docker-default', 'builtin'), target: 1.7 },
    { label: 'compile built-in, libseccomp', parameters: compile('docker-default', 'libseccomp') },
    { label: 'compile FILE, builtin', parameters: compile(file, 'builtin'), target: 2 },
    { label: 'compile FILE, libseccomp', parameters: compile(file, 'libseccomp'), target: 2.3 },
    ...libseccompAlone(output),
    { label: 'lint FILE', parameters: [program, 'lint', file], target: 2.4 },
    { label: 'explain', parameters: [program, 'explain', 'docker-default', 'clone'], target: 2.4 },
    { label: 'diff', parameters: [program, 'diff', 'docker-default', 'podman-default'] },
    { label: 'resolve', parameters: [program, 'resolve', 'docker-default'] },
    { label: 'rules', parameters: [program, 'rules'] },
    { label: 'hook --help', parameters: [program, 'hook', '--help'] },
  ];
}

/** What no change of this program can save of `compile FILE, libseccomp`; nothing without a C compiler. */
function libseccompAlone(output: string): readonly Contender[] {
  try {
    const library = openLibrary();
    const command = compileC(cExport(dockerRules(library)), join(folder, 'from-c'));
    return [{ label: '  libseccomp of it, from C', command, parameters: [library.path, output] }];
  } catch (error) {
    print(`libseccomp is not called from C: ${(error as Error).message.split('\n')[0]}\n`);
    return [];
  }
}

function main(): void {
  const rows = contenders();
  for (const node of nodes()) measure(node, rows);
}

/** This Node, and others of other releases. */
function nodes(): readonly string[] {
  const cache = resolve('.cache/node');
  const others = existsSync(cache) ? readdirSync(cache).map((name) => join(cache, name, 'bin/node')) : [];
  return [process.execPath, ...others.filter((path) => existsSync(path))];
}

/** All commands take turns in each round, so that a busy moment hits all alike. */
function measure(node: string, rows: readonly Contender[]): void {
  const kept = { XDG_CACHE_HOME: folder };
  const none = { OCI_SECCOMP_NO_COMPILE_CACHE: '1' };
  const ratios = rows.map(() => ({ kept: [] as number[], none: [] as number[] }));
  const bare: number[] = [];
  // Each keeps its code in the first three runs.
  for (let i = 0; i < 3; i += 1)
    for (const { command, parameters } of rows) timeOf(command ?? node, parameters, kept);
  for (let round = 0; round < ROUNDS; round += 1) {
    const time = timeOf(node, ['-e', '0'], kept);
    bare.push(time);
    for (const [i, { command = node, parameters }] of rows.entries()) {
      ratios[i]?.kept.push(timeOf(command, parameters, kept) / time);
      ratios[i]?.none.push(timeOf(command, parameters, none) / time);
    }
  }
  const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
  const milliseconds = (1000 * median(bare)).toFixed(1);
  print(`Node ${version}, ${ROUNDS} rounds; node -e 0 takes ${milliseconds} ms of processor time\n\n`);
  print(`${'command'.padEnd(30)} ratio  without kept code  target\n`);
  for (const [i, { label, target }] of rows.entries()) {
    const ratio = median(ratios[i]?.kept ?? []);
    const judged = target === undefined ? '' : `${target.toFixed(2)} ${ratio <= target ? 'met' : 'not met'}`;
    const without = median(ratios[i]?.none ?? []).toFixed(2);
    print(`${label.padEnd(30)} ${ratio.toFixed(2).padStart(5)}  ${without.padStart(17)}  ${judged}\n`);
  }
  print('\n');
}

/** Processor time of a run in seconds. */
function timeOf(
  command: string,
  parameters: readonly string[],
  env: Readonly<Record<string, string>>,
): number {
  const before = childrenTime();
  const { status, stderr } = spawnSync(command, parameters, {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...env },
  });
  // 1: lint and diff have found something.
  if (status === null || status > 1) throw new Error(`${command} ${parameters.join(' ')}: ${stderr}`);
  return childrenTime() - before;
}

let getrusage: ((who: number, usage: BigInt64Array) => number) | undefined;

/** getrusage(2): user time, then system time, each seconds i64 and microseconds i64. */
function childrenTime(): number {
  getrusage ??= loadKoffi().load(null).func('getrusage', 'int', ['int', 'void *']);
  const usage = new BigInt64Array(18);
  if (getrusage?.(CHILDREN, usage) !== 0) throw new Error('getrusage fails');
  const [userSeconds, user, systemSeconds, system] = [...usage].map(Number);
  return (userSeconds ?? 0) + (systemSeconds ?? 0) + ((user ?? 0) + (system ?? 0)) / 1e6;
}

/** Writes the built-in profile as the file that Docker would be given. */
function writeDockerDefault(file: string): void {
  const script = `import('${resolve('dist/oci/index.js')}').then(m => process.stdout.write(m.serializeProfile(m.builtinProfiles["docker-default"]())))`;
  const { stdout, status, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  writeFileSync(file, stdout);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function print(text: string): void {
  process.stdout.write(text);
}

try {
  main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
