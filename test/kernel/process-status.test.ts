/**
 * What /proc says of processes that choose what it says.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { readProcessStatus } from '../../src/kernel/process-status.ts';

it.each([
  ['empty', '\\0', ''],
  ['of blanks', ' x ', ' x '],
  ['of two lines', 'a\\nTgid:\\t1', 'a\\nTgid:\t1'],
])('a name that is %s is read as the name alone', async (_, written, name) => {
  const script = `printf '${written}' > /proc/$$/comm; echo; read line`;
  const child = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'] });
  try {
    await once(child.stdout, 'data');
    const status = readProcessStatus(child.pid ?? -1);
    expect(status).toMatchObject({ threadGroup: child.pid, parent: process.pid });
    expect(typeof status === 'string' ? status : status.name.replace(/\?/g, '\t')).toBe(name);
  } finally {
    child.stdin.end();
    await once(child, 'exit');
  }
});
