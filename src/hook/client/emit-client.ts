/**
 * Makes the static clients: executable files of less than 4 kB, for x86_64 or aarch64. There is no compiler, and no
 * binary in this package.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import { OciSeccompError } from '../../errors.ts';
import { hookClient } from './client-program.ts';
import { CODE_ADDRESS, CODE_OFFSET, dataAddress, writeElf } from './elf-file.ts';
import { aarch64Machine } from './encode-aarch64.ts';
import { x86Machine } from './encode-x86-64.ts';
import type { ClientSource } from './exchange.ts';
import type { Encoded, Operation, TargetMachine } from './operations.ts';
import { type RuntimeClientPaths, runtimeClient } from './runtime-program.ts';

export interface ListedInstruction extends Encoded {
  readonly address: number;
}

export interface StaticClient {
  /** An ELF file. */
  readonly file: Uint8Array;
  /** Its instructions, as a disassembler is to write them. */
  readonly listing: readonly ListedInstruction[];
  /** Where the first instruction stands in the file. */
  readonly codeOffset: number;
}

const machines: Partial<Record<ArchName, TargetMachine>> = { x86_64: x86Machine, aarch64: aarch64Machine };

/** The client of hooks. @throws OciSeccompError `ERR_HOOK` for another architecture */
export function emitClient(arch: ArchName): StaticClient {
  return emit(arch, hookClient());
}

/** The client that engines call as their OCI runtime. @throws OciSeccompError `ERR_HOOK` for another architecture */
export function emitRuntimeClient(arch: ArchName, paths: RuntimeClientPaths): StaticClient {
  return emit(arch, runtimeClient(paths));
}

function emit(arch: ArchName, { texts, data, zeros, program }: ClientSource): StaticClient {
  const machine = machines[arch];
  if (machine === undefined) {
    throw new OciSeccompError('ERR_HOOK', `there is no static client for ${arch}`, {
      hint: 'leave --client out: the programs in Node work everywhere',
    });
  }
  // Once for the lengths, with addresses that are as long as the true ones; then with those.
  const guess = { data: CODE_ADDRESS + 0x10000, text: () => CODE_ADDRESS };
  const codeSize = place(machine, program(guess)).size;
  const behind = placeTexts(texts, CODE_ADDRESS + codeSize);
  const places = { data: dataAddress(codeSize + behind.size), text: behind.addressOf };
  const { listing, size } = place(machine, program(places));
  if (size !== codeSize) throw new OciSeccompError('ERR_HOOK', 'the static client cannot be placed');
  const code = Buffer.concat([...listing.map(({ bytes }) => bytes), ...Object.values(texts).map(toBytes)]);
  const file = writeElf({ machine: machine.elfMachine, code, data: data(places), zeros });
  return { file, listing, codeOffset: CODE_OFFSET };
}

const toBytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

function placeTexts(
  texts: ClientSource['texts'],
  start: number,
): { readonly addressOf: (name: string) => number; readonly size: number } {
  const addresses = new Map<string, number>();
  let at = start;
  for (const [name, text] of Object.entries(texts)) {
    addresses.set(name, at);
    at += toBytes(text).length;
  }
  return { addressOf: (name) => addresses.get(name) ?? start, size: at - start };
}

/** Gives each instruction its address, and each jump its distance. */
function place(
  machine: TargetMachine,
  program: readonly Operation[],
): { readonly listing: readonly ListedInstruction[]; readonly size: number } {
  const labels = new Map<string, number>();
  let at = CODE_ADDRESS;
  for (const operation of program) {
    if (operation.op === 'label') labels.set(operation.name, at);
    at += sizeOf(machine.encode(operation, at, () => at));
  }
  const addressOf = (name: string): number => {
    const found = labels.get(name);
    if (found === undefined) throw new OciSeccompError('ERR_HOOK', `there is no label ${name}`);
    return found;
  };
  const listing: ListedInstruction[] = [];
  let address = CODE_ADDRESS;
  for (const operation of program) {
    for (const encoded of machine.encode(operation, address, addressOf)) {
      listing.push({ ...encoded, address });
      address += encoded.bytes.length;
    }
  }
  return { listing, size: address - CODE_ADDRESS };
}

function sizeOf(encoded: readonly Encoded[]): number {
  return encoded.reduce((sum, { bytes }) => sum + bytes.length, 0);
}
