/**
 * Edits of a profile's text, for the fixes of rules of your own.
 * @module
 */
import type { Document } from '../../oci/document.ts';
import type { Edit, Fix } from '../engine/finding.ts';
import { correction, tidying } from './fix-of-edits.ts';
import { append, insertAfter, removeElements, replaceKey, replaceValue } from './text-edits.ts';

/**
 * Edits that leave the formatting of the text alone. Each returns `undefined` if its pointer leads nowhere, or into text
 * that is not JSON; `tidying` and `correction` then offer no fix.
 */
export interface EditTools {
  /** Removes elements of one array, or keys of one object, with the commas that are then too many. */
  readonly remove: (...pointers: readonly string[]) => readonly Edit[] | undefined;
  /** Puts another value in a value's place. @param json - the new value as JSON text */
  readonly replaceValue: (pointer: string, json: string) => readonly Edit[] | undefined;
  /** Puts another key in a key's place; the value stays. @param pointer - of the value */
  readonly replaceKey: (pointer: string, key: string) => readonly Edit[] | undefined;
  /** Puts an item after another: an element, or `"key": value`. @param json - the new item as JSON text */
  readonly insertAfter: (pointer: string, json: string) => readonly Edit[] | undefined;
  /** Puts an item at the end of an array or object. @param json - the new item as JSON text */
  readonly append: (pointer: string, json: string) => readonly Edit[] | undefined;
  /**
   * A fix that keeps what the profile means; `--fix` applies it after it has proven that. Spread it into a report.
   *
   * @param description - one sentence without a full stop: `remove the name`
   */
  readonly tidying: (description: string, edits: readonly Edit[] | undefined) => { readonly fix?: Fix };
  /** A fix after which calls are answered otherwise; only `--fix-all` applies it. Spread it into a report. */
  readonly correction: (description: string, edits: readonly Edit[] | undefined) => { readonly fix?: Fix };
}

/** The edits of one document. A profile without text has no edits. */
export function createEditTools(document: Document | undefined): EditTools {
  return {
    remove: (...pointers) => removeElements(document, pointers),
    replaceValue: (pointer, json) => replaceValue(document, pointer, json),
    replaceKey: (pointer, key) => replaceKey(document, pointer, key),
    insertAfter: (pointer, json) => insertAfter(document, pointer, json),
    append: (pointer, json) => append(document, pointer, json),
    tidying,
    correction,
  };
}
