/**
 * Numbers of processes are given again: the agent does not take another process for its client, and a supervisor does not
 * hold another one for the container's.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isOlderKernel, parseKernelVersion } from '../../src/abi/kernel-version.ts';
import { type Bundle, bundleProgram } from '../kernel/support/bundle.ts';
import { describeWith } from '../oracle/support/require.ts';

describeWith(['root', 'ptrace'], 'a client whose number is given again', () => {
  let program: Bundle;
  let folder = '';
  beforeAll(async () => {
    program = await bundleProgram('test/hook/support/reused-number-program.ts');
    folder = mkdtempSync('/run/oci-seccomp-peer-');
  });
  afterAll(() => {
    program.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('has ended for the agent', () => {
    const inNamespace = ['--pid', '--fork', '--mount-proc', process.execPath, program.file];
    const { stdout, stderr } = spawnSync('unshare', [...inNamespace, join(folder, 'a.sock')], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    const ended = expect.stringMatching(/does not serve this client: process \d+ has ended/);
    expect(JSON.parse(stdout)).toMatchObject({ alive: 'nothing', afterwards: ended });
    // The supervisor has let the other process go, which neither notices nor dies with the tracer.
    expect(JSON.parse(stdout)).toMatchObject({
      seized: expect.stringMatching(/the process ID \d+ now belongs to another process/),
      other: { tracer: 0, state: expect.stringMatching(/[RS]/) },
    });
    expect(JSON.parse(stdout)).toMatchObject({
      ofOther: expect.stringMatching(/^OciSeccompError/),
      tracers: [0],
    });
    // The kernel does not tell a process that has connected from one that has its number now, before SO_PEERPIDFD.
    const kernel = parseKernelVersion(release());
    if (kernel === undefined || isOlderKernel(kernel, { kernel: 6, major: 5 })) return;
    expect(JSON.parse(stdout)).toMatchObject({ before: ended });
  });
});
