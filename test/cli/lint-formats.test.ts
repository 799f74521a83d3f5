/**
 * The machine formats: that other programs' readers take them, and that nothing in a profile breaks out of them.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { escapeXml } from '../../src/cli/lint/render-junit.ts';
import { unifiedDiff } from '../../src/cli/lint/unified-diff.ts';
import { wantsColor } from '../../src/cli/render/colors.ts';
import { ociSeccomp } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-lint-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A key that tries to end XML, a workflow command, and a line. */
const nasty = '%0A<]]>&"\',:\u001b[31m\n::error::x';
const profile = join(folder, 'a, b:c%.json');
writeFileSync(profile, `{"defaultAction": "SCMP_ACT_ALLOW", ${JSON.stringify(nasty)}: []}\n`);

interface SarifLog {
  readonly version: string;
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
      readonly results: readonly {
        readonly ruleId: string;
        readonly ruleIndex: number;
        readonly level: string;
        readonly locations: readonly [
          {
            readonly physicalLocation: {
              readonly artifactLocation: { readonly uri: string };
              readonly region: Readonly<Record<string, number>>;
            };
          },
        ];
        readonly partialFingerprints: Readonly<Record<string, string>>;
      }[];
    },
  ];
}

describe('lint --format', () => {
  it('sarif points from each result to its rule and place', () => {
    const { stdout, status } = ociSeccomp(['lint', profile, '--format', 'sarif']);
    expect(status).toBe(1);
    const { version, runs } = JSON.parse(stdout) as SarifLog;
    expect(version).toBe('2.1.0');
    const [{ tool, results }] = runs;
    expect(results.length).toBeGreaterThan(1);
    for (const { ruleId, ruleIndex, level, locations, partialFingerprints } of results) {
      expect(tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
      expect(['error', 'warning']).toContain(level);
      const { artifactLocation, region } = locations[0].physicalLocation;
      expect(decodeURIComponent(new URL(artifactLocation.uri, 'file:///').pathname)).toContain(
        'a, b:c%.json',
      );
      expect(region.startLine).toBe(1);
      expect(region.endColumn).toBeGreaterThan(region.startColumn ?? 0);
      expect(partialFingerprints['ociSeccomp/v1']).toMatch(/^[0-9a-f]{16}$/);
    }
  });

  it('github writes a line a finding, whatever the profile says', () => {
    const { stdout } = ociSeccomp(['lint', profile, '--format', 'github']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) {
      expect(line).toMatch(
        /^::(error|warning) file=[^,:]*a%2C b%3Ac%25\.json,line=1,endLine=1,col=\d+,endColumn=\d+,title=oci-seccomp [a-z0-9-]+::./,
      );
    }
    expect(stdout).toContain('%250A');
  });

  it('junit is well-formed', () => {
    const { stdout } = ociSeccomp([
      'lint',
      profile,
      'docker-default',
      join(folder, 'none.json'),
      '-f',
      'junit',
    ]);
    const read = spawnSync(
      'python3',
      [
        '-c',
        'import sys, xml.dom.minidom as m; d = m.parseString(sys.stdin.buffer.read()); print(d.documentElement.getAttribute("errors"))',
      ],
      { input: stdout, encoding: 'utf8' },
    );
    // Without Python the escapes below have to do.
    if (read.error === undefined) expect([read.stderr, read.stdout.trim()]).toEqual(['', '1']);
    expect(stdout).not.toContain('\u001b');
  });

  it('json names every finding and its place', () => {
    const { stdout } = ociSeccomp(['lint', profile, '--format', 'json']);
    const { files, totals } = JSON.parse(stdout) as {
      files: { file: string; findings: { rule: string; line: number; fingerprint: string }[] }[];
      totals: { errors: number; warnings: number };
    };
    expect(files[0]?.file).toBe(profile);
    expect(files[0]?.findings.length).toBe(totals.errors + totals.warnings);
  });
});

it('any text is escaped to what XML can hold', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const escaped = escapeXml(`${text}\u0000\ud800`);
      expect(escaped).not.toMatch(/[<>"'\p{Surrogate}]|&(?!(amp|lt|gt|quot|apos);)/u);
      expect(escaped.replace(/[\t\n\r]/g, '')).not.toMatch(/\p{Cc}(?<![\x7f-\x9f])/u);
    }),
  );
});

describe('colours', () => {
  it.each([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ TERM: 'dumb' }, true, false],
  ])('%j, terminal %s: %s', (env, isTerminal, expected) => {
    expect(wantsColor(env, isTerminal)).toBe(expected);
  });
});

it('diffs are what patch(1) makes the second text of the first with', () => {
  const lines = fc.array(fc.constantFrom('a', 'b', 'c', '', '-x', '+y'), { maxLength: 30 });
  const text = fc.tuple(lines, fc.boolean()).map(([all, end]) => `${all.join('\n')}${end ? '\n' : ''}`);
  fc.assert(
    fc.property(text, text, (before, after) => {
      const path = join(folder, 'patched');
      writeFileSync(path, before);
      const diff = unifiedDiff('patched', before, after);
      if (before === after) return diff === '';
      const out = spawnSync('patch', ['-s', '-p1', '-o', '-', path], {
        cwd: folder,
        input: diff,
        encoding: 'utf8',
      });
      return out.error !== undefined || out.stdout === after;
    }),
    { numRuns: 60 },
  );
});
