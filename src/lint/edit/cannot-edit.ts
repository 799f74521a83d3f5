/**
 * Why an edit cannot be made of a text.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';

/** @param reason - half a sentence: `the rule stands in another file` */
export function cannotEdit(reason: string): OciSeccompError {
  return new OciSeccompError('ERR_INEXPRESSIBLE', reason);
}
