/**
 * CPU time of what takes turns: user and system time of this process or of its children, never the clock on the wall.
 * @module
 */
import { spawnSync } from 'node:child_process';

/** Something that is done again and again. */
export interface Turn {
  readonly label: string;
  /** Does it once and answers what that took, in milliseconds of CPU. */
  readonly take: () => number;
}

/** What the rounds of one turn came to. */
export interface Cost {
  /** Milliseconds of CPU. */
  readonly median: number;
  /** Half the distance of the quartiles, as a share of the median. */
  readonly spread: number;
}

/** All take turns in each round, so that a busy moment hits all alike. */
export function takeTurns(turns: readonly Turn[], rounds: number, warmUp = 0): readonly Cost[] {
  const times: number[][] = turns.map(() => []);
  for (let round = -warmUp; round < rounds; round += 1) {
    for (const [i, { take }] of turns.entries()) {
      const took = take();
      if (round >= 0) times[i]?.push(took);
    }
  }
  return times.map(summarize);
}

/** Median and spread. */
export function summarize(values: readonly number[]): Cost {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
  const median = at(0.5);
  return { median, spread: (at(0.75) - at(0.25)) / (2 * median) };
}

/** CPU time of all threads of this process while it does something, in milliseconds. */
export function cpuOf(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** CPU time of a bare Node from its start to its end, in milliseconds: the unit that machines have in common. */
export function cpuOfBareNode(): number {
  const script = "process.on('exit', () => console.log(JSON.stringify(process.cpuUsage())))";
  const { stdout } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  const { user, system } = JSON.parse(stdout);
  return (user + system) / 1000;
}

/** Runs of a command at once: the shell counts in hundredths of a second. */
const RUNS = 20;

/** CPU time of a command's whole process, its start included, in milliseconds. */
export function cpuOfCommand(command: readonly string[], input: string): number {
  const loop = `i=0; while [ $i -lt ${RUNS} ]; do printf %s "$INPUT" | "$0" "$@" >/dev/null 2>&1; i=$((i+1)); done; times`;
  const env = { ...process.env, INPUT: input };
  const { stdout } = spawnSync('sh', ['-c', loop, ...command], { encoding: 'utf8', env });
  const children = stdout.trim().split('\n').at(-1) ?? '';
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, rest]) => 60 * Number(minutes) + Number(rest),
  );
  return (1000 * seconds.reduce((sum, each) => sum + each, 0)) / RUNS;
}

/** Text at the width of a column, to its right. */
export function cell(text: string | number | undefined, width: number, digits = 0): string {
  const written = typeof text === 'number' ? text.toFixed(digits) : (text ?? '-');
  return written.padStart(width);
}
