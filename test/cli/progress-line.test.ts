/**
 * The line that says how far long work is: on a terminal only, after a second, and gone at the end.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProgressLine, progressBar } from '../../src/cli/render/progress-line.ts';
import { HANGS_AFTER } from '../support/patience.ts';
import { program } from './run.ts';

/** A screen with a clock that stands until it is moved. */
function screen({ isTerminal = true, isCi = false } = {}) {
  let time = 0;
  const written: string[] = [];
  return {
    written,
    pass: (ms: number) => {
      time += ms;
    },
    now: () => time,
    isTerminal: () => isTerminal,
    write: (text: string) => {
      written.push(text);
    },
    isCi,
  };
}

describe('the line', () => {
  it('comes after a second, not before, then five times a second, and is taken away', () => {
    const on = screen();
    const line = createProgressLine(false, on);
    line.show(() => 'early');
    on.pass(999);
    line.show(() => 'early');
    line.clear();
    expect(on.written).toEqual([]);
    on.pass(1);
    line.show(() => 'one');
    on.pass(199);
    line.show(() => 'too soon');
    on.pass(1);
    line.show(() => 'two');
    line.clear();
    line.clear();
    expect(on.written).toEqual(['one', 'two', '']);
  });

  it.each([
    ['with --quiet', true, {}],
    ['in CI', false, { isCi: true }],
    ['on no terminal', false, { isTerminal: false }],
  ])('is not there %s', (_, isQuiet, of) => {
    const on = screen(of);
    const line = createProgressLine(isQuiet, on);
    on.pass(5000);
    line.show(() => 'text');
    line.clear();
    expect(on.written).toEqual([]);
  });

  it('fits a terminal', () => {
    const on = screen();
    const line = createProgressLine(false, on);
    on.pass(1000);
    line.show(() => 'x'.repeat(200));
    expect(on.written).toEqual(['x'.repeat(79)]);
  });

  it.each([
    [0, 4, '[--------------------] 0 of 4 profiles'],
    [1, 4, '[#####---------------] 1 of 4 profiles'],
    [4, 4, '[####################] 4 of 4 profiles'],
    [0, 0, '[--------------------] 0 of 0 profiles'],
  ])('%i of %i is a bar', (done, total, expected) => {
    expect(progressBar(done, total, 'profiles')).toBe(expected);
  });
});

const hasScript = spawnSync('script', ['--version']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-progress-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(!hasScript)(`in a terminal${hasScript ? '' : ' (needs script of bsdutils)'}`, () => {
  beforeAll(() => {
    for (const name of ['a', 'c']) writeFileSync(join(folder, `${name}.json`), '{"name": "no profile"}');
    spawnSync('mkfifo', [join(folder, 'b.json')]);
  });

  /** Lints three files in a terminal; the second is a pipe that gives its text after more than a second. */
  function lint(words: string, env: Readonly<Record<string, string>> = {}): string {
    const command = `${process.execPath} ${program} lint --no-config --skip-others ${words} a.json b.json c.json`;
    // Opening a pipe waits for its reader: the second starts when lint has come to the file.
    const slow = `(exec 3>b.json; sleep 1.3; echo '{"name": "no profile"}' >&3) & script -qec '${command}' /dev/null; wait`;
    const { CI: _, ...inherited } = process.env;
    const { stdout } = spawnSync('sh', ['-c', slow], {
      cwd: folder,
      encoding: 'utf8',
      input: '',
      env: { ...inherited, ...env },
      timeout: HANGS_AFTER,
    });
    return stdout;
  }

  it('lint shows how many files are done, and takes the line away before its last words', () => {
    const shown = lint('');
    expect(shown).toContain('\r\x1b[K[######--------------] 1 of 3 profiles  b.json');
    const last = shown.lastIndexOf('\r\x1b[K');
    expect(shown.slice(last).startsWith('\r\x1b[K0 profiles')).toBe(true);
  });

  it('lint shows nothing with --quiet, nor in CI', () => {
    expect(lint('--quiet')).not.toContain('\x1b[K');
    expect(lint('', { CI: 'true' })).not.toContain('\x1b[K');
  });
});
