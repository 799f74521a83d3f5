/**
 * Programs in the place of profiles, in each form that `compile` writes.
 */
import { describe, expect, it } from 'vitest';
import { actions } from '../../src/abi/actions.ts';
import { architectures } from '../../src/abi/architectures.ts';
import { encodeProgram, type Program } from '../../src/bpf/program.ts';
import { isProgram, readProgramFile, requireNoListener } from '../../src/hook/program-file.ts';
import { machineArch } from '../../src/kernel/this-machine.ts';

const arch = machineArch();
const { endian } = architectures[arch];
const other = endian === 'little' ? 'big' : 'little';

function program(auditArch: number, last: number = actions.allow.word): Program {
  return [
    { code: 0x20, jt: 0, jf: 0, k: 4 },
    { code: 0x15, jt: 0, jf: 1, k: auditArch },
    { code: 0x06, jt: 0, jf: 0, k: last },
    { code: 0x06, jt: 0, jf: 0, k: actions.killProcess.word },
  ];
}

const ours = program(architectures[arch].auditArch);
const bytes = encodeProgram(ours, endian);
const forms = {
  raw: bytes,
  base64: `${Buffer.from(bytes).toString('base64')}\n`,
  json: JSON.stringify({ provenance: {}, endian, instructions: ours }),
  asm: `ld [4]\njeq #0x${architectures[arch].auditArch.toString(16)}, yes, no\nyes: ret ALLOW\nno: ret KILL_PROCESS\n`,
};

describe('a program in the place of a profile', () => {
  it.each(Object.entries(forms))('is read as %s', async (_, form) => {
    const input = Buffer.from(form);
    expect(isProgram(input)).toBe(true);
    expect(Buffer.from(await readProgramFile(input, 'p', arch))).toEqual(Buffer.from(bytes));
  });

  it.each(['{}', '{"defaultAction":"SCMP_ACT_ALLOW"}', '\n { "a": 1 }'])('is not %j', (text) => {
    expect(isProgram(Buffer.from(text))).toBe(false);
  });

  it('may ask for no architecture at all', async () => {
    const any = encodeProgram([{ code: 0x06, jt: 0, jf: 0, k: actions.allow.word }], endian);
    expect(Buffer.from(await readProgramFile(any, 'p', arch))).toEqual(Buffer.from(any));
  });

  it.each([
    [
      'of another architecture',
      encodeProgram(program(architectures.s390x.auditArch), endian),
      'is a program for s390x',
    ],
    ['of the other byte order', encodeProgram(ours, other), `for ${other}-endian machines`],
    ['without a return', encodeProgram(ours.slice(0, 2), endian), 'the kernel would refuse'],
    [
      'that jumps out of itself',
      encodeProgram([{ code: 0x05, jt: 0, jf: 0, k: 9 }, ...ours], endian),
      'instruction 0',
    ],
    ['that is empty', Buffer.alloc(0), 'p'],
    ['that breaks off', bytes.subarray(0, 12), 'but an instruction has 8'],
    ['that is too long', Buffer.alloc(100_000, bytes), 'too long'],
    ['that is a list of instructions in disorder', Buffer.from('{"instructions": 1}'), 'p'],
  ])('is refused: one %s', async (_, input, message) => {
    await expect(readProgramFile(input, 'p', arch)).rejects.toThrow(message);
  });

  it('must not ask a listener', () => {
    const asks = encodeProgram(program(architectures[arch].auditArch, actions.notify.word), endian);
    expect(() => requireNoListener(asks, 'p')).toThrow('asks a listener');
    expect(() => requireNoListener(bytes, 'p')).not.toThrow();
  });
});
