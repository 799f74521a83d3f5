/**
 * Findings as SARIF 2.1.0 (OASIS standard, 2020), which code-scanning user interfaces read.
 * @module
 */
import { pathToFileURL } from 'node:url';
import type { ArtifactLocation, Log, PhysicalLocation, ReportingDescriptor, Result } from 'sarif';
import type { Range } from '../../lint/engine/finding.ts';
import { otherRangesOf } from '../../lint/engine/merge-findings.ts';
import type { OwnRule } from '../../lint/engine/own-rule.ts';
import { allRules } from '../../lint/engine/registry.ts';
import type { RuleGroup } from '../../lint/engine/rule.ts';
import { jsonText } from '../render/print-json.ts';
import { PACKAGE_VERSION } from '../version.ts';
import { sentencesOf } from './describe-finding.ts';
import type { FileFinding, FileReport } from './file-report.ts';
import { createNumbering } from './fingerprint.ts';
import { repositoryPath, repositoryRoot } from './repository-path.ts';
import { readRulePage, summaryOfPage } from './rule-pages.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** A public mirror of npm packages, which serves this version's README and pages of rules. */
const PUBLISHED = `https://cdn.jsdelivr.net/npm/oci-seccomp@${PACKAGE_VERSION}`;

const levels = { error: 'error', warn: 'warning', note: 'note', off: 'none' } as const;

export function renderSarif(reports: readonly FileReport[]): string {
  const rules = rulesOf(reports);
  const root = repositoryRoot();
  const failures = reports.flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
  const log: Log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'oci-seccomp',
            informationUri: `${PUBLISHED}/README.md`,
            version: PACKAGE_VERSION,
            semanticVersion: PACKAGE_VERSION,
            rules: rules.map(describeRule),
          },
        },
        // The part before the last slash tells this run from those of other tools and jobs.
        automationDetails: { id: 'oci-seccomp/lint/' },
        originalUriBaseIds: { SRCROOT: { uri: `${pathToFileURL(root)}/` } },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: failures.length === 0,
            toolExecutionNotifications: failures.map(({ message, code }) => ({
              level: 'error',
              message: { text: `${message} [${code}]` },
            })),
          },
        ],
        results: reports.flatMap((report) =>
          resultsOf({ ...report, file: repositoryPath(root, report.file) }, rules),
        ),
      },
    ],
  };
  return jsonText(log);
}

/** By level, for the group `openness`, which is about what an attacker can do. The scale is that of CVSS: pages sort by it. */
const securitySeverities = { error: '8.0', warn: '5.0', note: '3.0', off: '3.0' } as const;

/**
 * How often the author of a profile wants to know the finding. The text shows findings of form, and a proof shows those of
 * meaning. Whether an open or a missing call matters depends on the programs.
 */
const precisions = {
  form: 'very-high',
  meaning: 'very-high',
  openness: 'high',
  breakage: 'medium',
} as const satisfies Record<RuleGroup, string>;

type DescribedRule = Pick<OwnRule, 'id' | 'title' | 'level' | 'group' | 'help'>;

/** The built-in rules, then those of modules that looked at any of the files, each once. */
function rulesOf(reports: readonly FileReport[]): readonly DescribedRule[] {
  const own = new Map(reports.flatMap(({ ownRules }) => ownRules.map((rule) => [rule.id, rule])));
  return [...allRules, ...own.values()];
}

function describeRule({ id, title, level, group, help }: DescribedRule): ReportingDescriptor {
  const page = help ?? readRulePage(id);
  const summary = page === undefined ? '' : summaryOfPage(page);
  return {
    id,
    name: friendlyName(id),
    shortDescription: { text: title },
    fullDescription: { text: summary === '' ? title : plain(summary) },
    // Only the pages of built-in rules are published.
    ...(help === undefined && page !== undefined ? { helpUri: `${PUBLISHED}/docs/rules/${id}.md` } : {}),
    help: page === undefined ? { text: title } : { text: page, markdown: page },
    defaultConfiguration: level === 'off' ? { enabled: false } : { level: levels[level] },
    properties: {
      ...(group === 'openness'
        ? { tags: ['security', group], 'security-severity': securitySeverities[level] }
        : { tags: [group] }),
      precision: precisions[group],
    },
  };
}

/** `DefaultAllow`: SARIF 2.1.0 section 3.49.7 wants a name that is not the id; tools expect this form. */
function friendlyName(id: string): string {
  return id.replace(/(?:^|[-/])(.)/g, (_, first: string) => first.toUpperCase());
}

/** A paragraph without the marks of Markdown. */
function plain(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').replaceAll('`', '');
}

function resultsOf(
  { file, findings, suppressed, inherited, known }: FileReport,
  rules: readonly DescribedRule[],
): readonly Result[] {
  const numberOf = createNumbering();
  const toResult = (finding: FileFinding): Result =>
    resultOf(file, finding, {
      ruleIndex: rules.findIndex(({ id }) => id === finding.rule),
      fingerprint: numberOf(finding.fingerprint),
    });
  return [
    ...findings.map(toResult),
    ...known.map((finding): Result => ({ ...toResult(finding), baselineState: 'unchanged' })),
    ...suppressed.map(
      (finding): Result => ({
        ...toResult(finding),
        suppressions: [{ kind: 'inSource', justification: finding.reason }],
      }),
    ),
    ...inherited.map(
      (finding): Result => ({
        ...toResult(finding),
        suppressions: [
          { kind: 'external', status: 'accepted', justification: `${finding.base} itself has this finding` },
        ],
      }),
    ),
  ];
}

function resultOf(
  file: string,
  finding: FileFinding,
  { ruleIndex, fingerprint }: { readonly ruleIndex: number; readonly fingerprint: string },
): Result {
  const { rule, level, related = [], fix } = finding;
  return {
    ruleId: rule,
    ruleIndex,
    level: levels[level],
    message: { text: sentencesOf(finding) },
    locations: [finding.range, ...otherRangesOf(finding)].map((range) => locationOf(file, range)),
    ...(related.length === 0
      ? {}
      : {
          relatedLocations: related.map(({ range, message }, id) => ({
            id,
            ...locationOf(file, range),
            message: { text: message },
          })),
        }),
    partialFingerprints: { 'ociSeccomp/v1': fingerprint },
    ...(fix === undefined
      ? {}
      : {
          fixes: [
            {
              description: { text: fix.description },
              artifactChanges: [
                {
                  artifactLocation: artifactOf(file),
                  replacements: fix.edits.map(({ start, end, text }) => ({
                    deletedRegion: { charOffset: start, charLength: end - start },
                    insertedContent: { text },
                  })),
                },
              ],
            },
          ],
        }),
  };
}

function locationOf(
  file: string,
  { line, column, endLine, endColumn }: Range,
): { physicalLocation: PhysicalLocation } {
  return {
    physicalLocation: {
      artifactLocation: artifactOf(file),
      region: { startLine: line, startColumn: column, endLine, endColumn },
    },
  };
}

/** A path outside the repository is absolute, others are relative to its root. */
function artifactOf(file: string): ArtifactLocation {
  if (file.startsWith('/')) return { uri: pathToFileURL(file).href };
  const uri = file
    .replace(/^\.\//, '')
    .split('/')
    .map((part) => encodeURIComponent(part))
    .join('/');
  return { uri, uriBaseId: 'SRCROOT' };
}
