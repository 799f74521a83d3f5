/**
 * What filters do to a living process: `node live.mjs SCENARIO` filters itself, makes calls and prints what came of
 * them as lines of JSON. Uses the built package, as a program does.
 */
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort, threadId, Worker } from 'node:worker_threads';
import {
  allow,
  errno,
  Filter,
  isNotificationValid,
  killProcess,
  killThread,
  log,
  notifications,
  notify,
  receiveNotification,
  resetGlobalState,
  setApiLevel,
  trap,
} from 'oci-seccomp/libseccomp';

const koffi = createRequire(import.meta.url)('koffi');
const native = koffi.load(null).func('syscall', 'long', Array(7).fill('long'));

// x86_64
const SYS_dup = 32;
const SYS_getppid = 110;
const SYS_gettid = 186;
const SYS_exit_group = 231;

/** Asked before any filter: Node asks the kernel each time. */
const parent = process.ppid;

/** Makes a call: its value, or the errno as `-E`. */
function call(nr, ...args) {
  const value = Number(native(nr, ...Array.from({ length: 6 }, (_, i) => args[i] ?? 0)));
  return value === -1 ? -koffi.errno() : value;
}

/** Harmless, and its argument means nothing: what the rules here are about. */
const getppid = (argument = 0) => call(SYS_getppid, argument);

function print(value) {
  writeSync(1, `${JSON.stringify(value)}\n`);
}

/** `Seccomp` of /proc/PID/status, 0 or 2, of each thread. */
function modes() {
  return readdirSync('/proc/self/task').map((tid) => field('Seccomp', tid));
}

function field(name, tid = call(SYS_gettid)) {
  const text = readFileSync(`/proc/self/task/${tid}/status`, 'utf8');
  return Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text)?.[1]);
}

function onGetppid(action, options = {}) {
  const filter = new Filter(allow());
  filter.addRule(action, 'getppid');
  if (options.noNewPrivs === false) filter.setAttribute('CTL_NNP', false);
  filter.load({ threads: options.threads ?? 'all' });
  return filter.isValid;
}

/** What a thrown error says to a program. */
function caught(work) {
  try {
    work();
    return 'loaded';
  } catch (error) {
    return { code: error.code, details: error.details };
  }
}

const deeds = {
  tid: () => call(SYS_gettid),
  getppid,
  fail: (options) => onGetppid(errno('EACCES'), options),
  die: () => onGetppid(killThread(), { threads: 'current' }),
  notify: (options) => {
    const filter = new Filter(allow());
    filter.addRule(notify(), 'getppid');
    filter.load(options);
    return filter.notifyFd();
  },
  wait: (fd) => void receiveNotification(fd),
};

/** A worker thread that does deeds. */
function startThread() {
  const worker = new Worker(new URL(import.meta.url));
  const ask = async (deed, argument) => {
    worker.postMessage([deed, argument]);
    return (await once(worker, 'message'))[0];
  };
  return { worker, ask };
}

async function threads(count) {
  const started = Array.from({ length: count }, startThread);
  await Promise.all(started.map(({ ask }) => ask('tid')));
  return started;
}

const scenarios = {
  errno() {
    const filter = new Filter(allow());
    filter.addRule(errno('EACCES'), 'getppid', [{ index: 0, op: '==', value: 1 }]);
    filter.addRule(errno(77), SYS_getppid, [{ index: 0, op: '>=', value: 0x100000000n }]);
    filter.load();
    print([getppid(1), getppid(0x100000000), getppid(2) === parent]);
  },
  allow() {
    const filter = new Filter(errno('EPERM'));
    for (const name of ['getppid', 'write', 'futex', 'mprotect', 'munmap', 'rt_sigprocmask', 'exit_group']) {
      filter.addRule(allow(), name);
    }
    filter.load({ threads: 'current' });
    print([getppid() === parent, call(SYS_gettid)]);
    call(SYS_exit_group, 7); // without Node's own clean-up, which would need more calls
  },
  killProcess() {
    onGetppid(killProcess());
    print('filtered');
    getppid();
    print('alive');
  },
  async killThread() {
    const [{ ask, worker }] = await threads(1);
    const tid = await ask('tid');
    await ask('die');
    worker.postMessage(['getppid']);
    while (readdirSync('/proc/self/task').includes(String(tid))) await sleep(5);
    print(['alive', getppid() === parent]);
    // Node waits for its threads; this one will never say that it has ended.
    process.kill(process.pid, 'SIGTERM');
  },
  trap() {
    onGetppid(trap());
    print('filtered');
    getppid();
    print('alive');
  },
  async trapHandled() {
    const caught = once(process, 'SIGSYS');
    onGetppid(trap());
    const value = getppid();
    // Waiting for a signal does not keep Node alive.
    const [signal] = await Promise.race([caught, sleep(60_000, ['nothing'])]);
    print([value === parent, signal]);
    process.exit();
  },
  log() {
    onGetppid(log());
    print([getppid() === parent, field('Seccomp')]);
    print(process.pid);
  },
  logAttribute() {
    const filter = new Filter(allow());
    filter.setAttribute('CTL_LOG', true);
    filter.addRule(errno('EACCES'), 'getppid');
    filter.load();
    print([getppid()]);
    print(process.pid);
  },
  async allThreads() {
    const started = await threads(3);
    await readFile('/proc/self/status'); // starts the pool
    const valid = onGetppid(errno('EACCES'));
    print([valid, getppid(), ...(await Promise.all(started.map(({ ask }) => ask('getppid'))))]);
    print([...new Set(modes())]);
    print(await threads(1).then(([{ ask }]) => ask('getppid')));
    process.exit();
  },
  async currentThread() {
    const started = await threads(3);
    onGetppid(errno('EACCES'), { threads: 'current' });
    const others = await Promise.all(started.map(({ ask }) => ask('getppid')));
    print([getppid(), others.every((value) => value === parent)]);
    const each = modes();
    print([each.filter((mode) => mode === 2).length, each.length > 4]);
    print(await threads(1).then(([{ ask }]) => ask('getppid')));
    process.exit();
  },
  async workerLoadsForAll() {
    const [first, second] = await threads(2);
    await first.ask('fail');
    print([getppid(), await second.ask('getppid'), await first.ask('getppid'), ...new Set(modes())]);
    process.exit();
  },
  async workerLoadsForItself() {
    const [first, second] = await threads(2);
    await first.ask('fail', { threads: 'current' });
    const free = [getppid(), await second.ask('getppid')];
    print([await first.ask('getppid'), ...free.map((value) => value === parent), field('Seccomp')]);
    process.exit();
  },
  async diverged() {
    const [{ ask }] = await threads(1);
    const tid = await ask('tid');
    await ask('fail', { threads: 'current' });
    const { code, details } = caught(() => onGetppid(errno(1)));
    print([code, details.errno, details.thread === tid, getppid() === parent, field('Seccomp')]);
    print([caught(() => onGetppid(errno(1), { threads: 'current' })), getppid()]);
    process.exit();
  },
  privileged() {
    print([caught(() => onGetppid(errno(1), { noNewPrivs: false })), getppid(), field('NoNewPrivs')]);
  },
  unprivileged() {
    print(caught(() => onGetppid(errno(1), { noNewPrivs: false })));
    print([getppid() === parent, field('Seccomp'), field('NoNewPrivs')]);
    print([caught(() => onGetppid(errno(1))), getppid(), field('NoNewPrivs')]);
  },
  stacked() {
    onGetppid(errno('EACCES'));
    onGetppid(log());
    const first = getppid(); // ERRNO is more severe than LOG, whichever came first
    onGetppid(errno('EPERM'));
    const second = getppid(); // the same action: the filter loaded last
    onGetppid(log());
    print([first, second, getppid(), field('Seccomp_filters')]);
    onGetppid(killProcess());
    getppid();
    print('alive');
  },
  async notify() {
    const [{ ask }, other] = await threads(2);
    const fd = await ask('notify', { threads: 'current' });
    const answers = [{ value: 5 }, { error: 'EACCES' }, { error: 1 }, { continue: true }];
    const got = [];
    let reply = ask('getppid', 1);
    for await (const request of notifications(fd)) {
      request.respond(answers.shift());
      const value = await reply;
      got.push([request.syscall.name, Number(request.args[0]), value === parent ? 'ppid' : value]);
      if (answers.length === 0) break;
      reply = ask('getppid', got.length + 1);
    }
    print(got);
    print((await other.ask('getppid')) === parent);
    process.exit();
  },
  async notifyAllThreads() {
    const started = await threads(4);
    const filter = new Filter(allow());
    filter.addRule(notify(), 'getppid');
    filter.load();
    const abort = new AbortController();
    const values = Promise.all(started.map(({ ask }, i) => ask('getppid', i)));
    values.then(() => abort.abort());
    try {
      for await (const request of filter.notifications({ signal: abort.signal })) {
        request.respond({ value: request.args[0] + 100n });
      }
    } catch (error) {
      print([await values, error.name]);
    }
    process.exit();
  },
  secondListener() {
    const none = caught(() => new Filter(allow()).notifyFd());
    const first = deeds.notify({ threads: 'current' });
    const second = new Filter(allow());
    second.addRule(notify(), 'getpgrp');
    const refused = caught(() => second.load({ threads: 'current' }));
    const others = new Filter(allow());
    others.addRule(errno('EPERM'), 'getpgrp');
    const plain = caught(() => others.load({ threads: 'current' }));
    print([none.code, first >= 0, refused.code, refused.details.fd === first, plain]);
    process.exit();
  },
  apiLevels() {
    setApiLevel(6); // before anything has asked the kernel
    onGetppid(errno('EACCES'));
    const bySeccomp = getppid();
    setApiLevel(1);
    onGetppid(errno('EPERM'), { threads: 'current' });
    print([bySeccomp, getppid(), caught(() => onGetppid(errno(1))).details.errno]);
  },
  withoutListener() {
    const badArch = new Filter(allow());
    badArch.setAttribute('ACT_BADARCH', notify());
    // A copy keeps the first listener open.
    call(SYS_dup, deeds.notify({ threads: 'current' }));
    resetGlobalState();
    const merged = new Filter(allow());
    const source = new Filter(allow());
    source.addArch('x86');
    source.removeArch('native');
    source.addRule(notify(), 'getpgrp');
    merged.merge(source);
    print([
      caught(() => badArch.load()).code,
      caught(() => isNotificationValid(0, 1n)).code,
      caught(() => deeds.notify({ threads: 'current' })),
      caught(() => merged.load({ threads: 'current' })) === 'loaded',
    ]);
    process.exit();
  },
  async exitWhileWaiting() {
    // This thread is a target itself: it keeps the listener from hanging up before the process ends.
    void receiveNotification(deeds.notify({ threads: 'current' }));
    await sleep(50);
    process.exit(3);
  },
  async throwWhileWaiting() {
    // This thread is a target itself: it keeps the listener from hanging up before the process ends.
    void receiveNotification(deeds.notify({ threads: 'current' }));
    await sleep(50);
    print('throw');
    throw new Error('as any program may');
  },
  async terminateWhileWaiting() {
    const [target, supervisor] = await threads(2);
    await supervisor.ask('wait', await target.ask('notify', { threads: 'current' }));
    await sleep(50);
    await supervisor.worker.terminate();
    print('terminated');
    process.exit();
  },
  async stillResolves() {
    onGetppid(errno(1));
    print((await lookup('127.0.0.1')).address);
  },
};

if (isMainThread) {
  await scenarios[process.argv[2]]();
} else {
  parentPort.on('message', ([deed, argument]) => parentPort.postMessage(deeds[deed](argument) ?? threadId));
}
