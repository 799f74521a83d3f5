/**
 * Lint: one profile as a whole process beside `node -e 0`, and a thousand profiles in one process with its memory.
 *
 * Run: npm run build && node tools/run.mjs bench/lint.ts
 * Targets: one profile at most 2 × `node -e 0`; 1,000 profiles of docker-default's size in at most 20 s, memory flat.
 * @module
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { builtinProfiles } from '../src/oci/builtin/index.ts';
import { serializeProfile } from '../src/oci/serialize.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 21);
const program = resolve('dist/bin/main.cjs');
const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-bench-'));

function main(): void {
  const text = serializeProfile(builtinProfiles['docker-default']());
  const one = join(folder, 'one.json');
  writeFileSync(one, text);
  reportOne(one);
  for (const count of [100, 1000]) reportMany(text, count);
}

function reportOne(file: string): void {
  const contenders = [
    { label: 'node -e 0', words: ['-e', '0'] },
    { label: 'lint docker-default as a file', words: [program, 'lint', file] },
    { label: 'the same with --no-libseccomp', words: [program, 'lint', file, '--no-libseccomp'] },
  ];
  const times = contenders.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [i, { words }] of contenders.entries()) {
      const started = performance.now();
      spawnSync(process.execPath, words);
      times[i]?.push(performance.now() - started);
    }
  }
  const bare = median(times[0] ?? []);
  for (const [i, { label }] of contenders.entries()) {
    const time = median(times[i] ?? []);
    print(`${label.padEnd(34)} ${time.toFixed(1).padStart(8)} ms  ${(time / bare).toFixed(2)}\n`);
  }
}

/** Profiles that all differ, so that nothing can be remembered from one to the next. */
function reportMany(text: string, count: number): void {
  const many = join(folder, `${count}`);
  spawnSync('mkdir', [many]);
  for (let i = 0; i < count; i += 1) {
    writeFileSync(
      join(many, `${i}.json`),
      text.replace(/"defaultErrnoRet": \d+/, `"defaultErrnoRet": ${i + 1}`),
    );
  }
  const memory = join(folder, 'memory');
  const preload = join(folder, 'preload.cjs');
  writeFileSync(
    preload,
    `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(memory)}, String(process.resourceUsage().maxRSS)));`,
  );
  const started = performance.now();
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--require', preload, program, 'lint', many, '-o', '/dev/null'],
    { encoding: 'utf8' },
  );
  const seconds = (performance.now() - started) / 1000;
  if (status === null || status > 1) throw new Error(stderr);
  const peak = Number(readFileSync(memory, 'utf8')) / 1024;
  print(
    `${`${count} profiles`.padEnd(34)} ${seconds.toFixed(2).padStart(8)} s   ${peak.toFixed(0)} MiB at the peak\n`,
  );
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
  rmSync(folder, { recursive: true, force: true });
}
