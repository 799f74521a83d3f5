/**
 * Patterns of paths, as they stand in a configuration's overrides.
 * @module
 */

/**
 * Compiles a pattern: `*` and `?` stay within a part of the path, `**` spans parts, `{a,b}` is either. A pattern without
 * a slash is about the file's name, in whatever folder.
 */
export function globToRegExp(pattern: string): RegExp {
  const anchored = pattern.includes('/') ? pattern.replace(/^\.?\//, '') : `**/${pattern}`;
  let depth = 0;
  const source = anchored.replace(/\*\*\/|\*\*|\*|\?|[{},]|[.+^$()|[\]\\]/g, (token) => {
    switch (token) {
      case '**/':
        return '(?:[^/]*/)*';
      case '**':
        return '.*';
      case '*':
        return '[^/]*';
      case '?':
        return '[^/]';
      case '{':
        depth += 1;
        return '(?:';
      case '}':
        depth = Math.max(0, depth - 1);
        return ')';
      case ',':
        return depth > 0 ? '|' : ',';
      default:
        return `\\${token}`;
    }
  });
  try {
    return new RegExp(`^${source}$`, 's');
  } catch {
    // Braces that do not match: the pattern is the path itself.
    return new RegExp(`(?:^|/)${pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
  }
}
