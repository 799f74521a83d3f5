/**
 * The static client's file, as disassemblers and the kernel read it.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { ArchName } from '../../src/abi/architectures.ts';
import {
  emitClient,
  emitRuntimeClient,
  type ListedInstruction,
  type StaticClient,
} from '../../src/hook/client/emit-client.ts';
import { describeWith } from '../oracle/support/require.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-static-client-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Paths as long as they may be: the files stay below 4 kB. */
const paths = {
  socket: `/${'s'.repeat(106)}`,
  configuration: `/${'c'.repeat(254)}`,
  runtime: `/${'r'.repeat(254)}`,
};
const clients: readonly (readonly [string, (arch: ArchName) => StaticClient])[] = [
  ['hooks', emitClient],
  ['runtimes', (arch) => emitRuntimeClient(arch, paths)],
];

/** The instructions that a disassembler finds from the first one on, each as `address mnemonic operands`. */
function disassemble(command: string, args: readonly string[]): readonly string[] {
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: 'utf8' });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return stdout.split('\n').flatMap((line) => {
    const found = /^\s*([0-9a-f]+):\s+(?:[0-9a-f]{2} ?|[0-9a-f]{8})+\s*\t?\s*(\S.*)$/.exec(line);
    if (found === null) return [];
    const text = (found[2] ?? '').replace(/\s+(?:<.*>|\/\/.*|;.*)$/, '').trim();
    return [`${found[1]} ${text.replace(/\s+/g, ' ')}`];
  });
}

/** How each instruction is written here: jumps with their targets, as far as both write them alike. */
const written = (listing: readonly ListedInstruction[], base: number): readonly string[] =>
  listing.map(({ address, mnemonic, operands }) =>
    `${(address - base).toString(16)} ${mnemonic} ${operands}`.trimEnd(),
  );

const size = (listing: readonly ListedInstruction[]): number =>
  listing.reduce((sum, { bytes }) => sum + bytes.length, 0);

describeWith(['objdump'], 'the static client for x86_64', () => {
  it.each(clients)('of %s is disassembled by objdump to what is written here', (_name, emit) => {
    const { file, listing, codeOffset } = emit('x86_64');
    expect(file.length).toBeLessThanOrEqual(4096);
    const path = join(folder, 'x86_64');
    writeFileSync(path, file);
    const base = 0x400000;
    const range = [`--start-address=${codeOffset}`, `--stop-address=${codeOffset + size(listing)}`];
    const options = ['-D', '-w', '-b', 'binary', '-m', 'i386:x86-64', '-M', 'intel', ...range];
    const found = disassemble('objdump', [...options, path]);
    expect(found.filter((line) => line.includes('(bad)'))).toEqual([]);
    // Targets of jumps are addresses of the file there.
    const own = written(listing, base).map((line) =>
      line.replace(
        / (j\w+) ([0-9a-f]+)$/,
        (_, name, at) => ` ${name} 0x${(Number.parseInt(at, 16) - base).toString(16)}`,
      ),
    );
    expect(found).toEqual(own);
  });
});

describeWith(['llvm-objdump'], 'the static client for aarch64', () => {
  it.each(clients)('of %s is disassembled by llvm-objdump to what is written here', (_name, emit) => {
    const { file, listing, codeOffset } = emit('aarch64');
    expect(file.length).toBeLessThanOrEqual(4096);
    // It reads no bare bytes: they become the code of an object file.
    const [code, object] = [join(folder, 'aarch64.code'), join(folder, 'aarch64.o')];
    writeFileSync(code, file.subarray(codeOffset, codeOffset + size(listing)));
    const copy = ['-I', 'binary', '-O', 'elf64-littleaarch64'];
    const section = '.data=.text,code,alloc';
    expect(spawnSync('llvm-objcopy', [...copy, '--rename-section', section, code, object]).status).toBe(0);
    const base = 0x400000 + codeOffset;
    const options = ['-D', '-j', '.text', '--no-show-raw-insn', '--print-imm-hex'];
    const lines = spawnSync('llvm-objdump', [...options, object], { encoding: 'utf8' }).stdout.split('\n');
    const found = lines.flatMap((line) => {
      const match = /^\s*([0-9a-f]+):\s+(\S.*)$/.exec(line);
      if (match === null || /file format/.test(line)) return [];
      const text = (match[2] ?? '').replace(/\s+(?:<.*>|\/\/ .*)$/, '').replace(/\s+/g, ' ');
      return [`${match[1]} ${text.trim().replace('svc #0x0', 'svc #0')}`];
    });
    expect(found.filter((line) => line.includes('<unknown>') || line.includes('.word'))).toEqual([]);
    const own = written(listing, base).map((line) =>
      line.replace(
        / (b|b\.\w+) 0x([0-9a-f]+)$/,
        (_, name, at) => ` ${name} 0x${(Number.parseInt(at, 16) - base).toString(16)}`,
      ),
    );
    expect(found).toEqual(own);
  });
});
