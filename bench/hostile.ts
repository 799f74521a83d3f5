/**
 * Inputs made to be hard to decide: time and memory of each, in a process of its own.
 *
 * Run: npm run tool -- bench/hostile.ts [--json] [WORD...]; only cases whose name holds one of the words.
 * Memory is the process's peak less that of one that decides nothing.
 * @module
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { hostileCases, type Outcome, runHostile } from '../test/decision/hostile-cases.ts';

interface Measured extends Outcome {
  readonly peakKiB: number;
}

const ONE = '--one';
const NOTHING = 'nothing';

function main(parameters: readonly string[]): void {
  const [first, second] = parameters;
  if (first === ONE) {
    const outcome =
      second === undefined || second === NOTHING ? { answer: '', milliseconds: 0 } : runHostile(second);
    const measured: Measured = { ...outcome, peakKiB: process.resourceUsage().maxRSS };
    process.stdout.write(`${JSON.stringify(measured)}\n`);
    return;
  }
  const words = parameters.filter((each) => !each.startsWith('--'));
  const isAsked = (name: string): boolean => words.length === 0 || words.some((word) => name.includes(word));
  const bare = measure(NOTHING);
  for (const name of Object.keys(hostileCases).filter(isAsked)) {
    const measured = measure(name);
    const mebibytes = (measured.peakKiB - bare.peakKiB) / 1024;
    const { milliseconds, answer } = measured;
    process.stdout.write(
      parameters.includes('--json')
        ? `${JSON.stringify({ name, milliseconds, mebibytes, answer })}\n`
        : `${name.padEnd(76)} ${milliseconds.toFixed(0).padStart(6)} ms ${mebibytes.toFixed(0).padStart(5)} MiB  ${answer}\n`,
    );
  }
}

function measure(name: string): Measured {
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    [fileURLToPath(import.meta.url), ONE, name],
    { encoding: 'utf8', timeout: 300_000 },
  );
  if (status === 0) return JSON.parse(stdout) as Measured;
  return {
    answer: `FAILED ${signal ?? stderr.trim().split('\n').slice(0, 6).join(' | ')}`,
    milliseconds: Number.NaN,
    peakKiB: Number.NaN,
  };
}

main(process.argv.slice(2));
