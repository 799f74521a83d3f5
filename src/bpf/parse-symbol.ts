/**
 * What stands for a u32 in programs: `0x50001`, `-1`, `AUDIT_ARCH_X86_64`, `ERRNO(EPERM)`.
 * @module
 */
import { auditArchByName } from '../abi/audit-arch.ts';
import { parseAction } from '../abi/parse-action.ts';
import { parseWord } from '../abi/parse-number.ts';

/** Reads any of these as a u32: a number, an `AUDIT_ARCH_*` name, an action. */
export function parseSymbol(text: string): number | undefined {
  return parseWord(text) ?? auditArchByName(text) ?? parseAction(text);
}
