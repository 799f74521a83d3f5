/**
 * Filters that real programs were seen to run under (fixtures/programs/README.md), made again from what they mean: systemd,
 * Chromium, OpenSSH, libseccomp and the runtimes wrote them, so their tests are none that a profile asks for.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeProgram, encodeProgram } from '../../../src/bpf/program.ts';
import { findProgramProblems } from '../../../src/bpf/program-problems.ts';
import { synthesizeProgram } from '../../../src/compile/builtin/synthesize.ts';
import { decideProgram } from '../../../src/decision/decide-program.ts';
import { createSpace } from '../../../src/decision/space.ts';
import { createRandom } from '../../decision/random.ts';
import { interestingWords, sampleCalls } from '../../decision/samples.ts';
import { simulator } from '../../oracle/support/simulate.ts';
import { samples } from '../../support/samples.ts';
import { shapeFaults } from './program-shape.ts';

const folder = `${import.meta.dirname}/../../../fixtures/programs`;
const files = readdirSync(folder).filter((file) => file.endsWith('.b64'));
const sizes = `${import.meta.dirname}/../../../fixtures/golden/builtin-sizes-of-real-programs.txt`;
const lines = ['filter | again | original'];
const AUDIT_ARCHS = [0xc000003e, 0x40000003];

describe('filters of real programs, made again', () => {
  it('are there', () => {
    expect(files.length).toBeGreaterThan(50);
  });

  it.each(files)('%s: means the same and is no longer', (file) => {
    const bytes = Buffer.from(readFileSync(`${folder}/${file}`, 'utf8'), 'base64');
    const original = decodeProgram(bytes, 'little');
    const space = createSpace();
    const meant = decideProgram(space, original, 'little');
    const again = synthesizeProgram(space, meant, 'little');
    expect(shapeFaults(again)).toEqual([]);
    expect(findProgramProblems(again)).toEqual([]);
    expect(decideProgram(space, again, 'little')).toBe(meant);
    expect(again.length).toBeLessThanOrEqual(original.length);
    lines.push(`${file} | ${again.length} | ${original.length}`);
    // The interpreter knows nothing of diagrams: it runs the bytes of both.
    const [theirs, ours] = [simulator(bytes), simulator(encodeProgram(again, 'little'))];
    const words = interestingWords([...original, ...again]);
    const differing = sampleCalls(createRandom(12), words, samples(500), 'little', AUDIT_ARCHS).filter(
      ({ record }) => theirs(record) !== ours(record),
    );
    expect(differing).toEqual([]);
  });

  it('are as long as they were: after a change write the table again with -u, and read the diff', async () => {
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(sizes);
  });
});
