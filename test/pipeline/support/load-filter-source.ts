/**
 * `node load-filter-source.mjs OPERAND`: prints what loadFilterSource makes of it, in one line.
 * @module
 */
import { renderError } from '../../../src/cli/render/render-error.ts';
import { OciSeccompError } from '../../../src/errors.ts';
import { loadFilterSource } from '../../../src/pipeline/filter-source.ts';

try {
  const subject = await loadFilterSource(process.argv[2] ?? '');
  process.stdout.write(
    subject.kind === 'profile'
      ? `profile ${subject.input.name}`
      : `program ${subject.name}: ${subject.filters.map(({ program }) => program.length).join(' ')}`,
  );
} catch (error) {
  if (!(error instanceof OciSeccompError)) throw error;
  process.stdout.write(renderError(error));
}
