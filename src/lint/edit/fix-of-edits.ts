/**
 * Edits as fixes of a report.
 * @module
 */
import type { Edit, Fix } from '../engine/finding.ts';

/** A fix that leaves the meaning alone; nothing where the text cannot be edited. */
export function tidying(description: string, edits: readonly Edit[] | undefined): { readonly fix?: Fix } {
  return edits === undefined ? {} : { fix: { description, changesMeaning: false, edits } };
}

/** A fix after which calls are answered otherwise; nothing where the text cannot be edited. */
export function correction(description: string, edits: readonly Edit[] | undefined): { readonly fix?: Fix } {
  return edits === undefined ? {} : { fix: { description, changesMeaning: true, edits } };
}
