/**
 * Rules that users write: what they are given, what lint makes of their reports, and that nothing they do ends a run.
 */
import { describe, expect, it } from 'vitest';
import { directSyscallNumber } from '../../src/abi/syscall-numbers.ts';
import { OciSeccompError } from '../../src/errors.ts';
import { applyEdits } from '../../src/lint/edit/text-edits.ts';
import { defineRule, lintProfile, lintProfiles, lintRules, type OwnRule } from '../../src/lint/index.ts';

const VSOCK = 40n;

const noVsock = defineRule({
  id: 'acme/no-vsock',
  group: 'openness',
  level: 'error',
  title: 'Sockets of AF_VSOCK are open',
  check: ({ ask, report }) =>
    ask.forEachView((view) => {
      for (const arch of view.policy.architectures) {
        const socket = ask.callOpenness(view, arch, 'socket');
        if (socket === undefined) continue;
        const isVsock = ask.condition(view, arch, [{ index: 0, op: 'eq', value: VSOCK, valueTwo: 0n }]);
        const vsock = ask.both(view, socket.open, isVsock);
        const witness = ask.witness(view, socket, vsock);
        const [pointer] = ask.openingPlaces(view, socket, vsock);
        if (witness === undefined || pointer === undefined) continue;
        report({ pointer, message: `sockets of AF_VSOCK are open on ${arch}`, witness, view });
      }
    }),
});

const maxRules = defineRule<{ readonly max: number }>({
  id: 'acme/max-rules',
  group: 'form',
  level: 'warn',
  title: 'A profile has more rules than we want',
  fixable: true,
  readSettings: (given = {}) => {
    const { max = 1 } = given as { readonly max?: unknown };
    if (typeof max !== 'number') throw new TypeError('"max" must be a number');
    return { max };
  },
  check: ({ profile, settings, root, report, edit }) => {
    const { length } = profile.rules;
    if (length <= settings.max) return;
    report({
      pointer: `${root}/syscalls`,
      message: `there are ${length} rules`,
      ...edit.correction('remove the last rule', edit.remove(`${root}/syscalls/${length - 1}`)),
    });
  },
});

const profile = (...rules: readonly string[]): string =>
  `{"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"], "syscalls": [${rules.join(', ')}]}`;
const allow = (name: string, args = ''): string =>
  `{"names": ["${name}"], "action": "SCMP_ACT_ALLOW"${args === '' ? '' : `, "args": [${args}]`}}`;
const unlike = (value: bigint): string => `{"index": 0, "value": ${value}, "op": "SCMP_CMP_NE"}`;

const ownFindings = async (text: string, ...rules: readonly OwnRule[]) => {
  const { findings } = await lintProfile(text, { rules });
  return findings.filter(({ rule }) => rule.startsWith('acme/'));
};

describe('a rule of your own', () => {
  it('asks what the profile means, and shows a call as proof', async () => {
    const [found, ...more] = await ownFindings(profile(allow('socket')), noVsock);
    expect(more).toEqual([]);
    expect(found).toMatchObject({
      rule: 'acme/no-vsock',
      level: 'error',
      range: { pointer: '/syscalls/0/names/0' },
    });
    expect(found?.witness?.call.args[0]).toBe(VSOCK);
    expect(found?.witness?.call.nr).toBe(directSyscallNumber('socket', 'x86_64'));
    expect(found?.witness?.verdict).toBe(0x7fff_0000);
  });

  it.each([
    ['denied for this family', unlike(VSOCK), 0],
    ['denied for another family alone', unlike(VSOCK + 1n), 1],
    // The kernel reads 32 bits: with bit 32 set the comparison holds, and the family is AF_VSOCK all the same.
    ['not named', undefined, 0],
  ])('finds socket %s', async (_, args, count) => {
    const text = args === undefined ? profile(allow('read')) : profile(allow('socket', args));
    expect((await ownFindings(text, noVsock)).length).toBe(count);
  });

  it('sees each runtime once, however often it is named', async () => {
    let views = 0;
    const counts = defineRule({
      id: 'acme/counts',
      group: 'form',
      level: 'warn',
      title: 'Views',
      check: ({ ask }) => ask.forEachView(() => views++),
    });
    const text = '{ "defaultAction": "SCMP_ACT_ERRNO" }';
    await lintProfile(text, { rules: [counts], runtimes: ['runc', 'crun', 'runc'] });
    expect(views).toBe(2);
  });

  it('has settings, or reads its default', async () => {
    const text = profile(allow('read'), allow('write'));
    const found = async (settings?: Readonly<Record<string, unknown>>) =>
      (
        await lintProfile(text, { rules: [maxRules], ...(settings === undefined ? {} : { settings }) })
      ).findings.some(({ rule }) => rule === 'acme/max-rules');
    expect(await found()).toBe(true);
    expect(await found({ 'acme/max-rules': { max: 2 } })).toBe(false);
    await expect(found({ 'acme/max-rules': { max: 'two' } })).rejects.toMatchObject({
      code: 'ERR_USAGE',
      message: 'acme/max-rules does not take these settings: "max" must be a number',
    });
    await expect(found({ 'default-allow': 1 })).rejects.toMatchObject({ code: 'ERR_USAGE' });
  });

  it('offers fixes that edit the text', async () => {
    const text = profile(allow('read'), allow('write'));
    const [found] = await ownFindings(text, maxRules);
    expect(applyEdits(text, found?.fix?.edits ?? [])).toBe(profile(allow('read')));
    expect(found?.fix?.changesMeaning).toBe(true);
  });

  it('has its level from the options, and is turned off by a comment', async () => {
    const text = profile(
      allow('socket').replace('}', ', "comment": "oci-seccomp-disable-next acme/no-vsock -- a test"}'),
    );
    const { findings, suppressed } = await lintProfile(text, {
      rules: [noVsock],
      levels: { 'acme/no-vsock': 'note' },
    });
    expect(findings.filter(({ rule }) => /acme|suppress/.test(rule))).toEqual([]);
    expect(suppressed).toMatchObject([{ rule: 'acme/no-vsock', level: 'note', reason: 'a test' }]);
    // Where the rule is not known, nobody can say that the comment is needless.
    expect((await lintProfile(text)).findings.filter(({ rule }) => rule === 'unused-suppression')).toEqual(
      [],
    );
    await expect(lintProfile(text, { levels: { 'acme/no-vsock': 'off' } })).rejects.toMatchObject({
      code: 'ERR_USAGE',
    });
  });

  it('looks at every profile of a file', async () => {
    const each = `apiVersion: security-profiles-operator.x-k8s.io/v1beta1
kind: SeccompProfile
metadata: { name: NAME }
spec: { defaultAction: SCMP_ACT_ERRNO, syscalls: [{ names: [socket], action: SCMP_ACT_ALLOW }] }
`;
    const results = await lintProfiles(`${each}---\n${each}`, { rules: [noVsock] });
    const found = results.map(({ findings }) => findings.some(({ rule }) => rule === 'acme/no-vsock'));
    expect(found).toEqual([true, true]);
  });
});

describe('a rule of your own that is wrong', () => {
  const rule = { id: 'acme/x', group: 'form', level: 'warn', title: 'x', check: () => undefined } as const;

  it.each([
    ['no object', undefined, 'a rule must be an object'],
    ['no namespace', { ...rule, id: 'x' }, 'wrong "id"'],
    ['the id of a built-in rule', { ...rule, id: lintRules[0]?.id }, 'wrong "id"'],
    ['capital letters', { ...rule, id: 'Acme/x' }, 'wrong "id"'],
    ['an unknown level', { ...rule, level: 'fatal' }, 'wrong "level"'],
    ['an unknown group', { ...rule, group: 'taste' }, 'wrong "group"'],
    ['two lines of title', { ...rule, title: 'a\nb' }, 'wrong "title"'],
    ['no check', { ...rule, check: undefined }, 'wrong "check"'],
    ['a misspelt key', { ...rule, fixeable: true }, 'unknown key "fixeable"'],
  ])('is refused: %s', async (_, wrong, message) => {
    const refused = { code: 'ERR_USAGE', message: expect.stringContaining(message) };
    expect(() => defineRule(wrong as OwnRule)).toThrow(expect.objectContaining(refused));
    await expect(lintProfile('{}', { rules: [wrong as OwnRule] })).rejects.toMatchObject(refused);
  });

  it('is refused if it is there twice', async () => {
    await expect(lintProfile('{}', { rules: [noVsock, noVsock] })).rejects.toMatchObject({
      code: 'ERR_USAGE',
    });
  });
});

describe('a rule of your own that fails', () => {
  const failing = (check: OwnRule['check']): OwnRule =>
    defineRule({ id: 'acme/fails', group: 'form', level: 'note', title: 'It fails', check });
  const message = 'a finding';

  const wrongReports: readonly (readonly [string, unknown])[] = [
    ['pointer', { message }],
    ['pointer', { pointer: 'syscalls', message }],
    ['message', { pointer: '' }],
    ['message', { pointer: '', message: '' }],
    ['level', { pointer: '', message, level: 'off' }],
    ['related', { pointer: '', message, related: [{ pointer: 1 }] }],
    [
      'fix',
      {
        pointer: '',
        message,
        fix: { description: 'd', changesMeaning: false, edits: [{ start: 1, end: 0, text: '' }] },
      },
    ],
    [
      'fix',
      {
        pointer: '',
        message,
        fix: { description: 'd', changesMeaning: false, edits: [{ start: 0, end: 1e9, text: '' }] },
      },
    ],
    ['fix', { pointer: '', message, fix: { description: 'd', edits: [] } }],
    [
      'witness',
      {
        pointer: '',
        message,
        witness: { call: { nr: 1, arch: 1, instructionPointer: 0n, args: [1] }, verdict: 0 },
      },
    ],
    ['at', { pointer: '', message, at: { line: 0, column: 1 } }],
    ['view', { pointer: '', message, view: {} }],
    ['colour', { pointer: '', message, colour: 'red' }],
  ];
  const cases: readonly (readonly [string, OwnRule['check'], RegExp])[] = [
    [
      'it throws',
      () => {
        throw new RangeError('oops');
      },
      /^the rule failed: oops$/,
    ],
    [
      'it throws a string',
      () => {
        throw 'oops';
      },
      /^the rule failed: oops$/,
    ],
    [
      'it throws nothing',
      () => {
        throw undefined;
      },
      /^the rule failed: undefined$/,
    ],
    [
      'it is not finished',
      (async () => {
        throw new Error('later');
      }) as OwnRule['check'],
      /^the rule failed: .*promise/,
    ],
    ...wrongReports.map(
      ([key, report]) =>
        [
          `it reports a wrong ${key}`,
          (context: Parameters<OwnRule['check']>[0]) => context.report(report as never),
          new RegExp(`^the rule failed: it reported an? (?:wrong|unknown key) "${key}"`),
        ] as const,
    ),
  ];

  it.each(cases)('is an error, and the other rules go on: %s', async (_, check, expected) => {
    const text = profile(allow('socket'));
    const findings = await ownFindings(text, failing(check), noVsock);
    const failed = findings.find(({ rule }) => rule === 'acme/fails');
    // Not a note, though that is the rule's level: nobody knows what it would have found.
    expect(failed?.level).toBe('error');
    expect(failed?.message).toMatch(expected);
    expect(findings.some(({ rule }) => rule === 'acme/no-vsock')).toBe(true);
  });

  it('keeps what it reported before', async () => {
    const findings = await ownFindings(
      profile(),
      failing(({ report }) => {
        report({ pointer: '', message });
        throw new Error('oops');
      }),
    );
    expect(findings.map((each) => each.message).sort()).toEqual([message, 'the rule failed: oops']);
  });

  it('leaves a question open that is too complex, and says so', async () => {
    const rule = failing(({ ask }) =>
      ask.forEachView(() => {
        throw new OciSeccompError('ERR_UNDECIDED', 'too complex');
      }),
    );
    const { findings } = await lintProfile(profile(allow('socket')), { rules: [rule] });
    expect(findings.filter((each) => each.rule === 'not-decided')).toMatchObject([
      { level: 'warn', message: expect.stringContaining('acme/fails') },
    ]);
  });

  it('lets no control character of a profile through', async () => {
    const [found] = await ownFindings(
      profile(),
      failing(({ report }) => report({ pointer: '', message: 'a \u001b[31mred\nname', hint: '\u0007' })),
    );
    expect([found?.message, found?.hint]).toEqual(['a \\u001b[31mred\\u000aname', '\\u0007']);
  });
});
