/**
 * What lint of one profile makes, in counts: what grows here is paid for by each start and by each of a thousand files.
 */
import { describe, expect, it, vi } from 'vitest';
import type { FileReport } from '../../../src/cli/lint/file-report.ts';
import { fingerprintLater } from '../../../src/cli/lint/fingerprint.ts';
import { renderFindings } from '../../../src/cli/lint/render-human.ts';
import { createColors } from '../../../src/cli/render/colors.ts';
import { lintProfile } from '../../../src/lint/engine/lint-profile.ts';
import { singleFindings } from '../../../src/lint/engine/merge-findings.ts';
import type { OwnRule } from '../../../src/lint/engine/own-rule.ts';
import { allRules } from '../../../src/lint/engine/registry.ts';
import { builtinProfiles } from '../../../src/oci/builtin/index.ts';
import type { Document } from '../../../src/oci/document.ts';
import { serializeProfile } from '../../../src/oci/serialize.ts';

const text = serializeProfile(builtinProfiles['docker-default']());

/** Of three architectures with all their comparisons, and of what rules ask. */
const NODES = 904;
/** Walks that replace or combine leaves; comparisons and unions are none. */
const OPERATIONS = 13;

interface Made {
  readonly nodes: number;
  readonly operations: number;
}

/** What was made on the view of docker-default, as a rule sees it that runs last. */
async function made(): Promise<Made> {
  let found: Made | undefined;
  const last: OwnRule = {
    id: 'test/last',
    group: 'form',
    level: 'note',
    title: 'Counts',
    check: ({ views }) => {
      const { space } = views[0] ?? {};
      if (space === undefined) return;
      found = { nodes: space.count, operations: space.operations };
    },
  };
  await lintProfile(text, { rules: [last] });
  if (found === undefined) throw new Error('the rule did not run');
  return found;
}

describe('lint of docker-default', () => {
  it('makes no more diagrams than is known', async () => {
    const { nodes, operations } = await made();
    expect(nodes).toBeLessThanOrEqual(NODES);
    expect(operations).toBeLessThanOrEqual(OPERATIONS);
  });

  it('keeps no tree for the fingerprint of a finding', async () => {
    const { findings } = await lintProfile(text, { inherited: 'among' });
    const [finding] = findings;
    if (finding === undefined) throw new Error('no finding');
    let asked = 0;
    const document = {
      text,
      get root(): Document['root'] {
        asked += 1;
        return {
          kind: 'null',
          start: { line: 1, column: 1, offset: 0 },
          end: { line: 1, column: 1, offset: 0 },
        };
      },
    } as unknown as Document;
    const later = fingerprintLater(finding, document);
    const before = asked;
    later();
    expect([before, asked]).toEqual([1, 1]);
  });
});

/** The steps of always-matches for so many rules about one call, each with a comparison that always holds; and its fixes. */
async function alwaysMatches(count: number): Promise<{ readonly steps: number; readonly fixes: number }> {
  const args = (at: number) =>
    `[{"index":1,"op":"SCMP_CMP_EQ","value":${at}},{"index":2,"op":"SCMP_CMP_GE","value":0}]`;
  const rules = Array.from(
    { length: count },
    (_, at) => `{"names":["ioctl"],"action":"SCMP_ACT_ALLOW","args":${args(at)}}`,
  );
  let steps = 0;
  const last: OwnRule = {
    id: 'test/last',
    group: 'form',
    level: 'note',
    title: 'Counts',
    check: ({ views }) => {
      steps = views[0]?.space.work.steps ?? 0;
    },
  };
  const levels = Object.fromEntries(allRules.map(({ id }) => [id, 'off' as const]));
  const { findings } = await lintProfile(
    `{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86_64"],"syscalls":[${rules.join()}]}`,
    { rules: [last], levels: { ...levels, 'always-matches': 'warn' } },
  );
  return { steps, fixes: singleFindings(findings).filter(({ fix }) => fix !== undefined).length };
}

it('looks at ten times the comparisons that always hold with little more than ten times the work, and mends all', async () => {
  const [some, many] = [await alwaysMatches(100), await alwaysMatches(1000)];
  expect([some.fixes, many.fixes]).toEqual([100, 1000]);
  expect(some.steps).toBeGreaterThan(0);
  expect(many.steps / some.steps).toBeLessThan(20);
});

it('shows a line as long as the file without reading it for each finding', async () => {
  const rule = { names: ['no_such_call'], action: 'SCMP_ACT_ALLOW' };
  const line = JSON.stringify({
    defaultAction: 'SCMP_ACT_ERRNO',
    syscalls: Array.from({ length: 300 }, () => rule),
  });
  const { findings } = await lintProfile(line);
  const [finding] = findings;
  if (finding === undefined) throw new Error('no finding');
  const many = Array.from({ length: 300 }, () => finding);
  const spy = vi.spyOn(RegExp.prototype, 'test');
  const report = { file: 'p.json', text: line, findings: many, workloads: [] } as unknown as FileReport;
  const shown = renderFindings(report, createColors(false));
  const read = spy.mock.calls.reduce((sum, [text]) => sum + text.length, 0);
  spy.mockRestore();
  expect(shown).toContain('^');
  expect(read).toBeLessThan(10 * line.length);
});

it('marks what a terminal shows in two columns, in none, or as a tab where it stands', async () => {
  const names = ['"日本語"', '"한글"', '"e\u0301tat"', '"😀"', '"wrte"'];
  const text = `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [\r\n\t{"names": [${names.join(', ')}], "action": "SCMP_ACT_ALLOW"}]}\r\n`;
  const { findings } = await lintProfile(text);
  const own = singleFindings(findings).filter(({ rule }) => rule === 'unknown-syscall');
  const report = { file: 'p.json', text, findings: own, workloads: [] } as unknown as FileReport;
  const marks = renderFindings(report, createColors(false)).match(/^ +\| [\t ]*\^+$/gm);
  const [gutter, start] = ['    | \t', '{"names": ['.length];
  const from = [0, 10, 18, 26, 32].map((column) => ' '.repeat(start + column));
  const widths = [8, 6, 6, 4, 6];
  expect(marks).toEqual(widths.map((width, i) => `${gutter}${from[i] ?? ''}${'^'.repeat(width)}`));
});
