/**
 * Answers about a view that many rules ask for: computed when the first one asks, kept as long as the view.
 *
 * A question without an answer throws each time, so that every rule that asks learns of it.
 * @module
 */
import type { HostView } from './host-view.ts';

/** Makes a question that is answered once for each view. Its answer must depend on the view alone. */
export function onceAView<T>(answer: (view: HostView) => T): (view: HostView) => T {
  return (view) => {
    const { answers } = view;
    if (!answers.has(answer)) answers.set(answer, answer(view));
    return answers.get(answer) as T;
  };
}
