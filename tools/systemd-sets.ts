/**
 * The sets of system calls that systemd's SystemCallFilter= knows, as source text.
 * @module
 */

/**
 * Makes the module of what systemd-analyze prints: `@name` at the start of a line, then its members, indented.
 *
 * @param version - of `systemd-analyze --version`
 * @param listing - of `systemd-analyze syscall-filter`
 */
export function systemdSets(version: string, listing: string): string {
  const [, release = ''] = /^systemd (\d+)/.exec(version) ?? [];
  const sets = new Map<string, string[]>();
  let members: string[] = [];
  for (const line of listing.split('\n')) {
    if (line.startsWith('@')) {
      members = [];
      sets.set(line.trim(), members);
    } else if (/^ {4}[\w@]/.test(line)) members.push(line.trim());
  }
  if (release === '' || !sets.has('@default')) throw new Error('this is not what systemd-analyze prints');
  const rows = [...sets].map(([name, names]) => `  '${name}': \`\n${wrap(names)}\`,`);
  return `// Made by tools/generate-systemd-sets.ts from \`systemd-analyze syscall-filter\`. Do not edit.

/** The release of systemd whose sets these are. */
export const systemdRelease = ${release};

/** The members of each set: system calls, and other sets. */
export const systemdSets: Readonly<Record<string, string>> = {
${rows.join('\n')}
};
`;
}

const WIDTH = 118;

function wrap(words: readonly string[]): string {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}
