/**
 * The binding against C: random sequences of calls, made through `Filter` and by `libseccomp-build` with the same
 * library, return the same codes at every step and end with the same bytes and the same pseudo filter code.
 */
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { samples } from '../support/samples.ts';
import { fetchedLibraries } from './libraries.ts';
import { type Call, runCall, type Stage, sameAnswer } from './support/calls.ts';
import { runHelper } from './support/native.ts';
import { describeWith } from './support/require.ts';
import { drawSequence } from './support/sequences.ts';

const SEQUENCES = Number(process.env.OCI_SECCOMP_SEQUENCES ?? samples(2_000));
const FIRST_SEED = Number(process.env.OCI_SECCOMP_SEED ?? 1);

/** Has C make all calls of all sequences in one process. First, so that a loop or a crash is not this process's. */
function answersOfC(library: string, sequences: readonly (readonly Call[])[]): readonly string[] {
  const script = `${sequences.flatMap((calls) => calls.map(({ line }) => line)).join('\n')}\n`;
  const { status, signal, stdout, stderr } = runHelper('libseccomp-build', [library], script);
  const lines = stdout.trimEnd().split('\n');
  if (status !== 0)
    throw new Error(`libseccomp-build: ${signal ?? status} after ${lines.length} lines: ${stderr}`);
  return lines;
}

/** The first call of a sequence whose answers differ, with what led there; `undefined` if there is none. */
function firstDifference(calls: readonly Call[], ofC: readonly string[], stage: Stage): string | undefined {
  for (const [at, call] of calls.entries()) {
    const ours = runCall(call, stage);
    const c = ofC[at] ?? 'nothing';
    if (!sameAnswer(call, c, ours)) {
      const before = calls.slice(0, at + 1).map(({ line }) => line);
      return [...before, `C:    ${c}`, `ours: ${ours}`].join('\n');
    }
  }
  return undefined;
}

const versions = ['2.5.4', '2.6.0', '2.6.1'] as const;

for (const version of versions) {
  describeWith(['x86_64', 'cc', `libseccomp ${version}`], `the binding and C, libseccomp ${version}`, () => {
    const library = fetchedLibraries().find((each) => each.version === version)?.path ?? '';
    let folder = '';
    let stage: Stage;

    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-binding-'));
      const file = join(folder, 'export');
      stage = { library, filters: [undefined, undefined], slot: 0, fd: openSync(file, 'a'), file };
    });

    afterAll(() => {
      for (const filter of stage.filters) filter?.release();
      closeSync(stage.fd);
      rmSync(folder, { recursive: true, force: true });
    });

    it(`answer alike in ${SEQUENCES} random sequences of calls`, () => {
      const seeds = Array.from({ length: SEQUENCES }, (_, i) => FIRST_SEED + i);
      const sequences = seeds.map((seed) => drawSequence(seed, version));
      const ofC = answersOfC(library, sequences);
      let at = 0;
      for (const [i, calls] of sequences.entries()) {
        const difference = firstDifference(calls, ofC.slice(at, at + calls.length), stage);
        expect(difference, `seed ${seeds[i]}`).toBeUndefined();
        at += calls.length;
      }
      expect(at).toBe(ofC.length);
    });
  });
}
