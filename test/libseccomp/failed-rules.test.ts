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
