/**
 * The behaviour tables of fixtures/cases/: each filter is built through `Filter` with each library, and its program is
 * judged, row by row, by an interpreter that shares nothing with `src/` and by the kernel.
 */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { allArchitectures, architectures, findArchitecture } from '../../src/abi/architectures.ts';
import { fetchedLibraries } from '../oracle/libraries.ts';
import { runHelper } from '../oracle/support/native.ts';
import { describeWith } from '../oracle/support/require.ts';
import {
  buildCase,
  kernelDisagreements,
  kernelQuestions,
  simulatorDisagreements,
  variesLayout,
} from './support/case-runs.ts';
import {
  actionText,
  type CaseFilter,
  type CaseRow,
  parseCases,
  readCases,
  type Step,
} from './support/cases.ts';

const versions = ['2.5.4', '2.6.0', '2.6.1'] as const;
const files = readdirSync(new URL('../../fixtures/cases', import.meta.url)).filter((name) =>
  name.endsWith('.cases'),
);
const tables = files.map((name) => ({ name, filters: readCases(name) }));
const allFilters = tables.flatMap(({ filters }) => filters);
const allRows = allFilters.flatMap(({ rows }) => rows);

function libraryPath(version: string): string {
  const found = fetchedLibraries().find((library) => library.version === version);
  if (found === undefined) throw new Error(`libseccomp ${version} has not been fetched`);
  return found.path;
}

function older(version: string, than: string): boolean {
  return version.localeCompare(than, 'en', { numeric: true }) < 0;
}

/** The first release with all that a filter asks for. */
function sinceOf({ since, archs }: CaseFilter): string {
  const all = [since, ...archs.map((arch) => findArchitecture(arch)).map((row) => row?.since ?? '2.0.0')];
  return all.reduce((newest, each) => (older(newest, each) ? each : newest));
}

const available = (filters: readonly CaseFilter[], version: string) =>
  filters.filter((filter) => !filter.loops && !older(version, sinceOf(filter)));

describe.each(tables)('$name', ({ filters }) => {
  for (const version of versions) {
    describeWith([`libseccomp ${version}`], `libseccomp ${version}, interpreted`, () => {
      const path = libraryPath(version);

      it.each(available(filters, version))('$title', (filter) => {
        const layouts = variesLayout(filter) ? ([1, 2] as const) : ([1] as const);
        for (const layout of layouts) {
          const program = buildCase(filter, path, layout);
          expect(simulatorDisagreements(filter, program, version), `layout ${layout}`).toEqual([]);
        }
      });

      const tooNew = filters.filter((filter) => older(version, sinceOf(filter)));
      it.runIf(tooNew.length > 0).each(tooNew)('$title: is refused, it needs more', (filter) => {
        expect(() => buildCase(filter, path)).toThrow(
          expect.objectContaining({ code: 'ERR_LIBSECCOMP_TOO_OLD' }),
        );
      });
    });
  }

  const needed = ['x86_64', 'cc', ...versions.map((version) => `libseccomp ${version}` as const)] as const;
  describeWith(needed, 'in the kernel', () => {
    it('answers as the rows say', () => {
      const questions = versions.flatMap((version) =>
        available(filters, version).flatMap((filter) =>
          kernelQuestions(filter, buildCase(filter, libraryPath(version)), version),
        ),
      );
      expect(kernelDisagreements(questions).wrong).toEqual([]);
    });
  });
});
