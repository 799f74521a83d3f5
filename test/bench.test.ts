/**
 * That the benches of compilers and of attaching run, and that their counts are right. How much they count is no verdict
 * here: that takes a quiet machine, and people to look.
 */
import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { countAtAttach, follow, measureDepths, sortCalls } from '../bench/count-steps.ts';
import { builtinCompilers } from '../bench/filter-compilers.ts';
import { makeSubjects } from '../bench/filter-subjects.ts';
import { leastAtAttach, leastOfDenied, leastTests } from '../bench/least-steps.ts';
import { encodeProgram } from '../src/bpf/program.ts';
import { expandPolicy } from '../src/policy/expand-policy.ts';
import { newestTable } from '../src/policy/newest-table.ts';
import { projectRoot } from '../tools/debian-cache.ts';
import { describeWith } from './oracle/support/require.ts';
import { recordOf, simulator } from './oracle/support/simulate.ts';

const X86_64 = 0xc000_003e;
const I386 = 0x4000_0003;

function bench(script: string, ...parameters: readonly string[]): string {
  const named = Object.entries(process.env).filter(([name]) => !name.startsWith('OCI_SECCOMP_'));
  const env = { ...Object.fromEntries(named), ROUNDS: '1' };
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['tools/run.mjs', `bench/${script}.ts`, ...parameters],
    { cwd: projectRoot(), encoding: 'utf8', env },
  );
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

describe('what the kernel follows at attach', () => {
  it('is what an interpreter gives whatever the arguments, and left undecided only where they decide', async () => {
    const [builtin] = builtinCompilers(newestTable);
    const [subject] = await makeSubjects(newestTable, ['docker-default']);
    if (builtin === undefined || subject === undefined) throw new Error('there is nothing to follow');
    const program = builtin.compile(subject.policy);
    const run = simulator(encodeProgram(program, 'little'), 'little');
    const wrong: string[] = [];
    for (const arch of [X86_64, I386]) {
      for (let nr = 0; nr < 470; nr += 1) {
        const { word, steps } = follow(program, nr, arch);
        let visited = 0;
        run(recordOf({ nr, arch }), () => {
          visited += 1;
        });
        const some = [0n, 1n, 0xffff_ffff_ffff_ffffn].map((value) =>
          run(recordOf({ nr, arch, args: Array.from({ length: 6 }, () => value) })),
        );
        if (word !== undefined && (steps !== visited || some.some((each) => each !== word)))
          wrong.push(`${arch} ${nr}`);
      }
    }
    expect(wrong).toEqual([]);
    // Docker's profile looks at arguments of clone, personality and socket, and at those of few others.
    expect(follow(program, 135, X86_64).word).toBeUndefined();
    expect(follow(program, 56, X86_64).word).toBeUndefined();
    expect(follow(program, 0, X86_64).word).toBe(0x7fff_0000);
  });
});

/** The least sum of tests over a set of numbers, by trying each test first, whatever comes after it. @param only - a kind */
function leastByTrying(kinds: readonly number[], only?: number, known = new Map<string, number>()): number {
  const search = (numbers: readonly number[]): number => {
    if (new Set(numbers.map((nr) => kinds[nr])).size <= 1) return 0;
    const key = numbers.join();
    const found = known.get(key);
    if (found !== undefined) return found;
    const parts = numbers.flatMap((operand) => [
      numbers.filter((nr) => nr === operand),
      numbers.filter((nr) => nr >= operand),
    ]);
    const sums = parts
      .filter((part) => part.length < numbers.length)
      .map((part) => search(part) + search(numbers.filter((nr) => !part.includes(nr))));
    const counted = numbers.filter((nr) => only === undefined || kinds[nr] === only).length;
    const least = counted + Math.min(...sums);
    known.set(key, least);
    return least;
  };
  return search(kinds.map((_, nr) => nr));
}

describe('the fewest steps at attach', () => {
  it('are those that a trial of all trees of comparisons finds', () => {
    let seed = 12;
    const next = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return Math.floor((seed / 2 ** 31) * below);
    };
    for (let round = 0; round < 150; round += 1) {
      const kinds = Array.from({ length: 1 + next(9) }, () => next(3));
      expect(leastTests(kinds), kinds.join()).toBe(leastByTrying(kinds));
      const ofOne = leastTests(kinds, (kind) => kind === 0);
      expect(ofOne, `of 0 in ${kinds.join()}`).toBe(leastByTrying(kinds, 0));
    }
  });

  it('are no more than those of a program', async () => {
    const [builtin] = builtinCompilers(newestTable);
    for (const { policy, label } of await makeSubjects(newestTable, ['podman-default'])) {
      if (builtin === undefined) throw new Error('there is nothing to follow');
      const program = builtin.compile(policy);
      const least = leastAtAttach(program);
      expect(least, label).toBeLessThanOrEqual(countAtAttach(program));
      // The compiler is near, though it saves instructions first.
      expect(least / countAtAttach(program), label).toBeGreaterThan(0.85);
      const [native] = expandPolicy(policy, newestTable);
      const calls = sortCalls(program, native?.rules ?? []);
      const { denied = 0 } = measureDepths(program, calls);
      expect(leastOfDenied(calls), label).toBeLessThanOrEqual(denied);
      expect(leastOfDenied(calls) / denied, label).toBeGreaterThan(0.7);
    }
  });
});

describeWith(['libseccomp 2.5.4', 'libseccomp 2.6.1', 'x86_64'], 'the bench of compilers', () => {
  let printed = '';
  beforeAll(() => {
    printed = bench('compilers', 'docker-default', 'fixtures/profiles/good/oci-alternatives.json');
  });

  it('names the compilers that are not here, and how to have them measured', () => {
    for (const peer of ['minijail', 'kafel', 'seccompiler']) {
      expect(printed).toMatch(new RegExp(`^absent: ${peer}; .*OCI_SECCOMP_${peer.toUpperCase()}`, 'm'));
    }
  });

  it.each(['builtin', 'builtin, no weights', 'libseccomp 2.5.4 linear', 'libseccomp 2.6.1 tree'])(
    'proves each program of %s equal to the rules',
    (compiler) => {
      const rows = printed.split('\n').filter((line) => line.startsWith(`${compiler}  `));
      expect(rows.length).toBe(3);
      for (const row of rows) expect(row).toMatch(/ {2}equal$/);
    },
  );
});

describeWith(['root', 'ptrace', 'cc', 'libseccomp 2.6.1', 'x86_64'], 'the bench of attaching', () => {
  it('finds each program in the kernel, and says which targets are met', async () => {
    const printed = bench('attach', 'docker-default');
    const { length: subjects } = await makeSubjects(newestTable, ['docker-default']);
    const count = (words: RegExp): number => [...printed.matchAll(words)].length;
    expect(count(/^read back with PTRACE_SECCOMP_GET_FILTER: the kernel holds these programs$/gm)).toBe(
      subjects,
    );
    expect(count(/^target .*: -?\d+\.\d+ (?:met|missed)$/gm)).toBe(2 * subjects);
  });
});
