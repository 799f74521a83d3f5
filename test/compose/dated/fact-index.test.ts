import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { renderFactIndex } from '../../../tools/dated-profiles/render-fact-index.ts';

it('is what its generator makes of the dated profiles', () => {
  const file = new URL('../../../src/compose/dated/fact-index.generated.ts', import.meta.url);
  expect(readFileSync(file, 'utf8')).toBe(renderFactIndex());
});
