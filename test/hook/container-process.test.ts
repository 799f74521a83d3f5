/**
 * Which processes can be a container's: every check with a process it lets pass and one it refuses.
 */
import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import {
  kernelView,
  type ProcessView,
  requireContainerProcess,
  requireExec,
} from '../../src/hook/container-process.ts';

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
  calledAs: (pid) => (pid === 100 ? '/usr/bin/crun' : undefined),
  mapped: (pid) => (pid === 101 ? ['/usr/bin/crun', '/usr/lib/libseccomp.so.2'] : undefined),
  self: 110,
  user: 0,
};

describe("a container's process", () => {
  it('is a child of who called the hook, in a mount namespace of its own', () => {
    expect(requireContainerProcess(101, view)).toBe('1010');
  });

  it.each([
    ['nobody', 109, {}, 'there is no such process'],
    ['a thread', 107, {}, 'it is a thread of process 101'],
    ['the child of somebody else', 102, {}, 'its parent, process 51, is not the runtime'],
    ['an orphan', 103, {}, 'its parent, process 1, adopts the children of others'],
    ['the hook itself', 110, {}, 'mount namespace of this hook'],
    ['the shell that called the hook', 105, {}, 'mount namespace of this hook'],
    ['one whose namespace is hidden', 101, { mountNamespace: () => undefined }, 'cannot be seen'],
    [
      'one that crun keeps closed',
      101,
      { mountNamespace: (pid: number) => (pid === 110 ? 'mnt:[1]' : undefined), user: 1000 },
      'crun closes its processes',
    ],
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
      expect(() => requireContainerProcess(1)).toThrow(/does not belong to the container/);
      expect(() => requireContainerProcess(4_194_303)).toThrow(/no such process/);
    } finally {
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('exit', resolve));
    }
  });
});

describe('a process that is going to execute a program', () => {
  it.each([
    ['/usr/bin/crun'],
    ['crun'],
    ['/usr/sbin/runc'],
    // Files of crun's releases: no handler's name starts with a digit.
    ['/opt/crun-1.28-linux-amd64'],
    ['/opt/krun/crun'],
    [undefined],
  ])('belongs to a runtime called %s', (name) => {
    expect(() => requireExec(101, { ...view, calledAs: () => name })).not.toThrow();
  });

  it.each(['krun', '/usr/bin/krun', 'crun-wasm', '/usr/bin/crun-krun', 'crun-wasm32', 'crun-own-1.0'])(
    'does not belong to a runtime called %s',
    (name) => {
      const calledAs = (pid: number): string => (pid === 100 ? name : 'crun');
      expect(() => requireExec(101, { ...view, calledAs })).toThrow(/without execve\(2\).*it was called as/);
    },
  );

  it.each([
    '/usr/lib/libkrun.so.1',
    '/usr/lib64/libkrun-sev.so.1.9.0',
    '/lib/libwasmedge.so.0',
    '/usr/lib/libwasmtime.so',
    '/usr/lib/libwasmer.so',
    '/usr/lib/libiwasm.so',
    '/usr/lib/mono/libmono-native.so',
    '/usr/lib/libwasmtime.so (deleted)',
  ])('has not mapped %s', (path) => {
    expect(() => requireExec(101, { ...view, mapped: () => ['/usr/bin/crun', path] })).toThrow(
      `it has loaded ${path}`,
    );
  });

  it('has mapped no plugin of crun', () => {
    const mapped = (): string[] => ['/usr/bin/crun', '/usr/lib/x86_64-linux-gnu/crun/handlers/own.so'];
    expect(() => requireExec(101, { ...view, mapped })).toThrow(/the plugin .*own\.so/);
  });

  it.each([{ mapped: () => undefined }, { find: () => undefined }])('can be looked at', (change) => {
    expect(() => requireExec(101, { ...view, ...change })).toThrow(/cannot be seen/);
  });

  it('is told from its files as the kernel lists them', () => {
    const own = kernelView();
    expect(own.calledAs(process.pid)).toBe(process.argv0);
    expect(own.mapped(process.pid)).toContain(process.execPath);
    expect(own.mapped(4_194_303)).toBeUndefined();
  });
});
