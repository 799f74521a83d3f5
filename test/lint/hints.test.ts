/**
 * Hints, done word for word: the finding is gone, and no other finding sends back. Where a hint names an answer, the runtime
 * keeps the rule, and the number and the name of the error belong together.
 */
import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../src/lint/engine/finding.ts';
import { lintProfile } from '../../src/lint/engine/lint-profile.ts';
import { singleFindings } from '../../src/lint/engine/merge-findings.ts';
import { followHint } from './follow-hint.ts';
import { caseSamples, type Sample } from './samples.ts';
import { arg, profile, rule, withX86 } from './texts.ts';

const ANSWER = /SCMP_ACT_ERRNO and "errnoRet": (\d+) \((E[A-Z]+)\)/;

/** The answer that the hint of the rule's only finding names. */
async function answerIn(text: string, id: string): Promise<number> {
  const { findings } = await lintProfile(text);
  const own = findings.filter((finding) => finding.rule === id);
  expect(own).toHaveLength(1);
  const [, number = '', name = ''] = ANSWER.exec(own[0]?.hint ?? '') ?? [];
  expect([name, Number(number)]).toEqual([name, constants.errno[name as keyof typeof constants.errno]]);
  return Number(number);
}

describe('the answer for socketcall and ipc', () => {
  const x86 = '"architectures": ["SCMP_ARCH_X86"], ';
  const multiplexers = [
    ['socketcall', 'socket', 0],
    ['ipc', 'shmget', 1],
  ] as const;
  const defaults = [
    ['SCMP_ACT_ERRNO', ''],
    ['SCMP_ACT_ERRNO', '"defaultErrnoRet": 1, '],
    ['SCMP_ACT_ERRNO', '"defaultErrnoRet": 38, '],
    ['SCMP_ACT_ERRNO', '"defaultErrnoRet": 13, '],
    ['SCMP_ACT_KILL_PROCESS', ''],
    ['SCMP_ACT_TRAP', ''],
  ] as const;
  const rows = multiplexers.flatMap((each) => defaults.map((own) => [...each, ...own] as const));

  it.each(rows)(
    '%s, past %s at argument %i: a default of %s %s',
    async (name, syscall, index, action, errno) => {
      const limited = [
        rule(syscall, 'ALLOW', [arg(index, 'LT', 40)]),
        rule(syscall, 'ERRNO', [arg(index, 'GE', 40)], ', "errnoRet": 97'),
      ];
      const text = (answer: string) => profile([answer, ...limited], action, errno + x86);
      const id = 'socket-without-socketcall';
      const number = await answerIn(text(rule(name, 'ALLOW')), id);
      const mended = await lintProfile(text(rule(name, 'ERRNO', [], `, "errnoRet": ${number}`)));
      expect(mended.findings.filter((finding) => finding.rule === id)).toEqual([]);
    },
  );
});

/** Rules whose hint names a rule to add beside those that are there: the table above does it. */
const BY_HAND = /socketcall|denies ipc/;

/** Findings that say that what was written does nothing. */
const VOID = ['unknown-key', 'wrong-dialect-key', 'conflicting-actions', 'invalid-profile'];

describe('a hint with JSON in it', async () => {
  const more: readonly Sample[] = [
    {
      name: 'a new call that is denied by default',
      text: profile([rule('clone', 'ALLOW')]),
      options: { runtimes: ['crun'] },
    },
    {
      name: 'a default of 0',
      text: profile([rule('read', 'ALLOW')], 'SCMP_ACT_ERRNO', '"defaultErrnoRet": 0, '),
      options: {},
    },
    {
      name: 'a default that is left to a tracer',
      text: profile([rule('read', 'ALLOW')], 'SCMP_ACT_TRACE'),
      options: {},
    },
  ];
  const plain = (await caseSamples()).filter(
    // JSON.parse rounds larger numbers.
    ({ text }) => /^{"(?!ociVersion)/.test(text) && isJson(text) && !/\d{16}/.test(text),
  );
  const tried = new Set<string>();

  it.each([...plain, ...more])('$name', async ({ text, options }) => {
    const before = singleFindings((await lintProfile(text, options)).findings);
    for (const finding of before) {
      for (const advice of finding.hint?.split('; otherwise') ?? []) {
        const followed = BY_HAND.test(advice) ? undefined : followHint(text, finding, advice);
        if (followed === undefined) continue;
        tried.add(finding.rule);
        const after = singleFindings((await lintProfile(followed, options)).findings);
        const isSame = (each: Finding) => each.rule === finding.rule && each.message === finding.message;
        const isVoid = (each: Finding) => VOID.includes(each.rule);
        const where = `${finding.rule}: ${advice}\n${followed}`;
        expect(after.filter(isSame).length, where).toBeLessThan(before.filter(isSame).length);
        expect(after.filter(isVoid).length, where).toBeLessThanOrEqual(before.filter(isVoid).length);
      }
    }
  });

  it('is in the findings of these rules', () => {
    expect([...tried].sort()).toEqual([
      'clone-without-clone3',
      'dangerous-allowed',
      'eperm-for-new-syscalls',
      'errno-zero',
      'int-argument-high-bits',
      'masked-eq-dropped-bits',
      'masked-eq-swapped',
      'newer-syscalls-missing',
      'repeated-argument',
      'sign-extended-int',
      'trace-without-tracer',
    ]);
  });
});

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}

describe('a hint in words', () => {
  const socket = rule('socket', 'ALLOW', [arg(0, 'EQ', 1)]);
  const answered = rule('socketcall', 'ERRNO', [], ', "errnoRet": 38');
  const limited = rule('tgkill kill', 'ALLOW', [arg(0, 'EQ', 1)]);
  const kernels = { oldest: { kernel: 4, major: 8 }, newest: { kernel: 6, major: 18 } };
  const rows = [
    {
      id: 'conditional-made-moot',
      hint: /^take the calls out of the rule without conditions/,
      before: profile([rule('kill tgkill', 'ALLOW'), limited]),
      after: profile([limited]),
    },
    {
      id: 'socketcall-missing',
      hint: /^add a rule without conditions that denies socketcall with SCMP_ACT_ERRNO and "errnoRet": 38/,
      before: profile([rule('read', 'ALLOW'), socket], 'SCMP_ACT_ERRNO', withX86),
      after: profile([rule('read', 'ALLOW'), socket, answered], 'SCMP_ACT_ERRNO', withX86),
      not: 'socket-without-socketcall',
    },
    {
      id: 'kill-kills-thread-only',
      hint: /^answer SCMP_ACT_ERRNO; or write SCMP_ACT_KILL_PROCESS, and state that .* 4\.14 and newer/,
      before: profile([rule('mount', 'KILL_THREAD')], 'SCMP_ACT_ALLOW'),
      after: profile([rule('mount', 'ERRNO')], 'SCMP_ACT_ALLOW'),
      not: 'action-unknown-to-kernel',
      kernels,
    },
  ];

  it.each(rows)('$id', async ({ id, hint, before, after, not, kernels }) => {
    const found = (await lintProfile(before, { kernels })).findings.filter((each) => each.rule === id);
    expect(found.map((each) => each.hint)).toEqual([expect.stringMatching(hint)]);
    const left = (await lintProfile(after, { kernels })).findings.map((each) => each.rule);
    expect(left).not.toContain(id);
    expect(left).not.toContain(not);
  });
});
