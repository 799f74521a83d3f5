/** Command lines as people first type them: the error says what to type instead, and nothing is written. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ociSeccomp } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-first-words-'));
afterAll(() => rmSync(folder, { recursive: true }));

it.each<[line: string, hint: string, error?: string]>([
  // `-o utput` would write a file with the name `utput`.
  ['compile docker-default -output', 'did you mean --output?'],
  ['resolve docker-default -output=x', 'did you mean --output?'],
  ['compile docker-default -runtime crun', 'did you mean --runtime?'],
  ['run -profile p.json -- true', 'did you mean --profile?'],
  // `-o =x` would write a file with the name `=x`.
  ['compile docker-default -o=x', 'compile --help', 'a space stands between -o and its value: -o x'],
  ['compile docker-default -qo=x', 'compile --help', 'a space stands between -o and its value: -o x'],
  ['compile docker-default -q=1', 'compile --help', '-q takes no value'],
  ['compile docker-default --quiet=1', 'compile --help', '--quiet takes no value'],
  ['compile docker-default -outptu', 'did you mean --output?'],
  ['run -p=p.json true', 'run --help', 'a space stands between -p and its value: -p p.json'],
  ['run -k 6.1 -p=p.json true -o=x', 'run --help', 'a space stands between -p and its value: -p p.json'],
  ['run --profile p.json -outptu x true', '', "unknown option '-outptu'"],
  ['run --profile a -p b -- true', 'run --help', "--profile takes one profile, and 'a' and 'b' are given"],
  ['verison', 'did you mean --version?'],
  ['hook config -output x', 'did you mean --output?', "unknown option '-output'"],
  ['hook config -o=x', 'hook config --help', 'a space stands between -o and its value: -o x'],
  ['hook config --profle x', 'did you mean --profile?', "unknown option '--profle'"],
  ['hook createRuntime -profile x', 'did you mean --profile?', "unknown option '-profile'"],
  ['hook prestart --porfile=x', 'did you mean --profile?', "unknown option '--porfile=x'"],
  ['hook explain -- -output', '--profile FILE is for every container'],
  ['docker-default', 'a command comes first: oci-seccomp explain FILTER, '],
  ['pid:1', 'a command comes first: oci-seccomp explain FILTER, '],
  ['profiles/web.json', 'a command comes first: oci-seccomp explain FILTER, '],
  ['explain mount docker-default', 'mount is a system call, and a profile comes first; '],
  ['allow getcpu docker-default', 'getcpu is a system call, and a profile comes first; '],
  ['explain docker-default mount ptrace', 'a question is about one call: '],
  ['compile docker-default --cap ptrace', 'did you mean CAP_SYS_PTRACE?'],
  ['hook configg', 'oci-seccomp hook --help lists what else a hook takes'],
])('%s: the hint says %s', (line, hint, error = '') => {
  const { stdout, stderr, status } = ociSeccomp(line.split(' '), { cwd: folder });
  expect({ stdout, status: status === 3 ? 2 : status }).toEqual({ stdout: '', status: 2 });
  expect(stderr).toMatch(/^error: /);
  expect(stderr.split('\n')[0]).toContain(error);
  expect(stderr).toContain(`  hint: `);
  expect(stderr).toContain(hint);
  expect(readdirSync(folder)).toEqual([]);
});

it('leaves words of a command that is run to it', () => {
  expect(ociSeccomp(['run', '--', 'echo', '-profile']).stdout).toBe('-profile\n');
  expect(ociSeccomp(['run', 'echo', '-profile']).stdout).toBe('-profile\n');
});

it.each([
  ['run true -o=x -profile -outptu'],
  ['run -p docker-default true -p=x -profile'],
  ['run --color=never true -p=x'],
  ['compile docker-default -qooutput'],
])('%s is no mistake', (line) => {
  expect(ociSeccomp(line.split(' '), { cwd: folder })).toMatchObject({ status: 0, stderr: '' });
});

it.each(['0x10', '1e3', ' 5 ', '-1', '3601', ''])('takes no %j for seconds', (seconds) => {
  const { stderr, status } = ociSeccomp(['compile', 'docker-default', '-o', 'x', `--timeout=${seconds}`], {
    cwd: folder,
  });
  expect([status, stderr]).toEqual([
    2,
    `error: --timeout takes seconds above 0 and up to 3600, not '${seconds}' [ERR_USAGE]\n`,
  ]);
});

it('takes the last of two values, as an alias and its user give them, and says so', () => {
  const words = [
    'explain',
    'docker-default',
    'read',
    '--arch',
    'arm64',
    '--color',
    'never',
    '--arch',
    'x86_64',
  ];
  const both = ociSeccomp(words, { cwd: folder });
  const last = ociSeccomp(['explain', 'docker-default', 'read', '--arch', 'x86_64'], { cwd: folder });
  expect({ ...both, stderr: '' }).toEqual(last);
  expect(both.stderr).toBe("note: --arch is 'x86_64', which is given after 'arm64'\n");
  expect(ociSeccomp([...words, '-q'], { cwd: folder }).stderr).toBe('');
});
