/**
 * The public API: a seccomp profile goes in, the filter that a runtime would install comes out.
 *
 *     text ─readProfile→ Profile ─resolveProfile→ LinuxSeccomp ─lowerProfile→ Policy ─compilePolicy→ Program ─emitFilter→ bytes
 *                                                                  └─decidePolicy→ Node ←decideProgram─┘
 *
 * @module
 */
export * from './abi/index.ts';
export * from './bpf/index.ts';
export * from './compile/index.ts';
export * from './decision/index.ts';
export { type ErrorCode, type ErrorDetails, errorCodes, OciSeccompError } from './errors.ts';
export * from './kernel/index.ts';
export { type Advisory, advisoriesFor } from './libseccomp/advisories.ts';
export {
  formatVersion,
  type Library,
  type LibraryVersion,
  openLibrary,
} from './libseccomp/library.ts';
export { librarySyscallTable } from './libseccomp/syscall.ts';
export * from './lint/index.ts';
export * from './oci/index.ts';
export * from './policy/index.ts';
