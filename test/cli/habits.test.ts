/**
 * One set of habits for all commands: the same option has the same letter and the same meaning everywhere.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandDefinition, CommandRow } from '../../src/cli/define/command-definition.ts';
import { commandTable } from '../../src/cli/define/command-table.ts';
import { ociSeccomp } from './run.ts';

const loaded: { readonly name: string; readonly definition: CommandDefinition }[] = [];
for (const [verb, row] of Object.entries<CommandRow>(commandTable)) {
  const { definition } = await row.load();
  loaded.push({ name: verb, definition });
  for (const [below, stage] of Object.entries(definition.subcommands ?? {})) {
    loaded.push({ name: `${verb} ${below}`, definition: (await stage.load()).definition });
  }
}
const options = loaded.flatMap(({ name, definition }) =>
  Object.entries(definition.options).map(([long, row]) => ({ command: name, long, row })),
);
// A hook answers its runtime in the runtime's form; an agent answers hooks; a completion is a script; report writes a page.
const reporting = loaded.filter(({ name }) => !/^(?:hook|agent|completion|report$)/.test(name));

describe('the options of all commands', () => {
  it('have one long name a letter, and one letter a long name', () => {
    // A hook's command line is written by a program: its options have no letters.
    const named = options.flatMap(({ long, row }) =>
      row.short === undefined ? [] : [`--${long} -${row.short}`],
    );
    const pairs = [...new Set(named)];
    const repeated = (part: 0 | 1) =>
      pairs.filter((pair) => {
        const word = pair.split(' ')[part] ?? '';
        return pairs.filter((other) => other.split(' ')[part] === word).length > 1;
      });
    expect({ names: repeated(0), letters: repeated(1) }).toEqual({ names: [], letters: [] });
  });

  it.each(reporting)(
    'of $name have a format with --json for short, --quiet and --color',
    ({ definition }) => {
      expect(Object.keys(definition.options)).toEqual(
        expect.arrayContaining(['format', 'json', 'quiet', 'color']),
      );
      expect(definition.options.format?.choices).toContain('json');
    },
  );
});

it.each(
  loaded.filter(
    ({ name, definition }) =>
      ['asm', 'disasm'].includes(name) ||
      (name !== 'audit' && definition.arguments.some(({ kind }) => kind === 'filter')),
  ),
)('help of $name says that a process without a filter is the answer no', ({ definition }) => {
  expect(definition.exitCodes[1]).toMatch(/\bprocess has no filter\b/);
});

it.each(reporting)('help of $name lists what is about the output last, in one order', ({ name }) => {
  const { stdout } = ociSeccomp([...name.split(' '), '--help']);
  const own = /\nOptions:\n([\s\S]*?)\n\n/.exec(stdout)?.[1] ?? '';
  const listed = [...own.matchAll(/^ {2}(?:-\w, )?--([\w-]+)/gm)].map(([, long = '']) => long);
  const last = ['format', 'json', 'output', 'verbose', 'quiet', 'color', 'help'];
  const about = last.filter((long) => listed.includes(long));
  expect(listed.slice(-about.length)).toEqual(about);
});

describe('what a command prints', () => {
  let folder = '';
  let calls = '';
  let profile = '';
  let program = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-habits-'));
    calls = join(folder, 'trace.txt');
    writeFileSync(calls, 'read\nmount\n');
    profile = join(folder, 'profile.json');
    program = join(folder, 'filter.bpf');
    // A bare SECCOMP_RET_ALLOW: BPF_RET|BPF_K, SECCOMP_RET_ALLOW.
    writeFileSync(program, Buffer.from('060000000000ff7f', 'hex'));
    writeFileSync(profile, '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["nonesuch"]}]}\n');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const cases: readonly (readonly [name: string, words: () => readonly string[]])[] = [
    ['validate', () => ['validate', profile]],
    ['rules', () => ['rules']],
    ['explain', () => ['explain', 'docker-default', 'clone']],
    ['diff', () => ['diff', 'docker-default', 'podman-default']],
    ['subset', () => ['subset', 'docker-default', 'podman-default']],
    ['disasm', () => ['disasm', program]],
    ['run --dry-run', () => ['run', '--dry-run', calls]],
    ['syscalls', () => ['syscalls', 'mount']],
    ['doctor', () => ['doctor']],
  ];

  it.each(cases)('%s has colours when asked, over the same text', (_, words) => {
    const [plain, painted] = [ociSeccomp(words()), ociSeccomp([...words(), '--color', 'always'])];
    expect(stripVTControlCharacters(painted.stdout)).toBe(plain.stdout);
    expect(stripVTControlCharacters(painted.stderr)).toBe(plain.stderr);
    expect(painted.status).toBe(plain.status);
  });

  it('is coloured where the answer stands', () => {
    for (const words of [
      ['explain', 'docker-default', 'mount'],
      ['diff', 'docker-default', 'podman-default'],
      ['validate', profile],
      ['lint', profile],
    ]) {
      expect(ociSeccomp([...words, '--color', 'always']).stdout).toContain('\x1b[');
      expect(ociSeccomp([...words, '--color', 'never'], { env: { FORCE_COLOR: '1' } }).stdout).not.toContain(
        '\x1b[',
      );
    }
  });

  it.each(cases)('%s is JSON with --json, as with --format json, also in a file', (_, words) => {
    const short = ociSeccomp([...words(), '--json']);
    expect(JSON.parse(short.stdout)).toBeTypeOf('object');
    const long = ociSeccomp([...words(), '--format', 'json', '-o', join(folder, 'out.json')]);
    expect(long).toMatchObject({ stdout: '', status: short.status });
    const written = readFileSync(join(folder, 'out.json'), 'utf8');
    // doctor says what is free now, which changes from one call to the next.
    expect(Object.keys(JSON.parse(written))).toEqual(Object.keys(JSON.parse(short.stdout)));
  });

  it('is refused in two formats at once', () => {
    const { status, stderr } = ociSeccomp(['diff', profile, profile, '--json', '--format', 'markdown']);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('[ERR_USAGE]') });
  });

  it.each(cases.filter(([name]) => !/^(?:validate|disasm)$/.test(name)))(
    '%s --quiet is the exit code alone',
    (_, words) => {
      const { status } = ociSeccomp(words());
      expect(ociSeccomp([...words(), '--quiet'])).toMatchObject({ stdout: '', stderr: '', status });
    },
  );

  it('of run goes with --dry-run only', () => {
    expect(ociSeccomp(['run', '--json', 'true'])).toMatchObject({ stdout: '', status: 2 });
  });
});
