/** What a process waits in, as /proc says. */
import { readFileSync } from 'node:fs';

/** The number of the call that a process is in; `undefined` while it runs. */
export function callOf(pid: number): number | undefined {
  const [number = ''] = readFileSync(`/proc/${pid}/syscall`, 'utf8').split(' ');
  return /^\d+$/.test(number) ? Number(number) : undefined;
}

/** Whether a process is in a call which the kernel makes: it does not wait for a recorder's answer about it (wchan, proc(5)). */
export function makesCall(pid: number, call: number): boolean {
  return callOf(pid) === call && !readFileSync(`/proc/${pid}/wchan`, 'utf8').startsWith('seccomp');
}
