/**
 * `node load-subject.mjs OPERAND`: prints what loadSubject makes of it, in one line.
 * @module
 */
import { loadSubject } from '../../../src/cli/filter-source.ts';
import { renderError } from '../../../src/cli/render-error.ts';
import { OciSeccompError } from '../../../src/errors.ts';

try {
  const subject = await loadSubject(process.argv[2] ?? '');
  process.stdout.write(
    subject.kind === 'profile'
      ? `profile ${subject.input.name}`
      : `program ${subject.name}: ${subject.filters.map(({ program }) => program.length).join(' ')}`,
  );
} catch (error) {
  if (!(error instanceof OciSeccompError)) throw error;
  process.stdout.write(renderError(error));
}
