/**
 * Help that the build has kept as text: it is what commander renders, and commander renders it where the text cannot serve.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { commandTable } from '../../src/cli/define/command-table.ts';
import { ociSeccomp, root } from './run.ts';

const pages = join(root, 'dist/bin/help');
const page = (name: string): string => readFileSync(join(pages, `${name}.txt`), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-help-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('kept help', () => {
  it('is there for the program and each command', () => {
    expect(readdirSync(pages).sort()).toEqual(
      ['oci-seccomp', ...Object.keys(commandTable)].map((name) => `${name}.txt`).sort(),
    );
  });

  // A word more than the kept pages answer to: commander answers.
  it.each([[], ...Object.keys(commandTable).map((verb) => [verb])])(
    '%s is what commander renders',
    (...verb) => {
      const { stdout, status } = ociSeccomp([...verb, '--help', '--help']);
      expect(status).toBe(0);
      expect(page(verb[0] ?? 'oci-seccomp')).toBe(stdout);
    },
  );

  it.each([
    [['--help'], 'oci-seccomp'],
    [['-h'], 'oci-seccomp'],
    [['help'], 'oci-seccomp'],
    [['help', '--help'], 'oci-seccomp'],
    [['help', 'diff'], 'diff'],
    [['diff', '-h'], 'diff'],
  ] as const)('%j prints it', (words, name) => {
    expect(ociSeccomp(words)).toMatchObject({ stdout: page(name), stderr: '', status: 0 });
  });

  it.each([
    [['help', 'explan'], "'explan'\n  hint: did you mean explain?\n"],
    [
      ['help', '../help/diff'],
      "'../help/diff'\n  hint: a command comes first: oci-seccomp explain FILTER, oci-seccomp lint PROFILE\n",
    ],
    // Spelt like verify.
    [['version'], "'version'\n  hint: did you mean --version?\n"],
    [['verion'], "'verion'\n  hint: did you mean --version?\n"],
    [['chek'], "'chek'\n  hint: did you mean validate or lint?\n"],
    [['merge', 'a.json', 'b.json'], "'merge'\n  hint: did you mean union or intersect?\n"],
    [['explan', '--help'], "'explan'\n  hint: did you mean explain?\n"],
  ])('%j is about no command', (words, said) => {
    const { stdout, stderr, status } = ociSeccomp(words);
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
    expect(stderr).toBe(`error: unknown command ${said}  hint: oci-seccomp --help lists the commands\n`);
  });

  it('is not needed', () => {
    cpSync(join(root, 'dist/bin'), join(folder, 'bin'), {
      recursive: true,
      filter: (source) => source !== pages,
    });
    expect(ociSeccomp(['diff', '--help'], { main: join(folder, 'bin/main.cjs') }).stdout).toBe(page('diff'));
  });
});
