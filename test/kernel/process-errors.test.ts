/**
 * Errors of kernels that are not at hand; those that this one gives are tested where it gives them.
 */
import { describe, expect, it } from 'vitest';
import { filterError, traceError } from '../../src/kernel/process-errors.ts';

const { pid } = process;

describe('filterError', () => {
  it.each([
    [
      22,
      'this kernel does not hand out filters',
      /built with CONFIG_CHECKPOINT_RESTORE=y$/,
      'EINVAL without the option',
    ],
    [
      5,
      'this kernel does not hand out filters',
      /^it takes Linux 4\.4 or later/,
      'EIO for requests it does not know',
    ],
    [3, `process ${pid} ended while its filters were read`, undefined, 'ESRCH'],
    [12, `ptrace(PTRACE_SECCOMP_GET_FILTER) of process ${pid}: ENOMEM (12)`, undefined, 'anything else'],
  ])('explains errno %i', (errno, message, hint, why) => {
    const error = filterError(pid, errno);
    expect(error, why).toMatchObject({
      code: 'ERR_KERNEL',
      message,
      details: { pid, call: 'ptrace', errno },
    });
    if (hint === undefined) expect(error.hint).toBeUndefined();
    else expect(error.hint).toMatch(hint);
  });
});

describe('traceError', () => {
  it('names the call and the error when it knows no more', () => {
    const error = traceError(pid, 5, 'PTRACE_INTERRUPT');
    expect(error.message).toBe(`ptrace(PTRACE_INTERRUPT) of process ${pid}: EIO (5)`);
  });
});
