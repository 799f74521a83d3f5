/**
 * JSON as all commands print it. schemas/output/ describes each form, docs/json.md says what readers may rely on.
 * @module
 */
import { exactJson } from '../../abi/exact-json.ts';
import { visibleJson } from '../../abi/visible-json.ts';
import type { OciSeccompError } from '../../errors.ts';

/** The version of the form of all JSON outputs. docs/json.md says when it grows. */
const OUTPUT_VERSION = 1;

/** Pretty-printed, with the version of the form first and a line feed last. */
export function printJson(value: object): string {
  return jsonText({ version: OUTPUT_VERSION, ...value });
}

/** Pretty-printed, with a line feed last. A terminal carries out nothing of it. */
export function jsonText(value: object): string {
  return `${visibleJson(exactJson(value, 2))}\n`;
}

/** Why a file could not be read. */
export function failureJson({ code, message, hint }: OciSeccompError) {
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}
