/**
 * The engine: reads a profile, makes a view of it for each host and runtime, runs the rules, and sorts what they report.
 * @module
 */
import { capabilitySets } from '../../abi/capabilities.ts';
import { groupBy } from '../../abi/group-by.ts';
import { nearest } from '../../abi/nearest-name.ts';
import { askWithin, createWork, type Work, workLeft } from '../../decision/work.ts';
import { OciSeccompError } from '../../errors.ts';
import type { Profile } from '../../oci/profile.ts';
import type { ReadProfileResult } from '../../oci/read-profile-tree.ts';
import { readProfiles } from '../../oci/read-profiles.ts';
import { runtimeFor } from '../../policy/runtimes.ts';
import { createView, type HostView } from '../ask/host-view.ts';
import { countLeftOpen } from '../ask/named-calls.ts';
import { withSafeFixes } from '../edit/safe-fixes.ts';
import { UNDECIDED_RULE } from '../rules/not-decided.ts';
import { contextOf, createContext, DEFAULT_KERNELS, inLinux } from './create-context.ts';
import type { Finding, Level } from './finding.ts';
import { splitInherited } from './inherited-findings.ts';
import type { LintOptions, LintResult } from './lint-request.ts';
import { rangeOf, rangeOfCharacter } from './locate-pointer.ts';
import { mergeFindings } from './merge-findings.ts';
import { presetLevels, presetRuntimes } from './presets.ts';
import { allRules } from './registry.ts';
import type { LintRule } from './rule.ts';
import type { LintContext, Report } from './rule-context.ts';
import { applySuppressions } from './suppress-findings.ts';

export type { LintOptions, LintResult } from './lint-request.ts';

/** What `on-demand.ts` offers. */
export async function lintProfile(text: string | Uint8Array, options: LintOptions = {}): Promise<LintResult> {
  const { name = '<input>', dialect } = options;
  const { readProfile } = await import('../../oci/read-profile.ts');
  const read = readProfile(text, { name, dialect });
  return withRanges(await lintReadProfile(read, options), read, text);
}

/** What `on-demand.ts` offers. */
export async function lintProfiles(
  text: string | Uint8Array,
  options: LintOptions = {},
): Promise<readonly LintResult[]> {
  const { name = '<input>', dialect, workloads } = options;
  const results: LintResult[] = [];
  const work = lintWork();
  for (const read of await readProfiles(text, { name, dialect, workloads })) {
    results.push(withRanges(await lintReadProfile(read, options, work), read, text));
  }
  return results;
}

/** What was found in a text that could not be read, with ranges in that text. */
function withRanges(
  result: LintResult,
  { document }: ReadProfileResult,
  text: string | Uint8Array,
): LintResult {
  if (document !== undefined) return result;
  const whole = typeof text === 'string' ? text : new TextDecoder().decode(text);
  const placed = (finding: Finding): Finding => ({
    ...finding,
    range: rangeOfCharacter(finding.range, whole),
    ...(finding.places === undefined ? {} : { places: finding.places.map(placed) }),
  });
  return { ...result, findings: result.findings.map(placed) };
}

/** Lints what {@link readProfile} returned. @param work - the account of the file, if there are more profiles in it */
export async function lintReadProfile(
  read: ReadProfileResult,
  options: LintOptions = {},
  work: Work = lintWork(),
): Promise<LintResult> {
  const result = await findAll(read, options, work);
  if (options.inherited === 'among') return merged(result);
  const { own, inherited } = await splitInherited(result, options, findAll);
  return merged({ ...result, findings: own, inherited });
}

/** Joins findings that say the same about several places. */
function merged({ findings, suppressed, inherited, profile }: LintResult): LintResult {
  return {
    findings: mergeFindings(findings),
    suppressed: mergeFindings(suppressed, ({ reason }) => reason),
    inherited: mergeFindings(inherited, ({ base }) => base),
    profile,
  };
}

/** All findings, one for each place, also those that a default has too. */
export async function findAll(
  read: ReadProfileResult,
  options: LintOptions,
  work: Work = lintWork(),
): Promise<LintResult> {
  const { name: file = '<input>', preset } = options;
  const editable = read.document?.syntax === undefined;
  const rules = [...allRules, ...(await ownRules(options))];
  for (const id of Object.keys(options.levels ?? {})) checkRuleId(id, rules);
  const levels = { ...presetLevels(preset, rules), ...options.levels };
  const { views, refusals } =
    read.profile === undefined ? { views: [], refusals: [] } : await createViews(read.profile, options, work);
  const levelById = new Map(rules.map(({ id, level }) => [id, levels[id] ?? level]));
  const context = createContext(read, file, views, options);
  const linuxViews = inLinux(views);
  const findings: Finding[] = [];
  const unsure: string[] = [];
  // This rule reports which others were left without an answer.
  const isLast = ({ id }: LintRule): boolean => id === UNDECIDED_RULE;
  for (const rule of [...rules.filter((each) => !isLast(each)), ...rules.filter(isLast)]) {
    const level = levels[rule.id] ?? rule.level;
    if (level === 'off') continue;
    const runs = (id: string): boolean => isAsGrave(levelById.get(id) ?? 'off', level);
    const seen = rule.seesGvisor === true || rule.own === true ? views : linuxViews;
    const { reports, failed, isUnsure } = askRule(rule, work, (collect) => {
      const report = editable ? collect : (each: Report) => collect(withoutFix(each));
      return contextOf(context, { views: seen, runs, report });
    });
    if (isUnsure) unsure.push(rule.id);
    if (rule.id === 'invalid-profile') reports.push(...reportRefusals(refusals, context));
    if (rule.id === UNDECIDED_RULE) reports.push(...reportUnsure(unsure, context.root));
    // Most rules have nothing to say of a profile.
    if (reports.length === 0 && failed === undefined) continue;
    const isSet = levels[rule.id] !== undefined;
    const place = (report: Report) => placed(read, file, report);
    findings.push(...toFindings(rule, { level, isSet }, reports, views, place));
    if (failed !== undefined) {
      findings.push(...toFindings(rule, { level: 'error', isSet: true }, [failed], views, place));
    }
  }
  const levelOf = (id: string): Level =>
    levelById.get(id) ?? levels[id] ?? (isNamespaced(id) ? 'off' : 'warn');
  const safe = withSafeFixes(findings.sort(byPlace), read.document, read.problems);
  const { kept, suppressed } = applySuppressions(safe, read, file, {
    levelOf,
    ids: rules.map(({ id }) => id),
  });
  return { findings: [...kept].sort(byPlace), suppressed, inherited: [], profile: read.profile };
}

/** Few runs have rules of their own, so the code for them is loaded with the first. */
async function ownRules({ rules = [], settings = {} }: LintOptions): Promise<readonly LintRule[]> {
  if (rules.length === 0 && Object.keys(settings).length === 0) return [];
  const { toLintRules } = await import('./own-rule.ts');
  return toLintRules(rules, settings);
}

const byGravity: readonly Level[] = ['off', 'note', 'warn', 'error'];

function isAsGrave(level: Level, other: Exclude<Level, 'off'>): boolean {
  return byGravity.indexOf(level) >= byGravity.indexOf(other);
}

/** Reports why an engine or a runtime refuses the profile, unless a problem of the document says so already. */
function reportRefusals(
  refusals: readonly OciSeccompError[],
  { problems, root, profile }: Pick<LintContext, 'problems' | 'root' | 'profile'>,
): readonly Report[] {
  if (problems.some(({ severity }) => severity === 'error')) return [];
  return refusals.map(({ message, hint, details }) => {
    const place = typeof details.rule === 'number' ? profile.rules[details.rule]?.place : undefined;
    return {
      pointer: place?.pointer ?? root,
      message,
      ...(hint === undefined ? {} : { hint }),
      level: 'error',
    };
  });
}

/** What a rule reports with its share of the work, and whether it has left something open. */
function askRule(rule: LintRule, work: Work, contextFor: (report: (each: Report) => void) => LintContext) {
  const reports: Report[] = [];
  const before = countLeftOpen();
  const { isOpen, undone, failed } = askWithin(
    work,
    Math.min(STEPS_A_RULE, SHARE_A_RULE * workLeft(work)),
    () =>
      runCheck(
        rule,
        contextFor((each) => reports.push(each)),
      ),
  );
  if (undone !== undefined) reports.push(undone);
  return { reports, failed, isUnsure: isOpen === true || countLeftOpen() > before };
}

/**
 * Runs a rule. If it cannot look at the profile (`undone`) or fails (`failed`), that is a finding, and the other rules still run.
 */
function runCheck(
  rule: LintRule,
  context: LintContext,
): { readonly isOpen?: true; readonly undone?: Report; readonly failed?: Report } {
  const { root: pointer } = context;
  try {
    rule.check(context);
    return {};
  } catch (error) {
    if (error instanceof OciSeccompError) {
      if (error.code === 'ERR_UNDECIDED') return { isOpen: true };
      const message = `this rule could not look at the profile: ${error.message}`;
      return { undone: { pointer, message, hint: 'fix the other findings first', level: 'note' } };
    }
    const message = `the rule failed: ${error instanceof Error ? error.message : String(error)}`;
    const hint =
      rule.own === true
        ? `fix the rule, or turn it off: --rule ${rule.id}=off`
        : 'this is a defect of oci-seccomp, please report it with the profile';
    return { failed: { pointer, message, hint } };
  }
}

/** Rules of your own have a namespace. Another configuration may know them, so a comment about an unknown one is no mistake. */
function isNamespaced(id: string): boolean {
  return id.includes('/');
}

function checkRuleId(id: string, rules: readonly LintRule[]): void {
  const ids = rules.map((rule) => rule.id);
  if (ids.includes(id)) return;
  const near = nearest(id, ids);
  throw new OciSeccompError('ERR_USAGE', `there is no rule '${id}'`, {
    hint: near === undefined ? 'oci-seccomp rules lists them' : `did you mean ${near}?`,
    details: { rule: id },
  });
}

/** Fixes are edits of JSON. */
function withoutFix({ fix: _, ...report }: Report): Report {
  return report;
}

interface Views {
  readonly views: readonly HostView[];
  /** Why there are no views of some hosts. */
  readonly refusals: readonly OciSeccompError[];
}

async function createViews(profile: Profile, options: LintOptions, work: Work): Promise<Views> {
  const refusals: OciSeccompError[] = [];
  // A profile that extends another one means nothing alone.
  if (profile.kubernetes?.baseProfileName !== undefined) return { views: [], refusals };
  const { newest } = options.kernels ?? DEFAULT_KERNELS;
  const bounding = profile.container?.capabilities;
  const hosts = options.hosts ?? [
    { arch: 'x86_64', kernel: newest, capabilities: bounding ?? capabilitySets.docker },
  ];
  const views: HostView[] = [];
  const runtimes = new Set(options.runtimes ?? presetRuntimes(options.preset) ?? [undefined]);
  for (const host of hosts) {
    for (const spelling of runtimes) {
      const runtime = runtimeFor(spelling, profile.dialect);
      const { engine, compilers = [] } = options;
      const container = {
        noNewPrivileges: options.noNewPrivileges ?? profile.container?.noNewPrivileges ?? false,
        capabilities: profile.container === undefined || bounding !== undefined,
      };
      const request = {
        profile,
        host,
        runtime,
        container,
        work,
        compilers,
        engine,
      };
      const view = await createView(request);
      if (view instanceof OciSeccompError) refusals.push(view);
      else if (view !== undefined) views.push(view);
    }
  }
  return { views, refusals };
}

function placed(read: ReadProfileResult, file: string, report: Report): Pick<Finding, 'range' | 'related'> {
  const { line = 1, column = 1 } = report.at ?? {};
  const range =
    report.at === undefined
      ? rangeOf(read.document, file, report.pointer, report.onKey)
      : { file, pointer: report.pointer, line, column, endLine: line, endColumn: column + 1 };
  if (report.related === undefined) return { range };
  const related = report.related.map(({ pointer, message }) => ({
    range: rangeOf(read.document, file, pointer),
    message,
  }));
  return { range, related };
}

/** Reports of several views that say the same become one finding, which names the hosts unless they are all. */
function toFindings(
  rule: LintRule,
  { level, isSet }: { readonly level: Exclude<Level, 'off'>; readonly isSet: boolean },
  reports: readonly Report[],
  views: readonly HostView[],
  place: (report: Report) => Pick<Finding, 'range' | 'related'>,
): readonly Finding[] {
  const groups = groupBy(reports, ({ pointer, at, onKey = false, level: own, message }) =>
    [pointer, at?.line, at?.column, onKey, own, message].join('\n'),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const named = new Set(group.flatMap(({ view }) => view?.name ?? []));
    const everywhere = named.size === 0 || named.size === views.length;
    const { message, hint, witness, fix, about } = first;
    return {
      rule: rule.id,
      level: isSet ? level : (first.level ?? level),
      message,
      ...place(first),
      ...(hint === undefined ? {} : { hint }),
      ...(witness === undefined ? {} : { witness }),
      ...(fix === undefined ? {} : { fix }),
      ...(about === undefined ? {} : { about }),
      ...(everywhere ? {} : { hosts: [...named] }),
    };
  });
}

/** Steps for one file: all its profiles, hosts, runtimes and rules share them. About one second. */
const STEPS_A_FILE = 5_000_000;
/** Steps for one rule. */
const STEPS_A_RULE = 2_500_000;
/** The share of the steps that are left, for one rule: so a rule that needs many leaves some to the others. */
const SHARE_A_RULE = 0.5;

/** The account of a file: pass it to each of its profiles. */
export function lintWork(): Work {
  return createWork(STEPS_A_FILE);
}

/** One finding that names the rules that could not answer everything. Without it, the profile would seem clean. */
function reportUnsure(unsure: readonly string[], root: string): readonly Report[] {
  if (unsure.length === 0) return [];
  return [
    {
      pointer: root,
      message: `the profile is too complex to check in full: there may be more findings of ${unsure.join(', ')}`,
      hint: 'compare fewer arguments in one rule, or give the rules of one call an argument in common',
    },
  ];
}

function byPlace(a: Finding, b: Finding): number {
  const order = a.range.line - b.range.line || a.range.column - b.range.column;
  return order || (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : 0);
}
