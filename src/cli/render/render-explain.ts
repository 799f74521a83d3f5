/**
 * Explanations as people read them.
 * @module
 */
import { formatClaim } from '../../compile/claim-text.ts';
import type { Answer } from '../../decision/answer-call.ts';
import { formatOutcome, type Words, wordsOf } from '../../decision/format-call.ts';
import type { Explanation, Way } from '../../report/explain-call.ts';
import {
  contradiction,
  headLines,
  miscompilation,
  reasonText,
  renderCases,
  renderRule,
  takenOtherwise,
  treatments,
  wordsFor,
} from '../../report/explain-text.ts';
import { placeOfRule } from '../../report/rule-text.ts';
import { undecidedPart } from '../answers/explain-question.ts';
import { explainSubject, type Filtered } from '../operands/filter-operand.ts';

/** The verdict in one line, then why. */
export function renderExplanation(explanation: Explanation, filtered: Filtered): string {
  const { ways, asked } = explanation;
  const parts = ways.map((way) => renderWay(way, explanation, filtered));
  const lines = [
    ...parts.flat(),
    ...renderElsewhere(explanation, asked.syscall),
    ...renderSubject(filtered),
    ...renderAlone(ways, filtered),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function renderWay(way: Way, { asked }: Explanation, filtered: Filtered): readonly string[] {
  const { answer, whole, call, each } = way;
  const words = wordsFor(way, asked.syscall);
  const lines: string[] = [
    ...headLines(way, asked.syscall, words),
    ...treatments(way),
    ...takenOtherwise(answer, explainSubject(filtered)),
  ];
  for (const [i, one] of each.entries()) {
    lines.push(
      `  filter ${i + 1} of ${each.length}: ${one.outcomes.map((outcome) => formatOutcome(outcome, call.arch)).join(' or ')}`,
    );
  }
  if (filtered.work !== undefined) lines.push(...renderReasons(way, words, filtered));
  else if (answer.outcomes.length === 1 && whole.outcomes.length > 1 && call.args.length > 0) {
    lines.push('  by its arguments the call gets:', ...renderCases(whole.description, words, '    '));
  }
  return lines;
}

function renderReasons(way: Way, words: Words, filtered: Filtered): readonly string[] {
  const { work, name } = filtered;
  if (work === undefined) return [];
  const { profile } = work.input;
  const { reason, rules } = way;
  const subject = explainSubject(filtered);
  const first = [
    ...(reason === undefined ? [] : [`  ${reasonText(reason, way, subject)}`]),
    ...contradiction(way),
    ...miscompilation(way, words, work.compiled.compiler),
  ];
  if (rules.length === 0) return first;
  const matching = reason?.kind === 'rules' ? [...reason.matching, ...reason.possible] : [];
  const title = matching.length > 0 ? 'rules about it:' : 'rules about it, none of which applies:';
  return [
    ...first,
    `  ${title}`,
    ...rules.flatMap((rule) => {
      const where = placeOfRule(profile, rule.rule, name);
      const notes = rule.notes.map((note) => `      (${note})`);
      return [...renderRule(rule, way, words, subject).map((text) => `    ${where}: ${text}`), ...notes];
    }),
  ];
}

function renderElsewhere({ ways, elsewhere }: Explanation, syscall: string | undefined): readonly string[] {
  const key = (answer: Answer, words: Words): string => renderCases(answer.description, words, '').join('\n');
  const own = ways.find(({ through: by }) => by === undefined);
  const here = own === undefined ? '' : key(own.answer, wordsFor(own, syscall));
  const same: string[] = [];
  const other: string[] = [];
  for (const { arch, answer } of elsewhere) {
    const words = wordsOf(arch, syscall);
    if (key(answer, words) === here) same.push(arch);
    else {
      const lines = renderCases(answer.description, words, '');
      const [only] = lines;
      if (lines.length === 1 && only !== undefined) {
        other.push(`  otherwise on ${arch}: ${only.replace(/ +always$/, '')}`);
      } else other.push(`  otherwise on ${arch}:`, ...lines.map((line) => `    ${line}`));
    }
  }
  return [...(same.length === 0 ? [] : [`  the same on ${same.join(', ')}`]), ...other];
}

/** What the answer rests on, if nothing is proven of what it is about. */
function renderAlone(ways: readonly Way[], filtered: Filtered): readonly string[] {
  const what = undecidedPart(ways, filtered);
  if (what === undefined) return [];
  if (what === 'all-calls') {
    return ['  all calls together are too complex to decide: only the call above was decided'];
  }
  const isSame = ways.every(({ otherwiseMeant }) => otherwiseMeant === undefined);
  const says = isSame ? ', and with them the program does what the rules say' : '';
  return [`  the call is too complex to decide with all arguments: only those above were decided${says}`];
}

function renderSubject({
  name,
  circumstances,
  programs,
  basis,
  counterexample,
}: Filtered): readonly string[] {
  const [runtime, ...host] = circumstances;
  if (runtime !== undefined) {
    const claim =
      basis.kind === 'profile'
        ? [
            `  ${formatClaim(basis.claim)}`,
            ...(counterexample === undefined ? [] : [`    for instance: ${counterexample}`]),
          ]
        : [];
    const by = runtime === 'plain' ? 'libseccomp alone builds it for' : `${runtime} installs it on`;
    return [`  ${name}, as ${by} ${host.join(', ')}`, ...claim];
  }
  return programs.length > 1
    ? [
        `  ${name}: ${programs.length} filters, the oldest first: the strictest answer decides, and of equally strict ones that of the newest filter`,
      ]
    : [];
}
