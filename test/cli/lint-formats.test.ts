/**
 * The machine formats: that other programs' readers take them, and that nothing in a profile breaks out of them.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FILE_HEADERS_ONLY, formatPatch } from 'diff';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { escapeXml } from '../../src/cli/lint/escape-xml.ts';
import { longDiff } from '../../src/cli/lint/long-diff.ts';
import { unifiedDiff } from '../../src/cli/lint/unified-diff.ts';
import { wantsColor } from '../../src/cli/render/colors.ts';
import { samples } from '../support/samples.ts';
import { ociSeccomp } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-lint-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A key that tries to end XML, a workflow command, and a line. */
const nasty = '%0A<]]>&"\',:\u001b[31m\n::error::x';
const profile = join(folder, 'a, b:c%.json');
writeFileSync(profile, `{"defaultAction": "SCMP_ACT_ALLOW", ${JSON.stringify(nasty)}: []}\n`);

describe('what people read', () => {
  const evil = join(folder, 'e\u001b[31m\n::error::\u202e.service');
  writeFileSync(
    evil,
    '[Service]\nSystemCallFilter=~mo\u001b[31mnt \u202eptrace\nSystemCallErrorNumber=\u009b2J\u2028x\n',
  );
  const key = join(folder, 'key.json');
  writeFileSync(key, '{"defaultAction": "SCMP_ACT_ALLOW", "x\\n::error::\\u001b[31m\\u202e": 1}\n');

  it.each([
    ['lint', '--format', 'human'],
    ['lint', '--format', 'compact'],
    ['lint', '--format', 'markdown'],
    ['validate'],
    ['explain'],
  ])('has no sequence for the terminal, nor a line that a file wrote: %s %s %s', (...words) => {
    const [command = '', ...options] = words.filter((word) => word !== undefined);
    for (const file of [evil, key]) {
      const args = command === 'explain' ? [command, `${file}.missing`, 'read'] : [command, ...options, file];
      const { stdout, stderr } = ociSeccomp(args);
      const text = `${stdout}${stderr}`;
      expect(text).not.toBe('');
      expect(JSON.stringify(text.match(/[^\n\P{Cc}]|[\p{Cf}\u2028]|^::.*/gmu))).toBe('null');
    }
  });
});

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
      expect(partialFingerprints['ociSeccomp/v1']).toMatch(/^[0-9a-f]{16}:[1-9]\d*$/);
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

  it('junit fails what --fail-on fails, and no more', () => {
    const failures = (level: string) => {
      const { stdout, status } = ociSeccomp(['lint', profile, '-f', 'junit', '--fail-on', level]);
      return [status, Number(/failures="(\d+)"/.exec(stdout)?.[1]), stdout.match(/<failure/g)?.length ?? 0];
    };
    const { stdout } = ociSeccomp(['lint', profile, '-f', 'json']);
    const { errors, warnings } = (
      JSON.parse(stdout) as { totals: { readonly errors: number; readonly warnings: number } }
    ).totals;
    expect(errors * warnings).toBeGreaterThan(0);
    expect(failures('error')).toEqual([1, errors, errors]);
    expect(failures('warning')).toEqual([1, errors + warnings, errors + warnings]);
    expect(failures('never')).toEqual([0, 0, 0]);
  });

  it('compact writes a line a finding, whatever the profile says', () => {
    const { stdout } = ociSeccomp(['lint', profile, '--format', 'compact']);
    for (const line of stdout.trimEnd().split('\n')) {
      expect(line).toMatch(/a, b:c%\.json:1:\d+: (error|warning): [^\p{Cc}]+ \[[a-z0-9-]+\]$/u);
    }
  });

  it('checkstyle is read by an XML parser with the message as it was', () => {
    const { stdout } = ociSeccomp(['lint', profile, '--format', 'checkstyle']);
    const { stdout: json } = ociSeccomp(['lint', profile, '--format', 'json']);
    const [first] = (JSON.parse(json) as { files: { findings: { message: string; hint?: string }[] }[] })
      .files;
    const read = spawnSync(
      'python3',
      [
        '-c',
        'import sys, json, xml.etree.ElementTree as e; print(json.dumps([x.get("message") for x in e.fromstring(sys.stdin.buffer.read()).iter("error")]))',
      ],
      { input: stdout, encoding: 'utf8' },
    );
    if (read.error !== undefined) return;
    const messages = JSON.parse(read.stdout) as readonly string[];
    expect(messages).toHaveLength(first?.findings.length ?? 0);
    messages.forEach((message, at) => {
      const finding = first?.findings[at];
      // What XML cannot hold is replaced.
      expect(message.split('\n')[0]).toBe(finding?.message.split('\n')[0]?.replace(/\p{Cc}/gu, '\ufffd'));
    });
  });

  it('gitlab has no two issues with one fingerprint, and the same ones when lines move', () => {
    const fingerprints = (text: string): readonly string[] => {
      const file = join(folder, 'moved.json');
      writeFileSync(file, text);
      const { stdout } = ociSeccomp(['lint', file, '--format', 'gitlab']);
      return (JSON.parse(stdout) as { fingerprint: string }[]).map(({ fingerprint }) => fingerprint);
    };
    const rule = '{"names": ["read", "read"], "action": "SCMP_ACT_ALLOW", "args": null}';
    const body = `"syscalls": [${rule}, ${rule}]}`;
    const before = fingerprints(`{"defaultAction": "SCMP_ACT_ERRNO", ${body}`);
    expect(before.length).toBeGreaterThan(3);
    expect(new Set(before).size).toBe(before.length);
    expect(new Set(fingerprints(`\n\n{"defaultAction": "SCMP_ACT_ERRNO",\n${body}`))).toEqual(
      new Set(before),
    );
  });

  it('rdjson counts columns in bytes, and its suggestions are what --fix writes', () => {
    const file = join(folder, 'bytes.json');
    const text =
      '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"comment": "é€😀", "names": ["read"], "action": "SCMP_ACT_ERRNO"}, {"comment": "ß", "names": ["write"], "action": "SCMP_ACT_ALLOW", "args": null}]}\n';
    writeFileSync(file, text);
    const { stdout } = ociSeccomp([
      'lint',
      file,
      '--format',
      'rdjson',
      '--rule',
      'redundant-with-default=off',
    ]);
    const { diagnostics } = JSON.parse(stdout) as {
      diagnostics: {
        code: { value: string };
        location: { range: { start: { column: number }; end: { column: number } } };
        suggestions?: { text: string; range: { start: { column: number }; end: { column: number } } }[];
      }[];
    };
    const found = diagnostics.find(({ code }) => code.value === 'null-args');
    const bytes = Buffer.from(text);
    const { start, end } = found?.location.range ?? { start: { column: 0 }, end: { column: 0 } };
    expect(bytes.subarray(start.column - 1, end.column - 1).toString()).toContain('null');
    const [suggestion] = found?.suggestions ?? [];
    expect(suggestion).toBeDefined();
    if (suggestion === undefined) return;
    const fixed = Buffer.concat([
      bytes.subarray(0, suggestion.range.start.column - 1),
      Buffer.from(suggestion.text),
      bytes.subarray(suggestion.range.end.column - 1),
    ]).toString();
    ociSeccomp(['lint', file, '--fix', '--rule', 'redundant-with-default=off']);
    expect(fixed).toBe(readFileSync(file, 'utf8'));
  });

  it('sarif, github, gitlab and rdjson name files from the root of the repository', () => {
    const root = realpathSync(mkdtempSync(join(folder, 'repository-')));
    const below = join(root, 'deploy', 'seccomp');
    mkdirSync(below, { recursive: true });
    mkdirSync(join(root, '.git'));
    writeFileSync(join(below, 'x.json'), '{"defaultAction": "SCMP_ACT_ALLOW"}\n');
    const run = (format: string) => ociSeccomp(['lint', 'x.json', '-f', format], { cwd: below }).stdout;
    expect(run('github')).toContain('file=deploy/seccomp/x.json,');
    expect(JSON.parse(run('gitlab'))[0].location.path).toBe('deploy/seccomp/x.json');
    expect(JSON.parse(run('rdjson')).diagnostics[0].location.path).toBe('deploy/seccomp/x.json');
    const [sarif] = (JSON.parse(run('sarif')) as SarifLog & { runs: [{ originalUriBaseIds: unknown }] }).runs;
    expect(sarif.originalUriBaseIds).toEqual({ SRCROOT: { uri: `file://${root}/` } });
    expect(sarif.results[0]?.locations[0].physicalLocation.artifactLocation.uri).toBe(
      'deploy/seccomp/x.json',
    );
  });

  it('writes no report over a profile or another report', () => {
    const file = join(folder, 'over.json');
    const text = '{"defaultAction": "SCMP_ACT_ERRNO"}\n';
    writeFileSync(file, text);
    const other = join(folder, 'other.json');
    for (const options of [
      ['-o', file],
      ['--report', `json=${file}`],
      ['-o', other, '--report', `sarif=${folder}/./other.json`],
      ['--report', `json=${other}`, '--report', `sarif=${other}`],
    ]) {
      expect([options, ociSeccomp(['lint', file, ...options]).status]).toEqual([options, 2]);
    }
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect(() => readFileSync(other)).toThrow();
    expect(ociSeccomp(['lint', '-', '--stdin-filename', ''], { input: text }).status).toBe(2);
  });

  it('--report writes what --format prints, in the same run', () => {
    for (const format of [
      'json',
      'sarif',
      'gitlab',
      'junit',
      'checkstyle',
      'rdjson',
      'compact',
      'markdown',
      'human',
    ]) {
      const file = join(folder, 'reported');
      const { stdout } = ociSeccomp(['lint', profile, '-f', format]);
      const { stdout: beside } = ociSeccomp([
        'lint',
        profile,
        '-f',
        'github',
        '--report',
        `${format}=${file}`,
      ]);
      expect(readFileSync(file, 'utf8')).toBe(stdout);
      expect(beside).toMatch(/^::/);
    }
    expect(ociSeccomp(['lint', profile, '--report', 'xml=x']).status).toBe(2);
  });

  it('markdown is a table that nothing in a profile breaks', () => {
    const { stdout } = ociSeccomp(['lint', profile, '--format', 'markdown']);
    const rows = stdout.split('\n').filter((line) => line.startsWith('|'));
    expect(rows.length).toBeGreaterThan(3);
    for (const row of rows) expect(row.match(/\|/g)).toHaveLength(5);
    expect(stdout).not.toMatch(/<|[^\n\P{Cc}]/u);
  });

  it('sarif marks as security what is about openness only', () => {
    const { stdout } = ociSeccomp(['lint', profile, '--format', 'sarif']);
    interface Rule {
      readonly id: string;
      readonly properties: {
        readonly tags: readonly string[];
        readonly precision: string;
        readonly 'security-severity'?: string;
      };
    }
    const [{ tool }] = (JSON.parse(stdout) as { runs: [{ tool: { driver: { rules: Rule[] } } }] }).runs;
    for (const { properties } of tool.driver.rules) {
      const { tags, precision, 'security-severity': severity } = properties;
      expect(tags.includes('security')).toBe(tags.includes('openness'));
      expect(severity !== undefined).toBe(tags.includes('security'));
      expect(['very-high', 'high', 'medium', 'low']).toContain(precision);
    }
  });

  it('--stdin-filename is what standard input is called, and where its configuration is looked for', () => {
    const below = join(folder, 'configured');
    mkdirSync(below, { recursive: true });
    writeFileSync(join(below, 'oci-seccomp.config.json'), '{"rules": {"default-allow": "off"}}\n');
    const name = join(below, 'x.json');
    const lint = (...more: string[]) =>
      ociSeccomp(['lint', '-', '-f', 'compact', ...more], {
        input: '{"defaultAction": "SCMP_ACT_ALLOW"}\n',
      }).stdout;
    expect(lint()).toMatch(/^<stdin>:1:\d+: .*\[default-allow\]$/m);
    expect(lint('--stdin-filename', name)).not.toContain('default-allow');
    expect(lint('--stdin-filename', name)).toContain(`${name}:1:`);
    expect(ociSeccomp(['lint', profile, '--stdin-filename', name]).status).toBe(2);
  });

  it('--preset sets the levels that nothing else sets', () => {
    const file = join(folder, 'preset.json');
    writeFileSync(
      file,
      '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["b", "a"], "action": "SCMP_ACT_LOG"}]}\n',
    );
    const levels = (...more: string[]) =>
      Object.fromEntries(
        [
          ...ociSeccomp(['lint', file, '-f', 'compact', ...more]).stdout.matchAll(/: (\w+): .*\[(.*)\]$/gm),
        ].map(([, level, rule]) => [rule, level]),
      );
    expect(levels()).toMatchObject({ 'default-allow': 'warning' });
    expect(levels()).not.toHaveProperty('unsorted-names');
    expect(levels('--preset', 'recommended')).toEqual(levels());
    expect(levels('--preset', 'strict')).toMatchObject({
      'default-allow': 'error',
      'unsorted-names': 'warning',
    });
    expect(levels('--preset', 'kubernetes')).toMatchObject({ 'default-allow': 'error' });
    expect(levels('--preset', 'strict', '--rule', 'default-allow=note')).toMatchObject({
      'default-allow': 'note',
    });
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

it.each([
  ['{"syscalls": [', 1, 15, ''],
  ['{\r\n"syscalls": [\r\n', 2, 14, ''],
  ['', 1, 1, ''],
  ['{"defaultAction": tru}', 1, 19, 't'],
  ['{"defaultAction": \u{1f600}}', 1, 19, '\u{1f600}'],
])(
  'a mistake in the text %j is one character, or none where the line ends',
  (text, line, column, character) => {
    const { stdout } = ociSeccomp(['lint', '-', '--format', 'sarif'], { input: text });
    const { runs } = JSON.parse(stdout) as {
      runs: { results: { locations: { physicalLocation: { region: unknown } }[] }[] }[];
    };
    expect(runs[0]?.results[0]?.locations[0]?.physicalLocation.region).toEqual({
      startLine: line,
      startColumn: column,
      endLine: line,
      endColumn: column + character.length,
    });
  },
);

/** Whether patch(1) makes the second text of the first with a diff. */
function isPatch(before: string, after: string, diff: string): boolean {
  const path = join(folder, 'patched');
  writeFileSync(path, before);
  if (before === after) return diff === '';
  const out = spawnSync('patch', ['-p1', '-o', '-', path], {
    cwd: folder,
    input: diff,
    encoding: 'utf8',
  });
  return out.error !== undefined || (out.stdout === after && !/offset|fuzz/.test(out.stderr));
}

describe('diffs are what patch(1) makes the second text of the first with', () => {
  const texts = (...lines: readonly string[]) =>
    fc
      .tuple(fc.array(fc.constantFrom(...lines), { maxLength: 30 }), fc.boolean())
      .map(([all, end]) => `${all.join('\n')}${end ? '\n' : ''}`);

  it('as they are', () => {
    const text = texts('a', 'b', 'c', '', '-x', '+y');
    fc.assert(
      fc.property(text, text, (before, after) =>
        isPatch(before, after, unifiedDiff('patched', before, after)),
      ),
      { numRuns: samples(60) },
    );
  });

  it('divided at lines that are there once', () => {
    const text = texts(...'abcdefghijklmnopqrstuvw', '', '-x', '+y', 'r\r');
    const patched = fc.property(text, text, fc.nat(3), (before, after, most) => {
      const hunks = longDiff(before, after, 3, most);
      const names = { oldFileName: 'a/patched', newFileName: 'b/patched', oldHeader: '', newHeader: '' };
      return isPatch(
        before,
        after,
        before === after ? '' : formatPatch({ ...names, hunks }, FILE_HEADERS_ONLY),
      );
    });
    fc.assert(patched, { numRuns: samples(60) });
  });

  it('with ten thousand changes, of which each is shown alone', () => {
    const numbers = Array.from({ length: 10_000 }, (_, i) => i);
    const before = numbers.map((i) => `same\n${i}\nold ${i}\n`).join('');
    const after = before.replaceAll('old', 'new');
    const diff = unifiedDiff('patched', before, after);
    expect(diff.match(/^[-+](?![-+])/gm)).toHaveLength(2 * numbers.length);
    expect(isPatch(before, after, diff)).toBe(true);
  });
});
