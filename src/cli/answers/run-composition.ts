/**
 * The walk of the commands that make a profile out of profiles.
 * @module
 */
import { listWords } from '../../abi/list-words.ts';
import type { LoadedProfile } from '../../pipeline/load-profile.ts';
import type { OptionsOf } from '../define/command-definition.ts';
import type { composeOptions } from '../define/compose-options.ts';
import { answer, type Ending } from '../exit-code.ts';
import { unifiedDiff } from '../lint/unified-diff.ts';
import { requireTwoOutputs, writeOutput, writeProof } from '../output.ts';
import { archsOf } from '../render/covering-text.ts';
import {
  type CompositionVerb,
  type CompositionWords,
  renderCheck,
  renderComposition,
  renderCompositionReport,
} from '../render/render-composition.ts';
import { visibleReport } from '../render/safe-text.ts';
import { writeAside, writeStdout } from '../streams.ts';
import { brokenUnderProfile } from './broken-result.ts';
import {
  type Compose,
  type Composed,
  checkAgainst,
  composeOperands,
  writeComposed,
} from './composed-profile.ts';

/** What tells the commands apart. */
interface CompositionCommand {
  readonly verb: CompositionVerb;
  readonly compose: Compose;
  /** @param names - of the profiles */
  readonly wordsFor: (names: string) => CompositionWords;
  /** Default: {@link anew}. */
  readonly writing?: Writing;
}

/** How the result becomes a text. */
export interface Writing {
  /** What is done to each input before it is composed. */
  readonly prepare: (input: LoadedProfile) => LoadedProfile;
  readonly write: (composed: Composed) => Promise<WrittenProfile>;
}

/** The result as a text. */
interface WrittenProfile {
  readonly text: string;
  /** The text of the input, if this one is an edit of it. */
  readonly before?: string;
  /** What is lost by it, as a line. */
  readonly loss?: string;
}

type Options = OptionsOf<typeof composeOptions> & { readonly diff?: true };

/** The result in a layout of its own. */
export function anew(options: Options): Writing {
  return {
    prepare: (input) => input,
    write: async (composed) => ({ text: await writeComposed(composed, options) }),
  };
}

/** Composes what the operands name, and writes it, or checks the profile of `--check`. */
export async function runComposition(
  operands: readonly string[],
  options: Options,
  { verb, compose, wordsFor, writing = anew(options) }: CompositionCommand,
): Promise<Ending> {
  requireTwoOutputs(options, operands);
  // A patch is no profile: it replaces none.
  if (options.diff === true) (await import('../define/named-files.ts')).refuseOver(options.output, operands);
  const composed = await composeOperands(operands, compose, options, writing.prepare);
  const words = wordsFor(listWords(composed.inputs.map(({ name }) => name)));
  const { checked } = composed;
  if (checked !== undefined) {
    const mayBeStricter = options.stricter === true;
    const proof = checkAgainst(checked, composed, mayBeStricter);
    writeProof(renderCompositionReport(verb, composed, { file: checked.operand, proof }), options);
    const isQuiet = options.quiet === true || options.report === '-';
    const isRight = proof.wrong.length === 0 && (mayBeStricter || proof.stricter.length === 0);
    if (!isQuiet) {
      const text = renderCheck(checked.name, proof, words, isRight, composed.inputs);
      writeStdout(visibleReport(text));
    }
    return answer(isRight);
  }
  const { text, before, loss = '' } = await writing.write(composed);
  const patch = options.diff === true ? await patchOf(composed, text, before, options) : undefined;
  writeOutput(options.output, patch ?? text);
  const { profile, proof } = composed.composition;
  const breaks = await brokenUnderProfile(profile, archsOf(proof.hosts));
  writeProof(renderCompositionReport(verb, composed, undefined, breaks), options);
  if (options.quiet === true) return 'yes';
  if (patch === '') writeAside(`no rule changes: the patch is empty\n`);
  writeAside(renderComposition(composed, words, breaks) + loss);
  return 'yes';
}

/** @param text - of the first profile, as a patch of it needs it; without it, both are in the layout of the result */
async function patchOf(
  composed: Composed,
  after: string,
  text: string | undefined,
  options: Options,
): Promise<string> {
  const { inputs, profiles, composition } = composed;
  const [profile = composition.profile] = profiles;
  const before =
    text ?? (await writeComposed({ ...composed, composition: { ...composition, profile } }, options));
  const [input] = inputs;
  // Not the name of the file: such a patch does not apply to it.
  const isAnew = text === undefined && input?.source !== undefined;
  return unifiedDiff(`${input?.name ?? ''}${isAnew ? ' as JSON' : ''}`, before, after);
}
