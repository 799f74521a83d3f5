/**
 * The behaviour tables of fixtures/cases/: each filter is built through `Filter` with each library, and its program is
 * judged, row by row, by an interpreter that shares nothing with `src/` and by the kernel.
 */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { allArchitectures } from '../../src/abi/architectures.ts';
import { findArchitecture } from '../../src/abi/find-architecture.ts';
import { operators } from '../../src/abi/operators.ts';
import { fetchedLibraries } from '../oracle/libraries.ts';
import { loopsAfterMs, runHelper } from '../oracle/support/native.ts';
import { describeWith } from '../oracle/support/require.ts';
import {
  buildCase,
  type KernelQuestion,
  kernelDisagreements,
  kernelQuestions,
  scriptOf,
  simulatorDisagreements,
  variesLayout,
} from './support/case-runs.ts';
import { actionText, type CaseFilter, parseCases, readCases } from './support/cases.ts';

const versions = ['2.5.4', '2.6.0', '2.6.1'] as const;
const folder = new URL('../../fixtures/cases/', import.meta.url);
const tables = readdirSync(folder)
  .filter((name) => name.endsWith('.cases'))
  .map((name) => ({ name, filters: readCases(name) }));
const allFilters = tables.flatMap(({ filters }) => filters);
const allRows = allFilters.flatMap(({ rows }) => rows);

function libraryPath(version: string): string {
  const found = fetchedLibraries().find((library) => library.version === version);
  if (found === undefined) throw new Error(`libseccomp ${version} has not been fetched`);
  return found.path;
}

function isOlder(version: string, than: string): boolean {
  return version.localeCompare(than, 'en', { numeric: true }) < 0;
}

/** The first release with all that a filter asks for. */
function sinceOf({ since, archs }: CaseFilter): string {
  const all = [since, ...archs.map((arch) => findArchitecture(arch)?.since ?? '2.0.0')];
  return all.reduce((newest, each) => (isOlder(newest, each) ? each : newest));
}

function buildable(filters: readonly CaseFilter[], version: string): readonly CaseFilter[] {
  return filters.filter((filter) => !filter.loops && !isOlder(version, sinceOf(filter)));
}

/** Both ways to lay a program out, where the filter does not choose. */
function layoutsOf(filter: CaseFilter): readonly (1 | 2)[] {
  return variesLayout(filter) ? [1, 2] : [1];
}

function questionsAbout(filters: readonly CaseFilter[], version: string): readonly KernelQuestion[] {
  const path = libraryPath(version);
  return filters.flatMap((filter) =>
    layoutsOf(filter).flatMap((layout) => kernelQuestions(filter, buildCase(filter, path, layout), version)),
  );
}

describe.each(tables)('$name', ({ filters }) => {
  describe.each(versions)('libseccomp %s', (version) => {
    describeWith([`libseccomp ${version}`], 'interpreted', () => {
      const path = libraryPath(version);

      it.each(buildable(filters, version))('$title', (filter) => {
        for (const layout of layoutsOf(filter)) {
          const program = buildCase(filter, path, layout);
          expect(simulatorDisagreements(filter, program, version), `layout ${layout}`).toEqual([]);
        }
      });

      const tooNew = filters.filter((filter) => isOlder(version, sinceOf(filter)));
      it.runIf(tooNew.length > 0).each(tooNew)('$title: refused, the library is too old', (filter) => {
        const tooOld = expect.objectContaining({ code: 'ERR_LIBSECCOMP_TOO_OLD' });
        expect(() => buildCase(filter, path)).toThrow(tooOld);
      });
    });

    const here = buildable(filters, version);
    if (here.length > 0) {
      describeWith(['x86_64', 'cc', `libseccomp ${version}`], 'in the kernel', () => {
        it('answers as the rows say', () => {
          const questions = questionsAbout(here, version).filter(({ row }) => row.arch !== 'x86');
          expect(kernelDisagreements(questions)).toEqual([]);
        });

        if (here.some(({ rows }) => rows.some(({ arch }) => arch === 'x86'))) {
          describeWith(['32-bit programs'], 'by int $0x80', () => {
            it('answers as the rows say', () => {
              const questions = questionsAbout(here, version).filter(({ row }) => row.arch === 'x86');
              expect(kernelDisagreements(questions)).toEqual([]);
            });
          });
        }
      });
    }

    const endless = filters.filter(({ loops }) => loops);
    if (endless.length > 0) {
      describeWith(['x86_64', 'cc', `libseccomp ${version}`], 'loops', () => {
        it.each(endless)('$title', (filter) => {
          const library = libraryPath(version);
          const { signal, stdout } = runHelper('libseccomp-build', [library, loopsAfterMs], scriptOf(filter));
          // The helper prints what each call returned: all did but the last.
          const returned = Array.from({ length: filter.steps.length - 1 }, () => 'rule 0');
          expect([signal, stdout.trimEnd().split('\n').slice(1)]).toEqual(['SIGPROF', returned]);
        });
      });
    }
  });
});

describe.each(versions)('libseccomp %s', (version) => {
  describeWith([`libseccomp ${version}`], 'layout', () => {
    // No verdict shows whether an attribute or a priority arrived, but the program does.
    const steps = 'filter f\nrule ERRNO(1) getpid\nrule ERRNO(2) getppid\nrule ERRNO(3) getuid\n';
    const program = (more: string): Uint8Array => {
      const [filter] = parseCases(`${steps}${more}\nx86_64 getgid -> ALLOW\n`, 'a.cases');
      if (filter === undefined) throw new Error('no filter');
      return buildCase(filter, libraryPath(version));
    };

    it.each(['priority getuid 255', 'priority getppid 1', 'attr CTL_OPTIMIZE 2'])('%s', (step) => {
      expect(program(step)).not.toEqual(program(''));
    });
  });
});

describe('the tables', () => {
  it('have rows for each architecture and action, and rules with each operator', () => {
    expect(allRows.length).toBeGreaterThan(600);
    const archs = new Set(allRows.map(({ arch }) => arch));
    expect([...archs].sort()).toEqual(allArchitectures.map(({ name }) => name).sort());
    const actions = new Set(allRows.map(({ expected }) => actionText(expected).replace(/\(.*/, '')));
    expect(actions.size).toBe(8);
    const used = allFilters.flatMap(({ steps }) =>
      steps.flatMap((step) => (step.kind === 'rule' ? step.comparisons.map(({ op }) => op) : [])),
    );
    expect(new Set(used)).toEqual(new Set(Object.values(operators).map(({ symbol }) => symbol)));
  });

  describeWith(['x86_64', 'cc', 'libseccomp 2.6.1'], 'numbers', () => {
    it('are what the library itself resolves names to', () => {
      const named = allRows.filter(({ syscall }) => /^[a-z]/.test(syscall));
      const script = named.map(({ arch, syscall }) => `resolve-arch ${arch} ${syscall}\n`).join('');
      const { stdout } = runHelper('libseccomp-build', [libraryPath('2.6.1')], script);
      const answers = stdout.trimEnd().split('\n');
      const wrong = named.filter(({ nr }, i) => {
        const answer = Number(answers[i]?.split(' ')[1]);
        // Calls with a multiplexer get a pseudo number, whether or not they have one of their own.
        return answer !== nr && !(answer <= -100 && answer >= -300);
      });
      expect(wrong.map(({ where, text }) => `${where}: ${text}`)).toEqual([]);
    });
  });
});

describeWith(['x86_64', 'cc', 'libseccomp 2.6.1'], 'a row that is wrong', () => {
  const path = libraryPath('2.6.1');
  const read = (row: string): CaseFilter => {
    const [filter] = parseCases(`filter   one rule\nrule ERRNO(7) getppid a0 == 5\n${row}\n`, 'a.cases');
    if (filter === undefined) throw new Error('no filter');
    return filter;
  };

  it.each([
    ['x86_64 getppid 5 -> ALLOW', 'expected ALLOW, found ERRNO(7)', 'expected ALLOW, found errno 7'],
    ['x86_64 getppid 6 -> ERRNO(7)', 'expected ERRNO(7), found ALLOW', 'expected ERRNO(7), found return'],
    ['x86_64 getppid 5 -> ERRNO(8)', 'expected ERRNO(8), found ERRNO(7)', 'expected ERRNO(8), found errno 7'],
    ['x86_64 getppid 5 -> ERRNO(7) ; 2.6.1 TRAP', 'expected TRAP, found', 'expected TRAP, found errno 7'],
  ])('%s', expectBoth);

  describeWith(['32-bit programs'], 'by int $0x80', () => {
    it('x86 getppid -> TRAP', () => {
      const [interpreted, inKernel] = ['found KILL_THREAD', 'found kill-thread'];
      expectBoth('x86 getppid -> TRAP', `expected TRAP, ${interpreted}`, `expected TRAP, ${inKernel}`);
    });
  });

  function expectBoth(row: string, interpreted: string, inKernel: string): void {
    const filter = read(row);
    const program = buildCase(filter, path);
    const [message = ''] = simulatorDisagreements(filter, program, '2.6.1');
    expect(message).toMatch(/^a\.cases:3: /);
    expect(message).toContain(interpreted);
    const [seen = ''] = kernelDisagreements(kernelQuestions(filter, program, '2.6.1'));
    expect(seen).toMatch(/^a\.cases:3: /);
    expect(seen).toContain(inKernel);
  }

  it('a step that does something else is named', () => {
    const [filter] = parseCases(
      'filter f\nrule ERRNO(7) getppid ! EEXIST\nx86_64 getppid -> ALLOW\n',
      'a.cases',
    );
    expect(() => filter && buildCase(filter, path)).toThrow('a.cases:2: step expected EEXIST, found done');
  });
});

describe('parseCases', () => {
  it.each([
    ['rule ERRNO(1) getppid', 'a.cases:1: a filter must come first'],
    ['filter f\nx86_64 nosuch -> ALLOW', 'a.cases:2: x86_64 has no nosuch'],
    ['filter f\nx87 getppid -> ALLOW', 'a.cases:2: no architecture: x87'],
    ['filter f\nx86_64 getppid -> MAYBE', 'a.cases:2: not an action: MAYBE'],
    ['filter f\nx86 getppid 0x100000000 -> ALLOW', 'a.cases:2: arguments x86 cannot have'],
    ['filter f\nrule ALLOW getppid a0 ~ 1', 'a.cases:2: not a comparison: a0 ~ 1'],
    ['filter f\nfrobnicate', 'a.cases:2: unknown line: frobnicate'],
    ['filter f\nx86_64 getppid -> ALLOW\nrule ERRNO(1) getuid', 'a.cases:3: a step after rows'],
    ['filter f\nrule ERRNO(1) getuid', 'a.cases:1: a filter has rows, or loops'],
  ])('%j', (text, message) => {
    expect(() => parseCases(text, 'a.cases')).toThrow(message);
  });
});
