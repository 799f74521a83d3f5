/**
 * Register records against the project's syscall tables and against a live process.
 */
import { describe, expect, it } from 'vitest';
import { allArchitectures } from '../../src/abi/architectures.ts';
import { syscallNumber } from '../../src/abi/syscall-numbers.ts';
import { addressIn, callResult, registerLayout, registersForCall } from '../../src/kernel/registers.ts';

const x86 = registerLayout('x86_64');

describe('registers', () => {
  it('are known for x86_64, aarch64 and riscv64, and refused with a way out for the others', () => {
    const known: readonly string[] = ['x86_64', 'aarch64', 'riscv64'];
    for (const { name } of allArchitectures.filter(({ name }) => !known.includes(name))) {
      expect(() => registerLayout(name), name).toThrow(
        expect.objectContaining({
          code: 'ERR_HOOK',
          details: { arch: name },
          hint: expect.stringContaining('config.json'),
        }),
      );
    }
  });

  it.each(['prctl', 'seccomp', 'close'] as const)('name %s by the number of the table', (call) => {
    for (const arch of ['x86_64', 'aarch64', 'riscv64'] as const)
      expect(registerLayout(arch).calls[call]).toBe(syscallNumber(call, arch));
    for (const arch of ['aarch64', 'riscv64'] as const)
      expect(registerLayout(arch).restartCall).toBe(syscallNumber('restart_syscall', arch));
  });

  it('make a call and leave the rest as it was', () => {
    const saved = Uint8Array.from({ length: x86.size }, (_, i) => i);
    const made = registersForCall(x86, saved, {
      name: 'seccomp',
      args: [1, 9, 0x7ffe12345678],
      at: 0x401000,
    });
    const view = new DataView(made.buffer);
    const at = (offset: number): bigint => view.getBigUint64(offset, true);
    expect([at(80), at(112), at(104), at(96), at(56), at(72), at(64), at(120), at(128)]).toEqual([
      317n,
      1n,
      9n,
      0x7ffe12345678n,
      0n,
      0n,
      0n,
      0xffff_ffff_ffff_ffffn,
      0x401000n,
    ]);
    const touched = new Set(
      [80, 112, 104, 96, 56, 72, 64, 120, 128].flatMap((o) => Array.from({ length: 8 }, (_, i) => o + i)),
    );
    for (let i = 0; i < x86.size; i++) if (!touched.has(i)) expect(made[i]).toBe(saved[i]);
    expect(addressIn(x86, made, 'instructionPointer')).toBe(0x401000);
    expect(saved[80]).toBe(80);
  });

  it.each([
    [0n, 0],
    [5n, 5],
    [0xffff_ffff_ffff_fff3n, -13],
  ])('read a result: %s', (word, result) => {
    const registers = new Uint8Array(x86.size);
    new DataView(registers.buffer).setBigUint64(80, word, true);
    expect(callResult(x86, registers)).toBe(result);
  });
});
