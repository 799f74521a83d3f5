/**
 * What comes with the package about defaults is what linting them finds and reading them states.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { copyForms, datedInForm } from '../../../src/compose/dated/copy-form.ts';
import { statedFacts } from '../../../src/compose/dated/fact-index.ts';
import { datedFamilies, newestRelease } from '../../../src/compose/dated/releases.ts';
import { factsOf } from '../../../src/compose/dated/rule-facts.ts';
import { readProfile } from '../../../src/oci/read-profile.ts';
import { serializeProfile } from '../../../src/oci/serialize.ts';
import { renderDefaultFindings } from '../../../tools/dated-profiles/render-default-findings.ts';

it('are the findings that linting the defaults gives', async () => {
  const file = new URL('../../../src/lint/engine/default-findings.generated.ts', import.meta.url);
  expect(readFileSync(file, 'utf8')).toBe(await renderDefaultFindings());
});

describe('what a default states is what reading it says', () => {
  it.each(datedFamilies.flatMap((family) => copyForms.map((form) => [family, form] as const)))(
    '%s, %s',
    (family, form) => {
      const number = newestRelease(family).run.profile;
      const { profile } = readProfile(serializeProfile(datedInForm(number, form)));
      if (profile === undefined) throw new Error('a default cannot be read');
      const keys = (facts: ReadonlyMap<string, readonly { readonly key: string }[]>) =>
        [...facts].map(([call, list]) => [call, ...list.map(({ key }) => key).sort()].join('\n')).sort();
      expect(keys(statedFacts(number, form))).toEqual(keys(factsOf(profile)));
    },
  );
});
