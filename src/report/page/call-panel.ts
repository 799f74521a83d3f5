/**
 * One call: its arguments as fields, what becomes of it, and which rule says so.
 * @module
 */
import { type ArchName, architectures } from '../../abi/architectures.ts';
import { argumentField } from '../../abi/argument-fields.ts';
import { argumentName } from '../../abi/arguments.ts';
import type { KnownArgument } from '../../abi/flag-sets.ts';
import { directSyscallNumber, multiplexedCall } from '../../abi/syscall-numbers.ts';
import { syscallSignature } from '../../abi/syscall-signatures.ts';
import { formatOutcome } from '../../decision/format-call.ts';
import { type CallQuestion, parseArguments } from '../asked-call.ts';
import { type Cell, verdictKinds } from '../call-cells.ts';
import { type ExplainedRule, isOpen, type Way } from '../explain-call.ts';
import {
  contradiction,
  headLines,
  miscompilation,
  reasonText,
  renderRule,
  takenOtherwise,
  treatments,
  wordsFor,
} from '../explain-text.ts';
import type { Judged } from '../judge-profile.ts';
import type { ReportData } from '../report-data.ts';
import { cellsOf } from './call-matrix.ts';
import { type Child, count, fill, h, nameList } from './dom.ts';
import { type Judge, textOfError } from './judge-here.ts';
import type { Store } from './page-state.ts';

export function makeCallPanel(data: ReportData, store: Store, judge: Judge): HTMLElement {
  const panel = h('section', { class: 'panel call', id: 'call', 'aria-label': 'One call' });
  const draw = (): void => {
    const { syscall, arch } = store.get();
    if (syscall === undefined) fill(panel, ...invitation(store));
    else fill(panel, ...callForm(syscall, arch, data, store, judge));
  };
  store.subscribe((state, before) => {
    const keys = ['syscall', 'arch', 'view', 'failure'] as const;
    if (keys.some((key) => state[key] !== before[key])) draw();
    if (state.syscall === before.syscall) return;
    // In a narrow window the panel is below the matrix, else at the top of a column that scrolls by itself.
    if (window.matchMedia('(max-width: 1000px)').matches) panel.scrollIntoView({ block: 'start' });
    else panel.parentElement?.scrollTo({ top: 0 });
  });
  draw();
  return panel;
}

function invitation(store: Store): readonly Child[] {
  const state = store.get();
  const cells = cellsOf(state);
  const list = (title: string, names: readonly string[]): readonly Child[] =>
    names.length === 0
      ? []
      : [h('h3', {}, title), h('p', {}, ...nameList(names, 24, (syscall) => store.set({ syscall })))];
  const named = (pick: (cell: Cell) => boolean): readonly string[] =>
    cells.filter(pick).map(({ syscall }) => syscall);
  return [
    h('h2', {}, 'Ask about a call'),
    h(
      'p',
      { class: 'muted' },
      'Choose a call in the matrix. You can set its arguments here, and see what becomes of it and which rule decides.',
    ),
    ...list(
      'Dangerous, and they get through',
      named(({ dangers }) => dangers !== undefined),
    ),
    ...list(
      'Decided by arguments',
      named(({ kind }) => kind === 'arguments'),
    ),
  ];
}

function callForm(
  syscall: string,
  arch: ArchName,
  data: ReportData,
  store: Store,
  judge: Judge,
): readonly Child[] {
  const cell = cellsOf(store.get()).find((each) => each.syscall === syscall);
  const answer = h('div', { class: 'answer', role: 'status', 'aria-live': 'polite' });
  const parameters = syscallSignature(syscall) ?? [];
  const problems = parameters.map(() => h('span', { class: 'field-problem' }));
  const inputs = parameters.map((_, index) =>
    h('input', {
      type: 'text',
      id: `arg-${index}`,
      class: 'mono',
      placeholder: 'anything',
      autocomplete: 'off',
      spellcheck: 'false',
      list: hasNames(syscall, index, arch) ? `names-${index}` : undefined,
      oninput: () => ask(),
    }),
  );
  const ask = (): void => {
    const words = inputs.map(({ value }) => (value.trim() === '' ? '_' : value.trim()));
    const args = readFields(words, syscall, arch, problems);
    if (args === undefined) fill(answer, h('p', { class: 'muted' }, 'Correct the argument first.'));
    else fill(answer, ...answers({ syscall, arch, args }, data, store, judge));
  };
  ask();
  return [
    callHead(syscall, cell, store),
    ...(cell?.dangers ?? []).map((what) => h('p', { class: 'danger-note' }, `Dangerous: it ${what}.`)),
    cell?.isLacking === true &&
      h(
        'p',
        { class: 'lack-note' },
        `${data.table.name} does not know the name: rules for it have no effect.`,
      ),
    parameters.length > 0 &&
      h(
        'div',
        { class: 'arguments' },
        ...inputs.map((input, index) =>
          argumentRow(syscall, index, arch, input, problems[index] ?? h('span')),
        ),
      ),
    answer,
  ];
}

/** The name of the call, its verdict, and a button that goes back to its cell. */
function callHead(syscall: string, cell: Cell | undefined, store: Store): HTMLElement {
  const close = (): void => {
    store.set({ syscall: undefined });
    document.querySelector<HTMLElement>(`#calls [data-call="${syscall}"]`)?.focus();
  };
  return h(
    'div',
    { class: 'call-head' },
    h('h2', { class: 'mono' }, syscall),
    cell !== undefined && h('span', { class: `pill v-${cell.kind}` }, verdictKinds[cell.kind].label),
    h(
      'button',
      { type: 'button', class: 'quiet close', 'aria-label': 'Close the call', onclick: close },
      '×',
    ),
  );
}

function hasNames(syscall: string, index: number, arch: ArchName): boolean {
  return (argumentField(syscall, index, arch)?.names.size ?? 0) > 0;
}

function argumentRow(
  syscall: string,
  index: number,
  arch: ArchName,
  input: HTMLElement,
  problem: HTMLElement,
): HTMLElement {
  const { type, pointer } = syscallSignature(syscall)?.[index] ?? { type: '', pointer: false };
  const names = [...(argumentField(syscall, index, arch)?.names.keys() ?? [])];
  const own = `arg${index}`;
  const name = argumentName(syscall, index, arch) ?? own;
  return h(
    'div',
    { class: 'argument' },
    h(
      'label',
      { for: `arg-${index}` },
      h('span', { class: 'mono' }, name),
      h(
        'span',
        { class: 'muted small' },
        `${name === own ? '' : ` ${own}`} · ${type}${pointer ? ', not followed' : ''}`,
      ),
    ),
    input,
    names.length > 0 &&
      h('datalist', { id: `names-${index}` }, ...names.map((value) => h('option', { value }))),
    problem,
  );
}

/** The arguments as typed; `undefined` if one of them is wrong, which its field then says. */
function readFields(
  words: readonly string[],
  syscall: string,
  arch: ArchName,
  problems: readonly HTMLElement[],
): readonly KnownArgument[] | undefined {
  for (const problem of problems) fill(problem);
  for (const at of words.keys()) {
    try {
      parseArguments(words.slice(0, at + 1), syscall, arch);
    } catch (error) {
      fill(problems[at] ?? h('span'), textOfError(error));
      return undefined;
    }
  }
  const last = words.findLastIndex((word) => word !== '_');
  return parseArguments(words.slice(0, last + 1), syscall, arch);
}

function answers(
  { syscall, arch, args }: Pick<CallQuestion, 'arch' | 'args'> & { readonly syscall: string },
  data: ReportData,
  store: Store,
  judge: Judge,
): readonly Child[] {
  try {
    const asked: CallQuestion = {
      arch,
      syscall,
      nr: directSyscallNumber(syscall, arch),
      multiplexed: multiplexedCall(syscall, arch),
      args,
    };
    const { judged, explanation } = judge.explain(store.get().reading, asked);
    const { ways, elsewhere } = explanation;
    const others = elsewhere.map(
      ({ arch: name, answer }) =>
        `${name}: ${answer.outcomes.map((outcome) => formatOutcome(outcome, name)).join(' or ')}`,
    );
    return [
      ...ways.flatMap((way) => wayLines(way, syscall, judged, data, store)),
      isOpen(explanation) &&
        h(
          'p',
          { class: 'small' },
          'Enter arguments: the more are known, the fewer rules are left to decide.',
        ),
      others.length > 0 &&
        h('p', { class: 'muted small' }, `On the other architectures: ${others.join('; ')}.`),
    ];
  } catch (error) {
    return [h('p', { class: 'trouble' }, textOfError(error))];
  }
}

function wayLines(
  way: Way,
  syscall: string,
  judged: Judged,
  data: ReportData,
  store: Store,
): readonly Child[] {
  const words = wordsFor(way, syscall);
  const [head = '', ...cases] = headLines(way, syscall, words);
  const more = [...treatments(way), ...takenOtherwise(way.answer, judged.subject), ...contradiction(way)];
  const { rules } = way;
  const [wrongly, ...meant] = miscompilation(way, words, data.compiled?.compiler);
  return [
    way.through !== undefined &&
      h('p', { class: 'muted small' }, `Through ${way.through.multiplexer}, as 32-bit programs can call it:`),
    h('p', { class: 'verdict-line mono' }, head),
    cases.length > 0 && h('pre', { class: 'cases' }, cases.map((line) => line.slice(2)).join('\n')),
    ...more.map((line) => h('p', { class: 'small' }, line.trim())),
    way.reason !== undefined &&
      h('p', { class: 'reason' }, sentence(reasonText(way.reason, way, judged.subject))),
    wrongly !== undefined && h('p', { class: 'trouble' }, sentence(wrongly.trim()).replace(/:\.$/, ':')),
    meant.length > 0 && h('pre', { class: 'cases' }, meant.map((line) => line.trim()).join('\n')),
    rules.length > 0 &&
      h(
        'details',
        { class: 'rules', open: rules.length < 9 },
        h('summary', {}, count(rules.length, 'rule names this call', 'rules name this call')),
        h(
          'ul',
          {},
          ...rules.map((rule) =>
            h('li', {}, ruleLink(rule.rule, data, store), ' ', ...ruleText(rule, way, syscall, judged)),
          ),
        ),
      ),
    architectures[way.call.arch].bits === 32 &&
      h('p', { class: 'muted small' }, 'On this 32-bit ABI the lower 32 bits of an argument are compared.'),
  ];
}

function ruleText(rule: ExplainedRule, way: Way, syscall: string, judged: Judged): readonly Child[] {
  const lines = [
    ...renderRule(rule, way, wordsFor(way, syscall), judged.subject),
    ...rule.notes.map((note) => `(${note})`),
  ];
  const isMatch = rule.matches.some(({ matches, overruled }) => matches === true && !overruled);
  return [h('span', { class: isMatch ? 'matches' : '' }, lines.join('; '))];
}

/** `line 34`, which shows the rule in the source; a rule of another file goes by its number. */
function ruleLink(rule: number, { profile }: ReportData, store: Store): HTMLElement {
  const line = profile.lines[rule];
  return h(
    'button',
    { type: 'button', class: 'link', onclick: () => store.set({ rule }) },
    typeof line === 'number' ? `line ${line}` : `rule ${rule + 1}`,
  );
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
