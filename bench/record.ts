/**
 * What recording costs, in CPU time of the recorder and the recorded together: `record` by notification,
 * strace -f, and nothing; of a loop of one call, and of programs.
 *
 * Run on Linux 5.5 or newer: npm run tool -- bench/record.ts
 * Needs cc and strace. ROUNDS (default 7). Before it measures, it looks whether both see the same calls.
 * @module
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { summarize } from './measure.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 7);
const CALLS = 100_000;
const program = resolve('dist/bin/main.cjs');
const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-bench-record-'));
const loop = join(folder, 'loop');
const list = join(folder, 'list');
const trace = join(folder, 'trace');

const record = [process.execPath, program, 'record', '-q', '--list', '-o', list, '--'];
const ways: Readonly<Record<string, readonly string[]>> = {
  nothing: [],
  'record, notification': record,
  'strace -f': ['strace', '-f', '-qq', '-o', trace],
};
const subjects: Readonly<Record<string, readonly string[]>> = {
  true: ['true'],
  [`${CALLS} times getppid`]: [loop, String(CALLS)],
  'ls -lR /usr/lib': ['sh', '-c', 'ls -lR /usr/lib >/dev/null'],
  'gcc hello.c': ['gcc', '-o', join(folder, 'hello'), join(folder, 'hello.c')],
};

/** CPU of a command and all that it waits for, and the time by the clock, in milliseconds. */
function costOf(words: readonly string[]): { readonly cpu: number; readonly clock: number } {
  const script = 'TIMEFORMAT="%U %S %R"; { time "$@" >/dev/null 2>&1; } 2>&1';
  const { stdout } = spawnSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' });
  const [user = 0, system = 0, real = 0] = stdout.trim().split(' ').map(Number);
  return { cpu: (user + system) * 1000, clock: real * 1000 };
}

function main(): void {
  writeFileSync(join(folder, 'hello.c'), '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n');
  writeFileSync(
    `${loop}.c`,
    '#include <stdlib.h>\n#include <sys/syscall.h>\n#include <unistd.h>\nint main(int c, char **v) { (void)c; for (long i = atol(v[1]); i > 0; i--) syscall(SYS_getppid); return 0; }\n',
  );
  spawnSync('cc', ['-O2', '-o', loop, `${loop}.c`]);
  requireSame();
  process.stdout.write(
    `Linux ${release()}, node ${process.versions.node}; ${ROUNDS} rounds, medians, CPU ms (clock ms)\n\n`,
  );
  process.stdout.write(
    `| command | ${Object.keys(ways).join(' | ')} |\n| --- |${' --- |'.repeat(Object.keys(ways).length)}\n`,
  );
  for (const [label, words] of Object.entries(subjects)) {
    const costs = Object.values(ways).map(() => ({ cpu: [] as number[], clock: [] as number[] }));
    for (let round = 0; round < ROUNDS; round++) {
      for (const [i, way] of Object.values(ways).entries()) {
        const { cpu, clock } = costOf([...way, ...words]);
        costs[i]?.cpu.push(cpu);
        costs[i]?.clock.push(clock);
      }
    }
    const cells = costs.map(
      ({ cpu, clock }) => `${summarize(cpu).median.toFixed(0)} (${summarize(clock).median.toFixed(0)})`,
    );
    process.stdout.write(`| ${label} | ${cells.join(' | ')} |\n`);
  }
}

/** @throws if the two see different calls */
function requireSame(): void {
  for (const way of Object.values(ways)) costOf([...way, 'true']);
  const recorded = readFileSync(list, 'utf8').trim().split('\n');
  const traced = [...readFileSync(trace, 'utf8').matchAll(/^\d+ +([a-z0-9_]+)\(/gm)].map(
    ([, name = '']) => name,
  );
  const names = [...new Set(traced)].sort();
  if (names.join() !== recorded.join()) throw new Error(`record saw ${recorded}, strace ${names}`);
}

try {
  main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
