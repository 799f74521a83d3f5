/**
 * The man pages: made of the definitions, read by mandoc without complaint, and saying what the program's own help says.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ociSeccomp, root } from './cli/run.ts';
import { describeWith } from './oracle/support/require.ts';

const folder = join(root, 'man');
const pages = readdirSync(folder).sort();
const read = (from: string): Record<string, string> =>
  Object.fromEntries(readdirSync(from).map((page) => [page, readFileSync(join(from, page), 'utf8')]));

describe('man/', () => {
  it('is what the generator makes of the definitions', () => {
    const made = mkdtempSync(join(tmpdir(), 'man-pages-'));
    try {
      for (const name of ['other.txt', 'oci-seccomp-gone.1']) writeFileSync(join(made, name), '');
      execFileSync(process.execPath, ['tools/run.mjs', 'tools/generate-man-pages.ts', made], { cwd: root });
      expect(read(made)).toEqual({ ...read(folder), 'other.txt': '' });
    } finally {
      rmSync(made, { recursive: true, force: true });
    }
  });

  it('has a page for each command that the help lists', () => {
    const verbs = [...ociSeccomp(['--help']).stdout.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(
      ([, verb]) => verb,
    );
    const commands = verbs.filter((verb) => pages.includes(`oci-seccomp-${verb}.1`));
    expect(commands.length).toBeGreaterThan(15);
    expect(pages).toEqual(
      ['oci-seccomp.1', 'oci-seccomp-runtime.1', ...commands.map((verb) => `oci-seccomp-${verb}.1`)].sort(),
    );
    expect(verbs.filter((verb) => !commands.includes(verb))).toEqual([]);
  });

  it('is listed in package.json', () => {
    const { man, files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
      string,
      string[]
    >;
    expect([...(man ?? [])].sort()).toEqual(pages.map((page) => `./man/${page}`));
    expect(files).toContain('man');
  });
});

describeWith(['mandoc'], 'man/, read by mandoc', () => {
  // The pages have the version in place of a date, on purpose.
  it.each(pages)('finds no fault in %s', (page) => {
    const { stdout } = spawnSync('mandoc', ['-Tlint', '-Wwarning', join(folder, page)], { encoding: 'utf8' });
    expect(
      stdout.split('\n').filter((line) => line !== '' && !line.includes('missing date, using ""')),
    ).toEqual([]);
  });

  const verbs = pages.flatMap((page) => /^oci-seccomp-(?!runtime)(\w+)\.1$/.exec(page)?.slice(1, 2) ?? []);
  it.each(verbs)('shows the options and examples of the help of %s', (verb) => {
    const text = rendered(`oci-seccomp-${verb}.1`);
    const below =
      verb === 'hook'
        ? ['createRuntime', 'prestart', 'precreate', 'config', 'check', 'explain', 'wrapper']
        : [];
    const helps = [[verb], ...below.map((stage) => [verb, stage])].map(
      (words) => ociSeccomp([...words, '--help']).stdout,
    );
    const terms = helps.flatMap((help) =>
      [...help.matchAll(/^ {2}((?:-\w, )?--[a-z-]+(?: <[a-z]+>)?)/gm)].map(([, term = '']) =>
        term.replace(/[<>]/g, ''),
      ),
    );
    const shown = terms.filter((term) => term !== '-h, --help');
    expect(shown.filter((term) => !text.includes(`\n       ${term}`))).toEqual([]);
    const documented = text.match(/^ {7}(?:-\w, )?--[a-z-]+/gm) ?? [];
    const options = (rows: readonly string[]): string[] => {
      return [...new Set(rows.map((row) => /--[a-z-]+/.exec(row)?.[0] ?? ''))].sort();
    };
    expect(options(documented)).toEqual(options(shown));
    const lines = helps.flatMap(
      (help) => help.slice(help.indexOf('\nExamples:\n')).match(/^ {2}\S?(?:oci-seccomp .*)$/gm) ?? [],
    );
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.map((line) => line.trim()).filter((line) => !text.includes(`${line}\n`))).toEqual([]);
  });

  it('shows all keys of the configuration', () => {
    const schema = readFileSync(join(root, 'schemas/config.schema.json'), 'utf8');
    const { properties } = JSON.parse(schema) as { properties: Record<string, unknown> };
    const text = rendered('oci-seccomp-runtime.1');
    const keys = Object.keys(properties).filter((key) => key !== '$schema');
    expect(keys.filter((key) => !new RegExp(`^ {7}${key}\\b`, 'm').test(text))).toEqual([]);
  });
});

/** mandoc prints a bold letter as the letter, a backspace and the letter. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the backspace
const overstruck = /.\x08/g;

/** As a terminal that is wide enough shows it, without bold and italics. */
function rendered(page: string): string {
  const words = ['-Tascii', '-O', 'width=160', join(folder, page)];
  return execFileSync('mandoc', words, { encoding: 'utf8' }).replace(overstruck, '');
}
