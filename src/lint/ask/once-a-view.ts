/**
 * Answers about a view that many rules ask for: computed when the first one asks, kept as long as the view.
 *
 * A question that cannot be answered throws each time, so that every rule which asks learns of it.
 * @module
 */
import type { HostView } from './host-view.ts';

/** Makes a question that is answered once a view. Its answer may depend on nothing but the view. */
export function onceAView<T>(answer: (view: HostView) => T): (view: HostView) => T {
  const known = new WeakMap<HostView, { readonly value: T }>();
  return (view) => {
    let found = known.get(view);
    if (found === undefined) {
      found = { value: answer(view) };
      known.set(view, found);
    }
    return found.value;
  };
}
