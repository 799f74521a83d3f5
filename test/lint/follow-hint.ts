/**
 * Does mechanically what a hint says: writes the JSON members that it names to the place of its finding.
 */
import { isSyscallName } from '../../src/abi/syscall-numbers.ts';
import type { Finding } from '../../src/lint/engine/finding.ts';

interface Rule {
  names?: string[];
  action?: string;
  errnoRet?: unknown;
  args?: { readonly index: number }[];
}

interface Written {
  syscalls?: Rule[];
}

/** `"value": 65535`; VALUE stands for what only the author knows. */
const MEMBER = /"(\w+)": (\d+|"\w+"|VALUE)/g;

/** Which rule a finding is in, and there which comparison or name. */
const PLACE = /^\/syscalls\/(?<rule>\d+)(?:\/(?<key>args|names)(?:\/(?<index>\d+))?)?/;

/** The profile with what one of the hint's ways out says; `undefined` for one that names nothing to write. */
export function followHint(text: string, finding: Finding, advice: string): string | undefined {
  const document = JSON.parse(text) as Written;
  const members = Object.fromEntries(
    [...advice.matchAll(MEMBER)].map(([, key = '', value = '']) => [
      key,
      value === 'VALUE' ? 1 : (JSON.parse(value) as unknown),
    ]),
  );
  const place = PLACE.exec(finding.range.pointer)?.groups ?? {};
  const rule = document.syscalls?.[Number(place.rule)];
  if ('value' in members || 'valueTwo' in members) {
    if (rule === undefined) return undefined;
    rule.args = compared(rule, place, members, advice);
  } else if ('errnoRet' in members) answerWith(members.errnoRet, document, rule, finding);
  else if ('defaultErrnoRet' in members) {
    Object.assign(document, { defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: members.defaultErrnoRet });
  } else return undefined;
  return JSON.stringify(document);
}

/** The comparisons of a rule with the one that the hint writes. Each argument is compared once. */
function compared(
  { args = [] }: Rule,
  { key, index }: Readonly<Record<string, string | undefined>>,
  members: object,
  advice: string,
): { readonly index: number }[] {
  const own = key === 'args' ? args[Number(index ?? 0)] : undefined;
  const argument = Number(/argument (\d)/.exec(advice)?.[1] ?? own?.index);
  return [...args.filter((each) => each.index !== argument), { ...own, ...members, index: argument }];
}

/** Answers an error: in a rule of its own, if the hint says so; else where the finding is. */
function answerWith(
  errnoRet: unknown,
  document: Written,
  rule: Rule | undefined,
  { hint = '', message }: Finding,
): void {
  const answer = { action: 'SCMP_ACT_ERRNO', errnoRet };
  if (rule !== undefined) {
    const [, taken] = /take (\w+) out of the rule/.exec(hint) ?? [];
    rule.names = rule.names?.filter((name) => name !== taken) ?? [];
  }
  const [, added] = /add (?:a rule|one) that answers (\w+) with/.exec(hint) ?? [];
  if (added === undefined) Object.assign(rule ?? document, answer);
  else {
    const [subject = ''] = message.split(/ gets? | (?:is|are) denied/);
    const named = isSyscallName(added) ? [added] : (subject.match(/\w+/g) ?? []);
    document.syscalls = [...(document.syscalls ?? []), { names: named.filter(isSyscallName), ...answer }];
  }
}
