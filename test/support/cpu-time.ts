/**
 * Processor time, for promises that no count of steps can show.
 *
 * The clock on the wall tells how busy the machine is. Processor time does not, but a slow processor takes more of it:
 * set a bound only against what would take hundreds of times as long, as a search that is exponential, or quadratic in
 * a long input, and far above what is usual.
 * @module
 */

/** Starts to measure. @returns a function that says how many seconds of processor time this process has taken since */
export function cpuClock(): () => number {
  const started = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(started);
    return (user + system) / 1e6;
  };
}
