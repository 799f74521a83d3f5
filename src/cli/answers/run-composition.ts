/**
 * The walk of the commands that make a profile out of profiles.
 * @module
 */
import { listWords } from '../../abi/list-words.ts';
import type { LoadedProfile } from '../../pipeline/load-profile.ts';
import { displayName } from '../../pipeline/read-input.ts';
import type { OptionsOf } from '../define/command-definition.ts';
import type { composeOptions } from '../define/compose-options.ts';
import { answer, type Ending } from '../exit-code.ts';
import { unifiedDiff } from '../lint/unified-diff.ts';
import { requireTwoOutputs, writeOutput, writeProof } from '../output.ts';
import {
  type CompositionVerb,
  type CompositionWords,
  renderCheck,
  renderComposition,
  renderCompositionReport,
} from '../render/render-composition.ts';
import { visibleReport } from '../render/safe-text.ts';
import { writeAside, writeStdout } from '../streams.ts';
import {
  type Compose,
  type Composed,
  checkAgainst,
  composeOperands,
  writeComposed,
} from './composed-profile.ts';

/** Composes what the operands name, and writes it, or checks the profile of `--check`. */
export async function runComposition(
  verb: CompositionVerb,
  operands: readonly string[],
  options: OptionsOf<typeof composeOptions> & { readonly diff?: true },
  compose: Compose,
  wordsFor: (names: string) => CompositionWords,
): Promise<Ending> {
  requireTwoOutputs(options);
  const texts = verb === 'simplify' ? await import('./simplified-text.ts') : undefined;
  const prepare = texts === undefined ? undefined : (input: LoadedProfile) => texts.commented(input, options);
  const composed = await composeOperands(operands, compose, options, prepare);
  const words = wordsFor(listWords(composed.inputs.map(({ name }) => name)));
  if (options.check !== undefined) {
    const proof = await checkAgainst(options.check, composed, options);
    writeProof(renderCompositionReport(verb, composed, { file: options.check, proof }), options);
    const isQuiet = options.quiet === true || options.report === '-';
    const isRight = proof.wrong.length === 0 && (options.stricter === true || proof.stricter.length === 0);
    if (!isQuiet) writeStdout(visibleReport(renderCheck(displayName(options.check), proof, words, isRight)));
    return answer(isRight);
  }
  const [input] = composed.inputs;
  const { profile } = composed.composition;
  const simple = input === undefined ? undefined : await texts?.simplifyText(input, profile, options);
  const edit = simple !== undefined && 'after' in simple ? simple : undefined;
  const loss =
    input !== undefined && simple !== undefined && 'reason' in simple
      ? texts?.lossOfText(input, simple.reason, options.output)
      : undefined;
  const text = edit?.after ?? (await writeComposed(composed, options));
  const patch = options.diff === true ? await patchOf(composed, text, edit?.before, options) : undefined;
  writeOutput(options.output, patch ?? text);
  writeProof(renderCompositionReport(verb, composed, undefined), options);
  if (options.quiet === true) return 'yes';
  if (patch === '') writeAside(`no rule changes: the patch is empty\n`);
  writeAside(renderComposition(composed, words) + (loss ?? ''));
  return 'yes';
}

/** @param text - of the first profile, as a patch of it needs it; without it, both are in the layout of the result */
async function patchOf(
  composed: Composed,
  after: string,
  text: string | undefined,
  options: OptionsOf<typeof composeOptions>,
): Promise<string> {
  const { inputs, profiles, composition } = composed;
  const [profile = composition.profile] = profiles;
  const before =
    text ?? (await writeComposed({ ...composed, composition: { ...composition, profile } }, options));
  return unifiedDiff(inputs[0]?.name ?? '', before, after);
}
