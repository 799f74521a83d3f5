import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ociSeccomp } from '../cli/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-emit-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const compile = (...options: string[]): Buffer => {
  const { bytes, stderr, status } = ociSeccomp([
    'compile',
    'docker-default',
    '--kernel',
    '6.1',
    '-q',
    ...options,
  ]);
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return bytes;
};

const hasCompiler = spawnSync('cc', ['--version']).status === 0;
const required = process.env.OCI_SECCOMP_REQUIRE_ALL === '1';

describe('compile --format', () => {
  const bpf = compile();

  it('base64 is the program', () => {
    const text = compile('--format', 'base64').toString('utf8');
    expect(execFileSync('base64', ['-d'], { input: text }).equals(bpf)).toBe(true);
  });

  it('json is the program', () => {
    const { instructions, endian } = JSON.parse(compile('--format', 'json').toString('utf8')) as {
      instructions: { code: number; jt: number; jf: number; k: number }[];
      endian: string;
    };
    expect(endian).toBe('little');
    expect(instructions).toHaveLength(bpf.length / 8);
    for (const [i, { code, jt, jf, k }] of instructions.entries()) {
      const at = i * 8;
      expect([code, jt, jf, k]).toEqual([
        bpf.readUInt16LE(at),
        bpf.readUInt8(at + 2),
        bpf.readUInt8(at + 3),
        bpf.readUInt32LE(at + 4),
      ]);
    }
  });

  it('asm has a line for each instruction', () => {
    const listing = compile('--format', 'asm').toString('utf8');
    expect(listing.split('\n').filter((line) => /^ *\d+ {2}/.test(line))).toHaveLength(bpf.length / 8);
  });

  it.skipIf(!hasCompiler && !required)(
    'c is the program to a C compiler (needs cc: apt-get install gcc)',
    () => {
      mkdirSync(join(folder, 'a*'));
      const hostile = join(folder, 'a*/ #error "\n.json');
      writeFileSync(hostile, readFileSync('fixtures/cli/socket.json'));
      for (const [i, profile] of ['docker-default', hostile].entries()) {
        const options = ['compile', profile, '--kernel', '6.1', '-q', '--arch', 'x86_64'];
        writeFileSync(join(folder, 'filter.h'), ociSeccomp([...options, '--format', 'c']).bytes);
        const source = `#include <unistd.h>\n#include "filter.h"\n#include "filter.h"
        int main(void) {
          struct sock_fprog prog = { SECCOMP_FILTER_LENGTH, seccomp_filter };
          return write(1, prog.filter, sizeof seccomp_filter) != (ssize_t)(prog.len * sizeof *prog.filter);
        }`;
        writeFileSync(join(folder, 'use.c'), source);
        const binary = join(folder, `use${i}`);
        execFileSync('cc', ['-Wall', '-Wextra', '-Werror', '-o', binary, join(folder, 'use.c')]);
        expect(execFileSync(binary).equals(ociSeccomp(options).bytes)).toBe(true);
      }
    },
  );
});
