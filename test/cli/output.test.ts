import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  linkSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { renderTally } from '../../src/cli/answers/simulate-calls.ts';
import { HANGS_AFTER } from '../support/patience.ts';
import { ociSeccomp, program, root } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-output-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const socket = 'fixtures/cli/socket.json';
const host = ['--arch', 'x86_64', '--kernel', '6.1', '-q'];
const hasScript = spawnSync('script', ['--version']).status === 0;

describe('the report of a composition', () => {
  it('does not replace the profile, nor a file that is read', () => {
    const [profile, link, result] = ['input.json', 'link.json', 'result.json'].map((name) =>
      join(folder, name),
    );
    const text = readFileSync(join(root, socket), 'utf8');
    writeFileSync(`${profile}`, text);
    symlinkSync('input.json', `${link}`);
    for (const [words, reason] of [
      [['-o', `${folder}/./result.json`, '--report', result], 'would both go to'],
      [['-o', profile, '--report', link], 'would both go to'],
      [['-o', result, '--report', link], 'would replace'],
      [['--check', profile, '--report', link], 'would replace'],
    ] as const) {
      const { status, stderr } = ociSeccomp(['simplify', `${profile}`, ...words.map(String)]);
      expect([status, stderr]).toEqual([2, expect.stringContaining(reason)]);
    }
    expect(readFileSync(`${profile}`, 'utf8')).toBe(text);
    expect(existsSync(`${result}`)).toBe(false);
  });
});

describe('an output over an input', () => {
  const [own, other, link] = ['own.json', 'other.json', 'own-link.json'].map((name) => join(folder, name));
  const text = readFileSync(join(root, socket), 'utf8');
  for (const file of [own, other]) writeFileSync(`${file}`, text);
  symlinkSync('own.json', `${link}`);
  const lines: readonly (readonly [string, readonly string[]])[] = [
    ['compile', [`${own}`]],
    ['compile', [`${link}`]],
    ['compile', ['-']],
    ['convert', [`${own}`, '--to', 'lxc']],
    ['diff', [`${other}`, `${own}`]],
    ['disasm', [`${own}`]],
    ['explain', [`${own}`]],
    ['lint', [`${own}`]],
    ['lint', [folder]],
    ['lint', [`${own}`, '--report', `sarif=${link}`]],
    ['lint', [`${own}`, '--baseline', `${link}`, '--update-baseline']],
    ['report', [`${own}`]],
    ['resolve', [`${own}`]],
    ['run', ['--profile', `${own}`, '--dry-run', `${other}`]],
    ['validate', [folder]],
    ['record', ['--via', `list:${own}`]],
    // A patch and a report are no edited profiles.
    ['allow', [`${own}`, 'getcpu', '--diff']],
    ['deny', [`${own}`, 'read', '--json']],
    ['simplify', [`${own}`, '--diff']],
    ['rebase', [`${own}`, '--from', 'docker-default', '--json']],
  ];
  it.each(lines)('%s %j refuses it', (verb, words) => {
    const isOutput = words.some((word) => word === '--report' || word === '--baseline');
    const output = isOutput ? [] : ['-o', `${own}`];
    const stdin = openSync(`${own}`, 'r');
    const { status, stderr } = spawnSync(program, [verb, ...words, ...output], {
      encoding: 'utf8',
      stdio: [stdin, 'pipe', 'pipe'],
    });
    closeSync(stdin);
    expect([status, stderr]).toEqual([2, expect.stringContaining(', which is read [ERR_USAGE]')]);
    expect(readFileSync(`${own}`, 'utf8')).toBe(text);
  });

  it('is an edit for commands that write a profile of a profile', () => {
    const edited = join(folder, 'edited.json');
    for (const words of [
      ['allow', edited, 'getcpu'],
      ['simplify', edited],
      ['union', edited, edited],
    ]) {
      writeFileSync(edited, text);
      expect(ociSeccomp([...words, '-o', edited]).status).toBe(0);
      expect(JSON.parse(readFileSync(edited, 'utf8'))).toHaveProperty('syscalls');
    }
    rmSync(edited);
  });

  it('may be a report that an earlier run left in the folder', () => {
    const searched = mkdtempSync(join(folder, 'searched-'));
    writeFileSync(join(searched, 'profile.json'), text);
    const report = join(searched, 'report.json');
    const words = ['lint', searched, '--no-config', '--json', '-o', report];
    for (const _ of [1, 2]) expect(ociSeccomp(words).stderr).not.toContain('ERR_');
    expect(JSON.parse(readFileSync(report, 'utf8'))).toHaveProperty('version', 1);
  });
});

describe('the output of compile', () => {
  it('replaces a file whole: who reads the old one keeps it', () => {
    const file = join(folder, 'a.bpf');
    writeFileSync(file, 'old');
    linkSync(file, join(folder, 'kept'));
    expect(ociSeccomp(['compile', socket, ...host, '-o', file]).status).toBe(0);
    expect(readFileSync(file).equals(ociSeccomp(['compile', socket, ...host]).bytes)).toBe(true);
    expect(readFileSync(join(folder, 'kept'), 'utf8')).toBe('old');
  });

  it('leaves the old file and no other when compiling fails', () => {
    const file = join(folder, 'b.bpf');
    writeFileSync(file, 'old');
    expect(ociSeccomp(['compile', 'fixtures/cli/contradiction.json', ...host, '-o', file]).status).toBe(2);
    expect(readFileSync(file, 'utf8')).toBe('old');
    expect(readdirSync(folder).filter((name) => name.includes('.tmp'))).toEqual([]);
  });

  it.each([0o600, 0o644, 0o2644, 0o4755])('keeps the mode %o of a file that it replaces', (mode) => {
    const file = join(folder, `mode-${mode}.bpf`);
    writeFileSync(file, 'old');
    chmodSync(file, mode);
    ociSeccomp(['compile', socket, ...host, '-o', file]);
    expect(statSync(file).mode & 0o7777).toBe(mode);
    expect(readFileSync(file, 'utf8')).not.toBe('old');
  });

  it('goes through a symbolic link, and to a pipe', () => {
    const target = join(folder, 'target.bpf');
    writeFileSync(target, '');
    symlinkSync(target, join(folder, 'link.bpf'));
    ociSeccomp(['compile', socket, ...host, '-o', join(folder, 'link.bpf')]);
    expect(readFileSync(target).length).toBeGreaterThan(8);
    const words = [process.execPath, program, 'compile', socket, ...host, '-o', '/dev/stdout', '| cat'];
    expect(execFileSync('sh', ['-c', words.join(' ')]).equals(readFileSync(target))).toBe(true);
  });

  it('is cut short by a reader that closes early, without an error', () => {
    const command = `"${process.execPath}" "${program}" syscalls --arch all | head -c 10; exit \${PIPESTATUS[0]}`;
    const { stderr, status } = spawnSync('bash', ['-c', command], { encoding: 'utf8' });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  });

  it('is whole if standard output does not block and the reader is slow', async () => {
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    // fifo(7): opened for both, so that neither end waits for the other.
    const fd = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
    const words = ['syscalls', '--arch', 'all', '--json'];
    // By way of a shell, because Node makes the standard streams of what it starts block.
    const command = ['-c', 'exec "$@" >&3', 'sh', process.execPath, program, ...words];
    const child = spawn('sh', command, { cwd: root, stdio: ['ignore', 'ignore', 'inherit', fd] });
    const ended = once(child, 'exit');
    const parts: Buffer[] = [];
    const read = (): boolean => {
      const part = Buffer.alloc(1 << 16);
      try {
        parts.push(part.subarray(0, readSync(fd, part)));
        return true;
      } catch {
        return false; // empty now
      }
    };
    for (let left = true; left || child.exitCode === null; left = read()) await setTimeout(1);
    closeSync(fd);
    expect((await ended)[0]).toBe(0);
    expect(Buffer.concat(parts).equals(ociSeccomp(words).bytes)).toBe(true);
  });

  it.skipIf(!hasScript)('says that it reads from a terminal (needs script: apt-get install bsdutils)', () => {
    const words = [process.execPath, program, 'validate', '-'].join(' ');
    const told = (command: string): string =>
      execFileSync('script', ['-qec', command, '/dev/null'], {
        encoding: 'utf8',
        input: '{"defaultAction":"SCMP_ACT_ALLOW"}\n',
      });
    const note = 'reading from the terminal, up to Ctrl-D';
    expect(told(words)).toMatch(new RegExp(`${note}\\r\\n(?:.*\\r\\n)*1 profile: 1 valid`));
    expect(told(`cat | ${words}`)).not.toContain(note);
  });

  it.skipIf(!hasScript)(
    'is refused by a terminal if it is binary (needs script: apt-get install bsdutils)',
    () => {
      const words = [process.execPath, program, 'compile', socket, ...host].join(' ');
      const { stdout, status } = spawnSync('script', ['-qec', words, '/dev/null'], { encoding: 'utf8' });
      expect(status).toBe(2);
      expect(stdout).toContain('standard output is a terminal');
      const text = execFileSync('script', ['-qec', `${words} --format asm`, '/dev/null'], {
        encoding: 'utf8',
      });
      expect(text).toContain('AUDIT_ARCH_X86_64');
    },
  );

  it('is nothing but the program, also for a file that does not exist yet', () => {
    const file = join(folder, 'new.bpf');
    expect(existsSync(file)).toBe(false);
    expect(ociSeccomp(['compile', socket, ...host, '-o', file]).stdout).toBe('');
    expect(readFileSync(file).length % 8).toBe(0);
  });
});

describe('streams that cannot be used', () => {
  const run = (redirection: string, ...words: readonly string[]) =>
    spawnSync('sh', ['-c', `exec "$@" ${redirection}`, 'sh', process.execPath, program, ...words], {
      encoding: 'utf8',
      cwd: root,
      timeout: HANGS_AFTER,
    });

  it.each([
    ['explain', socket, 'mkdir'],
    ['resolve', socket],
    ['lint', socket],
    ['rules'],
    ['syscalls'],
    ['--help'],
  ])('end %s with an error if standard output is full', (...words) => {
    const { status, stderr } = run('>/dev/full', ...words);
    expect(stderr).toMatch(/error: cannot write standard output: no space left on the device \[ERR_IO\]\n$/);
    expect(status).toBe(3);
  });

  it.each([
    ['validate', socket],
    ['compile', socket, '-o', '/dev/null'],
  ])('end %s with the code of an error if its messages cannot be written', (...words) => {
    expect(run('2>/dev/full', ...words).status).toBe(3);
  });

  it('keep the answer if nobody reads the messages any more', () => {
    const line = 'exec 3>&1; { sleep 1; "$0" "$@" 2>&1 >/dev/null; echo "code $?" >&3; } | true';
    const { stdout } = spawnSync('sh', ['-c', line, process.execPath, program, 'validate', socket], {
      encoding: 'utf8',
      cwd: root,
    });
    expect(stdout).toBe('code 0\n');
  });

  it.each(['compile', 'resolve', 'validate', 'lint', 'disasm', 'explain'])(
    'and endless input, and a pipe that nobody writes, end %s',
    (command) => {
      const pipe = join(folder, `${command}.pipe`);
      expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
      const more = command === 'explain' ? ['mkdir'] : [];
      expect(run('', command, '/dev/zero', ...more).status).toBe(
        ['validate', 'lint'].includes(command) ? 1 : 2,
      );
      const { status, stderr } = run('', command, pipe, ...more);
      expect(stderr).toContain(`cannot read ${pipe}: it is a pipe that nobody has opened at the other end`);
      expect(status).toBe(3);
    },
  );
});

it('simulate says a rate of many calls only: that of a few would be how fast the program starts', () => {
  const tally = { calls: 1_000_000, asExpected: 0, unexpected: 0, badLines: 0 };
  expect(renderTally(tally, 2)).toBe('1000000 calls, 500000 calls per second\n');
  expect(renderTally({ ...tally, calls: 99_999 }, 2)).toBe('99999 calls\n');
});
