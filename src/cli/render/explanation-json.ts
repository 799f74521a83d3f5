/**
 * The answer of `explain` as JSON.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import { isFlagSet } from '../../abi/flag-sets.ts';
import { syscallName } from '../../abi/syscall-numbers.ts';
import { wordsOf } from '../../decision/format-call.ts';
import type { Explanation, Way } from '../../report/explain-call.ts';
import {
  argumentTexts,
  contradiction,
  takenOtherwise,
  treatments,
  wordsFor,
} from '../../report/explain-text.ts';
import { undecidedPart } from '../answers/explain-question.ts';
import { counterexampleOf, explainSubject, type Filtered } from '../operands/filter-operand.ts';
import { basisJson } from './answer-basis.ts';
import { descriptionJson, outcomeJson, verdictJson, witnessJson } from './json-meaning.ts';

export function explanationJson({ asked, ways, elsewhere }: Explanation, filtered: Filtered) {
  const shown = counterexampleOf(filtered.work);
  const complex = undecidedPart(ways, filtered);
  return {
    subject: filtered.name,
    compiledFor: filtered.circumstances,
    restsOn: basisJson(filtered.basis),
    ...(filtered.decided?.isPart === true ? { decidedAlone: true } : {}),
    ...(complex === undefined ? {} : { tooComplex: complex }),
    ...(shown === undefined ? {} : { witness: witnessJson(shown) }),
    arch: asked.arch,
    syscall: asked.syscall ?? null,
    defaultAction: defaultActionJson(filtered, asked.arch),
    ways: ways.map((way) => wayJson(way, asked.syscall, filtered)),
    elsewhere: elsewhere.map(({ arch, answer }) => ({
      arch,
      ...descriptionJson(answer.description, wordsOf(arch, asked.syscall)),
    })),
  };
}

/** The action of calls that no rule is about, and where the profile says it; `null` for a program. */
export function defaultActionJson({ work }: Filtered, arch: ArchName) {
  if (work === undefined) return null;
  const verdict = verdictJson(work.lowered.policy.defaultAction, arch);
  return { verdict, place: work.input.profile.defaultActionPlace ?? null };
}

function wayJson(way: Way, syscall: string | undefined, filtered: Filtered) {
  const { work, name } = filtered;
  const { call, through, answer, whole, each, otherwiseMeant, reason, rules } = way;
  const words = wordsOf(call.arch, through?.multiplexer ?? syscallName(call.nr, call.arch) ?? syscall);
  return {
    nr: call.nr >>> 0,
    through: through === undefined ? null : { multiplexer: through.multiplexer, argument: through.argument },
    args: call.args.map((value) =>
      value === undefined ? null : isFlagSet(value) ? value.text : String(value),
    ),
    argsText: argumentTexts(way, syscall, wordsFor(way, syscall)),
    verdicts: answer.outcomes.map((outcome) => outcomeJson(outcome, call.arch)),
    remarks: [
      ...treatments(way),
      ...takenOtherwise(answer, explainSubject(filtered)),
      ...contradiction(way),
    ].map((line) => line.trim()),
    dependsOn: answer.dependsOn,
    dependsOnInstructionPointer: answer.dependsOnInstructionPointer,
    ...descriptionJson(answer.description, words),
    anyArguments: descriptionJson(whole.description, words),
    filters: each.map(({ outcomes }) => outcomes.map((outcome) => outcomeJson(outcome, call.arch))),
    rulesSay: otherwiseMeant === undefined ? null : descriptionJson(otherwiseMeant.description, words),
    reason: reason ?? null,
    rules: rules.map(({ rule, treatment, notes, matches }) => ({
      rule,
      place: work?.input.profile.rules[rule]?.place ?? null,
      profile: name,
      fate: treatment.kind,
      ...('message' in treatment ? { message: treatment.message } : {}),
      notes,
      matches: matches.map(({ returnWord, comparisons, matches: holds, overruled }) => ({
        verdict: verdictJson(returnWord, call.arch),
        comparisons: comparisons.map((each) => ({ ...each, holds: each.holds ?? null })),
        matches: holds ?? null,
        overruled,
      })),
    })),
  };
}
