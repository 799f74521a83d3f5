/**
 * Descriptions are exact: what they say of a call is what the diagram, and an interpreter written from the manual pages,
 * say of it.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerCall, decidePrograms } from '../../src/decision/answer-call.ts';
import { decidePolicy } from '../../src/decision/decide-policy.ts';
import { describeArguments } from '../../src/decision/describe.ts';
import { formatTests } from '../../src/decision/format-call.ts';
import { restrictCall } from '../../src/decision/partial-call.ts';
import { createSpace } from '../../src/decision/space.ts';
import { evaluate } from '../../src/decision/witness.ts';
import { expandPolicy } from '../../src/policy/expand-policy.ts';
import { simulate } from '../oracle/support/simulate.ts';
import { samples } from '../support/samples.ts';
import {
  boundaries,
  constantsOf,
  policyOf,
  readDescription,
  realProgram,
  realPrograms,
  rules,
  table,
  X86_64,
} from './meaning-support.ts';

const call = { arch: 'x86_64', nr: 135, args: [] } as const;

describe('describeArguments', () => {
  it('says of every call what the policy means', () => {
    let described = 0;
    const property = fc.property(rules, fc.infiniteStream(fc.nat()), (own, random) => {
      const policy = policyOf(own);
      const space = createSpace();
      const root = decidePolicy(space, policy, expandPolicy(policy, table));
      const description = describeArguments(space, restrictCall(space, root, call));
      const values = boundaries(
        own.flatMap(({ comparisons }) => comparisons.flatMap((c) => [c.value, c.valueTwo])),
      );
      const pick = (): bigint => values[(random.next().value ?? 0) % values.length] ?? 0n;
      if (!description.truncated) described += 1;
      for (let i = 0; i < 200; i++) {
        const args = [pick(), pick(), pick()];
        const said = readDescription(description, args);
        // A description cut short says nothing of some calls, and nothing wrong of others.
        if (said === undefined && description.truncated) continue;
        expect(said).toEqual(evaluate(space, root, { nr: 135, arch: X86_64, instructionPointer: 0n, args }));
      }
    });
    fc.assert(property, { numRuns: samples(400) });
    expect(described).toBeGreaterThan(0.75 * samples(400));
  });

  it('ends with all other calls, and says nothing of them when it is cut short', () => {
    const property = fc.property(rules, fc.integer({ min: 1, max: 6 }), (own, limit) => {
      const policy = policyOf(own);
      const space = createSpace();
      const root = decidePolicy(space, policy, expandPolicy(policy, table));
      const { cases, truncated } = describeArguments(space, restrictCall(space, root, call), limit);
      expect(cases.length).toBeLessThanOrEqual(limit);
      expect(cases.at(-1)?.tests.length === 0).toBe(!truncated);
    });
    fc.assert(property, { numRuns: samples(200) });
  });

  it.each(realPrograms)('says what %s does with every call, by another interpreter', (name) => {
    const { bytes, program } = realProgram(name);
    const space = createSpace();
    const root = decidePrograms(space, [{ program, endian: 'little' }]);
    const constants = constantsOf(program);
    const truncated: number[] = [];
    let asked = 0;
    for (let nr = 0; nr < 475; nr++) {
      const { description, dependsOn } = answerCall(space, root, { arch: 'x86_64', nr, args: [] });
      if (description.truncated) truncated.push(nr);
      const values =
        dependsOn.length === 0 ? [0n] : boundaries(constants.filter((k) => k < 0x100n || k > nr));
      for (const [i, value] of values.entries()) {
        const args = [value, values[(i * 7 + nr) % values.length] ?? 0n, value, value];
        const word = simulate(bytes, { nr, arch: X86_64, args });
        const said = readDescription(description, args);
        if (said === undefined && description.truncated) continue;
        if (said?.kind !== 'word' || said.word !== word)
          expect(said, `${nr}(${args})`).toMatchObject({ word });
        asked += 1;
      }
    }
    expect(asked).toBeGreaterThanOrEqual(475);
    // Tor compares the paths that it opens with dozens of addresses.
    expect(truncated.length).toBeLessThanOrEqual(name === 'tor' ? 2 : 0);
  });

  it('says what a browser does with clone in few words', () => {
    const { program } = realProgram('chromium-renderer');
    const space = createSpace();
    const root = decidePrograms(space, [{ program, endian: 'little' }]);
    const { description } = answerCall(space, root, { arch: 'x86_64', nr: 56, args: [] });
    expect(description.cases.map((each) => formatTests(each))).toEqual([
      'arg0 == 0x3d0f00',
      'arg0 & 0x14100 == 0',
      'arg0 & 0x14000 == 0x4000',
      'arg0 & 0x14100 == 0x14100',
      'always',
    ]);
  });
});
