/**
 * The proof of a program that callers hand in: it checks program and policy wholly, and copies them.
 * @module
 */
import { callback, endian, maybe, takerFor, withMembers } from '../abi/value-shape.ts';
import { program } from '../bpf/program-shape.ts';
import type { SpaceOptions } from '../decision/space.ts';
import { policy, syscallTable } from '../policy/policy-shape.ts';
import {
  type OnDecided,
  type Proof,
  type ProofInput,
  proveProgram as uncheckedProveProgram,
} from './prove.ts';

const proofInput = withMembers<ProofInput>({ policy, table: syscallTable, program, endian });

/**
 * Compares a program with its policy's meaning, for every architecture, number, argument and instruction pointer.
 *
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is); `ERR_UNDECIDED` if it
 *   is too complex; `ERR_BPF_INVALID` for a jump past the end
 */
export function proveProgram(input: ProofInput, options: SpaceOptions = {}, onDecided?: OnDecided): Proof {
  const take = takerFor('proveProgram');
  return uncheckedProveProgram(
    take('input', proofInput, input),
    options,
    take('onDecided', maybe(callback<OnDecided>()), onDecided),
  );
}
