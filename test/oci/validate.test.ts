import { describe, expect, it } from 'vitest';
import type { Consumer } from '../../src/consumers.ts';
import { detectDialect } from '../../src/oci/dialect.ts';
import type { Node } from '../../src/oci/document.ts';
import { problemInfo } from '../../src/oci/problem-codes.ts';
import { blocks, MAX_PROBLEMS, type Problem } from '../../src/oci/problems.ts';
import type { Dialect } from '../../src/oci/profile.ts';
import { readDocument } from '../../src/oci/read-json.ts';
import { readProfile } from '../../src/oci/read-profile.ts';
import { readRoot } from '../../src/oci/read-profile-tree.ts';

const ALLOW = '"defaultAction":"SCMP_ACT_ALLOW"';
const MKDIR = '"names":["mkdir"],"action":"SCMP_ACT_ERRNO"';
const withRule = (rule: string) => `{${ALLOW},"syscalls":[{${rule}}]}`;
const inBundle = (seccomp: string) => `{"ociVersion":"1.3.0","linux":{"seccomp":${seccomp}}}`;
const detected = (text: string) => {
  const { document } = readDocument(text);
  if (document === undefined) throw new Error('no document');
  const found = detectDialect(document.root);
  return typeof found === 'string' ? found : found.code;
};

describe('detectDialect', () => {
  it.each([
    ['{}', 'oci'],
    [`{${ALLOW}}`, 'oci'],
    [withRule(MKDIR), 'oci'],
    [`{${ALLOW},"archMap":[]}`, 'docker'],
    [withRule('"name":"mkdir","action":"SCMP_ACT_ERRNO"'), 'docker'],
    [withRule(`${MKDIR},"includes":{}`), 'docker'],
    [withRule(`${MKDIR},"Excludes":{"minKernel":"4.8"}`), 'docker'],
    [withRule(`${MKDIR},"comment":"x"`), 'docker'],
    [withRule(`${MKDIR},"errno":"EPERM","includes":{}`), 'podman'],
    [`{${ALLOW},"defaultErrno":"ENOSYS","archMap":[]}`, 'podman'],
    [inBundle(`{${ALLOW}}`), 'oci-config'],
    ['{"ociVersion":"1.0.0"}', 'oci-config'],
    [`{"process":{"args":[]},"linux":{"seccomp":{${ALLOW}}}}`, 'oci-config'],
    ['{"apiVersion":"v1","kind":"ConfigMap","data":{}}', 'kubernetes-dialect'],
    ['{"name":"x"}', 'not-a-profile'],
    ['{"$schema":"x"}', 'not-a-profile'],
    ['[]', 'not-a-profile'],
    ['"x"', 'not-a-profile'],
    ['null', 'not-a-profile'],
  ])('tells %s', (text, expected) => {
    expect(detected(text)).toBe(expected);
  });
});

/** How often reading a profile asks for a key of its document. */
function looksAtKeys(text: string): number {
  const { document } = readDocument(text);
  if (document === undefined) throw new Error('no document');
  let looks = 0;
  const counting = (node: Node): Node => {
    if (node.kind === 'array') return { ...node, elements: node.elements.map(counting) };
    if (node.kind !== 'object') return node;
    const members = node.members.map(({ key, keyStart, value }) => ({
      get key() {
        looks++;
        return key;
      },
      ...{ keyStart, value: counting(value) },
    }));
    return { ...node, members };
  };
  readRoot({ ...document, root: counting(document.root) }, [], 'f', undefined);
  return looks;
}

describe('blocks', () => {
  const problem = (severity: 'error' | 'warning', rejectedBy?: readonly Consumer[]): Problem => ({
    ...{ code: 'errno-not-taken', severity, message: 'm', pointer: '', file: 'f', line: 1, column: 1 },
    ...(rejectedBy === undefined ? {} : { rejectedBy }),
  });
  it.each([
    [problem('error'), ['runc'], true],
    [problem('error'), [], true],
    [problem('error', ['crun']), ['docker', 'runc'], false],
    [problem('error', ['crun']), ['docker', 'crun'], true],
    [problem('error', []), ['docker', 'runc'], false],
    [problem('warning'), ['runc'], false],
    [problem('warning', ['runc']), ['runc'], false],
  ] as const)('%j for %j: %s', (given, consumers, expected) => {
    expect(blocks(given, consumers)).toBe(expected);
  });
});

describe('problemInfo', () => {
  it('has kebab-case codes and one-line titles', () => {
    for (const [code, { title }] of Object.entries(problemInfo)) {
      expect(code).toMatch(/^[a-z]+(?:-[a-z0-9]+)*$/);
      expect(title).toMatch(/^[^\n]{8,80}[^.]$/);
    }
  });
});

describe('readProfile', () => {
  it('decodes every key, exactly', () => {
    const text = `{
      "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "defaultErrno": "ENOSYS",
      "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]}],
      "flags": ["SECCOMP_FILTER_FLAG_LOG"], "listenerPath": "/run/a", "listenerMetadata": "m",
      "syscalls": [
        {"names": ["execve"], "action": "SCMP_ACT_NOTIFY", "errno": "", "comment": "c", "args": [
          {"index": 5, "value": 18446744073709551615, "valueTwo": 9007199254740993, "op": "SCMP_CMP_MASKED_EQ"},
          {"index": 0, "value": 0, "op": "SCMP_CMP_EQ"}]},
        {"name": "mkdir", "action": "SCMP_ACT_ERRNO", "errnoRet": 2, "errno": "EACCES",
         "includes": {"caps": ["CAP_KILL"], "arches": ["amd64"]}, "excludes": {}}
      ]}`;
    expect(readProfile(text, { name: 'p.json' }).profile).toEqual({
      dialect: 'podman',
      defaultAction: 'SCMP_ACT_ERRNO',
      defaultActionPlace: { file: 'p.json', line: 2, column: 24, pointer: '/defaultAction' },
      defaultErrnoRet: 38,
      defaultErrno: 'ENOSYS',
      archMap: [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] }],
      flags: ['SECCOMP_FILTER_FLAG_LOG'],
      listenerPath: '/run/a',
      listenerMetadata: 'm',
      rules: [
        {
          names: ['execve'],
          action: 'SCMP_ACT_NOTIFY',
          comment: 'c',
          args: [
            { index: 5, value: 2n ** 64n - 1n, valueTwo: 9007199254740993n, op: 'SCMP_CMP_MASKED_EQ' },
            { index: 0, value: 0n, op: 'SCMP_CMP_EQ' },
          ],
          place: { file: 'p.json', line: 6, column: 9, pointer: '/syscalls/0' },
        },
        {
          names: [],
          name: 'mkdir',
          action: 'SCMP_ACT_ERRNO',
          errnoRet: 2,
          errno: 'EACCES',
          includes: { caps: ['CAP_KILL'], arches: ['amd64'] },
          excludes: {},
          place: { file: 'p.json', line: 9, column: 9, pointer: '/syscalls/1' },
        },
      ],
    });
  });

  it.each([
    ['"args":[{"index":"0","value":1,"op":"SCMP_CMP_EQ"}]', 'write 0, without quotes'],
    ['"args":[{"index":0,"value":"0x28","op":"SCMP_CMP_EQ"}]', 'write 40, without quotes'],
    [
      '"args":[{"index":0,"value":"AF_INET","op":"SCMP_CMP_EQ"}]',
      'write the number that the name stands for',
    ],
    ['"args":{"index":0}', 'write a list: [ before the object and ] behind it'],
    ['"args":[{"index":0,"value":1,"op":"=="}]', 'did you mean SCMP_CMP_EQ?'],
    ['"args":[{"index":0,"value":1,"op":"<="}]', 'did you mean SCMP_CMP_LE?'],
    ['"errnoRet":"ENOSYS"', 'write 38, without quotes'],
    ['"includes":{"caps":"CAP_KILL"}', 'write a list: ["CAP_KILL"]'],
    ['"args":[{"index":0,"value":0x28,"op":"SCMP_CMP_EQ"}]', 'write it in decimal: 40'],
    ['"comment":None', 'strings stand in double quotes: "None"'],
    ['"args":Null', 'write null'],
    ["'comment':1", 'strings stand in straight double quotes: "read"'],
    ['"args":[{"index":0}', 'first close the [ of line 1'],
  ])('says what to write in the place of %s', (key, hint) => {
    const { problems } = readProfile(withRule(`${MKDIR},${key}`), { dialect: 'docker' });
    expect(problems.map((problem) => problem.hint)).toContain(hint);
  });

  // The numbers are those of C: (uint32_t)-1 and (uint64_t)-1, <stdint.h>.
  it.each([
    [
      '"args":[{"index":0,"value":-1,"op":"SCMP_CMP_EQ"}]',
      /^write 4294967295 if .* int, 18446744073709551615 if/,
    ],
    ['"args":[{"index":0,"value":-2147483649,"op":"SCMP_CMP_EQ"}]', /^write 18446744071562067967, /],
    ['"args":[{"index":0,"value":-9223372036854775809,"op":"SCMP_CMP_EQ"}]', /^write a number of 64 bits$/],
    ['"args":[{"index":0,"value":-0,"op":"SCMP_CMP_EQ"}]', /^write 0$/],
    ['"args":[{"index":-1,"value":1,"op":"SCMP_CMP_EQ"}]', /from 0 to 5$/],
    ['"errnoRet":-1', /such as 1 for EPERM$/],
  ])('says what to write in the place of a negative number: %s', (key, hint) => {
    const { problems } = readProfile(withRule(`${MKDIR},${key}`));
    expect(problems).toEqual([
      expect.objectContaining({
        message: expect.stringContaining('is negative'),
        hint: expect.stringMatching(hint),
      }),
    ]);
  });

  it.each([
    [
      `{"ociVersion":"1","process":{"capabilities":{"bounding":["CAP_KILL"]}},"linux":{"seccomp":{${ALLOW}}}}`,
      ['CAP_KILL'],
    ],
    [`{"ociVersion":"1","process":{"capabilities":{}},"linux":{"seccomp":{${ALLOW}}}}`, undefined],
    [inBundle(`{${ALLOW}}`), undefined],
  ])('takes the bounding set of %s', (text, capabilities) => {
    const { profile, problems } = readProfile(text);
    expect(problems).toEqual([]);
    expect(profile?.container).toEqual({ capabilities, noNewPrivileges: false });
  });

  // Go decodes the second into the first (test/oracle/support/facts/ shows what runc then installs).
  it.each([
    `{${ALLOW},"syscalls":[],"syscalls":[]}`,
    `{${ALLOW},"syscalls":[],"Syscalls":null}`,
    `{${ALLOW},"defaultAction":null}`,
  ])('refuses equal keys whose values readers mix: %s', (text) => {
    const { profile, problems } = readProfile(text);
    expect(profile).toBeUndefined();
    expect(problems.filter(({ severity }) => severity === 'error')).toMatchObject([
      { code: 'duplicate-key' },
    ]);
  });

  it.each([
    // The last of equal keys, whatever its case.
    [`{${ALLOW},"defaultAction":"SCMP_ACT_LOG","syscalls":[]}`, 'SCMP_ACT_LOG'],
    [`{"DEFAULTACTION":"SCMP_ACT_LOG",${ALLOW}}`, 'SCMP_ACT_ALLOW'],
    [`{${ALLOW},"DefaultAction":"SCMP_ACT_LOG"}`, 'SCMP_ACT_LOG'],
    [`{"\u017fyscalls":[],"defaultAction":"SCMP_ACT_LOG"}`, 'SCMP_ACT_LOG'],
  ])('reads keys as Go does: %s', (text, expected) => {
    expect(readProfile(text).profile?.defaultAction).toBe(expected);
  });

  it.each([
    ['-1', 2n ** 64n - 1n],
    ['"7"', 0n],
    ['true', 0n],
  ])('decodes the value %s of a bundle as crun, the only one to take it, does', (value, expected) => {
    const { profile, problems } = readProfile(
      inBundle(withRule(`${MKDIR},"args":[{"index":0,"value":${value},"op":"SCMP_CMP_EQ"}]`)),
    );
    expect(profile?.rules[0]?.args?.[0]?.value).toBe(expected);
    expect(problems.map((problem) => [blocks(problem, ['runc']), blocks(problem, ['crun'])])).toEqual([
      [true, false],
    ]);
  });

  it.each<[string, Dialect, string[]]>([
    [withRule(`${MKDIR},"includes":{"caps":[]}`), 'oci', ['wrong-dialect-key /syscalls/0/includes']],
    [withRule(`${MKDIR},"errno":"EPERM"`), 'docker', ['wrong-dialect-key /syscalls/0/errno']],
    [`{${ALLOW},"defaultErrno":"EPERM"}`, 'docker', ['wrong-dialect-key /defaultErrno']],
    [
      withRule('"name":"mkdir","action":"SCMP_ACT_ERRNO"'),
      'oci',
      ['missing-names /syscalls/0', 'wrong-dialect-key /syscalls/0/name'],
    ],
    ['[]', 'docker', ['not-a-profile ']],
    [`{${ALLOW}}`, 'oci-config', ['seccomp-off ']],
  ])('reads %s as %s when told to', (text, dialect, expected) => {
    const result = readProfile(text, { dialect });
    expect(result.dialect).toBe(dialect);
    expect(result.problems.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual(expected);
  });

  it.each([
    ['{"defaultAction":"SCMP_ACT_ALOW"}', 'did you mean SCMP_ACT_ALLOW?'],
    ['{"defaultAction":"ALLOW"}', 'did you mean SCMP_ACT_ALLOW?'],
    // Nothing else lets execve through, which is said when the action is known.
    [
      '{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["execve"],"action":"SCMP_ACT_ALOW"}]}',
      'did you mean SCMP_ACT_ALLOW?',
    ],
    [`{${ALLOW},"flags":["LOG"]}`, 'did you mean SECCOMP_FILTER_FLAG_LOG?'],
    [`{${ALLOW},"architectures":["amd64"]}`, 'did you mean SCMP_ARCH_X86_64?'],
    [`{${ALLOW},"syscals":[]}`, 'did you mean "syscalls"?'],
    [withRule('"names":["execvee"],"action":"SCMP_ACT_ERRNO"'), 'did you mean "execve" or "execveat"?'],
    [withRule(`${MKDIR},"excludes":{"caps":["SYS_ADMIN"]}`), 'did you mean "CAP_SYS_ADMIN"?'],
    [withRule(`${MKDIR},"excludes":{"arches":["x86_64"]}`), 'did you mean "amd64"?'],
    [withRule(`${MKDIR},"errno":"EPREM"`), 'did you mean "EPERM"?'],
  ])('suggests for %s: %s', (text, hint) => {
    expect(readProfile(text).problems.map((problem) => problem.hint)).toEqual([hint]);
  });

  it('names a misspelt execve as the cause, where nothing else lets execve through', () => {
    const rule = '{"names":["read","excve"],"action":"SCMP_ACT_ALLOW"}';
    const { problems } = readProfile(`{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[${rule}]}`);
    const said = problems.map(({ code, pointer, hint }) => [code, pointer, hint]);
    const cause = ['/syscalls/0/names/1', 'did you mean "execve"?'];
    expect(said).toEqual([
      ['cannot-start', ...cause],
      ['unknown-syscall', ...cause],
    ]);
  });

  it.each([
    [`{${ALLOW},"syscalls":{}}`, 'expected a list of rules, found an object'],
    [
      withRule('"names":1,"action":"SCMP_ACT_ERRNO"'),
      'expected a list of system call names, found the number 1',
    ],
    [withRule('"names":[true],"action":"SCMP_ACT_ERRNO"'), 'expected a system call name, found true'],
    [withRule(`${MKDIR},"args":[3]`), 'expected a comparison, which is an object, found the number 3'],
    [withRule(`${MKDIR},"includes":[]`), 'expected an object of conditions, found a list'],
    [`{"ociVersion":"1","linux":"x"}`, 'expected an object, found the string "x"'],
  ])('says in words what is wrong with %s', (text, message) => {
    expect(readProfile(text).problems.map((problem) => problem.message)).toContain(message);
  });

  it('lists at most so many problems, and fails if the ones left out are unknown', () => {
    const many = (n: number) =>
      `{${ALLOW},"syscalls":[{"names":[${'"nosuch",'.repeat(n)}"mkdir"],"action":"SCMP_ACT_ERRNO"}]}`;
    const few = readProfile(many(MAX_PROBLEMS));
    expect([few.problems.length, few.profile === undefined]).toEqual([MAX_PROBLEMS, false]);
    const more = readProfile(many(MAX_PROBLEMS + 1));
    expect(more.problems.at(-1)).toMatchObject({ code: 'more-problems', severity: 'warning' });
    const far = readProfile(many(MAX_PROBLEMS * 20));
    expect(far.problems.at(-1)).toMatchObject({ code: 'more-problems', severity: 'error' });
    expect(far.profile).toBeUndefined();
  });

  const strangers = (n: number) => Array.from({ length: n }, (_, i) => `"k${i}":1`).join();
  it.each([
    ['of the profile', (n: number) => `{${ALLOW},${strangers(n)}}`],
    ['of a rule', (n: number) => withRule(`${MKDIR},${strangers(n)}`)],
    ['of conditions', (n: number) => withRule(`${MKDIR},"includes":{${strangers(n)}}`)],
    ['beside rules with faults', (n: number) => `{${ALLOW},"syscalls":[${'1,'.repeat(n)}1],${strangers(n)}}`],
  ])('looks at each unknown key %s equally often, however many there are', (_, text) => {
    const perKey = (n: number) => looksAtKeys(text(n)) / n;
    expect(perKey(1000)).toBeLessThan(perKey(100) * 1.1);
  });

  it('keeps a profile that only some refuse', () => {
    const { profile, problems } = readProfile(
      withRule('"names":["mkdir"],"action":"SCMP_ACT_LOG","errnoRet":1'),
    );
    expect(profile?.rules[0]?.errnoRet).toBe(1);
    expect(
      problems.map((problem) => [blocks(problem, ['docker', 'runc']), blocks(problem, ['docker', 'crun'])]),
    ).toEqual([[false, true]]);
  });
});
