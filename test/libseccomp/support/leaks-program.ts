/**
 * Makes filters, gives them rules, exports and drops them, and prints how much memory the process has after each
 * five hundred: `COUNT RSS NATIVE`, RSS and what malloc has handed out in bytes. To be run with --expose-gc.
 *
 * Arguments: LIBRARY WAY COUNT; WAY is `release`, `forget` (left to the garbage collector), `merge`, `fail` (calls that
 * throw), `keep` (not dropped at all, to see that a leak would show).
 * @module
 */
import { writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { loadKoffi } from '../../../src/ffi.ts';
import {
  allow,
  apiLevel,
  errno,
  Filter,
  killProcess,
  resolveSyscall,
  trace,
} from '../../../src/libseccomp/index.ts';

const [library = '', way = '', count = ''] = process.argv.slice(2);
const STDOUT = 1;
/** Below this the collector would let a megabyte of forgotten filters pile up. */
const COLLECT_EVERY = 100;
const REPORT_EVERY = 500;

const kept: Filter[] = [];
const isOld = resolveSyscall('read', 'native', { library }) === 0 && !hasTransactions();

function hasTransactions(): boolean {
  const filter = new Filter(allow(), { library });
  try {
    filter.precompute();
    return true;
  } catch {
    return false;
  } finally {
    filter.release();
  }
}

/** A filter that has been through everything that allocates. */
function makeFilter(): Filter {
  const filter = new Filter(allow(), { library });
  filter.addArch('x86');
  filter.addRule(errno('EACCES'), 'openat', [{ index: 2, op: '&=', value: 3, valueTwo: 1 }]);
  filter.addRule(errno('EPERM'), 'socket', [{ index: 0, op: '==', value: 40 }]);
  filter.addRule(trace(7), 'ptrace', [{ index: 0, op: '>', value: 2n ** 40n }]);
  for (const name of ['swapon', 'swapoff', 'reboot', 'mount', 'umount2', 'bpf'])
    filter.addRule(killProcess(), name);
  filter.syscallPriority('read', 200);
  if (!isOld) {
    filter.transactionStart();
    filter.addRule(errno('EIO'), 'fsync');
    filter.transactionReject();
    filter.transaction(() => filter.addRule(errno('EIO'), 'sync'));
    filter.precompute();
  }
  filter.exportBpf();
  filter.exportPfc();
  return filter;
}

function mustThrow(work: () => unknown): void {
  try {
    work();
  } catch {
    return;
  }
  throw new Error('nothing was thrown');
}

const ways: Readonly<Record<string, () => void>> = {
  release: () => makeFilter().release(),
  forget: () => void makeFilter(),
  keep: () => void kept.push(makeFilter()),
  merge: () => {
    const [target, source] = [makeFilter(), new Filter(allow(), { library })];
    source.addArch('x32');
    source.removeArch('x86_64');
    source.addRule(killProcess(), 'read');
    target.merge(source);
    target.reset(allow());
    target.release();
  },
  fail: () => {
    const filter = makeFilter();
    mustThrow(() => filter.addRule(allow(), 'read'));
    mustThrow(() =>
      filter.addRule(
        errno('EIO'),
        'swapon',
        [1, 2].map((value) => ({ index: 0, op: '==', value }) as const),
      ),
    );
    mustThrow(() => filter.addArch('x86'));
    mustThrow(() => filter.addArch('s390x'));
    mustThrow(() => filter.exportBpf(1_000_000));
    mustThrow(() => new Filter({ kind: 'raw', word: 0x12340000 }, { library }));
    resolveSyscall(57, 'x86', { library });
    resolveSyscall('no_such_call', 'x86', { library });
    apiLevel({ library });
    filter.release();
  },
};

/** What malloc has handed out. struct mallinfo2 of glibc: ten size_t; the eighth, uordblks, is what is in use. */
function bindMallinfo(): () => number {
  const koffi = loadKoffi();
  const layout = koffi.struct(Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`w${i}`, 'size_t'])));
  const mallinfo = koffi.load(null).func('mallinfo2', layout, []);
  return () => Number((mallinfo() as Record<string, number | bigint>).w7);
}

/** Finalizers run in a turn of their own after a collection. */
async function collect(): Promise<void> {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await setImmediate();
  }
}

const nativeBytes = bindMallinfo();
const make = ways[way];
if (make === undefined || globalThis.gc === undefined) throw new Error('a way, and --expose-gc');
for (let made = 1; made <= Number(count); made++) {
  make();
  if (made % COLLECT_EVERY === 0 && way !== 'release') {
    globalThis.gc();
    await setImmediate();
  }
  if (made % REPORT_EVERY === 0) {
    await collect();
    writeSync(STDOUT, `${made} ${process.memoryUsage().rss} ${nativeBytes()}\n`);
  }
}
