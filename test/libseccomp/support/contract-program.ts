/**
 * What becomes of filters that are used after their end, or in an order that makes no sense. Prints `case: code`, each
 * before the next is tried, so that the case that crashes the process is the first one missing.
 *
 * Arguments: LIBRARY OTHER_LIBRARY
 * @module
 */
import { writeSync } from 'node:fs';
import { allow, errno, Filter, killProcess, OciSeccompError } from '../../../src/libseccomp/index.ts';

const [library = '', otherLibrary = ''] = process.argv.slice(2);
const STDOUT = 1;
const start = (from = library): Filter => new Filter(allow(), { library: from });

/** A filter for another architecture, which can be merged. */
function startOther(): Filter {
  const filter = start();
  filter.addArch('x86');
  filter.removeArch('x86_64');
  return filter;
}

function startRuled(): Filter {
  const filter = start();
  filter.addRule(errno('EPERM'), 'swapoff');
  return filter;
}

function startReleased(): Filter {
  const filter = startRuled();
  filter.release();
  return filter;
}

/** Every method, as it is called rightly. */
const uses = {
  reset: (filter) => filter.reset(allow()),
  merge: (filter) => filter.merge(start()),
  addArch: (filter) => filter.addArch('x86'),
  removeArch: (filter) => filter.removeArch('x86'),
  hasArch: (filter) => filter.hasArch('x86'),
  addRule: (filter) => filter.addRule(killProcess(), 'read'),
  addRuleExact: (filter) => filter.addRuleExact(killProcess(), 'read'),
  syscallPriority: (filter) => filter.syscallPriority('read', 1),
  getAttribute: (filter) => filter.getAttribute('CTL_NNP'),
  setAttribute: (filter) => filter.setAttribute('CTL_NNP', true),
  exportBpf: (filter) => filter.exportBpf(),
  'exportBpf to a file': (filter) => filter.exportBpf('out'),
  exportPfc: (filter) => filter.exportPfc(),
  'exportPfc to a file': (filter) => filter.exportPfc('out'),
  precompute: (filter) => filter.precompute(),
  load: (filter) => filter.load(),
  transactionStart: (filter) => filter.transactionStart(),
  transactionCommit: (filter) => filter.transactionCommit(),
  transactionReject: (filter) => filter.transactionReject(),
  transaction: (filter) => filter.transaction(() => 1),
  notifyFd: (filter) => filter.notifyFd(),
  notifications: (filter) => filter.notifications(),
} as const satisfies Record<string, (filter: Filter) => unknown>;

const merged = (): Filter => {
  const source = startOther();
  start().merge(source);
  return source;
};

const cases: Record<string, () => unknown> = {
  ...Object.fromEntries(
    Object.entries(uses).map(([name, use]) => [`released: ${name}`, () => use(startReleased())]),
  ),
  ...Object.fromEntries(Object.entries(uses).map(([name, use]) => [`merged: ${name}`, () => use(merged())])),
  'release twice': () => {
    const filter = startRuled();
    filter.release();
    filter.release();
    return filter.isValid;
  },
  'release and dispose': () => {
    const filter = startRuled();
    filter.release();
    filter[Symbol.dispose]();
    return filter.isValid;
  },
  'release a merged one': () => {
    const source = merged();
    source.release();
    return source.isValid;
  },
  'merge twice': () => {
    const source = startOther();
    start().merge(source);
    start().merge(source);
  },
  'merge with itself': () => {
    const filter = start();
    filter.merge(filter);
  },
  'merge a released one': () => start().merge(startReleased()),
  'merge what is no filter': () => start().merge(Object.create(Filter.prototype)),
  'merge across libraries': () => start().merge(start(otherLibrary)),
  'merge of equal architectures': () => start().merge(start()),
  'both are whole after a merge that failed': () => {
    const [one, other] = [startRuled(), startRuled()];
    try {
      one.merge(other);
    } catch {}
    return one.exportPfc() === other.exportPfc();
  },
  'no architecture: addRule': () => {
    const filter = start();
    filter.removeArch('native');
    filter.addRule(killProcess(), 'read');
  },
  'no architecture: exportBpf': () => {
    const filter = start();
    filter.removeArch('native');
    filter.exportBpf();
  },
  'reset in a transaction ends it': () => {
    const filter = startRuled();
    filter.transactionStart();
    filter.reset(allow());
    filter.addRule(killProcess(), 'read');
    filter.transactionReject();
  },
  'commit without a start': () => startRuled().transactionCommit(),
  'reject without a start': () => startRuled().transactionReject(),
  'reject twice': () => {
    const filter = startRuled();
    filter.transactionStart();
    filter.addRule(killProcess(), 'read');
    filter.transactionReject();
    filter.addRule(killProcess(), 'read');
    filter.transactionReject();
  },
  'reject after commit': () => {
    const filter = startRuled();
    filter.transactionStart();
    filter.addRule(killProcess(), 'read');
    filter.transactionCommit();
    filter.transactionReject();
  },
  'transaction: the work rejects it itself': () => {
    const filter = startRuled();
    return filter.transaction(() => {
      filter.transactionReject();
      throw new RangeError('of the work');
    });
  },
  'transaction: the work commits it itself': () => {
    const filter = startRuled();
    return filter.transaction(() => {
      filter.transactionCommit();
      filter.addRule(killProcess(), 'read');
      throw new RangeError('of the work');
    });
  },
  'transaction: the work releases the filter': () => {
    const filter = startRuled();
    return filter.transaction(() => {
      filter.release();
      throw new RangeError('of the work');
    });
  },
  'transaction: the work starts one and leaves it open': () => {
    const filter = startRuled();
    const before = filter.exportPfc();
    try {
      filter.transaction(() => {
        filter.addRule(killProcess(), 'read');
        filter.transactionStart();
        filter.addRule(killProcess(), 'write');
        throw new RangeError('of the work');
      });
    } catch {}
    return filter.exportPfc() === before;
  },
  'a getter of an action releases the filter': () => {
    const filter = startRuled();
    filter.addRule(releasing(filter, killProcess(), 'kind'), 'write');
  },
  'a getter of a comparison releases the filter': () => {
    const filter = startRuled();
    filter.addRule(killProcess(), 'write', [
      releasing(filter, { index: 0, op: '==', value: 1 } as const, 'value'),
    ]);
  },
  'a getter of an attribute releases the filter': () => {
    const filter = startRuled();
    filter.setAttribute('ACT_BADARCH', releasing(filter, errno(1), 'kind'));
  },
  'a getter of an option releases the filter': () => {
    const filter = startRuled();
    filter.load(releasing(filter, { threads: 'current' } as const, 'threads'));
  },
  'an architecture removed after a rule, then a rule': () => {
    for (let i = 0; i < 200; i++) {
      const filter = start();
      filter.addArch('x86');
      filter.addRule(killProcess(), 'read');
      filter.removeArch('x86');
      filter.addRule(killProcess(), 'write');
      filter.release();
    }
  },
  'an architecture removed after a rule, by a getter of the next': () => {
    for (let i = 0; i < 50; i++) {
      const filter = start();
      filter.addArch('x86');
      filter.addArch('arm');
      filter.addRule(killProcess(), 'read');
      const comparison = {
        get index() {
          filter.removeArch('x86');
          return 0;
        },
        op: '==',
        value: 1,
      } as const;
      filter.addRule(killProcess(), 'write', [comparison]);
      filter.release();
    }
  },
  'an architecture removed, the end, then a rule': () => {
    const filter = startRuled();
    filter.addArch('x86');
    filter.addRule(killProcess(), 'read');
    filter.removeArch('x86');
    filter.release();
    filter.addRule(killProcess(), 'write');
  },
};

/** A value that gives the filter up when a key of it is read. */
function releasing<T extends object>(filter: Filter, value: T, key: keyof T): T {
  const given = value[key];
  return Object.defineProperty({ ...value }, key, {
    enumerable: true,
    get: () => {
      filter.release();
      return given;
    },
  });
}

function codeOf(work: () => unknown): string {
  try {
    return String(work() ?? 'done');
  } catch (error) {
    if (error instanceof OciSeccompError) return error.code;
    return error instanceof Error ? `${error.name} ${error.message}` : 'thrown';
  }
}

for (const [name, work] of Object.entries(cases)) writeSync(STDOUT, `${name}: ${codeOf(work)}\n`);
