/**
 * Which processes can be a container's: every check with a process it lets pass and one it refuses.
 */
import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { kernelView, type ProcessView, requireContainerProcess } from '../../src/hook/container-process.ts';

/** 100 is the runtime, 101 the container's process, 110 the hook, through the shell 105. */
const parents: Readonly<Record<number, number>> = {
  100: 50,
  50: 1,
  101: 100,
  102: 51,
  51: 1,
  105: 100,
  110: 105,
  103: 1,
};
const view: ProcessView = {
  find: (pid) => {
    const parent = parents[pid];
    if (pid === 107) return { parent: 100, threadGroup: 101 };
    return parent === undefined ? undefined : { parent, threadGroup: pid };
  },
  mountNamespace: (pid) =>
    pid === 104 ? undefined : [101, 102, 103, 107].includes(pid) ? 'mnt:[2]' : 'mnt:[1]',
  startTime: (pid) => String(pid * 10),
  self: 110,
};

describe("a container's process", () => {
  it('is a child of who called the hook, in a mount namespace of its own', () => {
    expect(requireContainerProcess(101, view)).toBe('1010');
  });

  it.each([
    ['nobody', 109, {}, 'there is no such process'],
    ['a thread', 107, {}, 'it is a thread of process 101'],
    ['the child of somebody else', 102, {}, 'its parent, process 51, is not the runtime'],
    ['an orphan', 103, {}, 'its parent, process 1, is not the runtime'],
    ['the hook itself', 110, {}, 'mount namespace of this hook'],
    ['the shell that called the hook', 105, {}, 'mount namespace of this hook'],
    ['one whose namespace is hidden', 101, { mountNamespace: () => undefined }, 'cannot be seen'],
    ['one that has just ended', 101, { startTime: () => undefined }, 'there is no such process'],
  ])('is not %s', (_, pid, change, message) => {
    expect(() => requireContainerProcess(pid, { ...view, ...change })).toThrow(message);
  });

  it('is none of the processes here, asked of the kernel', async () => {
    const child = spawn('sleep', ['30'], { stdio: 'ignore' });
    try {
      const { pid = 0 } = child;
      expect(() => requireContainerProcess(pid)).toThrow(/is not the runtime that called this hook/);
      // Its parent passes for the runtime; the namespace gives it away.
      const hook = { ...kernelView(), self: pid };
      expect(() => requireContainerProcess(pid, hook)).toThrow(/mount namespace of this hook/);
      expect(() => requireContainerProcess(1)).toThrow(/is not the container's/);
      expect(() => requireContainerProcess(4_194_303)).toThrow(/no such process/);
    } finally {
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('exit', resolve));
    }
  });
});
