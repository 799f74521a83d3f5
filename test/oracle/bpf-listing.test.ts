/** Listings of compiled profiles assemble to the same bytes, through every form. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { ArchName } from '../../src/abi/architectures.ts';
import { architectures } from '../../src/abi/architectures.ts';
import { assemble } from '../../src/bpf/assemble.ts';
import { decodeInstructions } from '../../src/bpf/decode-instructions.ts';
import { disassemble } from '../../src/bpf/disassemble.ts';
import { decodeProgram } from '../../src/bpf/program.ts';
import { readProgram } from '../../src/bpf/read-program.ts';
import { prepareProgram } from '../../src/bpf/simulate-program.ts';
import { builtinProfiles } from '../../src/oci/builtin/index.ts';
import { readProfile } from '../../src/oci/read-profile.ts';
import { compileSeccomp, resolved } from './support/ours.ts';
import { describeWith } from './support/require.ts';

const arches: readonly ArchName[] = ['x86_64', 'aarch64', 'arm', 's390x', 'ppc64', 'mips', 'mipsel64', 'x86'];
const good = 'fixtures/profiles/good';
const profiles = [
  ...Object.entries(builtinProfiles).map(([name, make]) => [name, make()] as const),
  ...readdirSync(good)
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) => {
      const { profile } = readProfile(readFileSync(`${good}/${file}`), { name: file });
      return profile === undefined ? [] : [[file, profile] as const];
    }),
];

describeWith(['x86_64'], 'listings of compiled profiles', () => {
  it.each(arches)('assemble to the same bytes, %s', async (arch) => {
    const { endian } = architectures[arch];
    let compiled = 0;
    let named = 0;
    for (const [, profile] of profiles) {
      for (const runtime of ['runc', 'crun']) {
        const bytes = await compileSeccomp(resolved(profile, arch), {
          runtime,
          library: 'libseccomp.so.2',
          arch,
        }).catch(() => undefined);
        if (bytes === undefined) continue;
        const program = decodeProgram(bytes, endian);
        expect(assemble(disassemble(program, endian), { name: 'x' })).toEqual(program);
        const read = readProgram(bytes, { name: 'x' });
        expect([read.endian, read.program]).toEqual([endian, program]);
        expect(() => prepareProgram(program)).not.toThrow();
        named += decodeInstructions(program, endian).filter(({ comment }) => comment === 'openat').length;
        compiled += 1;
      }
    }
    expect(compiled).toBeGreaterThan(4);
    expect(named).toBeGreaterThan(0);
  });
});
