/**
 * A call and its arguments as a tracer or this program writes them: `socket(AF_VSOCK, SOCK_STREAM, 0) = -1 EPERM`.
 * @module
 */
import { findArchitecture } from '../../abi/find-architecture.ts';
import { machineArch } from '../../kernel/this-machine.ts';
import { readTrace } from '../../observe/trace-file.ts';
import { ANY_VALUE } from '../../report/asked-call.ts';
import { writtenValues } from '../run/trace-values.ts';
import { callSpelling } from './call-spelling.ts';
import { parseArch } from './host-options.ts';

/** What lint and verify write before a call: the architecture. */
const SHOWN = /^(?:call: )?([a-z][a-z0-9_]*) (?=[a-z])/;
/** A call without a name, as this program writes it: `syscall 0xffffffff(0, 1)`, `system call -1 (0xffffffff)`. */
const NUMBERED = /^sys(?:tem )?call (-?\d+|0x[0-9a-f]+)(?: \(0x[0-9a-f]+\))?(?=$|\(|:)/;

/** What strace and perf write behind a call that failed, with the time that it took (`-T`). */
const FAILED = /\) += -1 (E[A-Z0-9]+)(?: \([^()]*\))?(?: <[\d.]+>)?$/;

/** A call in words that `parseQuestion` reads. */
interface WrittenCall {
  readonly words: readonly [string, ...string[]];
  /** As the text names it. */
  readonly arch: string | undefined;
  /** What the call ended with: `EPERM`. */
  readonly error: string | undefined;
}

/** Reads a call. Arguments that are neither numbers nor names may be anything. */
export function readWrittenCall(text: string, asked: string | undefined): WrittenCall | undefined {
  const [prefix = '', shown = ''] = SHOWN.exec(text.trim()) ?? [];
  const named = findArchitecture(shown) === undefined ? undefined : shown;
  const body = named === undefined ? text : text.trim().slice(prefix.length);
  const written = readTrace(body.trim().replace(NUMBERED, numbered)).calls.find(
    ({ args }) => args !== undefined,
  );
  if (written === undefined) return undefined;
  const name = callSpelling(written.name);
  const arch = asked ?? named;
  const values = writtenValues({ ...written, name }, arch === undefined ? machineArch() : parseArch(arch));
  const known = values.slice(0, values.findLastIndex((value) => value !== undefined) + 1);
  return {
    words: [name, ...known.map((value) => (value === undefined ? ANY_VALUE : `${value}`))],
    arch,
    error: FAILED.exec(written.text)?.[1],
  };
}

/** As strace writes it. */
function numbered(whole: string, number: string, at: number, text: string): string {
  const bracket = text[at + whole.length] === '(' ? '' : '()';
  return `syscall_${BigInt.asUintN(64, BigInt(number))}${bracket}`;
}
