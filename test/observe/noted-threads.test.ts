/**
 * Which threads a recorder keeps in mind: their numbers are given again.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { noteThread, type ThreadStarts } from '../../src/observe/record-notifications.ts';

it('are those that live, however many have ended', () => {
  const { pid: ended } = spawnSync('true');
  const threads: ThreadStarts = new Map([
    [ended, '1'],
    // A number that another process has by now.
    [process.ppid, '1'],
  ]);
  // No process has these: PID_MAX_LIMIT is 2^22.
  for (let i = threads.size; i < 4095; i++) threads.set(2 ** 22 + i, '1');
  noteThread(threads, process.pid);
  noteThread(threads, process.ppid);
  const startOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[19];
  expect([...threads]).toEqual([process.pid, process.ppid].map((pid) => [pid, startOf(pid)]));
});
