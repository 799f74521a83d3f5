/**
 * What a profile may hold as an artifact, at each limit and one beyond it. The limits are those of the Kubernetes
 * project's security-profiles-merger.
 */
import { describe, expect, it } from 'vitest';
import { readArtifactProfile } from '../../src/registry/artifact-limits.ts';

const entry = (names: readonly string[], more: object = {}) => ({ names, action: 'SCMP_ACT_ALLOW', ...more });
const equal = (index: number, value: number) => ({ index, value, op: 'SCMP_CMP_EQ' });
const profile = (syscalls: readonly object[], more: object = {}) => ({
  defaultAction: 'SCMP_ACT_ERRNO',
  ...more,
  syscalls,
});
const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

/** `code line` of each problem; each entry of `syscalls` is on a line of its own, from 2. */
function problemsOf(value: { readonly syscalls?: readonly object[] }): readonly string[] {
  const { syscalls = [], ...rest } = value;
  const lines = syscalls.map((each) => JSON.stringify(each)).join(',\n');
  const text = `${JSON.stringify(rest).slice(0, -1)},"syscalls":[\n${lines}]}`;
  const { details, message } = errorOf(text);
  return details.problems?.map(({ code, line }) => `${code} ${line}`) ?? (message === '' ? [] : [message]);
}

interface Refusal {
  readonly message: string;
  readonly details: {
    readonly problems?: readonly { readonly code: string; readonly line: number; readonly message: string }[];
  };
}

/** Why it is refused; the message is empty if it is not. */
function errorOf(text: string): Refusal {
  try {
    readArtifactProfile(new TextEncoder().encode(text), 'p.json');
    return { message: '', details: {} };
  } catch (error) {
    return error as Refusal;
  }
}

const entriesOf = (count: number) => times(count, (i) => entry(['read'], { args: [equal(0, i)] }));
/** Comparisons of one argument: as many rules. */
const rulesOf = (name: string, count: number) => entry([name], { args: times(count, (i) => equal(1, i)) });
const names = (count: number) => times(count, (i) => `call_${i}`);
/** 64 entries of 256 rules are 16,384. */
const many = times(64, (i) => rulesOf(`call_${i}`, 256));

describe('an artifact holds', () => {
  const cases: readonly (readonly [
    what: string,
    value: { readonly syscalls?: readonly object[] },
    problems: readonly string[],
  ])[] = [
    ['128 entries of one call', profile(entriesOf(128)), []],
    ['129 entries of one call', profile(entriesOf(129)), ['artifact-limit 130']],
    ['256 rules of one call', profile([rulesOf('read', 256)]), []],
    ['257 rules of one call', profile([rulesOf('read', 257)]), ['artifact-limit 2']],
    [
      'entries that make no rule',
      profile(times(3, () => entry(['read'], { action: 'SCMP_ACT_ERRNO', errnoRet: 1 }))),
      [],
    ],
    ['1,024 names', profile([entry(names(1024))]), []],
    ['1,025 names', profile([entry(names(1025))]), ['artifact-limit 2']],
    ['16,384 rules', profile(many), []],
    ['16,385 rules', profile([...many, entry(['read'])]), ['artifact-limit 66']],
    [
      'two results of a call',
      profile([entry(['read']), entry(['read', 'write'], { action: 'SCMP_ACT_LOG' })]),
      ['artifact-conflict 3'],
    ],
    [
      'two results of a condition, in another order',
      profile([
        entry(['read'], { args: [equal(0, 1), equal(1, 2)] }),
        entry(['read'], { args: [equal(1, 2), equal(0, 1)], action: 'SCMP_ACT_LOG' }),
      ]),
      ['artifact-conflict 3'],
    ],
    [
      'a rule and an exception',
      profile([entry(['read']), entry(['read'], { args: [equal(0, 1)], action: 'SCMP_ACT_LOG' })]),
      [],
    ],
    ['one result twice', profile([entry(['read']), entry(['read'])]), []],
    [
      'the errno 4094, the last that libseccomp takes',
      profile([entry(['read'], { action: 'SCMP_ACT_ERRNO', errnoRet: 4094 })]),
      [],
    ],
    [
      'a byte order twice',
      profile([], { architectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X86'] }),
      ['artifact-repeated 1'],
    ],
    [
      'a flag twice',
      profile([], { flags: ['SECCOMP_FILTER_FLAG_LOG', 'SECCOMP_FILTER_FLAG_LOG'] }),
      ['artifact-repeated 1'],
    ],
  ];
  it.each(cases)('%s', (_, value, problems) => expect(problemsOf(value)).toEqual(problems));

  const refused: readonly (readonly [
    what: string,
    value: { readonly syscalls?: readonly object[] },
    code: string,
  ])[] = [
    [
      'the errno 4096',
      profile([entry(['read'], { action: 'SCMP_ACT_ERRNO', errnoRet: 4096 })]),
      'artifact-value 2',
    ],
    ['an errno of ALLOW', profile([entry(['read'], { errnoRet: 1 })]), 'artifact-value 2'],
    ['NOTIFY', profile([entry(['read'], { action: 'SCMP_ACT_NOTIFY' })]), 'artifact-listener 2'],
    ['NOTIFY as default', profile([], { defaultAction: 'SCMP_ACT_NOTIFY' }), 'artifact-listener 1'],
    ['a listener', profile([], { listenerPath: '/run/agent.sock' }), 'artifact-listener 1'],
    ['data for a listener', profile([], { listenerMetadata: 'x' }), 'artifact-listener 1'],
    [
      'a flag for a listener',
      profile([], { flags: ['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'] }),
      'artifact-listener 1',
    ],
    ['an unknown action', profile([entry(['read'], { action: 'SCMP_ACT_NONE' })]), 'unknown-action 2'],
  ];
  it.each(refused)('not %s', (_, value, code) => expect(problemsOf(value)).toContain(code));

  it('no profile of Docker, whose conditions nobody would read', () => {
    const conditional = profile([entry(['read'], { includes: { caps: ['CAP_SYS_ADMIN'] } })]);
    expect(problemsOf(conditional)[0]).toContain('the dialect docker');
  });

  it('nothing that a terminal obeys in what is said of it', () => {
    const evil = profile([rulesOf('\u001b[31m', 257)], { flags: ['\u001b]0;x', '\u001b]0;x'] });
    const { details } = errorOf(JSON.stringify(evil));
    const said = details.problems?.map(({ message }) => message) ?? [];
    expect(said.length).toBeGreaterThan(1);
    expect(said.join('')).not.toContain('\u001b');
  });

  it('no key that readers disagree on', () => {
    const text = '{"defaultAction":"SCMP_ACT_ERRNO","defaultAction":"SCMP_ACT_ALLOW"}';
    expect(() => readArtifactProfile(new TextEncoder().encode(text), 'p.json')).toThrow(/would not take/);
    expect(() =>
      readArtifactProfile(new TextEncoder().encode('\ufeff{"defaultAction":"SCMP_ACT_ALLOW"}'), 'p.json'),
    ).toThrow(/byte-order mark/);
    expect(() => readArtifactProfile(new Uint8Array(1024 * 1024 + 1), 'p.json')).toThrow(/larger than/);
  });
});
