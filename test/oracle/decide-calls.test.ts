/**
 * Programs that are too complex as a whole, decided call by call: what is said of a call is what the interpreter does with
 * libseccomp's program, and only calls that are too complex are left open.
 */
import { compilePolicy, librarySyscallTable } from 'oci-seccomp/compile';
import { openLibrary } from 'oci-seccomp/libseccomp';
import { lowerProfile } from 'oci-seccomp/policy';
import { expect, it } from 'vitest';
import { architectures } from '../../src/abi/architectures.ts';
import { directSyscallNumbers } from '../../src/abi/syscall-numbers.ts';
import { prepareProgram } from '../../src/bpf/simulate-program.ts';
import { decidePrograms } from '../../src/decision/answer-call.ts';
import { decideCalls } from '../../src/decision/decide-calls.ts';
import type { PartialCall } from '../../src/decision/partial-call.ts';
import { createSpace } from '../../src/decision/space.ts';
import { evaluate } from '../../src/decision/witness.ts';
import { createRandom } from '../decision/random.ts';
import { describeWith } from './support/require.ts';

const MMAP = 9;
const STEPS = 30_000;

describeWith(['built', 'x86_64'], 'calls one by one', () => {
  const random = createRandom(7);
  const value = (): bigint => (BigInt(random.word()) << 32n) | BigInt(random.word());
  const pairs = Array.from({ length: 150 }, () => [value(), value()] as const);

  async function built() {
    const compare = (index: number, op: 'SCMP_CMP_EQ' | 'SCMP_CMP_NE', each: bigint) => ({
      index,
      op,
      value: each,
    });
    const table = librarySyscallTable(openLibrary());
    const allow = 'SCMP_ACT_ALLOW' as const;
    const { policy } = lowerProfile(
      {
        defaultAction: 'SCMP_ACT_ERRNO',
        architectures: ['SCMP_ARCH_X86'],
        syscalls: [
          { names: ['read', 'write', 'close'], action: allow },
          { names: ['socket'], action: allow, args: [compare(0, 'SCMP_CMP_NE', 40n)] },
          ...pairs.map(([a, b]) => ({
            ...{ names: ['mmap'], action: allow },
            args: [compare(0, 'SCMP_CMP_EQ', a), compare(1, 'SCMP_CMP_EQ', b)],
          })),
        ],
      },
      { runtime: 'runc', arch: 'x86_64', table },
    );
    return compilePolicy(policy, { table });
  }

  it('agrees with the interpreter for every call that is decided', async () => {
    const { program, endian } = await built();
    const programs = [{ program, endian }];
    expect(() => decidePrograms(createSpace({ maxSteps: STEPS }), programs)).toThrow('too complex to decide');
    const calls = (['x86_64', 'x86', 'x32', 'aarch64'] as const).flatMap((arch) =>
      directSyscallNumbers(arch)
        .slice(0, 60)
        .map((nr): PartialCall => ({ arch, nr, args: [] })),
    );
    const [pair = []] = pairs;
    // The last of one number counts: mmap is asked for with arguments.
    const space = createSpace({ maxSteps: STEPS });
    const root = decideCalls(space, programs, [...calls, { arch: 'x86_64', nr: MMAP, args: pair }]);
    const prepared = prepareProgram(program, { endian });
    const open = new Set<string>();
    for (const { arch, nr } of calls) {
      for (const args of [pair, [40n, 1n], [40n + (1n << 32n)], [2n, 3n]]) {
        const six = Array.from({ length: 6 }, (_, i) => args[i] ?? 0n);
        const data = { arch: architectures[arch].auditArch, nr: nr | 0, instructionPointer: 0n, args: six };
        const outcome = evaluate(space, root, data);
        if (outcome.kind === 'undecided') open.add(`${arch} ${nr} ${args === pair}`);
        else expect(outcome).toEqual({ kind: 'word', word: prepared.run(data).returnWord });
      }
    }
    expect([...open]).toEqual([`x86_64 ${MMAP} false`]);
  });
});
