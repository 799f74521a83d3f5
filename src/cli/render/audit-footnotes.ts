/**
 * Notes for readers who see records of seccomp for the first time.
 * @module
 */
import { actions } from '../../abi/actions.ts';
import { enosysOf } from '../../abi/carried-out.ts';
import { machineArch } from '../../kernel/this-machine.ts';
import { successors } from '../../lint/catalog/successors.ts';
import type { AuditRecord } from '../../observe/audit-record.ts';
import { type AuditEntry, isDeniedRecord } from '../answers/audit-report.ts';

const X86_32 =
  'x86: the 32-bit ABI of x86_64 machines, of a 32-bit program or of a 64-bit one that enters by int 0x80';

/** Explains words in the entries. */
export function footnotes(entries: readonly AuditEntry[]): readonly string[] {
  const samples = entries.map(({ group }) => group.sample);
  const nameless = samples.some(({ arch, syscall }) => arch !== undefined && isNameless(syscall));
  return [
    ...(samples.some(({ arch }) => arch === 'x86') && machineArch() !== 'x86' ? [X86_32] : []),
    ...(nameless
      ? [
          'a number without a name is a call of a kernel newer than these tables, or of none: some programs try numbers',
        ]
      : []),
  ];
}

function isNameless(syscall: string): boolean {
  return /^system call \d+$/.test(syscall);
}

/** What the records do not hold, and what to do next. */
export function nextStep(entries: readonly AuditEntry[], filter: string | undefined): readonly string[] {
  const container = 'Records do not name containers. Of a process that still runs: cat /proc/PID/cgroup';
  if (!entries.some(({ group }) => isDeniedRecord(group.sample))) {
    const question = 'To see what a profile would deny of it, name one: --profile docker-default, or a file';
    return ['Nothing of this was denied.', ...(filter === undefined ? [question] : [])];
  }
  const question =
    'To see the rule that decides and what to change, name the profile: --profile docker-default, or a file';
  return ['Records hold no arguments of calls.', container, ...(filter === undefined ? [question] : [])];
}

/** What programs do after a newer call is denied. */
export function fallback({ arch, syscall, action }: AuditRecord): readonly string[] {
  const older = olderCalls(syscall);
  if (older.length === 0) return [];
  if (action !== undefined && action !== actions.errno) {
    return [
      `a program that is killed cannot fall back: after ENOSYS (SCMP_ACT_ERRNO, errnoRet ${enosysOf(arch)}), C libraries call ${older.join(' or ')}`,
    ];
  }
  return [
    `nothing need be changed if the program works: after ENOSYS, C libraries call ${older.join(' or ')}`,
  ];
}

/** The calls that C libraries make after ENOSYS of a newer one. */
export function olderCalls(syscall: string): readonly string[] {
  // The list of successors leaves clone3 out, because clone3 can do more than clone.
  if (syscall === 'clone3') return ['clone'];
  return successors.find((each) => each.syscall === syscall)?.after ?? [];
}
