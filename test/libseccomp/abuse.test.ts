/**
 * The binding used wrongly: arguments of the wrong type or out of range, filters after their end, calls in an order
 * that makes no sense. What might crash the process is done in a child, which announces each call before it makes it.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EACCES, EDOM, EEXIST, EINVAL, EOPNOTSUPP } from '../../src/abi/errno-constants.ts';
import { OciSeccompError } from '../../src/errors.ts';
import * as binding from '../../src/libseccomp/index.ts';
import { fetchedLibraries, installedLibraries, skipUnless } from '../oracle/libraries.ts';
import { describeWith } from '../oracle/support/require.ts';
import { HANGS_AFTER } from '../support/patience.ts';
import { samples } from '../support/samples.ts';
import { buildProgram, type Program } from './support/program.ts';

const versions = ['2.5.4', '2.6.0', '2.6.1'] as const;
const pathOf = (version: string): string =>
  fetchedLibraries().find((each) => each.version === version)?.path ?? '';

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}

describeWith(
  versions.map((version) => `libseccomp ${version}` as const),
  'abuse',
  () => {
    let program: Program;
    const seed = Number(process.env.OCI_SECCOMP_SEED ?? 20_261_122);
    const runs = Number(process.env.OCI_SECCOMP_RUNS ?? samples(3_000));

    beforeAll(async () => {
      program = await buildProgram('abuse-program');
    });
    afterAll(() => program.remove());

    it.each(versions)(
      'libseccomp %s: every function and method answers any arguments with a result or an error',
      (version) => {
        const other = versions.find((each) => each !== version) ?? '';
        const { status, signal, stdout, stderr } = program.run(
          [pathOf(version), pathOf(other), String(seed), String(runs)],
          { timeout: HANGS_AFTER },
        );
        expect(stderr, `seed ${seed}`).toBe('');
        expect({ signal, status, last: lastLine(stdout) }, `seed ${seed}`).toEqual({
          signal: null,
          status: 0,
          last: expect.stringMatching(/^done: \d\d functions, \d\d methods$/),
        });
      },
    );
  },
);

const released = 'ERR_LIBSECCOMP_RELEASED';
const ofTheWork = 'RangeError of the work';

/** Cases of support/contract-program.ts, other than those of every method after the filter's end. */
const expected: Readonly<Record<string, string>> = {
  'a getter of an action releases the filter': released,
  'a getter of a comparison releases the filter': released,
  'a getter of an attribute releases the filter': released,
  'a getter of an option releases the filter': released,
  'release twice': 'false',
  'release and dispose': 'false',
  'release a merged one': 'false',
  'merge twice': released,
  'merge with itself': 'ERR_USAGE',
  'merge a released one': released,
  'merge what is no filter': 'ERR_USAGE',
  'merge across libraries': 'ERR_USAGE',
  'merge of equal architectures': 'ERR_LIBSECCOMP',
  'both are whole after a merge that failed': 'true',
  'no architecture: addRule': 'ERR_LIBSECCOMP',
  'no architecture: exportBpf': 'ERR_LIBSECCOMP',
  'reset in a transaction ends it': 'ERR_USAGE',
  // As C has it: there is nothing to keep.
  'commit without a start': 'done',
  'reject without a start': 'ERR_USAGE',
  'reject twice': 'ERR_USAGE',
  'reject after commit': 'ERR_USAGE',
  'transaction: the work rejects it itself': ofTheWork,
  'transaction: the work commits it itself': ofTheWork,
  'transaction: the work releases the filter': ofTheWork,
  'transaction: the work starts one and leaves it open': 'true',
  'an architecture removed after a rule, then a rule': 'done',
  'an architecture removed after a rule, by a getter of the next': 'done',
  'an architecture removed, the end, then a rule': released,
};

/** What libseccomp 2.5 lacks, or does not survive. */
const isTooOld = (name: string): boolean =>
  /transaction|^commit|^reject|precompute|^an architecture removed after/.test(name) &&
  !name.endsWith('leaves it open');

describeWith(
  versions.map((version) => `libseccomp ${version}` as const),
  'filters after their end, and odd orders',
  () => {
    let program: Program;

    beforeAll(async () => {
      program = await buildProgram('contract-program');
    });
    afterAll(() => program.remove());

    it.each(versions)('libseccomp %s: each has its code', (version) => {
      const other = versions.find((each) => each !== version) ?? '';
      const { signal, stdout, stderr } = program.run([pathOf(version), pathOf(other)], {
        timeout: HANGS_AFTER,
      });
      const lines = stdout.trimEnd().split('\n');
      const answers = Object.fromEntries(
        lines.map((line) => [line.slice(0, line.lastIndexOf(': ')), line.slice(line.lastIndexOf(': ') + 2)]),
      );
      const afterEnd = Object.keys(answers).filter((name) => /^(released|merged): /.test(name));
      expect(afterEnd.length).toBe(44);
      const wanted = { ...Object.fromEntries(afterEnd.map((name) => [name, released])), ...expected };
      const old = version === '2.5.4' ? Object.keys(wanted).filter(isTooOld) : [];
      expect(answers).toEqual({
        ...wanted,
        ...Object.fromEntries(old.map((name) => [name, 'ERR_LIBSECCOMP_TOO_OLD'])),
      });
      expect({ signal, stderr }).toEqual({ signal: null, stderr: '' });
    });
  },
);

function codeOf(work: () => unknown): string {
  try {
    work();
    return 'done';
  } catch (error) {
    return error instanceof OciSeccompError ? error.code : String(error);
  }
}

type Comparisons = readonly binding.ComparisonInput[];

/** A comparison that the types refuse. */
const loose = (comparison: object): Comparisons => [comparison] as unknown as Comparisons;

/** Every call that takes options, given ones with a misspelt key. */
const optionTakers: Readonly<Record<string, (options: object) => unknown>> = {
  'new Filter': (o) => new binding.Filter(binding.allow(), o),
  load: (o) => new binding.Filter(binding.allow()).load(o),
  notifications: (o) => binding.notifications(0, o).next(),
  receiveNotification: (o) => binding.receiveNotification(0, o),
  respondNotification: (o) => binding.respondNotification(0, 1n, { value: 0 }, o),
  isNotificationValid: (o) => binding.isNotificationValid(0, 1n, o),
  addNotificationFd: (o) => binding.addNotificationFd(0, 1n, 0, o),
  findArch: (o) => binding.findArch('x86', o),
  'findArch native': (o) => binding.findArch('native', o),
  resolveSyscall: (o) => binding.resolveSyscall('read', 'x86', o),
  resolveSyscallRewrite: (o) => binding.resolveSyscallRewrite('x86', 'socket', o),
  version: (o) => binding.version(o),
  apiLevel: (o) => binding.apiLevel(o),
  setApiLevel: (o) => binding.setApiLevel(1, o),
  systemArch: (o) => binding.systemArch(o),
  resetGlobalState: (o) => binding.resetGlobalState(o),
};

/** Those of them that always use a library. */
const { load: _, findArch: __, ...libraryTakers } = optionTakers;

async function errorOf(work: () => unknown): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    return error;
  }
}

describe.skipIf(skipUnless(installedLibraries().length > 0))(
  'what is refused before libseccomp sees it',
  () => {
    const library = installedLibraries()[0]?.path ?? '';
    const eq = (value: unknown, index: unknown = 0, op: unknown = '==') =>
      [{ index, op, value }] as Comparisons;

    it.each<readonly [string, () => unknown]>([
      ['an errno above 4094', () => binding.errno(4095)],
      ['a negative errno', () => binding.errno(-1)],
      ['an errno by a wrong name', () => binding.errno('EWRONG')],
      ['trace data above u16', () => binding.trace(65_536)],
      ['trap data above u16', () => binding.trap(65_536)],
      ['a word above u32', () => binding.actionToNative({ kind: 'raw', word: 2 ** 32 })],
      ['API level 0', () => binding.setApiLevel(0, { library })],
      ['API level 8', () => binding.setApiLevel(8, { library })],
      ['an architecture by a wrong name', () => binding.findArch('x87')],
      ['an architecture by no token', () => binding.findArch(7)],
      ['a name that is none of an architecture', () => binding.findArch('x86_64\0')],
      ['the data of nothing', () => binding.actionData(undefined as unknown as binding.Action)],
      ['the data of an errno above 4094', () => binding.actionData({ kind: 'errno', errno: 4095 })],
      ['advisories of a text', () => binding.advisoriesFor('2.5.4' as unknown as binding.LibraryVersion)],
      ['a version below 0', () => binding.formatVersion({ major: -1, minor: 0, micro: 0 })],
      ['advisories for a version below 0', () => binding.advisoriesFor({ major: 2, minor: 0.5, micro: 0 })],
      ['the version of nothing', () => binding.formatVersion(null as unknown as binding.LibraryVersion)],
      ['the architecture of a path', () => binding.nativeArch(library as unknown as binding.Library)],
    ])('%s', (_, work) => {
      expect(codeOf(work)).toBe('ERR_USAGE');
    });

    it.each(Object.entries(optionTakers))('a misspelt option of %s', async (_, call) => {
      for (const key of ['libary', 'sginal', 'thread']) {
        expect(await errorOf(() => call({ [key]: undefined })), key).toMatchObject({
          code: 'ERR_USAGE',
          message: expect.stringMatching(new RegExp(`^\\w+ has no option "${key}"$`)),
          details: { key },
        });
      }
      expect(await errorOf(() => call([]))).toMatchObject({ code: 'ERR_USAGE' });
    });

    it.each(Object.entries(libraryTakers))('what is no library, to %s', async (_, call) => {
      const opened = new binding.Filter(binding.allow(), { library }).library;
      const lookAlike = { ...opened, find: () => undefined, call: () => () => 0 };
      for (const wrong of [
        lookAlike,
        Object.create(opened),
        new Proxy(opened, {}),
        {},
        [],
        null,
        '',
        1,
        () => 0,
      ]) {
        expect(await errorOf(() => call({ library: wrong }))).toMatchObject({
          code: 'ERR_USAGE',
          message: expect.stringMatching(/^a library must be a path, a soname or an opened library/),
        });
      }
    });

    it('takes one that is opened', () => {
      const opened = new binding.Filter(binding.allow(), { library }).library;
      expect(new binding.Filter(binding.allow(), { library: opened }).library).toBe(opened);
    });

    it('what is neither true nor false where one of them is asked for', async () => {
      for (const name of ['closeOnExec', 'send'])
        for (const wrong of [0, 1, 'true', null, {}])
          expect(await errorOf(() => binding.addNotificationFd(0, 1n, 0, { [name]: wrong }))).toMatchObject({
            code: 'ERR_USAGE',
            message: expect.stringMatching(`^option ${name} of addNotificationFd is true or false`),
          });
    });

    it('a misspelt option, with what was meant', async () => {
      expect(await errorOf(() => optionTakers.version?.({ libary: 'x' }))).toMatchObject({
        hint: 'did you mean library?',
      });
      expect(await errorOf(() => optionTakers.load?.({ library: 'x' }))).toMatchObject({
        hint: 'load takes threads',
      });
    });

    it.each<readonly [string, (filter: binding.Filter) => unknown]>([
      [
        '7 comparisons',
        (f) => f.addRule(binding.errno(1), 'read', Array.from({ length: 7 }, () => eq(1)).flat()),
      ],
      ['argument 6', (f) => f.addRule(binding.errno(1), 'read', eq(1, 6))],
      ['argument -1', (f) => f.addRule(binding.errno(1), 'read', eq(1, -1))],
      ['argument 0.5', (f) => f.addRule(binding.errno(1), 'read', eq(1, 0.5))],
      ['an operator that is none', (f) => f.addRule(binding.errno(1), 'read', eq(1, 0, '=<'))],
      ['a negative value', (f) => f.addRule(binding.errno(1), 'read', eq(-1))],
      ['a value of 2^64', (f) => f.addRule(binding.errno(1), 'read', eq(1n << 64n))],
      ['a number above 2^53', (f) => f.addRule(binding.errno(1), 'read', eq(2 ** 53))],
      ['a fraction', (f) => f.addRule(binding.errno(1), 'read', eq(1.5))],
      ['an empty text as a value', (f) => f.addRule(binding.errno(1), 'read', eq(''))],
      [
        'a missing value',
        (f) => f.addRule(binding.errno(1), 'read', [{ index: 0, op: '==' }] as unknown as Comparisons),
      ],
      [
        '&= without what the masked argument must equal',
        (f) => f.addRule(binding.errno(1), 'openat', loose({ index: 2, op: '&=', value: 3 })),
      ],
      [
        '&= by its name, with undefined for it',
        (f) =>
          f.addRule(
            binding.errno(1),
            'openat',
            loose({ index: 2, op: 'maskedEq', value: 3, valueTwo: undefined }),
          ),
      ],
      [
        'a second value that == would not look at',
        (f) => f.addRule(binding.errno(1), 'read', loose({ index: 2, op: '==', value: 3, valueTwo: 0 })),
      ],
      [
        'a misspelt key of a comparison',
        (f) =>
          f.addRuleExact(
            binding.errno(1),
            'openat',
            loose({ index: 2, op: '&=', value: 3, valueTwo: 1, valuetwo: 2 }),
          ),
      ],
      [
        'a comparison that is a list',
        (f) =>
          f.addRule(binding.errno(1), 'read', loose(Object.assign([], { index: 0, op: '==', value: 1 }))),
      ],
      [
        'an errno for KILL',
        (f) => f.addRule({ kind: 'killProcess', errno: 1 } as unknown as binding.Action, 'read'),
      ],
      [
        'data for ERRNO',
        (f) => f.addRule({ kind: 'errno', errno: 1, data: 2 } as unknown as binding.Action, 'read'),
      ],
      ['a hole in the comparisons', (f) => f.addRule(binding.errno(1), 'read', new Array(2))],
      ['a syscall above i32', (f) => f.addRule(binding.errno(1), 2 ** 31)],
      ['a syscall no one knows', (f) => f.addRule(binding.errno(1), 'no_such_call')],
      ['a syscall with a NUL', (f) => f.addRule(binding.errno(1), 'read\0')],
      ['priority 256', (f) => f.syscallPriority('read', 256)],
      ['priority -1', (f) => f.syscallPriority('read', -1)],
      ['a number for a flag', (f) => f.setAttribute('CTL_NNP', 1 as unknown as boolean)],
      ['optimisation level 3', (f) => f.setAttribute('CTL_OPTIMIZE', 3 as unknown as 1)],
      ['an attribute that is none', (f) => f.getAttribute('__proto__' as 'CTL_NNP')],
      ['a negative descriptor', (f) => f.exportBpf(-1)],
      ['a path with a NUL', (f) => f.exportPfc('a\0b')],
      ['an empty path', (f) => f.exportPfc('')],
      ['a wrong choice of threads', (f) => f.load({ threads: 'some' as 'all' })],
    ])('%s', (_, work) => {
      const filter = new binding.Filter(binding.allow(), { library });
      const before = filter.exportPfc();
      expect(codeOf(() => work(filter))).toBe('ERR_USAGE');
      expect(filter.exportPfc()).toBe(before);
      filter.release();
    });
  },
);

describe.skipIf(skipUnless(installedLibraries().length > 0))(
  'what libseccomp refuses, with the error that the docstrings name',
  () => {
    const library = installedLibraries()[0]?.path ?? '';
    const { allow, errno, kill } = binding;

    it.each<readonly [string, number, (filter: binding.Filter) => unknown]>([
      ['a rule with the default action', EACCES, (f) => f.addRule(allow(), 'read')],
      [
        'a second action for the same comparisons',
        EEXIST,
        (f) => [errno(1), kill()].map((each) => f.addRule(each, 'read', [{ index: 0, op: '==', value: 1 }])),
      ],
      [
        'an argument that is compared twice',
        EINVAL,
        (f) =>
          f.addRule(
            errno(1),
            'read',
            [1, 2].map((value) => ({ index: 0, op: '!=', value }) as const),
          ),
      ],
      [
        'an exact rule for a call of other architectures',
        EDOM,
        (f) => f.addRuleExact(errno(1), 'socketcall'),
      ],
      [
        'an exact rule for two architectures',
        EOPNOTSUPP,
        (f) => [f.addArch('x86'), f.addRuleExact(errno(1), 'mkdir')],
      ],
      ['an architecture that is there', EEXIST, (f) => f.addArch('x86_64')],
      ['an architecture of the other byte order', EDOM, (f) => f.addArch('s390x')],
      ['to remove an architecture that is not there', EEXIST, (f) => f.removeArch('x86')],
      ['another default action', EACCES, (f) => f.setAttribute('ACT_DEFAULT', kill())],
      ['to merge equal architectures', EEXIST, (f) => f.merge(onX86(library))],
    ])('%s', async (_, errno, work) => {
      const filter = onX86(library);
      expect(await errorOf(() => work(filter))).toMatchObject({ code: 'ERR_LIBSECCOMP', details: { errno } });
      filter.release();
    });

    it.each<readonly [string, (filter: binding.Filter) => unknown]>([
      [
        'EOPNOTSUPP (95), the filter has several architectures',
        (f) => [f.addArch('x86'), f.addRuleExact(errno(1), 'mkdir')],
      ],
      ['EDOM (33), the architecture lacks the call', (f) => f.addRuleExact(errno(1), 'socketcall')],
      [
        'EINVAL (22), the filters differ in default action, CTL_NNP or CTL_TSYNC, or one of them has no architecture',
        (f) => f.merge(new binding.Filter(errno(1), { library })),
      ],
      ['EINVAL (22), the filter has no architecture', (f) => [f.removeArch('x86_64'), f.exportPfc()]],
      // As src/api.c (_syscall_valid) has it.
      [
        'EINVAL (22), the number is -1 without API_TSKIP, or one of -2 to -99, or the filter has no architecture',
        (f) => [f.setAttribute('API_TSKIP', true), f.syscallPriority(-1, 1), f.syscallPriority(-99, 1)],
      ],
      // As src/arch.c (arch_syscall_translate) has it.
      ...(['addRule', 'syscallPriority'] as const).map(
        (call): readonly [string, (f: binding.Filter) => unknown] => [
          "EFAULT (14), libseccomp knows no call of this machine by this number, so it cannot find the call's number on the filter's other architectures",
          (f) => [
            f.addArch('x86'),
            call === 'addRule' ? f.addRule(errno(1), 9999) : f.syscallPriority(9999, 1),
          ],
        ],
      ),
    ])('says why: %s', async (reason, work) => {
      const filter = onX86(library);
      expect(await errorOf(() => work(filter))).toMatchObject({
        code: 'ERR_LIBSECCOMP',
        details: { reason },
      });
      filter.release();
    });

    it('but not a second action for a call without comparisons, which it ignores', () => {
      const filter = onX86(library);
      filter.addRule(errno(1), 'read');
      const before = filter.exportPfc();
      filter.addRule(kill(), 'read');
      expect(filter.exportPfc()).toBe(before);
      filter.release();
    });
  },
);

/** A filter for x86_64, whatever this machine is. */
function onX86(library: string): binding.Filter {
  const filter = new binding.Filter(binding.allow(), { library });
  filter.removeArch('native');
  filter.addArch('x86_64');
  return filter;
}
