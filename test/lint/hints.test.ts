/**
 * Hints that name an answer, done word for word: the finding is gone, the runtime keeps the rule, and the number and the
 * name of the error belong together.
 */
import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { lintProfile } from '../../src/lint/engine/lint-profile.ts';
import { arg, profile, rule } from './texts.ts';

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
