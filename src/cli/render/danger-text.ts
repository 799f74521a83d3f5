/**
 * Why a call is dangerous, in the same words for all commands.
 * @module
 */
import type { CallDanger } from '../../lint/ask/call-company.ts';

/** `ptrace is dangerous: it ...; ...`, without a full stop. */
export function dangerText(syscall: string, { what, reason, value, isMeant }: CallDanger): string {
  const named = value === undefined ? syscall : `${syscall} with ${value.name}`;
  return `${named} is ${isMeant ? 'dangerous' : 'allowed too, and dangerous'}: it ${what}; ${reason}`;
}
