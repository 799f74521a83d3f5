/**
 * The kernel's answers about many programs and calls at once.
 * @module
 */
import { spawnSync } from 'node:child_process';
import type { SeccompData } from '../../../src/abi/seccomp-data.ts';
import { HANGS_AFTER } from '../../support/patience.ts';
import { helperPath } from './native.ts';

function runBatch(mode: 'accept' | 'run', input: Buffer): Buffer {
  const { status, stdout, stderr, error } = spawnSync(helperPath('bpf-batch'), [mode], {
    input,
    maxBuffer: 1 << 28,
    timeout: HANGS_AFTER,
    killSignal: 'SIGKILL',
  });
  if (status !== 0) throw new Error(`bpf-batch: ${error?.message ?? stderr.toString()}`);
  return stdout;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** Whether the kernel takes each program (raw, this machine's byte order): 0, or the errno it refuses with. */
export function kernelAccepts(programs: readonly Uint8Array[]): readonly number[] {
  const answers = runBatch(
    'accept',
    Buffer.concat(programs.flatMap((bytes) => [u32(bytes.length / 8), bytes])),
  );
  return programs.map((_, i) => answers.readInt32LE(4 * i));
}

export interface ProgramCalls {
  readonly program: Uint8Array;
  readonly calls: readonly SeccompData[];
}

/** What each call returns under its program; `undefined` where the program ended the process before. */
export function kernelReturns(all: readonly ProgramCalls[]): readonly (readonly (bigint | undefined)[])[] {
  const input = all.flatMap(({ program, calls }) => {
    const words = new BigUint64Array(
      calls.flatMap(({ nr, args }) => [BigInt.asUintN(64, BigInt(nr)), ...args]),
    );
    return [u32(program.length / 8), program, u32(calls.length), new Uint8Array(words.buffer)];
  });
  const answers = runBatch('run', Buffer.concat(input));
  const NOT_MADE = -(2n ** 63n);
  let at = 0;
  return all.map(({ calls }) =>
    calls.map(() => {
      const value = answers.readBigInt64LE(at);
      at += 8;
      return value === NOT_MADE ? undefined : value;
    }),
  );
}
