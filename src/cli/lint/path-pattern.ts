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
  const relative = pattern.replace(/^\.?\/|\/$/g, '');
  return picomatch(relative, { dot: true, basename: !relative.includes('/') });
}

/** Compiles a pattern of `ignore`: one that matches a folder is about all files below. */
export function compileIgnored(pattern: string): PathPattern {
  const matches = compilePattern(pattern);
  // "All but" is about files.
  if (pattern.startsWith('!')) return matches;
  return (path) => {
    const parts = path.split('/');
    return parts.some((_, at) => matches(parts.slice(0, at + 1).join('/')));
  };
}
