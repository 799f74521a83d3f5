/**
 * Inputs made to be hard to decide: an answer or a refusal, in little memory, measured in processes of their own. How
 * long that takes is bounded by the steps and nodes that are counted; the refusals name them.
 */
import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../../tools/debian-cache.ts';
import { hostileCases } from '../decision/hostile-cases.ts';
import { hasAllSamples } from '../support/samples.ts';

interface Measured {
  readonly name: string;
  readonly milliseconds: number;
  readonly mebibytes: number;
  readonly answer: string;
}

/** Of processor time; 4 seconds are usual. Only work that is not counted as steps could take more. */
const MOST_MILLISECONDS = 120_000;
const MOST_MEBIBYTES = 256;

/** Using a diagram takes deciding it first, in the same process: what only decides shows nothing more. */
const words = ['use a', ...(hasAllSamples ? ['compare with'] : [])];
const asked = Object.keys(hostileCases).filter((name) => words.some((word) => name.startsWith(word)));

describe('hostile inputs', () => {
  let measured: ReadonlyMap<string, Measured> = new Map();

  beforeAll(() => {
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['tools/run.mjs', 'bench/hostile.ts', '--json', ...words],
      {
        cwd: projectRoot(),
        encoding: 'utf8',
      },
    );
    const lines = stdout.trimEnd().split('\n');
    if (lines.length < 2) throw new Error(stderr);
    measured = new Map(lines.map((line) => JSON.parse(line) as Measured).map((each) => [each.name, each]));
  });

  it.each(asked)('%s', (name) => {
    const { milliseconds, mebibytes, answer } = measured.get(name) ?? {};
    expect(answer).toMatch(/^\d+ nodes|^too complex to decide: /);
    expect(milliseconds).toBeLessThan(MOST_MILLISECONDS);
    expect(mebibytes).toBeLessThan(MOST_MEBIBYTES);
  });

  it('some of them are decided, some refused', () => {
    const answers = [...measured.values()].map(({ answer }) => answer.startsWith('too complex'));
    expect(answers.filter(Boolean).length).toBeGreaterThan(asked.length / 4);
    expect(answers.filter((refused) => !refused).length).toBeGreaterThan(asked.length / 4);
  });
});
