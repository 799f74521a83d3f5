/**
 * Targets of the tests of notifications, which end with their test, and what these tests share.
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect } from 'vitest';
import { POLLIN, pollNow } from '../../../src/libseccomp/notify-wait.ts';
import { startTarget, type Target } from './notify-target.ts';

export const SYS_getppid = 110;
export const SYS_openat = 257;
export const SYS_getppid_i386 = 64;
export const X32 = 0x40000000;
export const ALL = [SYS_getppid, SYS_openat, SYS_getppid_i386, X32 + SYS_getppid];
export const ENOENT = 2;
export const EBADF = 9;

export const needs = ['root', 'x86_64', 'cc', 'ptrace'] as const;
const targets: Target[] = [];

export async function target(numbers: readonly number[] = ALL): Promise<Target> {
  const started = await startTarget(numbers);
  targets.push(started);
  return started;
}

afterEach(async () => {
  for (const each of targets.splice(0)) await each.stop();
});

export const withCode = (code: string, details: object = {}) =>
  expect.objectContaining({ code, details: expect.objectContaining(details) });

/** Waits until the target's thread is asleep in a call that nobody has answered. */
export async function untilNotified(listener: number): Promise<void> {
  while ((pollNow(listener) & POLLIN) === 0) await sleep(2);
}
