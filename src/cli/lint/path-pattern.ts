/**
 * Patterns of paths in a configuration: `ignore`, and `files` of overrides. Operands of the command line are read by the
 * same library.
 * @module
 */
import picomatch from 'picomatch';

/** Whether a path, relative to the configuration's folder, matches. */
export type PathPattern = (path: string) => boolean;

/**
 * Compiles a pattern: `*` and `?` stay within a part of the path, `**` spans parts, `{a,b}` is either. A pattern without
 * a slash is about the file's name, in whatever folder. A pattern always matches the path that is spelled the same.
 */
export function compilePattern(pattern: string): PathPattern {
  const relative = pattern.replace(/^\.?\//, '');
  return picomatch(relative, { dot: true, basename: !relative.includes('/') });
}
