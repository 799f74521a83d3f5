/**
 * Where a run's time goes, for `--verbose` and the benchmark.
 * @module
 */

/** When the program's own code began to load, in milliseconds since the process started. */
const codeLoadedFrom = now();

/** Not `performance.now()`: Node loads a part of itself for it. */
function now(): number {
  return process.uptime() * 1000;
}

export interface Lap {
  readonly name: string;
  readonly milliseconds: number;
}

export interface Clock {
  /** Ends a lap: the time since the lap before. */
  readonly lap: (name: string) => void;
  readonly laps: readonly Lap[];
}

/** Starts with two laps run already: Node's own start, and loading the program's modules. */
export function startClock(): Clock {
  let last = now();
  const laps: Lap[] = [
    { name: 'node', milliseconds: codeLoadedFrom },
    { name: 'modules', milliseconds: last - codeLoadedFrom },
  ];
  const lap = (name: string): void => {
    const ended = now();
    laps.push({ name, milliseconds: ended - last });
    last = ended;
  };
  return { lap, laps };
}
