/**
 * The commands that README.md and the pages of docs/ show: each is one that the program takes, and those that need nothing
 * but profiles are run in the order of their page and print what the page shows.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandDefinition, CommandRow } from '../../src/cli/define/command-definition.ts';
import { commandTable } from '../../src/cli/define/command-table.ts';
import { readPlainWords } from '../../src/cli/define/plain-words.ts';
import { NEEDS_MORE, shell, writeExampleFiles } from './example-files.ts';
import { root } from './run.ts';

interface Shown {
  readonly line: string;
  /** What the page prints below it. */
  readonly output: readonly string[];
}

const inFolder = (folder: string): readonly string[] =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
const texts = ['README.md', 'SECURITY.md', ...inFolder('docs'), ...inFolder('docs/rules')].map(
  (page) => [page, readFileSync(join(root, page), 'utf8')] as const,
);

/** Of blocks in the language of no program: what follows `$ ` with its output, or lines of commands alone. */
function blocksOf(text: string): readonly Shown[] {
  return [...text.matchAll(/^( *)```(?:console|sh|)\n([\s\S]*?)^ *```/gm)].flatMap(
    ([, indent = '', body = '']) => {
      const lines = body
        .replaceAll('\\\n', ' ')
        .replace(new RegExp(`^${indent}`, 'gm'), '')
        .trimEnd();
      if (!/^\$ /m.test(lines)) return lines.split('\n').map((line) => ({ line, output: [] }));
      return lines
        .split(/^\$ /m)
        .slice(1)
        .map((each) => each.trimEnd().split('\n'))
        .map(([line = '', ...output]) => ({ line, output }));
    },
  );
}

const verbs: Readonly<Record<string, CommandRow>> = commandTable;
/** The program's name is left out, as in `lint --fix`. */
const startsWithVerb = new RegExp(`^(?:${Object.keys(verbs).join('|')}) (?:[^…]* )?--[a-z]`);

/** Code between words, that of a line break included. */
function spansOf(text: string): readonly string[] {
  const prose = text.replace(/^( *)```[\s\S]*?^ *```/gm, '');
  return [...prose.matchAll(/`([^`]+)`/g)]
    .map(([, code = '']) => code.replaceAll('\n', ' '))
    .map((code) => (startsWithVerb.test(code) ? `oci-seccomp ${code}` : code));
}

/** What is behind the program's name in a line for a shell, up to where the shell's own words begin. */
function wordsOf(line: string): readonly (readonly string[])[] {
  return [...line.matchAll(/(?:^|[|&] |npx )oci-seccomp (?!=)([^|<>&#]*)/g)].map(([, rest = '']) =>
    [...rest.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)]
      .map(([, single, double, bare]) => single ?? double ?? bare ?? '')
      .filter((word) => word !== '…'),
  );
}

/** Whether the program takes a command line; operands may be left out, as in `resolve -v`. */
async function isTaken([verb = '', ...words]: readonly string[], rows = verbs): Promise<boolean> {
  const row = Object.hasOwn(rows, verb) ? rows[verb] : undefined;
  if (row === undefined) return ['', '--version'].includes(verb);
  if (words.length === 0 || words[0] === '--help') return true;
  const { definition }: { definition: CommandDefinition } = await row.load();
  const { passThrough, subcommands, ...taken } = definition;
  if (subcommands !== undefined && Object.hasOwn(subcommands, words[0] ?? '')) {
    return isTaken(words, subcommands);
  }
  const own = passThrough === true && words.includes('--') ? words.slice(0, words.indexOf('--')) : words;
  return [[], ['x'], ['x', 'x']].some((more) => readPlainWords(taken, [...own, ...more]) !== undefined);
}

describe('the pages', () => {
  it('show only commands that the program takes', async () => {
    const asked = texts.flatMap(([page, text]) =>
      [...blocksOf(text).map(({ line }) => line), ...spansOf(text)].flatMap((line) =>
        wordsOf(line).map((words) => [page, words] as const),
      ),
    );
    expect(asked.length).toBeGreaterThan(120);
    const taken = await Promise.all(asked.map(([, words]) => isTaken(words)));
    expect(asked.filter((_, i) => !taken[i]).map(([page, words]) => `${page}: ${words.join(' ')}`)).toEqual(
      [],
    );
  });
});

/** test/oracle/pages.test.ts runs these two from top to bottom, and test/readme.test.ts the README. */
const ELSEWHERE = /record\.md|denied\.md|README\.md/;
/** These need a process, another program, or what it wrote. */
const OTHERS =
  / agent$|pid:|--pid|\/etc\/|^(?:git|kubectl|podman|strace|systemctl) |reviewdog|\.\/server|trace\.txt/;
const runnable = texts
  .filter(([page]) => !ELSEWHERE.test(page))
  .map(([page, text]) => {
    const shown = blocksOf(text).filter(({ line }) => wordsOf(line).length > 0);
    return [page, shown.filter(({ line }) => !NEEDS_MORE.test(line) && !OTHERS.test(line))] as const;
  })
  .filter(([, shown]) => shown.length > 0);

const pod = `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  securityContext:
    seccompProfile: {type: RuntimeDefault}
  containers:
    - name: web
      image: web
    - name: debug
      securityContext:
        seccompProfile: {type: Unconfined}
`;

describe('the commands of the page', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-page-commands-'));
    const files = join(folder, 'files');
    mkdirSync(join(files, 'k8s'), { recursive: true });
    writeExampleFiles(files);
    cpSync(join(files, 'profile.json'), join(files, 'web.json'));
    cpSync(join(files, 'profile.json'), join(files, 'k8s/web.json'));
    shell(files, 'oci-seccomp rebase podman-default --onto podman-default -q -o copy.json');
    writeFileSync(join(files, 'pod.yaml'), pod);
    writeFileSync(join(files, 'nginx.service'), '[Service]\nSystemCallFilter=@system-service\n');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Numbers differ with the machine. */
  const words = (text: string): string => text.replace(/\d+/g, '#');

  it.each(runnable)('%s give an answer, and the one that is shown', (page, shown) => {
    const place = join(folder, page.replaceAll('/', '-'));
    cpSync(join(folder, 'files'), place, { recursive: true });
    for (const { line, output } of shown) {
      const { stdout, stderr, status } = shell(place, line);
      expect([0, 1], `${line}\n${stderr}`).toContain(status);
      for (const each of output) expect(words(stdout + stderr), line).toContain(words(each));
    }
  });

  it('are many', () => {
    expect(runnable.flatMap(([, shown]) => shown).length).toBeGreaterThan(20);
  });
});

it.each(texts.filter(([page]) => page.startsWith('docs/')))('%s begins with a sentence', (_, text) => {
  const [title, first = ''] = text.split(/\n{2,}/);
  expect(title).toMatch(/^# /);
  expect(first).toMatch(/^(?!```| {4}|\||#|!\[)[\s\S]*[.:]/);
});
