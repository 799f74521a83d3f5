/**
 * How long tests wait for what must come by itself: long enough for the slowest and busiest machine.
 *
 * No verdict: whoever waits this long waits for something that hangs. Where a program must be seen to loop, bound its
 * processor time (`runHelper`), or count its steps.
 * @module
 */

/** Milliseconds. */
export const HANGS_AFTER = 300_000;
