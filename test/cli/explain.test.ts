/**
 * What `explain` says of rules with several comparisons, where some arguments are given.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ociSeccomp } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-explain-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'p.json');
const compare = (index: number, value: number) => ({ index, op: 'SCMP_CMP_EQ', value });
writeFileSync(
  file,
  JSON.stringify({
    defaultAction: 'SCMP_ACT_ERRNO',
    syscalls: [
      { names: ['socket'], action: 'SCMP_ACT_ALLOW', args: [compare(0, 1), compare(1, 2), compare(2, 3)] },
    ],
  }),
);

it.each([
  [['7'], /: does not match: not arg0 == [^,]*$/m],
  [['1', '7', '3'], /: does not match: not arg1 == [^,]*$/m],
  [['7', '2', '7'], /: does not match: not arg0 == [^,]*, not arg2 == [^,]*$/m],
  [['1', '2'], /: depends on arg2, which you did not give$/m],
  [['1', '2', '3'], /: ALLOW$/m],
])('socket %j', (args, said) => {
  const words = ['explain', file, 'socket', ...args, '--arch', 'x86_64', '--kernel', '6.1'];
  expect(ociSeccomp(words).stdout).toMatch(said);
});
