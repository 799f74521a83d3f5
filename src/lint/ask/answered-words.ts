/**
 * The return words that a view's rules and its default action give. There are few, and most rules of lint are about some of them only.
 * @module
 */
import type { ReturnWord } from '../../abi/actions.ts';
import { onceAView } from './once-a-view.ts';

/** Each once, that of the default action first. */
export const answeredWords = onceAView(({ policy }): ReadonlySet<ReturnWord> => {
  const words = new Set([policy.defaultAction]);
  policy.rules.forEach(({ returnWord }) => {
    words.add(returnWord);
  });
  return words;
});
