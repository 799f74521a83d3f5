/** What a program finds that this process becomes: the kernel's own account of it. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { bundleModule } from '../support/bundle-module.ts';
import { HANGS_AFTER } from '../support/patience.ts';

const module = await bundleModule('kernel/replace-process.ts');
const argumentsModule = await bundleModule('kernel/raw-arguments.ts');
/** Becomes cat(1) of its own status, with the note of a launcher. */
const script = `
const { parseInherited, replaceProcess } = await import(${JSON.stringify(module)});
const text = (word) => new TextEncoder().encode(word);
const [note] = process.argv.slice(1);
replaceProcess('/bin/cat', ['cat', '/proc/self/status', '/proc/self/limits'].map(text), parseInherited(note || undefined));
`;

/** Signal n is bit n-1, as proc(5) has it. */
const maskOf = (numbers: readonly number[]): string =>
  numbers
    .reduce((mask, number) => mask | (1n << BigInt(number - 1)), 0n)
    .toString(16)
    .padStart(16, '0');

function becomes(note: string) {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script, '--', note], {
    encoding: 'utf8',
    timeout: HANGS_AFTER,
    killSignal: 'SIGKILL',
  });
  expect(stderr).toBe('');
  const field = (name: string) => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(stdout)?.[1];
  const [, files] = /^Max open files\s+(\S+)/m.exec(stdout) ?? [];
  return { ignored: field('SigIgn'), blocked: field('SigBlk'), files };
}

describe('a program that this process becomes', () => {
  // Of the standard signals all but KILL and STOP can be ignored; 13 and 25 are what Node ignores itself.
  const standard = Array.from({ length: 31 }, (_, i) => i + 1).filter((number) => ![9, 19].includes(number));

  it.each([
    ['nothing', []],
    ['SIGHUP, the first', [1]],
    ['SIGINT and SIGUSR1', [2, 10]],
    ['SIGPIPE', [13]],
    ['SIGXFSZ', [25]],
    ['SIGSYS, the last', [31]],
    ['all that can be', standard],
  ])('ignores what was ignored before Node started: %s', (_name, numbers) => {
    expect(becomes(`200 ${maskOf(numbers)} ${maskOf([])} 0,1,2`)).toEqual({
      ignored: maskOf(numbers),
      blocked: maskOf([]),
      files: '200',
    });
  });

  it.each([[[1]], [[2, 10]], [[31, 34, 64]]])('has blocked what was: %j', (numbers) => {
    expect(becomes(`201 ${maskOf([])} ${maskOf(numbers)} 0,1,2`)).toEqual({
      ignored: maskOf([]),
      blocked: maskOf(numbers),
      files: '201',
    });
  });

  it('has signals as at the start of a program where nobody noted them', () => {
    expect(becomes('')).toMatchObject({ ignored: maskOf([]), blocked: maskOf([]) });
  });
});

describe('the command line as bytes', () => {
  it('has its last words, empty ones and what is not UTF-8 among them', () => {
    const program = `
const { rawArguments } = await import(${JSON.stringify(argumentsModule)});
console.log(JSON.stringify([0, 1, 4].map((count) => rawArguments(count).map((word) => Buffer.from(word).toString('hex')))));
`;
    const shell = `exec "$0" --input-type=module -e "$1" -- a "$(printf '\\377\\376')" '' 'b c'`;
    const { stdout } = spawnSync('sh', ['-c', shell, process.execPath, program], {
      encoding: 'utf8',
      timeout: HANGS_AFTER,
      killSignal: 'SIGKILL',
    });
    expect(JSON.parse(stdout)).toEqual([[], ['622063'], ['61', 'fffe', '', '622063']]);
  });
});
