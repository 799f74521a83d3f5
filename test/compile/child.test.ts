/**
 * The child process that libseccomp runs in when it might not return.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { encodeProgram } from '../../src/bpf/program.ts';
import { buildFilter } from '../../src/compile/build-filter.ts';
import { buildWithLibseccomp } from '../../src/compile/libseccomp-backend.ts';
import { openLibrary } from '../../src/libseccomp/library.ts';
import { librarySyscallTable } from '../../src/libseccomp/syscall.ts';
import { lowerProfile } from '../../src/policy/lower-profile.ts';
import { ociSeccomp, program, root } from '../cli/run.ts';
import { HANGS_AFTER } from '../support/patience.ts';

const endless = ['compile', 'fixtures/cli/endless.json', '--arch', 'x86_64'];

/** Ids of the processes that a process has started. */
function childrenOf(pid: number | undefined): readonly number[] {
  const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return list.trim().split(' ').filter(Boolean).map(Number);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(holds: () => boolean): Promise<boolean> {
  for (const end = Date.now() + HANGS_AFTER; Date.now() < end; await sleep(20)) {
    if (holds()) return true;
  }
  return holds();
}

describe('the child of compile', () => {
  it('ends by itself when its parent has been killed', async () => {
    const parent = spawn(process.execPath, [program, ...endless, '--timeout', '1'], {
      cwd: root,
      stdio: 'ignore',
    });
    expect(await until(() => childrenOf(parent.pid).length > 0)).toBe(true);
    const [child = 0] = childrenOf(parent.pid);
    // Let it read its task and enter libseccomp.
    await sleep(300);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    expect(isAlive(child)).toBe(true);
    expect(await until(() => !isAlive(child))).toBe(true);
  });

  it('is ended with the time limit, and leaves nothing behind', () => {
    const before = childrenOf(process.pid);
    const { status, stdout, stderr } = ociSeccomp([...endless, '--timeout', '0.3']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('libseccomp used up 0.3 s of processor time');
    expect(childrenOf(process.pid)).toEqual(before);
  });

  it('is not needed for a name that is repeated, which libseccomp ignores', async () => {
    // libseccomp 2.5.4 and 2.6.1 take 13 s for 60,000 such rules, and 1 ms for one.
    const names = [...Array<string>(3_000).fill('read'), 'socket', 'read', 'socket'];
    const args = [{ index: 0, value: 1n, op: 'SCMP_CMP_EQ' }];
    const syscalls = [
      { names: ['socket', 'kill'], action: 'SCMP_ACT_ALLOW', args },
      { names, action: 'SCMP_ACT_ALLOW' },
    ];
    const seccomp = { defaultAction: 'SCMP_ACT_ERRNO', architectures: ['SCMP_ARCH_X86'], syscalls };
    const library = openLibrary();
    const table = librarySyscallTable(library);
    const { policy } = lowerProfile(seccomp, { runtime: 'plain', arch: 'x86_64', table });
    const here = buildFilter({ ...policy, pfc: true }, library);
    const there = await buildWithLibseccomp(policy, { timeoutMs: 1, pfc: true });
    expect(policy.rules.length).toBeGreaterThan(3_000);
    expect(there).toEqual({ ...here, hazard: undefined });
  });

  it('is not ended for having to wait for the processor', async () => {
    const parent = spawn(process.execPath, [program, ...endless, '--timeout', '0.4'], {
      cwd: root,
      stdio: 'ignore',
    });
    const ended = once(parent, 'exit');
    expect(await until(() => childrenOf(parent.pid).length > 0)).toBe(true);
    const [child = 0] = childrenOf(parent.pid);
    process.kill(child, 'SIGSTOP');
    // Several times its limit by the clock.
    await sleep(2000);
    expect(isAlive(child)).toBe(true);
    expect(parent.exitCode).toBe(null);
    process.kill(child, 'SIGCONT');
    expect(await ended).toEqual([2, null]);
  });

  it('builds what libseccomp builds in this process', async () => {
    // Called hazardous, as two rules have a `!=` before their last comparison, but known to return.
    const rules = [1n, 2n].map((value) => ({
      names: ['kill'],
      action: 'SCMP_ACT_ALLOW',
      args: [
        { index: 0, value, op: 'SCMP_CMP_NE' },
        { index: 1, value: 2n ** 63n + 5n, op: 'SCMP_CMP_EQ' },
      ],
    }));
    const seccomp = { defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 38, syscalls: rules };
    const library = openLibrary();
    const table = librarySyscallTable(library);
    const { policy } = lowerProfile(seccomp, { runtime: 'plain', arch: 'x86_64', table });
    const here = buildFilter({ ...policy, pfc: true }, library);
    // The built package, which has the child's program beside it.
    const built = (await import('oci-seccomp/compile')) as typeof import('../../src/compile/index.ts');
    const there = await built.compilePolicy(policy, { pfc: true });
    expect(there.hazard).toBe('several rules with several comparisons on kill');
    expect(Buffer.from(encodeProgram(there.program, 'little'))).toEqual(Buffer.from(here.bpf));
    expect(there.pfc).toBe(here.pfc);
  });
});
