/**
 * The sets of system calls that systemd's SystemCallFilter= knows, as source text.
 * @module
 */

/** What a release of systemd prints. */
export interface PrintedSets {
  /** What `systemd-analyze --version` prints. */
  readonly version: string;
  /** What `systemd-analyze syscall-filter` prints. */
  readonly listing: string;
}

interface ReleaseSets {
  readonly release: number;
  readonly sets: ReadonlyMap<string, readonly string[]>;
}

/**
 * Makes the module of what systemd-analyze prints: `@name` at the start of a line, then its members, indented.
 *
 * @param first - the release whose sets are read
 * @param later - newer releases, of which the differences are kept
 */
export function systemdSets(first: PrintedSets, later: readonly PrintedSets[]): string {
  const { release, sets } = readSets(first);
  const rows = [...sets].map(([name, names]) => `  '${name}': \`\n${wrap(names)}\`,`);
  const newer = later.map(readSets).sort((a, b) => a.release - b.release);
  const changes = newer.map((each, at) => changesOf(newer[at - 1] ?? { release, sets }, each));
  return `// Made by tools/generate-systemd-sets.ts from \`systemd-analyze syscall-filter\`. Do not edit.

/** The release of systemd whose sets these are. */
export const systemdRelease = ${release};

/** The members of each set: system calls, and other sets. */
export const systemdSets: Readonly<Record<string, string>> = {
${rows.join('\n')}
};

/** What later releases changed since the one before, by release and set: members with \`+\` came, those with \`-\` went. */
export const laterSystemdSets: Readonly<Record<number, Readonly<Record<string, string>>>> = {
${changes.join('\n')}
};
`;
}

function readSets({ version, listing }: PrintedSets): ReleaseSets {
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
  return { release: Number(release), sets };
}

function changesOf(before: ReleaseSets, { release, sets }: ReleaseSets): string {
  const rows = [...new Set([...before.sets.keys(), ...sets.keys()])].flatMap((name) => {
    const [old = [], now = []] = [before.sets.get(name), sets.get(name)];
    const words = [
      ...now.filter((each) => !old.includes(each)).map((each) => `+${each}`),
      ...old.filter((each) => !now.includes(each)).map((each) => `-${each}`),
    ];
    return words.length === 0 ? [] : [`    '${name}': \`\n${wrap(words)}\`,`];
  });
  return `  ${release}: {\n${rows.join('\n')}\n  },`;
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
