/**
 * The rule trace-bypass, tried: calls that a filter leaves to a tracer are open to whoever may trace a child of his own.
 * The kernel asks the filter again once a tracer has changed the number, so calls that it denies stay denied.
 */
import { expect, it } from 'vitest';
import { runHelper } from './support/native.ts';
import { describeWith } from './support/require.ts';

describeWith(['x86_64', 'cc', 'ptrace'], 'SCMP_ACT_TRACE and a program that traces its own child', () => {
  it('lets the calls through that are left to a tracer, and no other', () => {
    const { status, stdout, stderr } = runHelper('trace-bypass', []);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      'without a tracer: ENOSYS',
      'under its own tracer: made',
      'changed to a denied call: EPERM',
      '',
    ]);
  });
});
