/**
 * What a filter is after a rule that failed and after a rejected transaction: what it was before. libseccomp itself undoes changes of
 * architectures with it, as the same calls from C show, and so does the binding where libseccomp 2.5 leaves it no way.
 */
import { expect, it } from 'vitest';
import { allow, errno, Filter } from '../../src/libseccomp/index.ts';
import { fetchedLibraries } from '../oracle/libraries.ts';
import { runScript } from '../oracle/support/direct.ts';
import { describeWith } from '../oracle/support/require.ts';

const ERRNO = 0x00050000;
const READ = 0;
const first = { index: 0, op: '==', value: 1 } as const;

interface Change {
  readonly what: string;
  readonly here: (filter: Filter, library: string) => void;
  readonly inC: readonly string[];
  /** With 2.5: refused, or undone all the same. */
  readonly old?: 'refused' | 'undone';
}

const changes: readonly Change[] = [
  { what: 'added', here: (filter) => filter.addArch('x86'), inC: ['arch-add x86'] },
  {
    what: 'added, two',
    here: (filter) => {
      filter.addArch('arm');
      filter.addArch('x86');
    },
    inC: ['arch-add arm', 'arch-add x86'],
  },
  {
    what: 'removed',
    here: (filter) => filter.removeArch('aarch64'),
    inC: ['arch-remove aarch64'],
    old: 'refused',
  },
  {
    what: 'exchanged',
    here: (filter) => {
      filter.removeArch('aarch64');
      filter.addArch('x86');
    },
    inC: ['arch-remove aarch64', 'arch-add x86'],
    old: 'undone',
  },
  {
    what: 'merged',
    here: (filter, library) => {
      const other = new Filter(allow(), { library });
      other.addArch('x86');
      other.removeArch('native');
      other.addRule(errno(3), 'getuid');
      filter.merge(other);
    },
    inC: [
      ...['use 1', `init ${0x7fff0000}`, 'arch-add x86', 'arch-remove x86_64', `rule ${ERRNO | 3} getuid`],
      ...['use 0', 'merge 1'],
    ],
    old: 'undone',
  },
];

/** Two architectures, and a rule. */
function begun(library: string): Filter {
  const filter = new Filter(allow(), { library });
  filter.addArch('aarch64');
  filter.addRule(errno(1), 'read', [first]);
  return filter;
}

const begin = [`init ${0x7fff0000}`, 'arch-add aarch64', `rule ${ERRNO | 1} read 0:4:1:0`];
const failing = `rule ${ERRNO | 2} read 0:4:1:0`;

/** Fails, as it contradicts the first rule. */
const fail = (filter: Filter): void => filter.addRule(errno(2), READ, [first]);

const removeAll = (filter: Filter): void => {
  for (const arch of ['x86_64', 'aarch64']) filter.removeArch(arch);
};
const removedAll = ['arch-remove x86_64', 'arch-remove aarch64'];

/** What leaves no architecture in a transaction, at its end or for a moment. */
const emptied: readonly Change[] = [
  { what: 'and added none', here: removeAll, inC: removedAll },
  {
    what: 'and added one of another byte order',
    here: (filter) => {
      removeAll(filter);
      filter.addArch('s390x');
      filter.addRule(errno(1), 'write');
    },
    inC: [...removedAll, 'arch-add s390x', `rule ${ERRNO | 1} write`],
  },
];

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

for (const version of ['2.5.4', '2.6.0', '2.6.1'] as const) {
  describeWith(['x86_64', 'cc', `libseccomp ${version}`], `a failure with libseccomp ${version}`, () => {
    const library = fetchedLibraries().find((each) => each.version === version)?.path ?? '';
    const isOld = version === '2.5.4';

    it.each(changes)('a rule, architectures $what', ({ here, inC, old }) => {
      using filter = begun(library);
      here(filter, library);
      const before = hex(filter.exportBpf());
      if (isOld && old === 'refused') {
        expect(() => fail(filter)).toThrow(expect.objectContaining({ code: 'ERR_LIBSECCOMP_TOO_OLD' }));
        return;
      }
      const hint =
        isOld && old === 'undone'
          ? expect.stringContaining('change architectures before the first rule')
          : undefined;
      expect(() => fail(filter)).toThrow(
        expect.objectContaining({ details: expect.objectContaining({ errno: 17 }), hint }),
      );
      const script = (...lines: readonly string[]) =>
        hex(runScript(library, [...begin, ...inC, ...lines, 'export bpf', ''].join('\n')).program);
      expect(script()).toBe(before);
      const ofC = script(failing);
      expect(ofC).not.toBe(before);
      expect(hex(filter.exportBpf())).toBe(isOld && old === 'undone' ? ofC : before);
      // It fails again, and what was there stays again.
      expect(() => fail(filter)).toThrow();
      expect(hex(filter.exportBpf())).toBe(isOld && old === 'undone' ? ofC : before);
    });

    it.runIf(!isOld).each(changes)('a rejected transaction, architectures $what', ({ here, inC }) => {
      using filter = begun(library);
      here(filter, library);
      const before = hex(filter.exportBpf());
      filter.transactionStart();
      filter.addRule(errno(4), 'getgid');
      filter.transactionReject();
      expect(hex(filter.exportBpf())).toBe(before);
      const transaction = [
        'transaction-start',
        `rule ${ERRNO | 4} getgid`,
        'transaction-reject',
        'export bpf',
        '',
      ];
      expect(hex(runScript(library, [...begin, ...inC, ...transaction].join('\n')).program)).not.toBe(before);
    });

    it.runIf(!isOld).each(emptied)('a rejected transaction that removed all, $what', ({ here, inC }) => {
      using filter = begun(library);
      const before = hex(filter.exportBpf());
      filter.transactionStart();
      here(filter, library);
      filter.transactionReject();
      expect(hex(filter.exportBpf())).toBe(before);
      // Its byte order is as before too, and nothing is open any more.
      expect(() => filter.addArch('s390')).toThrow(
        expect.objectContaining({ details: expect.objectContaining({ errno: 33 }) }),
      );
      expect(() => filter.transactionReject()).toThrow('no transaction is open');
      filter.addArch('x86');
      filter.addRule(errno(3), 'getuid');
      const script = (...lines: readonly string[]) =>
        runScript(library, [...begin, ...lines, 'export bpf', ''].join('\n'));
      expect(hex(filter.exportBpf())).toBe(hex(script('arch-add x86', `rule ${ERRNO | 3} getuid`).program));
      expect(hex(script('transaction-start', ...inC, 'transaction-reject').program)).not.toBe(before);
    });

    it.runIf(!isOld)('a rule, after an architecture was exchanged in a committed transaction', () => {
      using filter = begun(library);
      filter.transaction(() => {
        filter.removeArch('aarch64');
        filter.addArch('x86');
        filter.addRule(errno(4), 'getgid');
        filter.transaction(() => {});
        expect(() => filter.transaction(() => filter.merge(filter))).toThrow('another filter');
      });
      const exchange = ['arch-remove aarch64', 'arch-add x86', `rule ${ERRNO | 4} getgid`];
      const before = hex(filter.exportBpf());
      expect(() => fail(filter)).toThrow('EEXIST');
      expect(hex(filter.exportBpf())).toBe(before);
      const script = (...lines: readonly string[]) =>
        hex(runScript(library, [...begin, ...lines, 'export bpf', ''].join('\n')).program);
      expect(script(...exchange)).toBe(before);
      const transaction = ['transaction-start', ...exchange, 'transaction-start', 'transaction-reject'];
      expect(script(...transaction, 'transaction-commit', failing)).not.toBe(before);
    });

    it.runIf(!isOld)('undoes work that removed all, and says why', () => {
      using filter = begun(library);
      const before = hex(filter.exportBpf());
      expect(() => filter.transaction(() => removeAll(filter))).toThrow('the filter has no architecture');
      expect(hex(filter.exportBpf())).toBe(before);
      removeAll(filter);
      for (const call of [
        () => filter.addRule(errno(1), 'write'),
        () => filter.transactionStart(),
        () => filter.load(),
        () => filter.setAttribute('CTL_LOG', true),
      ])
        expect(call).toThrow(
          expect.objectContaining({ message: expect.stringMatching(/no architecture$/), hint: undefined }),
        );
    });

    it('takes back priorities, as in C', () => {
      using filter = new Filter(allow(), { library });
      for (const name of ['read', 'write', 'close']) filter.addRule(errno(1), name, [first]);
      filter.syscallPriority('write', 200);
      const before = hex(filter.exportBpf());
      expect(() => fail(filter)).toThrow('EEXIST');
      const rules = ['read', 'write', 'close'].map((name) => `rule ${ERRNO | 1} ${name} 0:4:1:0`);
      const script = [`init ${0x7fff0000}`, ...rules, 'priority write 200', failing, 'export bpf', ''].join(
        '\n',
      );
      expect(hex(filter.exportBpf())).toBe(hex(runScript(library, script).program));
      expect(hex(filter.exportBpf())).not.toBe(before);
    });
  });
}
