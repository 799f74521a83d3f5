/**
 * Names and texts that others wrote, in the output of all commands and formats: none may hold what a terminal would carry
 * out, and none may begin a line that looks like one of the program's own.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { unifiedDiff } from '../../src/cli/lint/unified-diff.ts';
import { ociSeccomp as run } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-hostile-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A window's title, a bell, a colour by one character, the other direction, and a line that lies. */
const evil = 'ev\u001b]0;owned\u0007\u009b31m\u202e\u2028\nINJECTED: ok';
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return name;
};
mkdirSync(join(folder, evil));

/** As JSON, all of it in escapes: what a text holds is written back as it is by commands that edit or copy it. */
const evilJson = JSON.stringify(evil).replace(
  /[^ -~]/g,
  (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
);
const rules = (name: string) =>
  `[{"names": ["execve", "exit_group", "read", "write"], "action": "SCMP_ACT_ALLOW", "comment": ${evilJson}},
    {"names": [${name}], "action": "SCMP_ACT_ALLOW", "comment": ${evilJson}, ${evilJson}: 1},
    {"names": ["socket"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1, "comment": ${evilJson}}]`;
const profile = (name: string) =>
  `{"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"], "syscalls": ${rules(name)}}`;
const good = file(`${evil}/${evil}.json`, profile('"chmod"'));
const odd = file(`${evil}-odd.json`, profile(evilJson));
const other = file(`${evil}-other.json`, profile('"mount"'));
const bad = file(
  `${evil}-bad.json`,
  `{"defaultAction": ${evilJson}, ${evilJson}: 1, "syscalls": [{"names": [${evilJson}], "action": ${evilJson}, "args": [{"index": 0, "op": ${evilJson}, "value": 1}]}]}`,
);
const object = (name: string) => `apiVersion: security-profiles-operator.x-k8s.io/v1beta1
kind: SeccompProfile
metadata: {name: ${name}, namespace: ${evilJson}}
spec:
  defaultAction: SCMP_ACT_ERRNO
  baseProfileName: ${evilJson}
  syscalls: [{names: [read], action: SCMP_ACT_ALLOW}]
`;
const kubernetes = file(`${evil}.yaml`, `---\n${object(evilJson)}---\n${object('two')}`);
const systemd = file(
  `${evil}.service`,
  `[Service]\nSystemCallFilter=read ${evil.replaceAll('\n', ' ')}\nSystemCallErrorNumber=${evil.replaceAll('\n', '')}\n`,
);
const lxc = file(`${evil}.seccomp`, `2\nallowlist\nread\n${evil}\n[${evil}]\n`);
const garbage = file(`${evil}.txt`, `${evil}\n`);
const log = file(
  `${evil}.log`,
  `type=SECCOMP msg=audit(1700000000.000:1): auid=0 uid=0 gid=0 ses=1 subj=${evil.replaceAll('\n', '')} pid=1 comm=${Buffer.from(evil).toString('hex')} exe=${Buffer.from(evil).toString('hex')} sig=0 arch=c000003e syscall=90 compat=0 ip=0x0 code=0x50000\n`,
);
const calls = file(`${evil}.calls`, `read 0\n${evil}\n${evil.replaceAll('\n', ' ')} 3\n`);
const program = `${evil}.bpf`;
const programs = ['asm', 'c', 'json', 'pfc', 'base64'] as const;

const commands: readonly (readonly string[])[] = [
  ['compile', good, '-o', program],
  ...programs.map((format) => ['compile', good, '--format', format]),
  ['compile', odd, '-v', '-o', program],
  ['compile', bad],
  ['compile', `${evil}-absent.json`],
  ['compile', kubernetes],
  ['compile', kubernetes, '--object', evil],
  ...[good, odd, bad, kubernetes, systemd, lxc, garbage].flatMap((each) => [
    ['validate', each],
    ['validate', each, '--format', 'json'],
  ]),
  ...[
    'human',
    'json',
    'sarif',
    'github',
    'junit',
    'gitlab',
    'checkstyle',
    'compact',
    'markdown',
    'rdjson',
  ].map((format) => ['lint', '.', odd, '--format', format]),
  ['lint', good, '--rule', evil],
  ['lint', good, '--config', `${evil}.toml`],
  ['explain', good],
  ['explain', odd, 'mount', '--suggest', '--color', 'never'],
  ['explain', good, 'mount', '--format', 'json', '--suggest'],
  ['explain', good, 'socket', '--trace'],
  ['explain', program, 'mount'],
  ['explain', good, evil],
  ['diff', good, other],
  ['diff', good, other, '--format', 'json'],
  ['diff', good, other, '--format', 'markdown'],
  ['subset', other, good],
  ['disasm', program],
  ['disasm', program, '--format', 'json'],
  ['verify', good, '--pid', evil],
  ['resolve', odd, '-v'],
  ['resolve', good, '--to', 'kubernetes', '--name', evil],
  ['report', good],
  ['report', odd, '--against', good],
  ['simplify', good],
  ['simplify', good, '--diff'],
  ['intersect', good, other],
  ['union', good, other, '--format', 'json'],
  ['allow', good, 'mount'],
  ['allow', good, 'getcpu', '--diff'],
  ['deny', good, 'chmod', '--format', 'json'],
  ['allow', kubernetes, 'getcpu', '--object', evil],
  ['rebase', good, '--onto', evil],
  ['decompile', program],
  ...['systemd', 'lxc', 'minijail', 'bwrap'].map((to) => ['convert', good, '--to', to]),
  ['convert', lxc, '--to', 'oci'],
  ['simulate', good, calls],
  ['simulate', good, calls, '--format', 'json'],
  ['audit', log, '--profile', good],
  ['audit', log, '--format', 'json'],
  ['audit', garbage],
  ['push', good, evil],
  ['pull', evil],
  ['syscalls', evil],
  ['rules', evil],
  ['hook', 'config', '--profile', evil],
  ['run', '--profile', `${evil}-absent.json`, '--', evil],
  [evil],
  ['allow', good, `--${evil}`],
  ['allow', good, 'getcpu', 'AF_UNIX', '--format', evil],
];

/** Formats in which the line breaks of a name may stand as they are: an escape, or quoted. */
const shown = (words: readonly string[]): string =>
  words.map((word) => JSON.stringify(word).slice(0, 40)).join(' ');

describe('names and texts of others', () => {
  it.each(commands.map((words) => [shown(words), words] as const))('%s', (_, words) => {
    const { stdout, stderr } = run(words, { cwd: folder });
    const output = stdout + stderr;
    expect(output.length).toBeGreaterThan(0);
    expect(/[^\P{C}\n\t]|[\u2028\u2029]/u.exec(output)?.[0], output).toBeUndefined();
    expect(/^INJECTED/m.test(output), output).toBe(false);
  });

  it('are quoted in patches as git quotes them', () => {
    const heads = (name: string) => unifiedDiff(name, 'a\n', 'b\n').split('\n').slice(0, 2);
    expect(heads('a"\u001b\n.json')).toEqual(['--- "a/a\\"\\033\\n.json"', '+++ "b/a\\"\\033\\n.json"']);
    expect(heads('a\u009b\u202e.json')).toEqual([
      '--- "a/a\\302\\233\\342\\200\\256.json"',
      '+++ "b/a\\302\\233\\342\\200\\256.json"',
    ]);
    expect(heads('a b.json')).toEqual(['--- a/a b.json', '+++ b/a b.json']);
  });
});

it('a key as long as a file is cut where people read it, and whole in JSON', () => {
  const key = 'k'.repeat(100_000);
  const input = `{"defaultAction": "SCMP_ACT_ALLOW", "${key}": 1}`;
  expect(run(['validate', '-'], { input }).stdout.length).toBeLessThan(1000);
  expect(run(['validate', '-', '--json'], { input }).stdout).toContain(`"/${key}"`);
});
