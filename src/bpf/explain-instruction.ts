/**
 * The meaning of an instruction's numbers, in words: the comments of a listing.
 * @module
 */
import { type ArchName, allArchitectures, type Endian, X32_SYSCALL_BIT } from '../abi/architectures.ts';
import { auditArchName } from '../abi/audit-arch.ts';
import { formatReturnWord } from '../abi/return-word.ts';
import { SECCOMP_DATA_ARCH, SECCOMP_DATA_NR } from '../abi/seccomp-data.ts';
import { syscallName } from '../abi/syscall-numbers.ts';
import { fieldName } from './data-fields.ts';
import { opcodeOf } from './opcodes.ts';
import { ALL_BITS, knownArchWords, OTHER_ARCH, type PathFacts, type PathValue } from './path-facts.ts';
import type { SockFilter } from './program.ts';

/** A number with more names than this gets no comment. */
const MAX_NAMES = 3;

/** The architecture words that a program tells apart from all others, as {@link PathFacts} has them. */
export function testedArchs(all: readonly (PathFacts | undefined)[]): number {
  let found = 0;
  for (const facts of all) {
    // One bit.
    if (facts !== undefined && (facts.archs & (facts.archs - 1)) === 0) found |= facts.archs & ~OTHER_ARCH;
  }
  return found;
}

/** Explains an instruction; `undefined` if its text needs no explanation. @param tested - of {@link testedArchs} */
export function explain(
  instruction: SockFilter,
  facts: PathFacts,
  endian: Endian,
  tested: number,
): string | undefined {
  const { code, k } = instruction;
  const opcode = opcodeOf(code);
  switch (opcode?.shape) {
    case 'field':
      return opcode.mnemonic === 'ld' ? fieldName(k, endian) : undefined;
    case 'scratch':
      return opcode.mnemonic.startsWith('st') ? undefined : origin(facts.scratch[k], endian);
    case 'none':
      return opcode.mnemonic === 'txa' ? origin(facts.x, endian) : undefined;
    case 'constant':
      return opcode.mnemonic === 'ret' ? explainReturn(k, facts.archs & tested) : undefined;
    case 'branch':
      return explainOperand(k, facts);
    case 'branchX':
      return facts.x.kind === 'constant' ? explainOperand(facts.x.value, facts) : undefined;
    default:
      return undefined;
  }
}

/** Where calls of several architectures end, an error can have several names. */
function explainReturn(k: number, archs: number): string {
  const own = allArchitectures.filter(({ auditArch }) => isAmong(auditArch, archs));
  const texts = new Set(own.map(({ name }) => formatReturnWord(k, name)));
  return texts.size === 0 ? formatReturnWord(k) : [...texts].join(' or ');
}

function isAmong(auditArch: number, archs: number): boolean {
  return (archs & (1 << knownArchWords.indexOf(auditArch))) !== 0;
}

/** The name of a field that was moved about. */
function origin(value: PathValue | undefined, endian: Endian): string | undefined {
  return value?.kind === 'field' && value.mask === ALL_BITS ? fieldName(value.offset, endian) : undefined;
}

function explainOperand(k: number, facts: PathFacts): string | undefined {
  const { a } = facts;
  if (a.kind !== 'field') return undefined;
  if (a.offset === SECCOMP_DATA_ARCH && a.mask === ALL_BITS) return auditArchName(k);
  return a.offset === SECCOMP_DATA_NR ? callNames(k, facts, a.mask) : undefined;
}

function callNames(nr: number, facts: PathFacts, mask: number): string | undefined {
  if (nr === X32_SYSCALL_BIT) return 'x32 bit';
  if ((facts.archs & OTHER_ARCH) !== 0) return undefined;
  const abis = possibleAbis(facts, nr, mask);
  const byName = new Map<string, ArchName[]>();
  for (const { arch, nr: whole } of abis) {
    const name = syscallName(whole, arch);
    if (name !== undefined) byName.set(name, [...(byName.get(name) ?? []), arch]);
  }
  const [only] = byName;
  if (only === undefined || byName.size > MAX_NAMES) return undefined;
  if (byName.size === 1 && only[1].length === abis.length) return only[0];
  const names = [...byName].map(([name, arches]) => ({ name, arches }));
  if (names.some(({ arches }) => arches.length > MAX_NAMES)) return undefined;
  return names.map(({ name, arches }) => `${name} (${arches.join(', ')})`).join(', ');
}

interface AbiNumber {
  readonly arch: ArchName;
  readonly nr: number;
}

/** The ABIs that a call here can belong to, each with the call's number if the operand equals `nr`. */
function possibleAbis(facts: PathFacts, nr: number, mask: number): readonly AbiNumber[] {
  const { archs, x32Bit, nrLow } = facts;
  const isX32 = x32Bit ?? (nrLow >= X32_SYSCALL_BIT ? true : undefined);
  const hidesBit = (mask & X32_SYSCALL_BIT) === 0;
  const isX32Number = (nr & X32_SYSCALL_BIT) !== 0;
  return allArchitectures.flatMap(({ name, auditArch }): AbiNumber[] => {
    if (!isAmong(auditArch, archs)) return [];
    if (name !== 'x86_64' && name !== 'x32') return [{ arch: name, nr }];
    const wanted = name === 'x32';
    if (isX32 !== undefined && isX32 !== wanted) return [];
    if (hidesBit) return [{ arch: name, nr: wanted ? (nr | X32_SYSCALL_BIT) >>> 0 : nr }];
    return isX32Number === wanted ? [{ arch: name, nr }] : [];
  });
}
