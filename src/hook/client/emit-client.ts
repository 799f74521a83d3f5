/**
 * Makes the static client: an executable file of less than 4 kB for x86_64 or aarch64. There is no compiler, and no
 * binary in this package.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import { OciSeccompError } from '../../errors.ts';
import {
  clientData,
  clientProgram,
  type MessageName,
  messageBytes,
  messageNames,
  placeOfData,
} from './client-program.ts';
import { CODE_ADDRESS, CODE_OFFSET, writeElf } from './elf-file.ts';
import { aarch64Machine } from './encode-aarch64.ts';
import { x86Machine } from './encode-x86-64.ts';
import type { Encoded, Machine, Operation } from './operations.ts';

export interface ListedInstruction extends Encoded {
  readonly address: number;
}

export interface StaticClient {
  /** An ELF file. */
  readonly file: Uint8Array;
  /** Its instructions, as a disassembler is to write them. */
  readonly listing: readonly ListedInstruction[];
  /** Of the first instruction, in the file. */
  readonly codeOffset: number;
}

const machines: Partial<Record<ArchName, Machine>> = { x86_64: x86Machine, aarch64: aarch64Machine };

/** @throws OciSeccompError `ERR_HOOK` for another architecture */
export function emitClient(arch: ArchName): StaticClient {
  const machine = machines[arch];
  if (machine === undefined) {
    throw new OciSeccompError('ERR_HOOK', `there is no static client for ${arch}`, {
      hint: 'leave --client out: the hook in Node asks the agent everywhere',
    });
  }
  // Once for the lengths, with addresses that are as long as the true ones; then with those.
  const guess = { data: CODE_ADDRESS + 0x10000, message: () => CODE_ADDRESS };
  const codeSize = place(machine, clientProgram(guess)).size;
  const texts = placeTexts(CODE_ADDRESS + codeSize);
  const places = { data: placeOfData(codeSize + texts.size), message: texts.addressOf };
  const { listing, size } = place(machine, clientProgram(places));
  if (size !== codeSize) throw new OciSeccompError('ERR_HOOK', 'the static client cannot be placed');
  const code = Buffer.concat([...listing.map(({ bytes }) => bytes), ...messageNames.map(messageBytes)]);
  const { bytes: data, zeros } = clientData();
  const file = writeElf({ machine: machine.elfMachine, code, data, zeros });
  return { file, listing, codeOffset: CODE_OFFSET };
}

function placeTexts(start: number): {
  readonly addressOf: (name: MessageName) => number;
  readonly size: number;
} {
  const addresses = new Map<MessageName, number>();
  let at = start;
  for (const name of messageNames) {
    addresses.set(name, at);
    at += messageBytes(name).length;
  }
  return { addressOf: (name) => addresses.get(name) ?? start, size: at - start };
}

/** Gives each instruction its address, and each jump its distance. */
function place(
  machine: Machine,
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
