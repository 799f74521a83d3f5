/**
 * What hostile-program.c does, one thing after the other, for a recorder that sees them all.
 * @module
 */

const words: readonly (readonly string[])[] = [
  ['forks', '100'],
  ['blocks signals'],
  ['makes a ring'],
  ['closes all descriptors'],
  ['loads a filter'],
  ['wants a listener'],
  ['traces'],
  ['kills itself'],
  ['chains', '6'],
  ['executes in a thread'],
  ['clones traced'],
  ['clones untraced'],
  ['calls by 32 bits'],
  ['leaves namespaces'],
  ['is strict'],
  ['hides'],
  ['closes its output'],
  ['stops its child'],
];

/** For a shell: each prints what it says, and its exit code. @param path - of the program */
export function hostileScript(path: string): string {
  return words.map((each) => `${path} '${each.join("' '")}'; echo $?`).join('\n');
}
