/**
 * What the page holds of a table and of a text, without a browser.
 */
import { describe, expect, it } from 'vitest';
import { allArchitectures } from '../../src/abi/architectures.ts';
import { allSyscallNames } from '../../src/abi/syscall-numbers.ts';
import { lintProfile } from '../../src/lint/engine/lint-profile.ts';
import { builtinProfiles, type Profile, readProfile, serializeProfile } from '../../src/oci/index.ts';
import { releaseTable, type SyscallTable, tableReleases } from '../../src/policy/index.ts';
import { findingsForPage } from '../../src/report/page-input.ts';
import { type ReportData, readData, writeData } from '../../src/report/report-data.ts';
import { spansOfRules } from '../../src/report/rule-spans.ts';
import { factsOfTable, tableOfFacts } from '../../src/report/table-facts.ts';

describe('the facts of a table', () => {
  const answers = (table: SyscallTable): readonly (number | string | undefined)[] =>
    allArchitectures.flatMap(({ name: arch }) =>
      allSyscallNames().map((name) => {
        try {
          return table.resolve(name, arch);
        } catch (error) {
          return (error as { readonly code: string }).code;
        }
      }),
    );

  it.each([tableReleases[0], '2.5.4', '2.6.0', tableReleases.at(-1)])(
    'make the same table: %s',
    (release) => {
      const table = releaseTable(release ?? '');
      const facts = factsOfTable(table);
      expect(answers(tableOfFacts(JSON.parse(JSON.stringify(facts))))).toEqual(answers(table));
      expect(facts.name).toBe(table.name);
    },
  );
});

describe('the lines of a rule', () => {
  it('are those of its object, whatever its strings hold', () => {
    const text = serializeProfile(builtinProfiles['docker-default']());
    const { profile } = readProfile(text, { name: 'x' });
    const starts = (profile as Profile).rules.map(({ place }) => place?.line ?? null);
    const lines = text.split('\n');
    for (const { rule, from, to } of spansOfRules(text, starts)) {
      const parsed: unknown = JSON.parse(
        lines
          .slice(from - 1, to)
          .join('\n')
          .replace(/,$/, ''),
      );
      expect(parsed).toMatchObject({ names: profile?.rules[rule]?.names });
    }
    const tricky = '[\n{ "comment": "}\\"}",\n"names": ["a"] },\n{"names": ["b"]}\n]';
    expect(spansOfRules(tricky, [2, 4])).toEqual([
      { rule: 0, from: 2, to: 3 },
      { rule: 1, from: 4, to: 4 },
    ]);
  });
});

describe('reportProfile', () => {
  it('returns the page, of a text, an object and bytes', async () => {
    const built = '../../dist/index.js';
    const { reportProfile } = (await import(built)) as typeof import('../../src/index.ts');
    const reading = { arch: 'x86_64', kernel: '6.1', name: 'docker-default' } as const;
    const profile = builtinProfiles['docker-default']();
    const text = serializeProfile(profile);
    const pages = [profile, text, new TextEncoder().encode(text)].map((input) =>
      reportProfile(input, {
        ...reading,
        against: builtinProfiles['podman-default'](),
        againstName: 'podman',
      }),
    );
    for (const html of await Promise.all(pages)) {
      expect(html).toMatch(/<noscript><p>docker-default: Allows \d+ of \d+ calls on x86_64/);
      expect(html).toContain('"against":{"name":"podman"');
    }
    const objects = ['web', 'db'].map(
      (name) => `kind: SeccompProfile
apiVersion: security-profiles-operator.x-k8s.io/v1beta1
metadata: {name: ${name}, namespace: team}
spec: {defaultAction: SCMP_ACT_ERRNO}
`,
    );
    const page = await reportProfile(objects.join('---\n'), {
      ...{ ...reading, name: 'many.yaml', object: 'db' },
      ...{ against: objects[0], againstName: 'many.yaml' },
    });
    expect(page).toContain('<title>many.yaml (team/db): ');
    expect(page).toContain('"against":{"name":"many.yaml (team/web)"');
    const wrong = reportProfile('{"defaultAction": "SCMP_ACT_NONE"}', reading);
    await expect(wrong).rejects.toMatchObject({ code: 'ERR_PROFILE_SCHEMA' });
  });
});

describe('the data', () => {
  it('come back as they were, and end no element', () => {
    const strange = { $big: 'no number', text: '</script><!--', value: 2n ** 64n - 1n, list: [0n, null] };
    const text = writeData(strange as unknown as ReportData);
    expect(text).not.toContain('<');
    expect(readData(text)).toEqual(strange);
  });
});

it('a finding of many places is one, with their lines and the calls that get through', async () => {
  const text = `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
    {"names": ["socket"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]},
    {"names": ["bpf"], "action": "SCMP_ACT_ERRNO", "args": null},
    {"names": ["ptrace"], "action": "SCMP_ACT_ERRNO", "args": null}
  ]}`;
  const { findings } = await lintProfile(text, { dialect: 'docker' });
  const shown = findingsForPage(findings);
  expect(shown.map(({ rule }) => rule)).toEqual(findings.map(({ rule }) => rule));
  const found = (id: string) => shown.find(({ rule }) => rule === id);
  expect(found('null-args')).toMatchObject({ lines: [3, 4], holes: 0, witnesses: [] });
  expect(found('int-argument-high-bits')).toMatchObject({ lines: [2], holes: 1 });
  expect(found('int-argument-high-bits')?.witnesses).toHaveLength(1);
});
