/**
 * Which arguments of which system calls have names for their values: one row a field.
 *
 * What no row covers is a count, a descriptor, an id, an address, or is rarely compared.
 * @module
 */
import { facilityRows } from './facility-fields.ts';
import type { FieldRow } from './field-row.ts';
import { fileRows } from './file-fields.ts';
import { memoryRows } from './memory-fields.ts';
import { networkRows } from './network-fields.ts';
import { processRows } from './process-fields.ts';

let rows: readonly FieldRow[] | undefined;

/** All rows; of several for one argument the first that holds counts. */
export function fieldRows(): readonly FieldRow[] {
  rows ??= [processRows, fileRows, memoryRows, networkRows, facilityRows].flatMap((each) => each());
  return rows;
}
