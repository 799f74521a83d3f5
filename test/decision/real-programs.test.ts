/**
 * Filters that real programs were seen to run under (fixtures/programs/README.md): each is decided for every call, and an
 * interpreter that shares nothing with src/ gives the same verdict at the borders of what it tests.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { decodeProgram } from '../../src/bpf/program.ts';
import { decideProgram } from '../../src/decision/decide-program.ts';
import { createSpace } from '../../src/decision/space.ts';
import { evaluate } from '../../src/decision/witness.ts';
import { simulator } from '../oracle/support/simulate.ts';
import { createRandom } from './random.ts';
import { interestingWords, sampleCalls } from './samples.ts';

const folder = join(import.meta.dirname, '../../fixtures/programs');
const files = readdirSync(folder).filter((file) => file.endsWith('.b64'));
const AUDIT_ARCH_X86_64 = 0xc000003e;
const AUDIT_ARCH_I386 = 0x40000003;

it('are there', () => {
  expect(files.length).toBeGreaterThan(50);
});

it.each(files)('%s', (file) => {
  const bytes = Buffer.from(readFileSync(join(folder, file), 'utf8'), 'base64');
  const program = decodeProgram(bytes, 'little');
  const space = createSpace();
  const decided = decideProgram(space, program, 'little');
  expect(space.outcomes.filter(({ kind }) => kind === 'undecided')).toEqual([]);
  const simulate = simulator(bytes);
  const archs = [AUDIT_ARCH_X86_64, AUDIT_ARCH_I386];
  for (const { data, record } of sampleCalls(
    createRandom(20261122),
    interestingWords(program),
    2000,
    'little',
    archs,
  )) {
    const [found, word] = [evaluate(space, decided, data), simulate(record)];
    if (found.kind !== 'word' || found.word !== word) expect([data, found]).toEqual({ kind: 'word', word });
  }
});
