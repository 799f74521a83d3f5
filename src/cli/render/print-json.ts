/**
 * JSON as all commands print it. schemas/output/ describes each form, docs/json.md says what readers may rely on.
 * @module
 */

/** Of the form of all JSON outputs; docs/json.md says when it grows. */
const OUTPUT_VERSION = 1;

/** Pretty-printed, with the version of the form first and a line feed last. */
export function printJson(value: object): string {
  const versioned = { version: OUTPUT_VERSION, ...value };
  return `${JSON.stringify(versioned, (_, each: unknown) => (typeof each === 'bigint' ? `${each}` : each), 2)}\n`;
}
