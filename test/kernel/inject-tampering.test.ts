/**
 * Another process writes the memory of the one that gets a filter: whatever it writes and when, nothing runs that the
 * filter does not judge. The writes are made by the tracer itself, exactly at a step; containers that do it are in
 * test/oracle/inject-peer.test.ts.
 *
 * The filter denies mkdir. So a directory that is there was made by a call that no filter judged.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { toHex } from '../oracle/support/native.ts';
import { describeWith } from '../oracle/support/require.ts';
import { assemble } from './support/assemble.ts';
import { buildTracer, endAll, removeTracer, startExecTarget, startTracer } from './support/inject.ts';
import { programBytes } from './support/target.ts';

const [RET, ALLOW, MKDIR] = [0x06, 0x7fff0000, 83];
const program = programBytes(
  [0x20, 0, 0, 0],
  [0x15, 0, 1, MKDIR],
  [RET, 0, 0, 0x0005004d],
  [RET, 0, 0, ALLOW],
);
const allowing = programBytes([0x20, 0, 0, 0], [0x15, 0, 1, MKDIR], [RET, 0, 0, ALLOW], [RET, 0, 0, ALLOW]);

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-tampering-'));
const marker = join(folder, 'made');
const makeDirectory = `
  lea rdi, [rip + path]
  mov esi, 0x1ff
  mov eax, 83
  syscall`;
/** Ends with the errno of the last call. */
const rest = `
  mov edi, eax
  neg edi
  mov eax, 231
  syscall
  path: .asciz "${marker}"`;
/** The child makes the directory, the parent ends. */
const bearing = (call: string): string => `
  ${call}
  syscall
  test eax, eax
  jnz out
  ${makeDirectory}
  out: ${rest}`;
const clone = (flags: number): string => `
  mov edi, ${flags}
  xor esi, esi
  xor edx, edx
  xor r10d, r10d
  xor r8d, r8d
  mov eax, 56`;

beforeAll(buildTracer);
afterAll(() => {
  removeTracer();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => {
  endAll();
  rmSync(marker, { recursive: true, force: true });
});

/** Registers as planned, and a difference in one thing alone. */
const otherCalls: readonly (readonly [string, string, RegExp])[] = [
  ['a call of its own', makeDirectory + rest, /number 0x53/],
  ['fork', bearing('mov eax, 57'), /number 0x39/],
  ['vfork', bearing('mov eax, 58'), /number 0x3a/],
  ['clone', bearing(clone(17)), /number 0x38/],
  ['clone of a process that nobody traces', bearing(clone(0x800011)), /number 0x38/],
  ['another first argument', 'inc rdi; syscall', /argument 0/],
  ['another second argument', 'add rsi, 4; syscall', /argument 1/],
  ['the upper half of an argument', 'bts rsi, 40; syscall', /argument 1 0x1000/],
  ['another third argument', 'add rdx, 8; syscall', /argument 2/],
  ['a fourth argument', 'mov r10d, 1; syscall', /argument 3/],
  ['a fifth argument', 'mov r8d, 1; syscall', /argument 4/],
  ['a sixth argument', 'mov r9d, 1; syscall', /argument 5/],
  ['the x32 number of the same call', 'bts rax, 30; syscall', /number 0x40000/],
  ['the same call from elsewhere', 'nop; syscall', /instruction pointer/],
  ['the same call with another stack', 'sub rsp, 16; .byte 0xeb, 0; syscall', /pointer/],
  ['an instruction that faults', 'ud2', /event 'fault' in state 'entering'/],
  ['a breakpoint', 'int3', /event 'fault' in state 'entering'/],
  ['the other door to the kernel', 'int 0x80', /architecture|event 'fault' in state 'entering'/],
];

describeWith(['root', 'ptrace', 'cc', 'x86_64'], 'a process whose memory others write', () => {
  const tampered = async (tamper: object, options: readonly string[] = [], more: object = {}) => {
    const target = await startExecTarget([...options]);
    const tracer = await startTracer({
      pid: target.pid,
      program: toHex(program),
      tamper: { nth: 1, ...tamper } as never,
      ...more,
    });
    target.go();
    const result = await tracer.result;
    return { ...(await target.ended), result };
  };

  it.each(otherCalls)('does not make %s in place of seccomp', async (_, text, message) => {
    const done = await tampered({ at: 'planning call', code: toHex(assemble(text)) });
    expect(done.result?.message).toMatch(message);
    expect(done.result?.hint).toMatch(/another process changes its memory/);
    expect([done.output, done.signal, existsSync(marker)]).toEqual(['', 'SIGKILL', false]);
  });

  it.each(otherCalls.slice(0, 5))('does not make %s in place of prctl', async (_, text, message) => {
    const code = toHex(assemble(text));
    const done = await tampered({ at: 'planning call', code }, [], { noNewPrivileges: 'always' });
    expect(done.result?.message).toMatch(message);
    expect([done.output, done.signal, existsSync(marker)]).toEqual(['', 'SIGKILL', false]);
  });

  it('does not run on without making a call', async () => {
    const code = toHex(assemble('jmp .'));
    const done = await tampered({ at: 'planning call', code }, [], { timeoutMs: 100 });
    expect(done.result?.message).toMatch(/in time/);
    expect([done.output, done.signal]).toEqual(['', 'SIGKILL']);
  });

  it.each([
    ['before the call', 'planning call'],
    ['between the look at the call and the call', 'entering entry'],
  ])('does not run under another filter, put there %s', async (_, at) => {
    const done = await tampered({ at, filter: toHex(allowing) });
    expect(done.result?.message).toMatch(/the kernel holds another program/);
    expect([done.output, done.signal]).toEqual(['', 'SIGKILL']);
  });

  // The look at the entry lets none of these through. The kernel's own reports of a birth are the line behind it.
  it.each([
    ['fork', 57],
    ['vfork', 58],
    ['clone', 56],
  ])('leaves no process that runs on, had it made one with %s after that look', async (_, call) => {
    const code = toHex(assemble(bearing('')));
    const done = await tampered({ at: 'entering entry', code, call });
    // The child would make the directory, and hold on to the output meanwhile.
    expect([done.output, done.signal, existsSync(marker)]).toEqual(['', 'SIGKILL', false]);
    expect(done.result?.steps.at(-1)).toBe('returning birth kill');
  });

  it('does not hand out the listener of another filter', async () => {
    const notifying = programBytes(
      [0x20, 0, 0, 0],
      [0x15, 0, 1, MKDIR],
      [RET, 0, 0, 0x7fc00000],
      [RET, 0, 0, ALLOW],
    );
    const done = await tampered({ at: 'entering entry', filter: toHex(notifying) }, [], { listen: true });
    expect(done.result?.message).toMatch(/the kernel holds another program/);
    expect(done.result?.steps.filter((step) => step === 'planning call enter')).toHaveLength(1);
    expect(done.signal).toBe('SIGKILL');
  });

  it('is filtered if its own code was changed before we came, which nobody can tell', async () => {
    const code = toHex(assemble(makeDirectory + rest));
    const done = await tampered({ at: 'leaving return', code });
    expect(done.result?.kind).toBe('installed');
    expect([done.code, existsSync(marker)]).toEqual([77, false]);
  });

  it('would have made the directory, had it been let', async () => {
    const code = toHex(assemble(bearing(clone(0x800011))));
    const done = await tampered({ at: 'planning installed', code }, [], { program: toHex(allowing) });
    expect(done.result?.kind).toBe('installed');
    expect(existsSync(marker)).toBe(true);
  });
});
