/** What a command finds and how it ends: started directly, and through `run`. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { findExecutable } from '../../src/cli/run/executable.ts';
import { ociSeccomp, root, searchPath } from '../cli/run.ts';
import { hasAllSamples } from '../support/samples.ts';
import { skipUnless } from './libraries.ts';
import { helperPath, runHelper } from './support/native.ts';
import { describeWith } from './support/require.ts';
import { directly, end, makeFilters, underRun, type Wrap } from './support/run.ts';

const nodes = join(root, '.cache/node');
const fetchedNodes = (existsSync(nodes) ? readdirSync(nodes) : [])
  .filter((name) => /^\d+$/.test(name))
  .map((name) => join(nodes, name, 'bin/node'));

describeWith(['x86_64', 'cc', 'built'], 'run: what a command is given', () => {
  const filters = makeFilters();
  const wrap: Wrap = (...command) => underRun('-p', filters.dockerDefault)(...command);
  const probe = helperPath('process-state');
  afterAll(filters.remove);

  /** Facts but those of the filter itself. */
  const stateOf = (how: Wrap, settings: string, ...shell: readonly string[]): readonly string[] => {
    const command =
      settings === '' ? how(probe, 'one', '') : [probe, `with=${settings}`, ...how(probe, 'one', '')];
    const words = shell.length === 0 ? command : ['sh', '-c', shell[0], 'sh', ...command];
    const { stdout, stderr, status } = end(words as unknown as readonly [string, ...string[]], {
      cwd: filters.folder,
    });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    // The pipes of two runs have different numbers.
    return stdout.replace(/(pipe|socket):\[\d+\]/g, '$1').split('\n');
  };

  it.each([
    ['', 'nothing special'],
    ['files', 'a soft limit of 300 files'],
    ['core', 'a core size limit'],
    ['cpu,nice,slack', 'one CPU, nice 3, timer slack'],
    ['umask,personality,pdeathsig', 'umask, personality, a signal on the death of the parent'],
    ['nonblock', 'standard input that does not block'],
    ['realtime', 'an ignored real-time signal'],
  ])('%s: %s', (settings) => {
    const direct = stateOf(directly, settings);
    expect(direct.length).toBeGreaterThan(40);
    expect(stateOf(wrap, settings)).toEqual(direct);
  });

  it.each([
    ['"$@" 3</etc/passwd 4>&1 9</dev/null 40</etc/hosts', 'descriptors above the standard ones'],
    ['"$@" >>/dev/null; "$@"', 'twice, once for appending'],
    ['exec 3</dev/null 5<>/dev/null; "$@" 7<&0 8>&1', 'descriptors that are copies of a stream'],
    [
      'env -i A=1 "B= x" B=2 ODD=$(printf "\\377\\376") "$@"',
      'a small environment, bytes that are not UTF-8',
    ],
    ['A=1 PATH= "$@"', 'an empty PATH'],
    ['cd / && "$@"', 'another directory'],
    ['(ulimit -Sn 123; "$@"; :)', 'a limit set by the shell'],
    ['ulimit -n 200; exec "$@"', 'a hard limit of 200 files'],
    ['exec 2>/dev/full; "$@"', 'a standard error that nothing can be written to'],
  ])('sh -c %j: %s', (script) => {
    const direct = stateOf(directly, '', script);
    expect(direct.length).toBeGreaterThan(40);
    expect(stateOf(wrap, '', script)).toEqual(direct);
  });

  it('arguments that are not UTF-8, empty or like options', () => {
    const script = '"$@" "$(printf \'\\377\\376\')" "" -- -p --help "a b"';
    expect(stateOf(wrap, '', script)).toEqual(stateOf(directly, '', script));
  });

  it.skipIf(skipUnless(fetchedNodes.length > 0)).each(fetchedNodes)(
    'the same under Node %s (needs npm run fetch)',
    (node) => {
      const script = '(ulimit -Sn 123; "$@" 3</etc/passwd 9<&0 60>/dev/null; :)';
      const other: Wrap = (...command) => [node, ...wrap(...command).slice(1)];
      expect(stateOf(other, '', script)).toEqual(stateOf(directly, '', script));
      expect(stateOf(other, 'realtime,nonblock')).toEqual(stateOf(directly, 'realtime,nonblock'));
    },
  );

  it('the same process: pid, and a parent that sees the command', () => {
    const { stdout } = end(['sh', '-c', 'echo $$; exec "$@" -c "echo \\$\\$"', 'sh', ...wrap('sh')]);
    const [outer, inner] = stdout.trim().split('\n');
    expect(inner).toBe(outer);
  });
});

describeWith(['x86_64', 'cc', 'built'], 'run: how a command ends', () => {
  const filters = makeFilters();
  const wrap: Wrap = (...command) => underRun('-p', filters.dockerDefault)(...command);
  afterAll(filters.remove);

  const codes = hasAllSamples
    ? Array.from({ length: 64 }, (_, i) => 4 * i + (i % 4)).concat(1, 2, 126, 127, 128, 137)
    : [0, 1, 2, 3, 42, 126, 127, 128, 137, 255];

  it('with the exit code', () => {
    const ends = codes.map((code) => end(wrap('sh', '-c', `exit ${code}`)).status);
    expect(ends).toEqual(codes);
  });

  it('by each signal', () => {
    const numbers = Array.from({ length: 64 }, (_, i) => i + 1).filter((nr) => hasAllSamples || nr < 32);
    const script = (nr: number): string => `ulimit -c 0; kill -${nr} $$; exit 77`;
    // Stop signals stop; 32 and 33 are the C library's own.
    const ending = numbers.filter((nr) => ![19, 20, 21, 22, 32, 33].includes(nr));
    const ended = (how: Wrap) =>
      ending.map((nr) => {
        const { status, signal } = end(how('bash', '-c', script(nr)));
        return { nr, status, signal };
      });
    expect(ended(wrap)).toEqual(ended(directly));
  });

  it('by SIGPIPE, as yes does when head has enough', () => {
    const script = '{ "$@" yes; echo "yes: $?" >&2; } | head -n 1';
    const [node, ...words] = wrap();
    const { stdout, stderr } = end(['sh', '-c', script, 'sh', node, ...words]);
    expect({ stdout, stderr }).toEqual({ stdout: 'y\n', stderr: 'yes: 141\n' });
  });

  it('with the exit codes and errors of env(1) where it cannot be run', () => {
    const { folder } = filters;
    mkdirSync(join(folder, 'a-directory'));
    writeFileSync(join(folder, 'no-x-bit'), '#!/bin/sh\n', { mode: 0o644 });
    writeFileSync(join(folder, 'bad-interpreter'), '#!/nonexistent/sh\n', { mode: 0o755 });
    // The kernel refuses a pipe as an interpreter, and whoever opens it waits for its writer.
    end(['mkfifo', join(folder, 'pipe')]);
    writeFileSync(join(folder, 'piped'), `#!${join(folder, 'pipe')}\n`, { mode: 0o755 });
    writeFileSync(join(folder, 'no-format'), 'echo from a shell: "$@"; exit 5\n', { mode: 0o755 });
    writeFileSync(join(folder, 'broken-elf'), '\x7fELF and no more', { mode: 0o755 });
    copyFileSync(helperPath('process-state'), join(folder, 'program'));
    const commands = [
      ['nonexistent-command'],
      ['./nonexistent'],
      [''],
      ['./a-directory'],
      ['./no-x-bit'],
      ['./program/below-a-file'],
      ['./bad-interpreter'],
      ['./piped'],
      ['./no-format', 'a', 'b c'],
      ['./broken-elf'],
      ['a'.repeat(256)],
    ];
    const ends = (how: Wrap) =>
      commands.map((command) => {
        const { status, stdout } = end(how(...command), { cwd: folder });
        return { command, status, stdout };
      });
    expect(ends(wrap)).toEqual(ends((...command) => ['env', ...command]));
    const said = end(wrap('nonexistent-command'), { env: { PATH: searchPath } }).stderr;
    expect(said).toBe("error: cannot run 'nonexistent-command': no folder of PATH has it [ERR_IO]\n");
    expect(end(wrap('docker-default', 'true'), { cwd: folder }).stderr).toContain(
      'run --profile docker-default --',
    );
  });

  it('found through PATH, past what cannot be run', () => {
    const first = join(filters.folder, 'first');
    const second = join(filters.folder, 'second');
    mkdirSync(first);
    mkdirSync(second);
    writeFileSync(join(first, 'tool'), '', { mode: 0o644 });
    writeFileSync(join(second, 'tool'), '#!/bin/sh\necho "$0"\n', { mode: 0o755 });
    const env = { PATH: `${first}:${second}:/usr/bin:/bin` };
    expect(end(wrap('tool'), { env })).toEqual(end(['env', 'tool'], { env }));
  });

  it('looked for in PATH as execvp(3) does: it passes over some errors, and ends with others', () => {
    const place = join(filters.folder, 'places');
    const inPlace = (name: string): string => join(place, name);
    for (const name of ['empty', 'denied/tool', 'good']) mkdirSync(inPlace(name), { recursive: true });
    writeFileSync(inPlace('good/tool'), '#!/bin/sh\necho "$0"\n', { mode: 0o755 });
    writeFileSync(inPlace('file'), '');
    symlinkSync('loop', inPlace('loop'));
    const folders = ['empty', 'denied', 'file', 'loop', 'good', 'a'.repeat(256)].map(inPlace);
    const paths = [...folders, ...folders.flatMap((one) => folders.map((other) => `${one}:${other}`))];
    const missing = join(place, 'missing');
    const ways = [...paths, `${missing}:${folders[2]}`].flatMap((path) =>
      ['tool', 'a'.repeat(256)].map((name) => ({ path, name })),
    );
    const found = ways.map(({ path, name }) => {
      const lookup = findExecutable(name, path);
      return lookup.found ? lookup.path : lookup.exitCode;
    });
    const started = ways.map(({ path, name }) => {
      const { status, stdout } = end(['/usr/bin/env', name], { env: { PATH: path } });
      return stdout.trim() || status;
    });
    expect(found).toEqual(started);
  });

  it('as in a terminal: window size, Ctrl-C, Ctrl-Z, a stopped job that is killed, end of input', () => {
    const words = (how: Wrap, ...command: readonly string[]): string =>
      how(...command)
        .map((word) => `'${word}'`)
        .join(' ');
    const session = (how: Wrap): string => {
      const script = [
        'expect ready>',
        `send ${words(how, helperPath('process-state'))} | grep -E "window|terminal|leader"; stty size; echo "1"st\\n`,
        'expect 1st',
        'expect ready>',
        'size 101 33',
        `send ${words(how, 'sh', '-c', 'stty size; echo "2"nd; exec sleep 60')}\\n`,
        'expect 2nd',
        'send \\x03',
        'expect ready>',
        'send echo "sta"tus $?\\n',
        'expect status 130',
        'expect ready>',
        `send ${words(how, 'sh', '-c', 'echo "3"rd; exec sleep 60')}\\n`,
        'expect 3rd',
        'send \\x1a',
        'expect Stopped',
        'expect ready>',
        'send bg; kill %1; wait %1; echo "sta"tus $?\\n',
        'expect status 143',
        'expect ready>',
        `send ${words(how, 'sh', '-c', 'echo "4"th; exec cat')}\\n`,
        'expect 4th',
        'send a line\\n\\x04',
        'expect a line',
        'expect a line',
        'expect ready>',
        'send exit 9\\n',
      ];
      const { stdout, stderr, status } = runHelper(
        'pty-session',
        ['80', '24', 'env', 'TERM=dumb', 'PS1=ready>', 'bash', '--norc', '--noprofile', '-i'],
        `${script.join('\n')}\n`,
      );
      expect({ stderr, status }, stdout).toEqual({ stderr: '', status: 0 });
      return stdout;
    };
    /** What is not the command line itself, which differs in length and so in how it is wrapped. */
    const facts = (text: string): readonly string[] =>
      text
        .split(/\r*\n/)
        .filter((line) => /^(window|terminal|leader|\d+ \d+|status|exit|signal|a line|\^C)/.test(line));
    const direct = facts(session(directly));
    expect(direct).toContain('window 80 24');
    expect(direct).toContain('33 101');
    expect(direct.at(-1)).toBe('exit 9');
    expect(facts(session(wrap))).toEqual(direct);
  });

  it('and is not started after a wrong call', () => {
    expect(ociSeccomp(['run']).status).toBe(2);
    expect(ociSeccomp(['run', '--no-new-privs', 'sometimes', '--', 'true']).status).toBe(2);
    expect(ociSeccomp(['run', '-p', 'nonexistent.json', '--', 'echo', 'no']).stdout).toBe('');
  });
});
