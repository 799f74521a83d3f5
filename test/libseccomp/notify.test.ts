import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadKoffi } from '../../src/ffi.ts';
import {
  addNotificationFd,
  isNotificationValid,
  type NotifyRequest,
  notifications,
  receiveNotification,
  respondNotification,
} from '../../src/libseccomp/notify.ts';
import type { NotifyResponse } from '../../src/libseccomp/notify-response.ts';
import { projectRoot } from '../../tools/debian-cache.ts';
import { installedLibraries, skipUnless } from '../oracle/libraries.ts';
import { describeWith } from '../oracle/support/require.ts';
import {
  EBADF,
  ENOENT,
  needs,
  SYS_getppid,
  SYS_getppid_i386,
  SYS_openat,
  target,
  withCode,
  X32,
} from './support/notified.ts';
import type { Target } from './support/notify-target.ts';
import { buildShim } from './support/shim.ts';

/** One copy of each version. */
const libraries = [...new Map(installedLibraries().map((each) => [each.version, each])).values()];

/** What the kernel returns to the target for each answer. */
const answers: readonly (readonly [string, NotifyResponse, string])[] = [
  ['value 0', { value: 0 }, 'return 0'],
  ['a number', { value: 42 }, 'return 42'],
  ['a bigint', { value: 1n << 40n }, 'return 1099511627776'],
  ['the largest value', { value: (1n << 63n) - 1n }, 'return 9223372036854775807'],
  ['the smallest value', { value: -(1n << 63n) }, 'return -9223372036854775808'],
  ['a negative value that is no error', { value: -4096 }, 'return -4096'],
  ['an error by name', { error: 'EACCES' }, 'errno 13'],
  ['an error by its second name', { error: 'EWOULDBLOCK' }, 'errno 11'],
  ['an error by number', { error: 1 }, 'errno 1'],
  ['the largest errno', { error: 4095 }, 'errno 4095'],
  ['continue', { continue: true }, `return ${process.pid}`],
];

describeWith(needs, 'NotifyRequest', () => {
  describe.each(libraries)('libseccomp $version ($origin)', ({ path }) => {
    it.each(answers)('answers with %s', async (_name, response, line) => {
      const { ask, listener } = await target();
      const answer = ask(`call ${SYS_getppid}`);
      const request = await receiveNotification(listener, { library: path });
      expect(request.isValid()).toBe(true);
      request.respond(response);
      expect(await answer).toBe(line);
      expect(request.isValid()).toBe(false);
    });

    it('tells what was called', async () => {
      const { ask, listener, pid } = await target();
      const answer = ask(`call ${SYS_getppid} 0 1 0xffffffffffffffff 3 0x8000000000000000 5`);
      const request = await receiveNotification(listener, { library: path });
      expect(request).toMatchObject({
        pid,
        flags: 0,
        syscall: { nr: SYS_getppid, name: 'getppid' },
        arch: 'x86_64',
        auditArch: 0xc000003e,
        args: [0n, 1n, 0xffffffffffffffffn, 3n, 0x8000000000000000n, 5n],
      });
      const [, from = '', to = ''] =
        /^(\w+)-(\w+) r-xp .*notify-target/m.exec(readFileSync(`/proc/${pid}/maps`, 'utf8')) ?? [];
      expect(request.instructionPointer > BigInt(`0x${from}`)).toBe(true);
      expect(request.instructionPointer < BigInt(`0x${to}`)).toBe(true);
      request.respond({ value: 0 });
      await answer;
    });

    it('adds a descriptor that the target reads through', async () => {
      const { ask, listener } = await target();
      const answer = ask(`call ${SYS_openat} -100 @/etc/shadow 0`);
      const request = await receiveNotification(listener, { library: path });
      const file = openSync(`${projectRoot()}/package.json`, 'r');
      const added = request.addFd(file, { send: true });
      closeSync(file);
      expect(await answer).toBe(`return ${added}`);
      expect(await ask(`read ${added}`)).toBe('data {');
    });
  });

  const tellsApart = async (
    command: string,
    wanted: { arch: string; auditArch: number; argument: bigint },
  ): Promise<void> => {
    const { ask, listener } = await target();
    const answer = ask(command);
    const request = await receiveNotification(listener);
    const { arch, auditArch, argument } = wanted;
    expect(request).toMatchObject({ arch, auditArch, syscall: { name: 'getppid' } });
    // 64-bit code can leave anything in the high halves of what int $0x80 hands over.
    const bits = arch === 'x86' ? 32 : 64;
    expect(BigInt.asUintN(bits, request.args[0])).toBe(argument);
    request.respond({ error: 'EPERM' });
    expect(await answer).toBe('errno 1');
  };

  it('tells architectures apart: x32', async () => {
    const wanted = { arch: 'x32', auditArch: 0xc000003e, argument: 0xffffffffffffffffn };
    await tellsApart(`call ${X32 + SYS_getppid} -1`, wanted);
  });

  describeWith(['32-bit programs'], 'tells architectures apart', () => {
    it('x86', async () => {
      const wanted = { arch: 'x86', auditArch: 0x40000003, argument: 0xffffffffn };
      await tellsApart(`call32 ${SYS_getppid_i386} -1`, wanted);
    });
  });

  it('has no name for a call that does not exist', async () => {
    const { ask, listener } = await target([1234]);
    const answer = ask('call 1234');
    const request = await receiveNotification(listener);
    expect(request).toMatchObject({ arch: 'x86_64', syscall: { nr: 1234, name: undefined } });
    request.respond({ value: 7 });
    expect(await answer).toBe('return 7');
  });

  it('refuses wrong answers and still takes a right one', async () => {
    const { ask, listener } = await target();
    const answer = ask(`call ${SYS_getppid}`);
    const request = await receiveNotification(listener);
    const wrong: readonly unknown[] = [
      {},
      null,
      undefined,
      5,
      { value: 1, error: 1 },
      { value: 1, continue: true },
      { value: 1.5 },
      { value: Number.NaN },
      { value: 2 ** 60 },
      { value: 1n << 63n },
      { value: -(1n << 63n) - 1n },
      { value: -1 },
      { value: -4095n },
      { value: '1' },
      { error: 0 },
      { error: -1 },
      { error: 4096 },
      { error: 'ENOSUCH' },
      { error: 1n },
      { continue: false },
      { nothing: 1 },
    ];
    for (const each of wrong) {
      expect(() => request.respond(each as NotifyResponse), String(each)).toThrow(withCode('ERR_USAGE'));
    }
    expect(request.isValid()).toBe(true);
    request.respond({ value: 3 });
    expect(await answer).toBe('return 3');
  });

  it('is answered once', async () => {
    const { ask, listener } = await target();
    const answer = ask(`call ${SYS_getppid}`);
    const request = await receiveNotification(listener);
    request.respond({ value: 3 });
    expect(() => request.respond({ value: 4 })).toThrow(withCode('ERR_USAGE'));
    expect(() => request.addFd(0)).toThrow(withCode('ERR_USAGE'));
    expect(await answer).toBe('return 3');
    expect(() => request.respond({ value: 4 })).toThrow(withCode('ERR_USAGE'));
    expect(() => respondNotification(listener, request.id, { value: 4 })).toThrow(
      withCode('ERR_NOTIFY_GONE', { errno: ENOENT, id: request.id }),
    );
  });

  it('reads an argument through /proc and decides on the copy', async () => {
    const { ask, listener } = await target();
    const answer = ask(`call ${SYS_openat} -100 @/etc/shadow 0`);
    const request = await receiveNotification(listener);
    const memory = openSync(`/proc/${request.pid}/mem`, 'r');
    expect(request.isValid()).toBe(true);
    const text = Buffer.alloc(64);
    readSync(memory, text, 0, text.length, request.args[1]);
    closeSync(memory);
    expect(text.toString('utf8').split('\0')[0]).toBe('/etc/shadow');
    request.respond({ error: 'EACCES' });
    expect(await answer).toBe('errno 13');
  });

  it('knows that its thread has died', async () => {
    const { ask, listener, kill, ended } = await target();
    const answer = ask(`call ${SYS_getppid}`);
    const request = await receiveNotification(listener);
    kill('SIGKILL');
    await ended;
    expect(await answer).toBe('ended');
    expect(request.isValid()).toBe(false);
    const gone = withCode('ERR_NOTIFY_GONE', { errno: ENOENT });
    expect(() => request.respond({ value: 0 })).toThrow(gone);
    expect(() => request.addFd(0)).toThrow(gone);
    await expect(receiveNotification(listener)).rejects.toEqual(withCode('ERR_NOTIFY_GONE'));
  });

  it('knows that its thread was interrupted', async () => {
    const { ask, listener, kill } = await target();
    const answer = ask(`call ${SYS_getppid}`);
    const request = await receiveNotification(listener);
    kill('SIGUSR1');
    expect(await answer).toBe('errno 4');
    expect(request.isValid()).toBe(false);
    expect(() => request.respond({ value: 0 })).toThrow(withCode('ERR_NOTIFY_GONE'));
  });
});

/** A libseccomp with what is to come, and with mishaps: see notify-shim.c. */
const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-notify-'));
const shim = join(folder, 'libseccomp.so');
afterAll(() => rmSync(folder, { recursive: true }));

describeWith(needs, 'addNotificationFd', () => {
  const file = join(folder, 'file');
  let source = -1;

  beforeAll(() => {
    buildShim('notify-shim', shim);
    writeFileSync(file, 'hello');
    source = openSync(file, 'r');
  });
  afterAll(() => closeSync(source));

  async function request(
    library?: string,
  ): Promise<Target & { request: NotifyRequest; answer: Promise<string> }> {
    const started = await target();
    const answer = started.ask(`call ${SYS_openat} -100 @/nowhere 0`);
    const received = await receiveNotification(started.listener, library === undefined ? {} : { library });
    return { ...started, request: received, answer };
  }

  it.each([
    ['the lowest free number', {}, '0'],
    ['closed by execve', { closeOnExec: true }, '1'],
    ['a number of choice', { newFd: 77 }, '0'],
    ['a number of choice, closed by execve', { newFd: 78, closeOnExec: true }, '1'],
  ])('%s, then an answer', async (_name, options, flags) => {
    const { request: received, answer, ask } = await request();
    const added = received.addFd(source, options);
    if ('newFd' in options) expect(added).toBe(options.newFd);
    received.respond({ value: added });
    expect(await answer).toBe(`return ${added}`);
    expect(await ask(`flags ${added}`)).toBe(`return ${flags}`);
  });

  it('replaces what is open by the number', async () => {
    const { request: received, answer, ask } = await request();
    const own = openSync(file, 'r');
    expect(received.addFd(own, { newFd: 9 })).toBe(9);
    expect(received.addFd(own, { newFd: 9, send: true })).toBe(9);
    closeSync(own);
    expect(await answer).toBe('return 9');
    expect(await ask('read 9')).toBe('data hello');
    expect(() => received.respond({ value: 0 })).toThrow(withCode('ERR_USAGE'));
  });

  it('may be 0 in the target', async () => {
    const { request: received, answer } = await request();
    expect(received.addFd(source, { newFd: 0, send: true })).toBe(0);
    expect(await answer).toBe('return 0');
  });

  it('tells the kernel’s errors', async () => {
    const { request: received, listener, answer } = await request();
    expect(() => received.addFd(9999)).toThrow(withCode('ERR_KERNEL', { errno: EBADF }));
    expect(() => received.addFd(source, { newFd: 0x7fffffff })).toThrow(withCode('ERR_KERNEL'));
    expect(() => addNotificationFd(source, received.id, source)).toThrow(withCode('ERR_USAGE'));
    for (const wrong of [-1, 1.5, 2 ** 31, '1', null]) {
      expect(() => received.addFd(wrong as number)).toThrow(withCode('ERR_USAGE'));
      expect(() => received.addFd(source, { newFd: wrong as number })).toThrow(withCode('ERR_USAGE'));
    }
    addNotificationFd(listener, received.id, source, { newFd: 50, send: true });
    expect(await answer).toBe('return 50');
    expect(() => addNotificationFd(listener, received.id, source)).toThrow(withCode('ERR_NOTIFY_GONE'));
  });

  it('uses seccomp_notify_addfd where the library has it', async () => {
    const { request: received, answer, ask } = await request(shim);
    const calls = loadKoffi().load(shim).func('notify_addfd_calls', 'int', []);
    expect(() => received.addFd(9999)).toThrow(withCode('ERR_KERNEL', { errno: EBADF }));
    const added = received.addFd(source, { send: true });
    expect(await answer).toBe(`return ${added}`);
    expect(await ask(`flags ${added}`)).toBe('return 0');
    expect(calls()).toBe(2);
  });
});

describe.skipIf(skipUnless(installedLibraries().length > 0))('descriptors and ids that are none', () => {
  const wrong: readonly unknown[] = [-1, 1.5, Number.NaN, 2 ** 31, '3', null, undefined, 4n, 999_999];

  it('are ERR_USAGE', async () => {
    const file = openSync('/dev/null', 'r');
    try {
      for (const fd of [...wrong, file] as number[]) {
        const usage = withCode('ERR_USAGE');
        await expect(receiveNotification(fd), String(fd)).rejects.toEqual(usage);
        await expect(notifications(fd).next()).rejects.toEqual(usage);
        expect(() => isNotificationValid(fd, 1n)).toThrow(usage);
        expect(() => respondNotification(fd, 1n, { value: 0 })).toThrow(usage);
        expect(() => addNotificationFd(fd, 1n, 0)).toThrow(usage);
      }
      for (const id of [1, -1n, 1n << 64n, '1', null] as unknown as bigint[]) {
        expect(() => isNotificationValid(file, id)).toThrow(withCode('ERR_USAGE'));
      }
    } finally {
      closeSync(file);
    }
  });
});
