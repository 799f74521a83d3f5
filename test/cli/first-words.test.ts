/** Command lines as people first type them: the error says what to type instead, and nothing is written. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ociSeccomp } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-first-words-'));
afterAll(() => rmSync(folder, { recursive: true }));

it.each([
  // `-o utput` would write a file with the name `utput`.
  ['compile docker-default -output', 'did you mean --output?'],
  ['resolve docker-default -output=x', 'did you mean --output?'],
  ['compile docker-default -runtime crun', 'did you mean --runtime?'],
  ['run -profile p.json -- true', 'did you mean --profile?'],
  ['docker-default', 'a command comes first: oci-seccomp explain FILTER, '],
  ['pid:1', 'a command comes first: oci-seccomp explain FILTER, '],
  ['profiles/web.json', 'a command comes first: oci-seccomp explain FILTER, '],
  ['explain mount docker-default', 'mount is a system call, and a profile comes first; '],
  ['allow getcpu docker-default', 'getcpu is a system call, and a profile comes first; '],
  ['explain docker-default mount ptrace', 'a question is about one call: '],
  ['compile docker-default --cap ptrace', 'did you mean CAP_SYS_PTRACE?'],
  ['hook configg', 'oci-seccomp hook --help lists what else a hook takes'],
])('%s: the hint says %s', (line, hint) => {
  const { stdout, stderr, status } = ociSeccomp(line.split(' '), { cwd: folder });
  expect({ stdout, status: status === 3 ? 2 : status }).toEqual({ stdout: '', status: 2 });
  expect(stderr).toMatch(/^error: /);
  expect(stderr).toContain(`  hint: `);
  expect(stderr).toContain(hint);
  expect(readdirSync(folder)).toEqual([]);
});

it('leaves words of a command that is run to it', () => {
  expect(ociSeccomp(['run', '--', 'echo', '-profile']).stdout).toBe('-profile\n');
  expect(ociSeccomp(['run', 'echo', '-profile']).stdout).toBe('-profile\n');
});
