/**
 * All texts that lint is tried on: the cases of its rules, and published profiles where they are at hand.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LintOptions } from '../../src/lint/engine/lint-profile.ts';
import type { RuleCases } from './cases.ts';

export interface Sample {
  readonly name: string;
  readonly text: string;
  readonly options: LintOptions;
}

const cases = join(import.meta.dirname, 'cases');
const corpus = join(import.meta.dirname, '../../../shared/data/corpus');

export const hasCorpus = existsSync(corpus);

/**
 * What it flags takes all the work that lint may do of one profile, and its findings have neither a fix nor a witness to try.
 * Its clean cases are profiles of the same shape that are decided.
 */
const COSTLY = 'not-decided.ts';

/** Every flagged case, and the clean ones of the costly rule. */
export async function caseSamples(): Promise<readonly Sample[]> {
  const modules = await Promise.all(
    readdirSync(cases).map(async (file) => ({
      file,
      ...((await import(join(cases, file))) as { cases: RuleCases }),
    })),
  );
  return modules.flatMap(({ file, cases: { flagged, clean } }) =>
    (file === COSTLY ? clean : flagged).map(({ name, text, options = {} }) => ({
      name: `${file} ${name}`,
      text,
      options,
    })),
  );
}

/** Every published profile in JSON. */
export function corpusSamples(): readonly Sample[] {
  if (!hasCorpus) return [];
  return readdirSync(corpus)
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({ name: file, text: readFileSync(join(corpus, file), 'utf8'), options: {} }));
}
