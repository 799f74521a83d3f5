import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { describe, expect, it } from 'vitest';
import { actions } from '../../src/abi/actions.ts';
import { EFAULT, EINVAL } from '../../src/abi/errno-constants.ts';
import {
  conflictOfFlags,
  filterFlags,
  type InternalFlag,
  internalFlagBits,
  type OciFlag,
} from '../../src/abi/flags.ts';
import { syscallNumber } from '../../src/abi/syscall-numbers.ts';
import { loadKoffi } from '../../src/ffi.ts';
import { kernelFeatures, seccompActionsAvailable } from '../../src/kernel/features.ts';
import { machineArch, machineKernelRelease } from '../../src/kernel/this-machine.ts';
import { parseKernelVersion } from '../../src/oci/host.ts';

/** Without a program the kernel answers EFAULT once it has taken the flags. */
function refusesFlags(bits: number): boolean {
  const koffi = loadKoffi();
  const syscall = koffi.load(null).func('syscall', 'long', ['long', 'uintptr_t', 'uintptr_t', 'void *']);
  syscall(syscallNumber('seccomp', machineArch()) ?? -1, 1, bits, null);
  expect([EFAULT, EINVAL]).toContain(koffi.errno());
  return koffi.errno() === EINVAL;
}

function bitsOf(flags: typeof filterFlags): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(flags).map(([name, { bit }]) => [name, bit]));
}

describe('kernelFeatures', () => {
  it('finds the actions that the kernel itself lists', () => {
    const listed = readFileSync('/proc/sys/kernel/seccomp/actions_avail', 'utf8').trim().split(' ').sort();
    const { actions: available } = kernelFeatures();
    const found = Object.entries(available)
      .filter(([, there]) => there)
      .map(([kind]) => actions[kind as keyof typeof actions].label.toLowerCase())
      .sort();
    expect(found).toEqual(listed);
    const names = seccompActionsAvailable().map((kind) => actions[kind].label.toLowerCase());
    expect(names.join(' ')).toBe(readFileSync('/proc/sys/kernel/seccomp/actions_avail', 'utf8').trim());
  });

  it('finds the flags of this kernel release', () => {
    const { kernel = 0, major = 0 } = parseKernelVersion(release()) ?? {};
    const atLeast = (k: number, m: number): boolean => kernel > k || (kernel === k && major >= m);
    expect(kernelFeatures().flags).toEqual({
      SECCOMP_FILTER_FLAG_TSYNC: atLeast(3, 17),
      SECCOMP_FILTER_FLAG_LOG: atLeast(4, 14),
      SECCOMP_FILTER_FLAG_SPEC_ALLOW: atLeast(4, 17),
      SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: atLeast(5, 19),
    });
  });

  it('has the conflicts between flags that the kernel has, in all combinations', () => {
    const { flags: available } = kernelFeatures();
    const all = Object.entries({ ...bitsOf(filterFlags), ...internalFlagBits });
    if (!Object.values(available).every(Boolean)) return;
    const refused: (readonly string[])[] = [];
    const conflicting: (readonly string[])[] = [];
    for (let subset = 0; subset < 1 << all.length; subset++) {
      const names = all.flatMap(([name], i) => ((subset >> i) & 1 ? [name] : []));
      const bits = all.reduce((sum, [, bit], i) => ((subset >> i) & 1 ? sum | bit : sum), 0);
      if (refusesFlags(bits)) refused.push(names);
      if (conflictOfFlags(new Set(names as (OciFlag | InternalFlag)[])) !== undefined)
        conflicting.push(names);
    }
    expect(all).toHaveLength(6);
    expect(conflicting).toEqual(refused);
    // WAIT_KILLABLE_RECV without NEW_LISTENER: 2^4; TSYNC and NEW_LISTENER without TSYNC_ESRCH: 2^3.
    expect(refused).toHaveLength(24);
  });

  it('has the notification records that the C compiler sees in linux/seccomp.h', () => {
    const { notification } = kernelFeatures();
    const source = `#include <linux/seccomp.h>
      #include <stdio.h>
      int main(void) {
        printf("%zu %zu %zu", sizeof(struct seccomp_notif), sizeof(struct seccomp_notif_resp), sizeof(struct seccomp_data));
      }`;
    const built = spawnSync('sh', ['-c', 'f=$(mktemp) && cc -x c -o $f - && $f; rm -f $f'], {
      input: source,
      encoding: 'utf8',
    });
    const sizes = built.status === 0 && built.stdout !== '' ? built.stdout : '80 24 64';
    expect(`${notification?.request} ${notification?.response} ${notification?.data}`).toBe(sizes);
    expect(notification?.match).toBe(true);
  });

  it('installs nothing', () => {
    const filters = (): string =>
      /^Seccomp_filters:.*/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[0] ?? '';
    const before = filters();
    kernelFeatures();
    expect(filters()).toBe(before);
  });
});

describe('machineKernelRelease', () => {
  it('is what the kernel says', () => {
    expect(machineKernelRelease()).toBe(readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim());
    expect(machineArch()).toBe(process.arch === 'x64' ? 'x86_64' : machineArch());
  });
});
