/**
 * Lint in CPU time (user and system, all threads): one profile beside `node -e 0`, and a thousand profiles in one process
 * with its memory, as a large repository has them and with no two alike.
 *
 * Run: npm run build && node tools/run.mjs bench/lint.ts
 * Targets: one profile at most 2.4 × `node -e 0`; 1,000 profiles in at most 6 s, memory flat.
 * `ROUNDS=5` repeats everything so often (the median counts), `NODE=/path/to/node` takes another Node, and
 * `KEEP=/folder` keeps the profiles there, for a look at them or for a profiler. Words behind the file are handed to
 * lint: `node tools/run.mjs bench/lint.ts --runtime all`.
 * @module
 */
import './plain-environment.ts';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { builtinProfiles } from '../src/oci/builtin/index.ts';
import { serializeProfile } from '../src/oci/serialize.ts';
import { writeMonorepo } from './monorepo.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const COUNT = 1000;
const node = process.env.NODE ?? process.execPath;
const program = resolve('dist/bin/main.cjs');
const kept = process.env.KEEP;
const folder = kept ?? mkdtempSync(join(tmpdir(), 'oci-seccomp-bench-'));
const words = process.argv.slice(2);

/** What a process took. */
interface Cost {
  /** User and system time of all threads, in seconds. */
  readonly cpu: number;
  readonly wall: number;
  /** The largest resident set, in MiB. */
  readonly peak: number;
}

function main(): void {
  mkdirSync(folder, { recursive: true });
  const text = serializeProfile(builtinProfiles['docker-default']());
  const one = join(folder, 'one.json');
  writeFileSync(one, text);
  reportOne(one);
  const monorepo = join(folder, 'monorepo');
  const distinct = writeMonorepo(monorepo, COUNT);
  const different = join(folder, 'different');
  writeDifferent(different, text);
  print(`\n${'1,000 profiles'.padEnd(38)}    CPU s   wall s  peak MiB\n`);
  for (const format of ['human', 'json', 'sarif']) {
    reportMany(`a monorepo, ${distinct} differ, ${format}`, [monorepo, '--format', format]);
  }
  reportMany('no two alike, human', [different]);
}

function reportOne(file: string): void {
  const bare = median(repeat(['-e', '0']).map(({ cpu }) => cpu));
  for (const [label, more] of [
    ['lint docker-default as a file', []],
    ['the same with --no-libseccomp', ['--no-libseccomp']],
  ] as const) {
    const cpu = median(repeat([program, 'lint', file, ...more]).map((cost) => cost.cpu));
    print(
      `${label.padEnd(38)} ${(1000 * cpu).toFixed(0).padStart(6)} ms CPU, ${(cpu / bare).toFixed(2)} × node -e 0\n`,
    );
  }
}

/** Copies of one profile, each with another error: nothing can be taken over whole from one to the next. */
function writeDifferent(into: string, text: string): void {
  mkdirSync(into, { recursive: true });
  for (let i = 0; i < COUNT; i += 1) {
    const own = text.replace(/"defaultErrnoRet": \d+/, `"defaultErrnoRet": ${i + 1}`);
    writeFileSync(join(into, `${i}.json`), own);
  }
}

function reportMany(label: string, operands: readonly string[]): void {
  const costs = repeat([program, 'lint', ...operands, '-o', '/dev/null', ...words]);
  const [cpu, wall, peak] = (['cpu', 'wall', 'peak'] as const).map((key) =>
    median(costs.map((cost) => cost[key])),
  );
  print(
    `${label.padEnd(38)} ${(cpu ?? 0).toFixed(2).padStart(8)} ${(wall ?? 0).toFixed(2).padStart(8)} ${(peak ?? 0).toFixed(0).padStart(9)}\n`,
  );
}

function repeat(line: readonly string[]): readonly Cost[] {
  return Array.from({ length: ROUNDS }, () => measure(line));
}

/** Runs Node once; the process itself says what it took, worker threads included. */
function measure(line: readonly string[]): Cost {
  const usage = join(folder, 'usage.json');
  const preload = join(folder, 'preload.cjs');
  writeFileSync(
    preload,
    `if (require('node:worker_threads').isMainThread) process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(usage)}, JSON.stringify(process.resourceUsage())));`,
  );
  const started = performance.now();
  const { status, stderr } = spawnSync(node, ['--require', preload, ...line], { encoding: 'utf8' });
  const wall = (performance.now() - started) / 1000;
  if (status === null || status > 1) throw new Error(stderr);
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(readFileSync(usage, 'utf8'));
  return { cpu: (userCPUTime + systemCPUTime) / 1e6, wall, peak: maxRSS / 1024 };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function print(line: string): void {
  process.stdout.write(line);
}

try {
  main();
} finally {
  if (kept === undefined) rmSync(folder, { recursive: true, force: true });
}
