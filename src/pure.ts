/**
 * All that needs no libseccomp, no kernel and no file: for browsers, workers and serverless functions.
 *
 * Profiles are read, validated, resolved, linted, decided and compiled by the builtin compiler; programs are read, listed,
 * simulated, compared and proven. Names of system calls come from our own table (`newestTable`). What needs the machine is
 * in `oci-seccomp` itself: compiling with libseccomp, the filters of live processes, hooks.
 * @module
 */
export * from './abi/index.ts';
export * from './bpf/index.ts';
export * from './compile/builtin/index.ts';
export { proveProgram } from './compile/given-proof.ts';
export type { Counterexample, OnDecided, Proof, ProofInput } from './compile/prove.ts';
export * from './compose/index.ts';
export * from './decision/index.ts';
export {
  type ErrorCode,
  type ErrorDetails,
  type ErrorDetailsByCode,
  type ErrorProblem,
  errorCodes,
  OciSeccompError,
  type OciSeccompErrorJson,
  type OciSeccompErrorOf,
  type OciSeccompErrorOptions,
} from './errors.ts';
export * from './lint/index.ts';
export * from './oci/index.ts';
export * from './policy/index.ts';
