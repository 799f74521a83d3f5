/**
 * Lint rules that you write yourself: what they are made of, and how the engine runs them.
 * @module
 */
import { readGiven } from '../../abi/check-values.ts';
import { OciSeccompError } from '../../errors.ts';
import { createQuestions, type Questions } from '../ask/questions.ts';
import { createEditTools, type EditTools } from '../edit/edit-tools.ts';
import { checkReport } from './check-report.ts';
import type { Level } from './finding.ts';
import { levels } from './presets.ts';
import type { LintRule, RuleGroup } from './rule.ts';
import type { LintContext, Report } from './rule-context.ts';

/** What a rule of your own is given: the context of built-in rules, and the questions and edits that they import. */
export interface OwnRuleContext<S = unknown> extends LintContext {
  /** The questions that built-in rules ask. */
  readonly ask: Questions;
  /** Edits of the text, for fixes. */
  readonly edit: EditTools;
  /** What `readSettings` returned; `undefined` if the rule has none. */
  readonly settings: S;
}

/** A lint rule of your own. */
export interface OwnRule<S = unknown> {
  /** A namespace and a name in lower case: `acme/no-vsock`. Built-in rules have no namespace, so none can be replaced. */
  readonly id: string;
  /** What is wrong with a profile that it finds fault with. */
  readonly group: RuleGroup;
  /** Its level, unless the options, a configuration or a report say otherwise. */
  readonly level: Level;
  /** One line without a full stop, for lists. */
  readonly title: string;
  /** The page that `oci-seccomp rules ID` and SARIF show: what the rule finds, why it matters, what to do. Markdown. */
  readonly help?: string;
  /** Whether some of its findings carry a fix; default: no. */
  readonly fixable?: boolean;
  /**
   * Reads the settings that a configuration gives: `"acme/no-vsock": ["error", settings]`.
   *
   * @param given - JSON; `undefined` if nothing was given
   * @returns what `check` gets as `settings`
   * @throws any error: its message is shown as what is wrong with the configuration
   */
  readSettings?(given: unknown): S;
  /**
   * Looks at a profile and reports. It must return when it is done: lint does not wait for a promise.
   *
   * If it throws, lint continues and reports `the rule failed`, as an error.
   */
  check(context: OwnRuleContext<S>): void;
}

const ID = /^[a-z0-9]+(?:-[a-z0-9]+)*\/[a-z0-9]+(?:-[a-z0-9]+)*$/;
const groups: readonly unknown[] = ['meaning', 'openness', 'breakage', 'form'] satisfies RuleGroup[];
const keys = ['id', 'group', 'level', 'title', 'help', 'fixable', 'readSettings', 'check'] as const;

/** What a part of a rule must be, and how to tell. */
const parts: Readonly<Record<(typeof keys)[number], readonly [string, (value: unknown) => boolean]>> = {
  id: [
    'a namespace and a name in lower case, as acme/no-vsock',
    (id) => typeof id === 'string' && ID.test(id),
  ],
  group: ['meaning, openness, breakage or form', (group) => groups.includes(group)],
  level: ['error, warn, note or off', (level) => levels.includes(level as Level)],
  title: ['one line of text', (title) => typeof title === 'string' && /^[^\r\n]+$/.test(title)],
  help: ['text', (help) => help === undefined || typeof help === 'string'],
  fixable: ['true or false', (fixable) => fixable === undefined || typeof fixable === 'boolean'],
  readSettings: ['a function', (read) => read === undefined || typeof read === 'function'],
  check: ['a function', (check) => typeof check === 'function'],
};

/** What is wrong with a value that should be a rule, in words; `undefined`: nothing. */
export function problemOfRule(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return 'a rule must be an object';
  const rule: Readonly<Partial<Record<string, unknown>>> = { ...value };
  const name = typeof rule.id === 'string' ? `the rule '${rule.id}'` : 'a rule';
  const wrong = keys.find((key) => !parts[key][1](rule[key]));
  if (wrong !== undefined) return `${name} has a wrong "${wrong}": it must be ${parts[wrong][0]}`;
  const unknown = Object.keys(rule).find((key) => !(keys as readonly string[]).includes(key));
  return unknown === undefined ? undefined : `${name} has an unknown key "${unknown}"`;
}

/**
 * Makes a lint rule of your own, for `lintProfile` and for the modules that a configuration names.
 *
 * @returns the rule as it was given
 * @throws OciSeccompError `ERR_USAGE` if a part of it is missing or wrong, with the `rule` in its details
 * @example
 * ```ts
 * const noVsock = defineRule({
 *   id: 'acme/no-vsock',
 *   group: 'openness',
 *   level: 'error',
 *   title: 'AF_VSOCK is open',
 *   check: ({ ask, report }) => ask.forEachView((view) => { … }),
 * });
 * ```
 */
export function defineRule<S = undefined>(rule: OwnRule<S>): OwnRule<S> {
  const problem = readGiven('a rule', () => problemOfRule(rule));
  if (problem === undefined) return rule;
  throw new OciSeccompError('ERR_USAGE', problem, {
    hint: 'the type OwnRule says what a rule is made of',
    details: { rule: readGiven('a rule', () => (rule as { readonly id?: unknown } | undefined)?.id) },
  });
}

/**
 * Rules of your own as the engine runs them.
 *
 * @param settings - by rule id, as JSON
 * @throws OciSeccompError `ERR_USAGE` for an invalid rule, two rules with one id, or settings that a rule does not
 * accept
 */
export function toLintRules(
  rules: readonly OwnRule[],
  settings: Readonly<Record<string, unknown>> = {},
): readonly LintRule[] {
  const ids = new Set<string>();
  const made = rules.map((rule) => {
    const { id } = defineRule(rule);
    if (ids.has(id)) throw wrongRule(id, `two rules have the id '${id}'`, 'give one of them another id');
    ids.add(id);
    return toLintRule(rule, settings[id]);
  });
  const stray = Object.keys(settings).find((id) => !ids.has(id));
  if (stray === undefined) return made;
  throw wrongRule(
    stray,
    `there are settings for '${stray}', which is not one of your rules`,
    'pass it in `rules`',
  );
}

function toLintRule(rule: OwnRule, given: unknown): LintRule {
  const { id, group, level, title, help, fixable = false } = rule;
  const settings = settingsOf(rule, given);
  return {
    ...{ id, group, level, title, fixable, own: true },
    ...(help === undefined ? {} : { help }),
    check: (context) => {
      const report: LintContext['report'] = (each) =>
        context.report(withoutControls(checkReport(each, context)));
      const ask = createQuestions(context);
      const edit = createEditTools(context.document);
      const returned: unknown = rule.check({ ...context, report, ask, edit, settings });
      if (!(returned instanceof Promise)) return;
      // Without this, what it throws later would end the process.
      returned.catch(() => undefined);
      throw new TypeError('its check returned a promise, and lint does not wait for one');
    },
  };
}

/** Escapes control characters: what a rule quotes from a profile must not control a terminal. */
function withoutControls(report: Report): Report {
  const escaped = (text: string) =>
    text.replace(/\p{Cc}/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const { message, hint, related } = report;
  return {
    ...report,
    message: escaped(message),
    ...(hint === undefined ? {} : { hint: escaped(hint) }),
    ...(related === undefined
      ? {}
      : { related: related.map((place) => ({ ...place, message: escaped(place.message) })) }),
  };
}

/** The settings as the rule reads them. @throws OciSeccompError `ERR_USAGE` if it does not take them */
export function settingsOf(
  { id, readSettings }: Pick<OwnRule, 'id' | 'readSettings'>,
  given: unknown,
): unknown {
  if (readSettings === undefined && given === undefined) return undefined;
  if (readSettings === undefined) throw wrongRule(id, `${id} takes no settings`, 'give it a level alone');
  try {
    return readSettings(given);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw wrongRule(id, `${id} does not take these settings: ${message}`, undefined, cause);
  }
}

function wrongRule(rule: string, message: string, hint?: string, cause?: unknown): OciSeccompError {
  const options = { details: { rule }, cause };
  return new OciSeccompError('ERR_USAGE', message, hint === undefined ? options : { ...options, hint });
}
