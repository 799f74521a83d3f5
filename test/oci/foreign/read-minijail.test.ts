/**
 * Policies of minijail. What is accepted and refused here is what its parse_seccomp_policy of 2026-07 accepts and refuses; what
 * policies mean is compared with its programs in test/oracle/foreign-filters.test.ts.
 */
import { describe, expect, it } from 'vitest';
import { foreignDialect } from '../../../src/oci/file-kind.ts';
import { readForeign } from '../../../src/oci/foreign/read-foreign.ts';

const read = (text: string) => readForeign(text, 'a.policy', 'minijail');
const messages = (text: string): string =>
  read(text)
    .problems.map(({ message }) => message)
    .join('\n');

function widthOf(arches: readonly string[] | undefined): string {
  if (arches === undefined) return '';
  expect(arches.includes('amd64')).not.toBe(arches.includes('x86'));
  expect(arches.includes('arm64')).not.toBe(arches.includes('arm'));
  return arches.includes('amd64') ? '/64' : '/32';
}

/** The rules as short texts. */
function rules(text: string): readonly string[] {
  return (read(text).profile?.rules ?? []).map(({ names, action, errnoRet = '', args = [], includes }) =>
    [
      `${names}${widthOf(includes?.arches)} ${action.slice('SCMP_ACT_'.length)}${errnoRet}`,
      ...args.map(({ index, op, value, valueTwo }) => {
        const wanted = valueTwo === undefined ? '' : `=${valueTwo.toString(16)}`;
        return `arg${index} ${op.slice('SCMP_CMP_'.length)} ${value.toString(16)}${wanted}`;
      }),
    ].join(' '),
  );
}

describe('a policy of minijail', () => {
  it('kills what it does not name, and what another architecture makes', () => {
    const { profile } = read('read: 1\n');
    expect(profile).toMatchObject({ dialect: 'minijail', defaultAction: 'SCMP_ACT_KILL' });
    expect(profile?.archMap?.every(({ subArchitectures }) => subArchitectures.length === 0)).toBe(true);
  });

  it.each<[string, readonly string[]]>([
    ['read: 1', ['read ALLOW']],
    ['  read : 1', ['read ALLOW']],
    ['read: return', []],
    ['read: return ENOENT', ['read ERRNO2']],
    ['read: return 0x5', ['read ERRNO5']],
    ['read: arg0 == 010 || arg1 != 2', ['read ALLOW arg0 EQ 8', 'read ALLOW arg1 NE 2']],
    ['read: arg0 == (1|2)|4', ['read ALLOW arg0 EQ 7']],
    ['read: arg0 == ~0', ['read ALLOW arg0 EQ ffffffffffffffff']],
    ['read: arg0 in ~4', ['read ALLOW arg0 MASKED_EQ 4=0']],
    ['read: arg0 in ~0', ['read ALLOW']],
    ['read: arg0 & 5', ['read ALLOW arg0 MASKED_EQ 1=1', 'read ALLOW arg0 MASKED_EQ 4=4']],
    ['read: arg0 & 0', []],
    [
      'read: arg0 == 1 && arg1 < 2; return 3',
      ['read ALLOW arg0 EQ 1 arg1 LT 2', 'read ERRNO3 arg0 NE 1', 'read ERRNO3 arg1 GE 2'],
    ],
    ['read: arg0 == 1 || \\\n arg0 == 2', ['read ALLOW arg0 EQ 1', 'read ALLOW arg0 EQ 2']],
    ['mprotect: arg2 in ~PROT_EXEC', ['mprotect ALLOW arg2 MASKED_EQ 4=0']],
    ['read: arg0 == 1;', ['read ALLOW arg0 EQ 1']],
    // A rule compares an argument once.
    ['read: arg0 > 1 && arg0 < 4', ['read ALLOW arg0 MASKED_EQ fffffffffffffffe=2']],
    ['read: arg0 > 1 && arg0 < 1', []],
    ['read: arg0 & 1 && arg0 & 4', ['read ALLOW arg0 MASKED_EQ 5=5']],
    ['read: arg0 & 1 && arg0 < 4', ['read ALLOW arg0 MASKED_EQ fffffffffffffffd=1']],
    [
      'read: arg0 == 1 || arg0 == 4; return 3',
      [
        'read ALLOW arg0 EQ 1',
        'read ALLOW arg0 EQ 4',
        'read ERRNO3 arg0 EQ 0',
        'read ERRNO3 arg0 MASKED_EQ fffffffffffffffe=2',
        'read ERRNO3 arg0 GE 5',
      ],
    ],
    ['read: arg0 in 3; return 3', ['read ALLOW arg0 MASKED_EQ fffffffffffffffc=0', 'read ERRNO3 arg0 GE 4']],
    ['read: arg0 & ~0xff', ['read ALLOW arg0 GE 100']],
    // Values have the width of the machine's long, and minijail refuses larger ones: so does one that is built for i386.
    ['read: arg0 == -1', ['read ALLOW arg0 EQ ffffffffffffffff']],
    ['read: arg0 == 0x100000000', ['read/64 ALLOW arg0 EQ 100000000']],
    [
      'read: arg0 & 0x80000000',
      ['read/64 ALLOW arg0 MASKED_EQ 80000000=80000000', 'read/32 ALLOW arg0 GE 80000000'],
    ],
  ])('%s', (text, expected) => {
    expect(messages(text)).toBe('');
    expect(rules(text)).toEqual(expected);
  });

  it.each([
    ['@default allow', 'minijail0 knows no @default'],
    ['@include /etc/other.policy', '@include names another file'],
    ['read: allow', "'allow' is not a condition"],
    ['read: 0', "'0' is not a condition"],
    ['read: arg0==1', "'arg0==1' is not a condition"],
    ['read: 1 # comment', "'1' is not an argument"],
    ['read: 1; return 3', "'1' is not a condition"],
    ['{read, write}: 1', "'{read, write}' is not the name of a system call"],
    ['read: return NOSUCH', "'NOSUCH' is not a value"],
    ['read: arg0 == NOSUCH', "'NOSUCH' is not a value"],
    ['read: arg0 =< 1', "'=<' is not an operator"],
    ['read:', 'nothing stands behind the colon'],
    ['read', 'a line is a system call, a colon'],
    ['read: 1\nread: 1', 'another line is for read too'],
    ['read: 1\r', 'the line ends with a carriage return'],
    ['\ufeffread: 1', 'is not the name of a system call'],
    ['read: arg0 == -9223372036854775809', "'-9223372036854775809' is not a value"],
    [`read: arg0 & 0x5555 && arg1 & 0x5555 && arg2 & 0x5555`, 'more than 1024 rules'],
  ])('is refused with the reason: %s', (text, message) => {
    expect(read(text).profile).toBeUndefined();
    expect(messages(text)).toContain(message);
  });

  it.each([
    // minijail reads all of these; a wrong reading would be worse than none.
    'read: arg6 == 1',
    'read: arg0 == O_CREAT',
    'read: return 99999',
  ])('is refused where a profile cannot say it, or its meaning is not certain: %s', (text) => {
    expect(read(text).profile).toBeUndefined();
  });

  it('is refused if its rules are too many, without making them all', () => {
    const between = Array.from({ length: 6 }, (_, arg) => `arg${arg} > 0 && arg${arg} < 0x7ffffffffffffff0`);
    expect(messages(`read: ${between.join(' && ')}`)).toContain('more than 1024 rules');
    const lines = Array.from(
      { length: 600 },
      (_, at) => `call${at}: arg0 > 0 && arg0 < 0x7ffffffffffffff0; return 1`,
    );
    expect(messages(lines.join('\n'))).toContain('more than 50000 rules');
  });

  it('names every line that it cannot read, with its place', () => {
    const { problems } = read('read: 1\nwrite: x\n\nopen: y\n');
    expect(problems.map(({ line }) => line)).toEqual([2, 4]);
  });

  it('is told by its content', () => {
    expect(foreignDialect('# web\nread: 1\nwrite: arg0 == 1\nexit_group: 1\n')).toBe('minijail');
    expect(foreignDialect('read: 1 apple\nwrite: 2\nname: x\n')).toBeUndefined();
  });
});
