/**
 * Waiting for requests: the event loop, signals, several readers, requests that are withdrawn.
 */
import { getEventListeners } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadKoffi } from '../../src/ffi.ts';
import { type NotifyRequest, notifications, receiveNotification } from '../../src/libseccomp/notify.ts';
import { describeWith } from '../oracle/support/require.ts';
import { HANGS_AFTER } from '../support/patience.ts';
import { EBADF, needs, SYS_getppid, target, untilNotified, withCode } from './support/notified.ts';
import { buildShim } from './support/shim.ts';
import { wakeDescriptors } from './support/wake-descriptors.ts';

describeWith(needs, 'receiveNotification', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-receive-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('does not block the event loop', async () => {
    const { ask, listener } = await target();
    const received = receiveNotification(listener);
    // Were it blocked, these would wait for a request that is made after them.
    for (let turns = 0; turns < 10; turns++) await sleep(1);
    const answer = ask(`call ${SYS_getppid}`);
    (await received).respond({ value: 1 });
    expect(await answer).toBe('return 1');
  });

  it('ends when aborted, without waiting for a request, and loses none', async () => {
    const { ask, listener } = await target();
    const abort = new AbortController();
    const received = receiveNotification(listener, { signal: abort.signal });
    const other = receiveNotification(listener);
    await sleep(20);
    abort.abort();
    await expect(received).rejects.toHaveProperty('name', 'AbortError');
    const answer = ask(`call ${SYS_getppid}`);
    (await other).respond({ value: 2 });
    expect(await answer).toBe('return 2');
  });

  it('throws the signal’s reason, also one aborted before', async () => {
    const { ask, listener } = await target();
    const reason = new Error('enough');
    const answer = ask(`call ${SYS_getppid}`);
    await untilNotified(listener);
    await expect(receiveNotification(listener, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(async () => {
      for await (const each of notifications(listener, { signal: AbortSignal.timeout(50) }))
        each.respond({ value: 5 });
    }).rejects.toHaveProperty('name', 'TimeoutError');
    expect(await answer).toBe('return 5');
  });

  it('leaves nothing open', async () => {
    const { listener } = await target();
    const before = wakeDescriptors();
    const abort = new AbortController();
    const all = Array.from({ length: 10 }, () => receiveNotification(listener, { signal: abort.signal }));
    expect(wakeDescriptors()).toBe(before + 1);
    await sleep(20);
    abort.abort();
    await Promise.allSettled(all);
    await expect.poll(wakeDescriptors, { interval: 5, timeout: HANGS_AFTER }).toBe(before);
    expect(process.listeners('exit').filter(({ name }) => name === 'wake')).toEqual([]);
  });

  it('holds one thread of the pool for any number of descriptors', async () => {
    const started = await Promise.all(Array.from({ length: 8 }, () => target([SYS_getppid])));
    const received = started.map(({ listener }) => receiveNotification(listener));
    await sleep(20);
    // The pool has four threads: held by the eight readers, it would never get to these.
    await Promise.all(Array.from({ length: 20 }, () => readFile('/proc/self/status')));
    const lines = started.map(({ ask }) => ask(`call ${SYS_getppid}`));
    for (const [i, each] of received.entries()) (await each).respond({ value: i });
    expect(await Promise.all(lines)).toEqual(started.map((_, i) => `return ${i}`));
  });

  it('gives each of several readers a request of its own', async () => {
    const { ask, listener } = await target();
    const readers = Array.from({ length: 8 }, () => receiveNotification(listener));
    const answer = ask(`threads 8 ${SYS_getppid}`);
    const requests = await Promise.all(readers);
    expect(new Set(requests.map(({ id }) => id)).size).toBe(8);
    for (const request of requests) request.respond({ value: request.args[0] });
    expect(await answer).toBe('return 0 1 2 3 4 5 6 7');
  });

  it('can cancel the readers that got none', async () => {
    const { ask, listener } = await target();
    const abort = new AbortController();
    const readers = Array.from({ length: 6 }, () => receiveNotification(listener, { signal: abort.signal }));
    const answer = ask(`call ${SYS_getppid}`);
    const request = await Promise.race(readers);
    await sleep(50);
    abort.abort();
    const ends = await Promise.allSettled(readers);
    expect(ends.filter(({ status }) => status === 'rejected')).toHaveLength(5);
    request.respond({ value: 1 });
    expect(await answer).toBe('return 1');
  });

  it('waits for a descriptor that comes later, too', async () => {
    const [idle, busy] = [await target(), await target()];
    const abort = new AbortController();
    const nothing = receiveNotification(idle.listener, { signal: abort.signal });
    await sleep(20);
    const received = receiveNotification(busy.listener);
    await sleep(5);
    const answer = busy.ask(`call ${SYS_getppid}`);
    (await received).respond({ value: 1 });
    expect(await answer).toBe('return 1');
    abort.abort();
    await expect(nothing).rejects.toHaveProperty('name', 'AbortError');
  });

  it('passes over a request whose thread was interrupted before', async () => {
    const { ask, listener, kill } = await target();
    const first = ask(`call ${SYS_getppid} 1`);
    await untilNotified(listener);
    kill('SIGUSR1');
    expect(await first).toBe('errno 4');
    const received = receiveNotification(listener);
    await sleep(20);
    const second = ask(`call ${SYS_getppid} 2`);
    const request = await received;
    expect(request.args[0]).toBe(2n);
    request.respond({ value: 2 });
    expect(await second).toBe('return 2');
  });

  it('passes over a request whose thread was interrupted after it was announced', async () => {
    // A libseccomp with mishaps: see notify-shim.c.
    const shim = join(folder, 'libseccomp.so');
    buildShim('notify-shim', shim);
    const { ask, listener, pid } = await target();
    const received = receiveNotification(listener, { library: shim });
    loadKoffi().load(shim).func('notify_interrupt', 'void', ['int'])(pid);
    expect(await ask(`call ${SYS_getppid} 1`)).toBe('errno 4');
    await sleep(200); // the receiving is over then
    const second = ask(`call ${SYS_getppid} 2`);
    const request = await received;
    expect(request.args[0]).toBe(2n);
    request.respond({ value: 2 });
    expect(await second).toBe('return 2');
  });

  it('finds out that the descriptor was closed', async () => {
    const { ask, listener, closeListener } = await target();
    const received = receiveNotification(listener);
    const answer = ask(`call ${SYS_getppid}`);
    (await received).isValid();
    const next = receiveNotification(listener);
    await sleep(20);
    closeListener();
    await expect(next).rejects.toEqual(withCode('ERR_USAGE', { errno: EBADF }));
    // The kernel's answer when nobody is left to ask.
    expect(await answer).toBe('errno 38');
  });
});

describeWith(needs, 'notifications', () => {
  it('answers many at once, in any order', async () => {
    const { ask, listener } = await target();
    const count = 200;
    const answer = ask(`threads ${count} ${SYS_getppid}`);
    const held: NotifyRequest[] = [];
    const { signal } = new AbortController();
    for await (const request of notifications(listener, { signal })) {
      held.push(request);
      if (held.length === count) break;
    }
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    for (const request of held.reverse()) request.respond({ value: request.args[0] * 3n });
    expect(await answer).toBe(`return ${Array.from({ length: count }, (_, i) => i * 3).join(' ')}`);
  });

  it('ends when no task is left', async () => {
    const { ask, listener, kill } = await target();
    const seen: bigint[] = [];
    const answer = ask(`call ${SYS_getppid} 9`);
    for await (const request of notifications(listener)) {
      seen.push(request.args[0]);
      request.respond({ value: 0 });
      await answer;
      kill('SIGKILL');
    }
    expect(seen).toEqual([9n]);
  });
});
