/**
 * Filters of containers and of the processes kept in fixtures/programs/: read here as the kernel and a C program see them.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { capabilitySets } from '../../src/abi/capabilities.ts';
import { decodeProgram, encodeProgram } from '../../src/bpf/program.ts';
import { readProcessFilters } from '../../src/kernel/process-filters.ts';
import { builtinProfiles } from '../../src/oci/builtin/index.ts';
import { resolveProfile } from '../../src/oci/resolve-profile.ts';
import { serializeLinuxSeccomp } from '../../src/oci/serialize.ts';
import { toHex } from './support/native.ts';
import { describeWith } from './support/require.ts';
import { installedFilters, readFilters } from './support/runtime.ts';

const folder = new URL('../../fixtures/programs/', import.meta.url);

interface Index {
  readonly processes: readonly {
    readonly name: string;
    readonly filters: readonly {
      readonly file: string;
      readonly instructions: number;
      readonly sha256: string;
    }[];
  }[];
}

const index = JSON.parse(readFileSync(new URL('index.json', folder), 'utf8')) as Index;
const fixture = (file: string): Uint8Array =>
  Uint8Array.from(Buffer.from(readFileSync(new URL(file, folder), 'utf8'), 'base64'));

describe('fixtures/programs', () => {
  it.each(index.processes)('$name: its files are those the index describes', ({ filters }) => {
    for (const { file, instructions, sha256 } of filters) {
      const bytes = fixture(file);
      expect(createHash('sha256').update(bytes).digest('hex'), file).toBe(sha256);
      const program = decodeProgram(bytes, 'little');
      expect(program, file).toHaveLength(instructions);
      expect(toHex(encodeProgram(program, 'little')), file).toBe(toHex(bytes));
    }
  });

  it('holds no file that the index lacks', () => {
    const listed = new Set(index.processes.flatMap(({ filters }) => filters.map(({ file }) => file)));
    const held = readdirSync(folder).filter((file) => file.endsWith('.b64'));
    expect(held.sort()).toEqual([...listed].sort());
  });
});

const dockerDefault = (): string => {
  const { seccomp } = resolveProfile(builtinProfiles['docker-default'](), {
    arch: 'x86_64',
    kernel: { kernel: 6, major: 1 },
    capabilities: capabilitySets.docker,
  });
  if (seccomp === undefined) throw new Error('docker-default is off');
  return serializeLinuxSeccomp(seccomp);
};

for (const name of ['runc', 'crun'] as const) {
  describeWith(['root', 'ptrace', 'cc', 'busybox', 'x86_64', name], `a container of ${name}`, () => {
    it('is read as a C program reads it, and goes on', () => {
      const states: string[] = [];
      const read = (pid: number): Uint8Array[] => {
        const before = readFilters(pid);
        const ours = readProcessFilters(pid);
        states.push(readFileSync(`/proc/${pid}/status`, 'utf8'));
        const bytes = ours.map(({ program, endian }) => encodeProgram(program, endian));
        expect(bytes.map(toHex)).toEqual(before.map(toHex));
        return bytes;
      };
      const { filters, error } = installedFilters({ name, path: name }, dockerDefault(), { read });
      expect(error).toBeUndefined();
      expect(filters).toHaveLength(1);
      expect(filters[0]?.length).toBeGreaterThan(8 * 100);
      expect(states[0]).toMatch(/^State:\t[SR]/m);
      expect(states[0]).toMatch(/^TracerPid:\t0$/m);
    });
  });
}
