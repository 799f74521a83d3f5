/**
 * Programs that a container's start waits for end with their own exit code, whoever reads standard error, or does not.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emitClient, emitRuntimeClient } from '../../src/hook/client/emit-client.ts';
import { cli } from '../oracle/support/hook-bundle.ts';
import { describeWith } from '../oracle/support/require.ts';
import { wrapperProgram } from '../oracle/support/wrapper.ts';
import { HANGS_AFTER } from '../support/patience.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-tell-stderr-'));
const at = (name: string): string => join(folder, name);
const { O_RDWR, O_WRONLY, O_NONBLOCK } = constants;
const paths = { socket: '/run/oci-seccomp-nobody', configuration: '/c', runtime: '/r' };
const log = at('log');
spawnSync('mkfifo', [log]);

beforeAll(() => {
  writeFileSync(at('client'), emitClient('x86_64').file, { mode: 0o755 });
  writeFileSync(at('runtime'), emitRuntimeClient('x86_64', paths).file, { mode: 0o755 });
});
afterAll(() => {
  for (const fd of full) closeSync(fd);
  rmSync(folder, { recursive: true, force: true });
});

const PAGE = 4096;
/** Ends of full pipes, which keep them so. */
const full: number[] = [];

function makePipe(name: string): string {
  spawnSync('mkfifo', [at(name)]);
  return at(name);
}

interface End {
  readonly fd: number;
  readonly close: () => void;
}

/** A pipe without room. */
function makeFull(name: string): string {
  const path = makePipe(name);
  const filler = openSync(path, O_RDWR | O_NONBLOCK);
  full.push(filler);
  for (const size of [PAGE, 1]) {
    const piece = Buffer.alloc(size, 'x');
    try {
      for (;;) writeSync(filler, piece);
    } catch {
      // No byte more fits.
    }
  }
  return path;
}

/** Descriptors for standard error. Others have the pipe's blocking end too, so it must stay one that waits. */
const ends: readonly (readonly [string, () => End])[] = [
  [
    'a pipe that is full',
    () => {
      const fd = openSync(makeFull('full'), O_WRONLY);
      return { fd, close: () => closeSync(fd) };
    },
  ],
  [
    'a pipe with room for a page that cannot be opened anew',
    () => {
      const fd = openSync(makeFull('page'), O_RDWR);
      readSync(fd, Buffer.alloc(PAGE));
      chmodSync(at('page'), 0);
      return { fd, close: () => closeSync(fd) };
    },
  ],
  [
    'a pipe whose reader has gone',
    () => {
      const path = makePipe('gone');
      const reader = openSync(path, O_RDWR);
      const fd = openSync(path, O_WRONLY);
      closeSync(reader);
      return { fd, close: () => closeSync(fd) };
    },
  ],
];

const node = (...words: readonly string[]): readonly string[] => [process.execPath, ...words];
const programs: readonly (readonly [string, readonly string[], number])[] = [
  ['the hook', node(cli, 'hook', 'createRuntime', '--profile', 'docker-default'), 2],
  ['a hook with a long message', node(cli, 'hook', 'x'.repeat(60_000)), 2],
  ['a precreate hook', node(cli, 'hook', 'precreate', '--profile', 'docker-default'), 2],
  ['the agent', node(cli, 'agent', '--socket', 'relative'), 2],
  ['the runtime wrapper', node(wrapperProgram, 'create', 'x'), 1],
  ['the runtime wrapper with a log that nobody reads', node(wrapperProgram, '--log', log, 'create', 'x'), 1],
];
const statics: typeof programs = [
  ['the static client without arguments', [at('client')], 1],
  ['the static client without an agent', [at('client'), '/run/oci-seccomp-nobody', 'x'], 1],
  ['the static wrapper', [at('runtime'), 'create', 'x'], 1],
  ['the static wrapper with a log that nobody reads', [at('runtime'), '--log', log, 'create', 'x'], 1],
];

/** Root may open all pipes, until it has given up its capabilities. */
const asUser = process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-all'] : [];

function endOf(words: readonly string[], fd: number) {
  const [command = '', ...rest] = [...asUser, ...words];
  const { status, signal } = spawnSync(command, rest, {
    input: '{',
    stdio: ['pipe', 'pipe', fd],
    env: { OCI_SECCOMP_CONFIG: '/nonexistent' },
    timeout: HANGS_AFTER,
    killSignal: 'SIGKILL',
  });
  return { status, signal };
}

describe.each(ends)('standard error is %s', (_, open) => {
  const check = (words: readonly string[], status: number): void => {
    const { fd, close } = open();
    try {
      expect(endOf(words, fd)).toEqual({ status, signal: null });
    } finally {
      close();
    }
  };
  it.each(programs)('%s ends', (_name, words, status) => check(words, status));
  describeWith(['x86_64'], 'static programs', () => {
    it.each(statics)('%s ends', (_name, words, status) => check(words, status));
  });
});

describe('standard error is a file that is open for reading only', () => {
  // Root could write it, and who has opened it may not be allowed to.
  const check = (words: readonly string[], status: number): void => {
    writeFileSync(at('read-only'), '');
    const fd = openSync(at('read-only'), 'r');
    try {
      expect(endOf(words, fd)).toEqual({ status, signal: null });
      expect(readFileSync(at('read-only'), 'utf8')).toBe('');
    } finally {
      closeSync(fd);
    }
  };
  it.each(programs)('%s writes nothing there', (_name, words, status) => check(words, status));
  describeWith(['x86_64'], 'static programs', () => {
    it.each(statics)('%s writes nothing there', (_name, words, status) => check(words, status));
  });
});

describe('standard error is a file', () => {
  // Its open file has a position, at which the shell writes too.
  const check = (words: readonly string[], status: number): void => {
    const script = 'echo before >&2; "$@"; code=$?; echo after >&2; exit $code';
    const fd = openSync(at('whole'), 'w');
    try {
      expect(endOf(['/bin/sh', '-c', script, 'sh', ...words], fd)).toEqual({ status, signal: null });
    } finally {
      closeSync(fd);
    }
    expect(readFileSync(at('whole'), 'utf8')).toMatch(/^before\n.*error: .*\nafter\n$/s);
  };
  it.each(programs)('%s overwrites nothing, and is not overwritten', (_name, words, status) =>
    check(words, status),
  );
  describeWith(['x86_64'], 'static programs', () => {
    it.each(statics)('%s overwrites nothing, and is not overwritten', (_name, words, status) =>
      check(words, status),
    );
  });
});

describe('standard error is closed', () => {
  const check = (words: readonly string[], status: number): void => {
    expect(endOf(['/bin/sh', '-c', 'exec "$@" 2>&-', 'sh', ...words], 2)).toEqual({ status, signal: null });
  };
  it.each(programs)('%s ends', (_name, words, status) => check(words, status));
  describeWith(['x86_64'], 'static programs', () => {
    it.each(statics)('%s ends', (_name, words, status) => check(words, status));
  });
});
