/**
 * Edges of reading a profile that only one line of code decides; what the engines and runtimes do with each stands beside it.
 */
import { describe, expect, it } from 'vitest';
import { readProfile } from '../../src/oci/read-profile.ts';
import { parseMinKernel } from '../../src/oci/resolve/min-kernel.ts';

describe('parseMinKernel', () => {
  // moby/profiles seccomp/kernel_linux.go: two numbers of uint8, not both 0.
  it.each([
    ['', { kernel: 0, major: 0 }],
    ['0.1', { kernel: 0, major: 1 }],
    ['4.8', { kernel: 4, major: 8 }],
    ['4.255', { kernel: 4, major: 255 }],
    ['255.255', { kernel: 255, major: 255 }],
    // Go's ParseUint takes any number of zeros.
    [`${'0'.repeat(30)}4.8`, { kernel: 4, major: 8 }],
    ['0.0', undefined],
    ['4.256', undefined],
    ['4.300', undefined],
    ['256.0', undefined],
    ['4', undefined],
    ['4.8.0', undefined],
    ['4.8-rc1', undefined],
    [' 4.8', undefined],
  ])('%j', (text, version) => {
    expect(parseMinKernel(text)).toEqual(version);
  });
});

describe('a key that comes twice in a bundle', () => {
  // Go's decoder lets the later of two values count: what is checked must be what it reads.
  const seccomp = (mask: number): string => {
    const args = `[{"index":0,"value":${mask},"valueTwo":1,"op":"SCMP_CMP_MASKED_EQ"}]`;
    const rule = `{"names":["openat"],"action":"SCMP_ACT_ERRNO","args":${args}}`;
    return `"seccomp":{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[${rule}]}`;
  };
  const codes = (...members: readonly string[]) =>
    readProfile(`{"ociVersion":"1.3.0","linux":{${members.join(',')}}}`)
      .problems.map(({ code }) => code)
      .sort();

  it('is checked where it stands last', () => {
    expect(codes(seccomp(1), seccomp(0))).toEqual(['duplicate-key', 'mask-swapped']);
    expect(codes(seccomp(0), seccomp(1))).toEqual(['duplicate-key']);
  });

  it('is checked where it stands first, if null follows', () => {
    expect(codes(seccomp(0), '"seccomp":null')).toEqual(['duplicate-key', 'mask-swapped']);
  });
});

describe('the seventh comparison of a rule', () => {
  const withLast = (count: number): string => {
    const good = Array.from({ length: count - 1 }, () => '{"index":0,"value":1,"op":"SCMP_CMP_EQ"}');
    const args = [...good, '{"index":9,"value":1,"op":"SCMP_CMP_EQ"}'].join(',');
    return `{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW","args":[${args}]}]}`;
  };
  const rejecting = (count: number) =>
    readProfile(withLast(count)).problems.find(({ code }) => code === 'index-out-of-range')?.rejectedBy;

  it('is not looked at by crun, so an argument that does not exist is no reason for it to refuse', () => {
    expect(rejecting(7)).toEqual(['runc', 'youki']);
    expect(rejecting(8)).toEqual(['runc', 'youki']);
  });

  it('is the first of them: every runtime looks at the sixth', () => {
    expect(rejecting(6)).toBeUndefined();
    expect(rejecting(1)).toBeUndefined();
  });
});

describe('a negative index', () => {
  // In a bundle the runtime decodes it itself: Go and youki take no sign for an unsigned number; crun (1.8.1) reads -0 as 0
  // and refuses -1 when it looks for such an argument.
  const rejecting = (index: string) => {
    const rule = `{"names":["read"],"action":"SCMP_ACT_ALLOW","args":[{"index":${index},"value":1,"op":"SCMP_CMP_EQ"}]}`;
    const text = `{"ociVersion":"1.3.0","linux":{"seccomp":{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[${rule}]}}}`;
    return readProfile(text).problems.find(({ code }) => code === 'index-out-of-range');
  };

  it('is refused by everyone but crun where it is -0', () => {
    expect(rejecting('-0')).toMatchObject({ severity: 'error', rejectedBy: ['runc', 'youki'] });
  });

  it('is refused by everyone where it is -1', () => {
    expect(rejecting('-1')).toMatchObject({ severity: 'error' });
    expect(rejecting('-1')?.rejectedBy).toBeUndefined();
  });
});
