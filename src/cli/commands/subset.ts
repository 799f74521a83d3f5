/**
 * `oci-seccomp subset`: is everything that one filter allows within another?
 * @module
 */
import { decidePrograms } from '../../decision/answer.ts';
import { findCompanyDifference } from '../../decision/company.ts';
import { findDifferences, withRelations } from '../../decision/difference.ts';
import { formatCompany } from '../../decision/format.ts';
import { createSpace } from '../../decision/space.ts';
import { answer, type Ending } from '../exit-code.ts';
import type { ReadingOptions } from '../operands/filter-operand.ts';
import { basisJson, renderBasis } from '../render/answer-basis.ts';
import { companyJson, differencesJson, printJson } from '../render/json-meaning.ts';
import { arrange, renderDifferences } from '../render/render-diff.ts';
import { writeStdout } from '../streams.ts';
import { loadPair, namesOf, type OtherOptions, preferredOf } from './diff.ts';

export interface SubsetCommandOptions extends ReadingOptions, OtherOptions {
  readonly json?: boolean;
  readonly verbose?: boolean;
}

export async function runSubset(operands: readonly string[], options: SubsetCommandOptions): Promise<Ending> {
  const [inner, outer] = await loadPair(operands, options);
  const space = createSpace();
  const [a, b] = [decidePrograms(space, inner.programs), decidePrograms(space, outer.programs)];
  // Where the inner one is looser than the outer, it sticks out.
  const all = findDifferences(space, b, a);
  const outside = withRelations(all, ['looser', 'unknown']);
  const { first, second } = namesOf(inner, outer);
  const company = findCompanyDifference(space, b, a, ['looser', 'unknown'], preferredOf([inner, outer]));
  const isSubset = outside.length === 0;
  const bases = [inner.basis, outer.basis];
  if (options.json === true) {
    const { architectures } = differencesJson(outside, { first: second, second: first });
    writeStdout(
      printJson({
        inner: first,
        outer: second,
        subset: isSubset,
        equal: all.length === 0,
        outside: architectures,
        besideAnotherFilter: companyJson(company),
        restsOn: bases.map(basisJson),
      }),
    );
  } else if (isSubset) {
    const note =
      company === undefined ? '' : `${formatCompany(company, { first: second, second: first }).join('\n')}\n`;
    const equal = all.length === 0 ? '; they are equal' : '';
    writeStdout(
      `${first} is within ${second}: no call gets a looser verdict${equal}\n${note}${renderBasis(bases)}`,
    );
  } else {
    const text = renderDifferences(
      arrange(outside, preferredOf([inner, outer])),
      { first: second, second: first },
      options,
    );
    writeStdout(
      `${first} is not within ${second}: these calls get more from it (→ leads from the verdict of the second)\n${text}${renderBasis(bases)}`,
    );
  }
  return answer(isSubset);
}
