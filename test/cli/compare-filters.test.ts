/**
 * Two filters are compared in a space of their own, so that what the proof of a profile has left behind takes no room from
 * the comparison. What the proof has decided is not decided again.
 The result is listed in one order in all forms.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { decodeProgram } from '../../src/bpf/program.ts';
import { compareFilters } from '../../src/cli/answers/compare-filters.ts';
import type { Filtered } from '../../src/cli/operands/filter-operand.ts';
import { decidePrograms } from '../../src/decision/answer-call.ts';
import { spaceInOrder } from '../../src/decision/argument-order.ts';
import { fromRuns } from '../../src/decision/condition-diagrams.ts';
import { FIELD_NR } from '../../src/decision/diagram-variables.ts';
import { createSpace, FALSE, TRUE } from '../../src/decision/space.ts';
import { ociSeccomp } from './run.ts';

const fixtures = `${import.meta.dirname}/../../fixtures/programs`;

function filterOf(name: string): Filtered {
  const bytes = Buffer.from(readFileSync(`${fixtures}/${name}.b64`, 'utf8'), 'base64');
  const programs = [{ program: decodeProgram(bytes, 'little'), endian: 'little' as const }];
  const basis = { proven: false } as unknown as Filtered['basis'];
  return { name, circumstances: [], programs, basis, work: undefined, decided: undefined };
}

/** A space that holds as many nodes as asked for, and has no room for many more. */
function crowded(nodes: number) {
  const space = createSpace({ maxNodes: nodes + 3000 });
  for (let seed = 1; space.count < nodes; seed += 1) {
    const ends = Array.from({ length: 1000 }, (_, at) => (at + 1) * 64 * seed + ((at * at * seed) % 61));
    ends.push(0xffff_ffff);
    fromRuns(space, FIELD_NR, { ends, nodes: ends.map((_, at) => (at % 2 === 0 ? FALSE : TRUE)) });
  }
  return space;
}

it.each([
  ['a space with few nodes', 100],
  ['a space with 65,536 nodes', 65_536],
])('takes what a proof has decided out of %s', (_, nodes) => {
  const [first, second] = [filterOf('runc'), filterOf('crun')];
  const decidedIn = (filtered: Filtered): Filtered => {
    const space = crowded(nodes);
    const root = decidePrograms(space, filtered.programs);
    // Without its programs, nobody can decide it again.
    return { ...filtered, programs: [], decided: { space, root, meant: undefined } };
  };
  const proven = [decidedIn(first), decidedIn(second)] as const;
  const before = proven.map(({ decided }) => [decided?.space.count, decided?.space.work.steps]);
  const { differences } = compareFilters(proven);
  expect(proven.map(({ decided }) => [decided?.space.count, decided?.space.work.steps])).toEqual(before);
  expect(differences.length).toBeGreaterThan(0);
  expect(differences).toEqual(compareFilters([first, second]).differences);
});

it('decides a filter again that was proven with arguments in another order', () => {
  const filters = [filterOf('runc'), filterOf('crun')] as const;
  const [first, second] = filters;
  const inOrder = (filtered: Filtered, order: readonly number[]): Filtered => {
    const space = spaceInOrder(order, {});
    return {
      ...filtered,
      decided: { space, root: decidePrograms(space, filtered.programs), meant: undefined },
    };
  };
  const proven = [inOrder(first, [5, 0, 1, 2, 3, 4]), inOrder(second, [0, 1, 2, 3, 4, 5])] as const;
  const said = (differences: ReturnType<typeof compareFilters>['differences']) =>
    differences.map(({ arch, changes }) => [
      arch,
      changes.flatMap(({ sightings }) => sightings.map(({ call: { nr }, outcomes }) => [nr, outcomes])),
    ]);
  const { differences } = compareFilters(proven);
  expect(differences.length).toBeGreaterThan(0);
  expect(said(differences)).toEqual(said(compareFilters(filters).differences));
});

it.each([
  ['diff', 'docker-default', 'podman-default'],
  ['subset', 'podman-default', 'docker-default'],
  ['verify', 'docker-default', 'fixtures/programs/podman.b64'],
])('%s lists architectures in one order as text and as JSON', (...words) => {
  const host = words[0] === 'verify' ? ['--arch', 'x86_64'] : ['--arch', 'x86_64', '--other-arch', 'x86_64'];
  const text = ociSeccomp([...words, ...host]).stdout;
  const { architectures, outside, differences } = JSON.parse(
    ociSeccomp([...words, ...host, '--json']).stdout,
  );
  const listed: readonly { readonly arch: string | null }[] = architectures ?? outside ?? differences;
  const titles = [...text.matchAll(/^((?:x86_64|x86|x32)(?:, (?:x86_64|x86|x32))*)$/gm)];
  // Architectures with the same changes share a title, which stands where the first of them does.
  const inText = titles.flatMap(([, title = '']) => title.split(', ').slice(0, 1));
  expect(inText.length).toBeGreaterThan(1);
  expect(listed.flatMap(({ arch }) => (arch !== null && inText.includes(arch) ? [arch] : []))).toEqual(
    inText,
  );
});

it.each([
  ['diff', 'docker-default', 'podman-default'],
  ['diff', 'docker-default', 'fixtures/profiles/good/oci-alternatives.json'],
  ['subset', 'podman-default', 'docker-default'],
  ['verify', 'docker-default', 'fixtures/programs/podman.b64'],
])('%s shows one call as text and as JSON: of %s and %s, that with the lowest number', (...words) => {
  const host = ['--arch', 'x86_64'];
  const text = ociSeccomp([...words, ...host]).stdout;
  const { architectures, outside, differences } = JSON.parse(
    ociSeccomp([...words, ...host, '--json']).stdout,
  );
  interface Change {
    readonly syscalls: readonly { readonly name: string; readonly nr: number }[];
    readonly witnesses: readonly { readonly call: { readonly syscall?: string; readonly nr: number } }[];
  }
  const [native]: readonly { arch: string; changes: readonly Change[] }[] =
    architectures ?? outside ?? differences;
  const shown = new Set([...text.matchAll(/^ {6}for instance (\w+)\(/gm)].map(([, name]) => name));
  const witnesses = (native?.changes ?? []).flatMap(({ syscalls, witnesses }) => {
    const lowest = Math.min(...syscalls.map(({ nr }) => nr));
    return witnesses.map(({ call }) => ({ name: call.syscall, isLowest: call.nr === lowest }));
  });
  expect(native?.arch).toBe('x86_64');
  expect(witnesses.length).toBeGreaterThan(0);
  expect(witnesses.filter(({ name, isLowest }) => !isLowest || !shown.has(name ?? ''))).toEqual([]);
});
