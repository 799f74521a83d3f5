/** Handlers for notify-serve.test.ts; each is named by the test that uses it. */

export function answer(request, data) {
  const [kind, value] = data ?? ['value', request.args[0] + 1n];
  return { [kind]: value };
}

export function describeRequest(request) {
  const { id, pid, flags, syscall, arch, auditArch, args } = request;
  return {
    value:
      typeof id === 'bigint' &&
      flags === 0 &&
      syscall.name === 'getppid' &&
      arch === 'x86_64' &&
      auditArch === 0xc000003e &&
      args.length === 6 &&
      request.isValid()
        ? pid
        : 0,
  };
}

export function fail() {
  throw Object.assign(new RangeError('of the handler'), { code: 'MINE' });
}

export async function later() {
  return { value: 1 };
}

export const nothing = () => undefined;
export const wrong = () => ({ value: 1, error: 1 });
export const exits = () => process.exit(0);
export function answersAndExits(request) {
  request.respond({ value: 77 });
  process.exit(0);
}
export const notAFunction = 5;

/** Answers one call. Says of the next that it was asked, and does not return. */
export function neverReturns(request, { asked, how }) {
  if (request.args[0] === 41n) return { value: 42 };
  if (how === 'after its answer') request.respond({ value: 77 });
  Atomics.store(asked, 0, 1);
  Atomics.notify(asked, 0);
  if (how === 'asleep') Atomics.wait(asked, 0, 1);
  for (;;);
}

export function itself(request) {
  request.respond({ value: 77 });
}

export function twice(request) {
  request.respond({ value: 77 });
  return { value: 78 };
}

export function withDescriptor(request, fd) {
  request.addFd(fd, { send: true });
}

/** Has the caller interrupted by a signal, and answers once it is gone; the next time it answers at once. */
export function tooLate(request) {
  if (request.args[0] !== 1n) return { value: 2 };
  process.kill(request.pid, 'SIGUSR1');
  while (request.isValid()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  return { value: 1 };
}
