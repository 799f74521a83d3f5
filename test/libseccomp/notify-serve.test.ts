/**
 * Notifications answered by a thread of their own, held against what the kernel returns to the caller.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { loadKoffi } from '../../src/ffi.ts';
import type * as Binding from '../../src/libseccomp/index.ts';
import { projectRoot } from '../../tools/debian-cache.ts';
import { installedLibraries } from '../oracle/libraries.ts';
import { describeWith } from '../oracle/support/require.ts';
import { HANGS_AFTER } from '../support/patience.ts';
import { startTarget, type Target } from './support/notify-target.ts';
import { buildShim } from './support/shim.ts';
import { wakeDescriptors } from './support/wake-descriptors.ts';

const SYS_getppid = 110;
const SYS_openat = 257;
const support = `${projectRoot()}/test/libseccomp/support`;
const handlers = `${support}/serve-handlers.mjs`;

/** The built binding: the thread is a file of its own there. */
const load = () =>
  import(pathToFileURL(`${projectRoot()}/dist/libseccomp/index.js`).href) as Promise<typeof Binding>;

const targets: Target[] = [];
async function target(): Promise<Target> {
  const started = await startTarget([SYS_getppid, SYS_openat]);
  targets.push(started);
  return started;
}
afterEach(async () => {
  for (const each of targets.splice(0)) await each.stop();
});

const threads = (): number => readdirSync('/proc/self/task').length;

/** One copy of each version. */
const libraries = [...new Map(installedLibraries().map((each) => [each.version, each])).values()];
const needs = ['root', 'x86_64', 'cc', 'ptrace', 'built'] as const;

describeWith(needs, 'serveNotifications', () => {
  it.each(libraries)('answers until no task is left (libseccomp $version)', async ({ path }) => {
    const { serveNotifications } = await load();
    const { ask, listener, kill } = await target();
    const server = serveNotifications(listener, handlers, { library: path });
    expect(await ask(`call ${SYS_getppid} 41`)).toBe('return 42');
    expect(await ask(`threads 50 ${SYS_getppid}`)).toBe(
      `return ${Array.from({ length: 50 }, (_, i) => i + 1).join(' ')}`,
    );
    kill('SIGKILL');
    expect(await server.done).toEqual({ answered: 51, gone: 0 });
    expect(await server.close()).toEqual({ answered: 51, gone: 0 });
  });

  it.each([
    ['a bigint', ['value', 1n << 40n], 'return 1099511627776'],
    ['an error by name', ['error', 'EACCES'], 'errno 13'],
    ['an error by number', ['error', 4095], 'errno 4095'],
    ['continue', ['continue', true], `return ${process.pid}`],
  ])('hands data to the handler, which answers with %s', async (_, data, line) => {
    const { serveNotifications } = await load();
    const { ask, listener } = await target();
    const server = serveNotifications(listener, pathToFileURL(handlers), { data });
    expect(await ask(`call ${SYS_getppid}`)).toBe(line);
    await server.close();
  });

  it('tells the handler what was called', async () => {
    const { serveNotifications } = await load();
    const { ask, listener, pid } = await target();
    await using server = serveNotifications(listener, handlers, { handler: 'describeRequest' });
    expect(await ask(`call ${SYS_getppid} 0xffffffffffffffff`)).toBe(`return ${pid}`);
    expect(server.done).toBeInstanceOf(Promise);
  });

  it('lets the handler answer itself, and give a descriptor', async () => {
    const { serveNotifications } = await load();
    const { ask, listener } = await target();
    const itself = serveNotifications(listener, handlers, { handler: 'itself' });
    expect(await ask(`call ${SYS_getppid}`)).toBe('return 77');
    expect(await itself.close()).toEqual({ answered: 1, gone: 0 });
    const file = openSync(`${projectRoot()}/package.json`, 'r');
    const giving = serveNotifications(listener, handlers, { handler: 'withDescriptor', data: file });
    const line = await ask(`call ${SYS_openat} -100 @/nowhere 0`);
    closeSync(file);
    expect(line).toMatch(/^return \d+$/);
    expect(await ask(`read ${line.slice('return '.length)}`)).toBe('data {');
    expect(await giving.close()).toEqual({ answered: 1, gone: 0 });
  });

  it('passes over a caller that is gone before the answer', async () => {
    const { serveNotifications } = await load();
    const { ask, listener } = await target();
    const server = serveNotifications(listener, handlers, { handler: 'tooLate' });
    expect(await ask(`call ${SYS_getppid} 1`)).toBe('errno 4');
    expect(await ask(`call ${SYS_getppid} 2`)).toBe('return 2');
    expect(await server.close()).toEqual({ answered: 1, gone: 1 });
  });

  // A signal, and a caller that is gone: libseccomp tells both as -ECANCELED.
  it.each([
    ['EINTR', constants.errno.EINTR],
    ['ENOENT', constants.errno.ENOENT],
  ])('goes on after a receive that ended with %s', async (_, errno) => {
    const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-serve-'));
    try {
      const library = join(folder, 'notify-shim.so');
      buildShim('notify-shim', library);
      loadKoffi().load(library).func('notify_fail', 'void', ['int', 'int'])(3, errno);
      const { serveNotifications } = await load();
      const { ask, listener } = await target();
      const server = serveNotifications(listener, handlers, { library });
      // A thread that has ended would leave the call without an answer.
      const answer = await Promise.race([ask(`call ${SYS_getppid} 41`), server.done]);
      expect(answer).toBe('return 42');
      expect(await server.close()).toEqual({ answered: 1, gone: 0 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each([
    ['throws', 'fail', { name: 'RangeError', message: 'of the handler', code: 'MINE' }],
    ['returns a promise', 'later', { code: 'ERR_USAGE' }],
    ['returns nothing', 'nothing', { code: 'ERR_USAGE' }],
    [
      'returns two answers',
      'wrong',
      { code: 'ERR_USAGE', message: 'a request is not answered with several answers' },
    ],
  ])('denies the call and ends when the handler %s', async (_, handler, error) => {
    const { serveNotifications, OciSeccompError } = await load();
    const { ask, listener } = await target();
    const server = serveNotifications(listener, handlers, { handler });
    const ended = server.done.catch((reason: unknown) => reason);
    expect(await ask(`call ${SYS_getppid}`)).toBe('errno 13');
    expect(await ended).toMatchObject(error);
    expect((await ended) instanceof OciSeccompError).toBe(handler !== 'fail');
    await expect(server.close()).rejects.toMatchObject(error);
  });

  it.each([
    ['an answer after its own', 'twice', 'return 77'],
    ['the end of its thread', 'exits', 'errno 13'],
    ['the end of its thread after its answer', 'answersAndExits', 'return 77'],
  ])('refuses %s, and lets no caller wait', async (_, handler, line) => {
    const { serveNotifications } = await load();
    const { ask, listener } = await target();
    const server = serveNotifications(listener, handlers, { handler });
    const ended = server.done.catch((reason: unknown) => reason);
    expect(await ask(`call ${SYS_getppid}`)).toBe(line);
    expect(await ended).toMatchObject({ code: 'ERR_USAGE' });
  });

  it('ends by close() and by a signal, loses no request, and leaves no thread and nothing open', async () => {
    const { serveNotifications, receiveNotification } = await load();
    const { ask, listener } = await target();
    const reason = new Error('enough');
    await serveNotifications(listener, handlers).close(); // what Node and koffi start once is there now
    const before = {
      threads: threads(),
      wakeDescriptors: wakeDescriptors(),
      exits: process.listenerCount('exit'),
    };
    for (let i = 0; i < 3; i++) {
      expect(await serveNotifications(listener, handlers).close()).toEqual({ answered: 0, gone: 0 });
      const abort = new AbortController();
      const server = serveNotifications(listener, handlers, { signal: abort.signal });
      const ended = server.done.catch((error: unknown) => error);
      expect(await ask(`call ${SYS_getppid} 1`)).toBe('return 2');
      abort.abort(reason);
      expect(await ended).toBe(reason);
    }
    expect({
      threads: threads(),
      wakeDescriptors: wakeDescriptors(),
      exits: process.listenerCount('exit'),
    }).toEqual(before);
    const answer = ask(`call ${SYS_getppid} 1`);
    (await receiveNotification(listener)).respond({ value: 5 });
    expect(await answer).toBe('return 5');
  });

  it.each([
    ['in a loop', 'errno 13', { answered: 2, gone: 0 }],
    ['asleep', 'errno 13', { answered: 2, gone: 0 }],
    ['after its answer', 'return 77', { answered: 2, gone: 0 }],
  ])('ends a handler that does not return by terminate(): %s', async (how, line, count) => {
    const { serveNotifications, receiveNotification } = await load();
    const { ask, listener } = await target();
    await serveNotifications(listener, handlers).close(); // what Node and koffi start once is there now
    const before = { threads: threads(), wakeDescriptors: wakeDescriptors() };
    const asked = new Int32Array(new SharedArrayBuffer(4));
    const server = serveNotifications(listener, handlers, {
      handler: 'neverReturns',
      data: { asked, how },
    });
    expect(await ask(`call ${SYS_getppid} 41`)).toBe('return 42');
    const answer = ask(`call ${SYS_getppid}`);
    while (Atomics.load(asked, 0) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    const ended = server.close();
    expect(await server.terminate()).toEqual(count);
    expect(await ended).toEqual(count);
    expect(await server.terminate()).toEqual(count);
    expect(await answer).toBe(line);
    expect({ threads: threads(), wakeDescriptors: wakeDescriptors() }).toEqual(before);
    const later = ask(`call ${SYS_getppid} 1`);
    (await receiveNotification(listener)).respond({ value: 5 });
    expect(await later).toBe('return 5');
  });

  it('rejects a module that does not load, or lacks the handler', async () => {
    const { serveNotifications } = await load();
    const { listener } = await target();
    await expect(serveNotifications(listener, '/nowhere.mjs').done).rejects.toMatchObject({
      code: 'ERR_USAGE',
      message: expect.stringMatching(/nowhere.mjs cannot be loaded: Cannot find module/),
    });
    for (const handler of ['missing', 'notAFunction']) {
      await expect(serveNotifications(listener, handlers, { handler }).done).rejects.toMatchObject({
        code: 'ERR_USAGE',
        details: { name: handler },
      });
    }
  });

  it('refuses wrong arguments at once', async () => {
    const { serveNotifications } = await load();
    const { listener } = await target();
    const before = wakeDescriptors();
    const usage = expect.objectContaining({ code: 'ERR_USAGE' });
    for (const fd of [-1, 999_999, 0, '3'] as number[]) {
      expect(() => serveNotifications(fd, handlers), String(fd)).toThrow(usage);
    }
    for (const module of ['relative.mjs', '', 5, null] as string[]) {
      expect(() => serveNotifications(listener, module), String(module)).toThrow(usage);
    }
    for (const options of [{ handlr: 'x' }, { handler: 5 }, { signal: 5 }, { data: () => 1 }, null]) {
      expect(() => serveNotifications(listener, handlers, options as object), String(options)).toThrow(usage);
    }
    expect(() =>
      serveNotifications(listener, handlers, { signal: AbortSignal.abort(new Error('no')) }),
    ).toThrow('no');
    expect(wakeDescriptors()).toBe(before);
  });
});

describeWith(needs, 'a process that serves notifications', () => {
  it.each([
    ['exit', 'by process.exit()', { status: 3, stdout: '42\n', stderr: '' }],
    [
      'throw',
      'by an uncaught error',
      { status: 1, stdout: '42\n', stderr: expect.stringContaining('on purpose') },
    ],
    ['unref', 'by having nothing else to do', { status: 0, stdout: '42\n', stderr: '' }],
    ['close', 'after close()', { status: 0, stdout: '42\n{"answered":1,"gone":0}\n', stderr: '' }],
    ['terminate', 'in a worker that is terminated', { status: 0, stdout: '42\nterminated 1\n', stderr: '' }],
  ])('%s: ends %s', (scenario, _, ending) => {
    const run = spawnSync(process.execPath, [`${support}/serve-ends.mjs`, scenario], {
      encoding: 'utf8',
      timeout: HANGS_AFTER,
      killSignal: 'SIGKILL',
    });
    expect(run).toMatchObject(ending);
  });
});

describeWith([...needs, 'strace'], 'a terminated worker that serves notifications, in system calls', () => {
  // A loop that enters no function went on for 42 ticks.
  it('waits for a few ticks at most', () => {
    const words = [
      '-f',
      '-qq',
      '-e',
      'trace=poll',
      process.execPath,
      `${support}/serve-ends.mjs`,
      'terminate',
    ];
    const { stderr, stdout } = spawnSync('strace', words, {
      encoding: 'utf8',
      timeout: HANGS_AFTER,
      killSignal: 'SIGKILL',
    });
    expect(stdout).toBe('42\nterminated 1\n');
    expect([...stderr.matchAll(/poll\(.*, 500/g)].length).toBeLessThan(20);
  });
});
