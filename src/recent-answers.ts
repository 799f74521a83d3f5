/**
 * Answers about objects that are soon asked for again.
 *
 * Not one WeakMap for the whole run: V8's frequent collections, of young objects alone, take every answer in it for one
 * that is used. In a lint of many files, all that was ever found would then stay until V8 goes through the whole memory.
 * @module
 */

/**
 * Makes a question whose last answers are kept: at least `most` of them, and at most twice as many.
 *
 * @param answer - must depend on the object alone; what else it is handed is the same for one object
 */
export function recentAnswers<K extends object, V, More = void>(
  most: number,
  answer: (about: K, more: More) => V,
): (about: K, more: More) => V {
  let recent = new WeakMap<K, { readonly value: V }>();
  let earlier = recent;
  let count = 0;
  return (about, more) => {
    const known = recent.get(about);
    if (known !== undefined) return known.value;
    const found = earlier.get(about) ?? { value: answer(about, more) };
    if (count === most) {
      earlier = recent;
      recent = new WeakMap();
      count = 0;
    }
    recent.set(about, found);
    count += 1;
    return found.value;
  };
}
