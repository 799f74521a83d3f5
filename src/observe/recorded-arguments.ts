/**
 * Which arguments of which calls are recorded: those that are asked for, as far as the kernel reads them.
 * @module
 */
import { architectures } from '../abi/architectures.ts';
import { argumentField } from '../abi/argument-fields.ts';
import { suggestSyscall } from '../abi/nearest-name.ts';
import { allSyscallNames, syscallName } from '../abi/syscall-numbers.ts';
import { syscallSignature } from '../abi/syscall-signatures.ts';
import { OciSeccompError } from '../errors.ts';
import type { WantedArguments } from './call-counts.ts';
import { archOfWords } from './recording.ts';

/** Arguments of a call by index; `undefined`: those whose values have names. */
type AskedArguments = ReadonlyMap<string, readonly number[] | undefined>;

const ARGUMENTS = 6;
const INDEXES = [0, 1, 2, 3, 4, 5] as const;

/**
 * Reads `socket,ioctl,clone:0,prctl:0+1`: a call, and its arguments from 0 on where not those with named values.
 *
 * @throws OciSeccompError `ERR_USAGE` for an unknown call, an argument that it does not have, or an address
 */
export function parseAskedArguments(text: string): AskedArguments {
  const asked = new Map<string, readonly number[] | undefined>();
  for (const word of text.split(',').map((each) => each.trim())) {
    const [name = '', places, ...more] = word.split(':');
    if (!allSyscallNames().includes(name)) {
      const near = suggestSyscall(name);
      throw new OciSeccompError('ERR_USAGE', `--args: '${name}' is not the name of a system call`, {
        hint:
          near === undefined
            ? 'write names and commas: socket,ioctl'
            : `did you mean ${near.names.join(' or ')}?`,
      });
    }
    if (more.length > 0) throw badPlaces(word);
    const indexes = places === undefined ? undefined : parseIndexes(word, name, places);
    if (indexes === undefined && namedArguments(name).length === 0) {
      throw new OciSeccompError('ERR_USAGE', `--args: no argument of ${name} has values with names`, {
        hint: `say which argument, from 0 on: ${name}:1`,
      });
    }
    asked.set(name, indexes);
  }
  return asked;
}

function badPlaces(word: string): OciSeccompError {
  return new OciSeccompError('ERR_USAGE', `--args: '${word}' does not say which arguments`, {
    hint: 'write the call, a colon, and arguments from 0 to 5 joined by +: prctl:0+1',
  });
}

function parseIndexes(word: string, name: string, places: string): readonly number[] {
  const indexes = places.split('+').map((place) => (/^[0-5]$/.test(place) ? Number(place) : -1));
  if (indexes.includes(-1)) throw badPlaces(word);
  const address = indexes.find((index) => syscallSignature(name)?.[index]?.pointer === true);
  if (address !== undefined) {
    throw new OciSeccompError('ERR_USAGE', `--args: argument ${address} of ${name} is an address`, {
      hint: 'a filter sees the address, never what is stored there: leave it out',
    });
  }
  return [...new Set(indexes)].sort((a, b) => a - b);
}

function namedArguments(name: string): readonly number[] {
  return INDEXES.filter((index) => argumentField(name, index, 'x86_64') !== undefined);
}

/** The arguments to record of each call. */
export function wantedArguments(asked: AskedArguments): WantedArguments {
  return (auditArch, nr) => {
    const arch = archOfWords(auditArch, nr);
    const name = arch === undefined || nr < 0 ? undefined : syscallName(nr, arch);
    if (arch === undefined || name === undefined || !asked.has(name)) return undefined;
    const indexes =
      asked.get(name) ?? INDEXES.filter((index) => argumentField(name, index, arch) !== undefined);
    const wanted = indexes.map((index) => ({ index, mask: maskOf(name, index, architectures[arch].bits) }));
    return wanted.length === 0 ? undefined : wanted;
  };
}

/** The bits of an argument that the kernel reads; all of one that is not known. */
export function maskOf(name: string, index: number, bits: 32 | 64): bigint {
  const width = index < ARGUMENTS ? Math.min(syscallSignature(name)?.[index]?.width ?? 64, bits) : 64;
  return (1n << BigInt(width)) - 1n;
}
