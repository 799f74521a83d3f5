/**
 * One cause is one finding: its count, its places, and what becomes of single places in comments, baselines and fixes.
 * The places are held against the lines of the text that were written with the fault.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lintProfile, singleFindings } from '../../src/lint/index.ts';
import { ociSeccomp } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-places-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const call = (at: number): string => ['read', 'write', 'close', 'openat', 'fstat', 'mmap'][at % 6] ?? '';
/** A rule a line; `fault` tells what is in the line. */
function profileOf(count: number, fault: string, comment: (at: number) => string = () => ''): string {
  const rules = Array.from(
    { length: count },
    (_, at) => `    {"names": ["${call(at)}"], "action": "SCMP_ACT_ALLOW"${comment(at)}${fault}}`,
  );
  return `{\n  "defaultAction": "SCMP_ACT_ERRNO",\n  "syscalls": [\n${rules.join(',\n')}\n  ]\n}\n`;
}
const NULL = ', "args": null';
const linesWith = (text: string, part: string): readonly number[] =>
  text.split('\n').flatMap((line, at) => (line.includes(part) ? [at + 1] : []));

interface Json {
  readonly files: readonly {
    readonly findings: readonly {
      readonly rule: string;
      readonly message: string;
      readonly line: number;
      readonly places?: readonly { readonly line: number; readonly fingerprint: string }[];
    }[];
    readonly known: readonly { readonly places?: readonly unknown[] }[];
  }[];
  readonly totals: Readonly<Record<string, number>>;
}

let files = 0;
function fileOf(text: string): string {
  files += 1;
  const file = join(folder, `p${files}.json`);
  writeFileSync(file, text);
  return file;
}
const only = ['--rule', 'null-args=warn'];
function lintOnly(file: string, ...options: readonly string[]): Json {
  const { stdout } = ociSeccomp(['lint', file, '--json', ...options]);
  const json = JSON.parse(stdout) as Json;
  const files_ = json.files.map((each) => ({
    ...each,
    findings: each.findings.filter(({ rule }) => rule === 'null-args'),
  }));
  return { ...json, files: files_ };
}

describe('the same sentence about many places', () => {
  const text = profileOf(306, NULL);
  const lines = linesWith(text, NULL);

  it('is one finding with all places, in order', async () => {
    const { findings } = await lintProfile(text);
    const own = findings.filter(({ rule }) => rule === 'null-args');
    expect(own.map(({ range }) => range.line)).toEqual([lines[0]]);
    expect(own[0]?.places?.map(({ range }) => range.line)).toEqual(lines);
    expect(singleFindings(own).map(({ range }) => range.line)).toEqual(lines);
    expect(singleFindings(own).every(({ places }) => places === undefined)).toBe(true);
  });

  it('counts one, in the summary and for --max-warnings', () => {
    const file = fileOf(text);
    const { totals } = lintOnly(file);
    const single = lintOnly(fileOf(profileOf(1, NULL)));
    expect(lines).toHaveLength(306);
    const [merged] = lintOnly(file).files;
    expect(merged?.findings.map(({ places }) => places?.length)).toEqual([306]);
    expect(single.files[0]?.findings.map(({ places }) => places)).toEqual([undefined]);
    expect(totals.warnings).toBeLessThan(12);
  });

  it('is one line, one case, one annotation, one issue, with the other places', () => {
    const file = fileOf(profileOf(12, NULL));
    const at = linesWith(readFileSync(file, 'utf8'), NULL);
    const run = (format: string) => ociSeccomp(['lint', file, '--format', format, ...only]).stdout;
    const about = (format: string) =>
      run(format)
        .split('\n')
        .filter((line) => line.includes('"args" is null') || line.includes('&quot;args&quot; is null'));
    expect(about('human')).toHaveLength(1);
    const [compact = '', ...more] = about('compact');
    expect(more).toEqual([]);
    expect(compact).toMatch(/\(in 12 places\) \[null-args\]$/);
    const [row = ''] = about('markdown');
    expect(row).toContain('(in 12 places)');
    const others = at.slice(1, 8).map((line) => new RegExp(`\\b${line}:\\d+`));
    for (const format of ['human', 'junit', 'github', 'gitlab', 'checkstyle']) {
      const output = run(format);
      const [said = ''] = /also at .*? 4 more places/.exec(output) ?? [];
      for (const other of others) expect(said, format).toMatch(other);
    }
    expect(run('junit').match(/<testcase name="null-args at [^"]*"/g)).toHaveLength(1);
    expect(about('github')).toHaveLength(1);
    const issues = JSON.parse(run('gitlab')) as readonly { readonly check_name: string }[];
    expect(issues.filter((each) => each.check_name === 'null-args')).toHaveLength(1);
    expect(run('checkstyle').match(/source="oci-seccomp\.null-args"/g)).toHaveLength(1);
  });

  it('sarif: one result with all locations, whose fix mends all', () => {
    const before = profileOf(5, NULL);
    const file = fileOf(before);
    const { stdout } = ociSeccomp(['lint', file, '--format', 'sarif', ...only]);
    const { runs } = JSON.parse(stdout) as {
      readonly runs: readonly [
        {
          readonly results: readonly {
            readonly ruleId: string;
            readonly locations: readonly {
              readonly physicalLocation: { readonly region: { readonly startLine: number } };
            }[];
          }[];
        },
      ];
    };
    const results = runs[0].results.filter(({ ruleId }) => ruleId === 'null-args');
    expect(
      results.map(({ locations }) =>
        locations.map(({ physicalLocation }) => physicalLocation.region.startLine),
      ),
    ).toEqual([linesWith(before, NULL)]);
  });

  it('rdjson: one diagnostic with related locations and a suggestion a place', () => {
    const before = profileOf(5, NULL);
    const { stdout } = ociSeccomp(['lint', fileOf(before), '--format', 'rdjson', ...only]);
    const { diagnostics } = JSON.parse(stdout) as {
      readonly diagnostics: readonly {
        readonly code: { readonly value: string };
        readonly location: { readonly range: { readonly start: { readonly line: number } } };
        readonly related_locations?: readonly {
          readonly location: { readonly range: { readonly start: { readonly line: number } } };
        }[];
        readonly suggestions?: readonly unknown[];
      }[];
    };
    const own = diagnostics.filter(({ code }) => code.value === 'null-args');
    expect(own).toHaveLength(1);
    const [first] = own;
    const lines_ = [first, ...(first?.related_locations ?? [])].map(
      (each) => each?.location.range.start.line,
    );
    expect(lines_).toEqual(linesWith(before, NULL));
  });
});

describe('calls that are open for the same reason', () => {
  const text =
    '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["mount", "umount2"], "action": "SCMP_ACT_ALLOW"},\n{"names": ["pivot_root", "bpf"], "action": "SCMP_ACT_ALLOW"}]}';

  it('are one finding that names them', async () => {
    const { findings } = await lintProfile(text);
    const said = findings.filter(({ rule }) => rule === 'dangerous-allowed').map(({ message }) => message);
    expect(said).toEqual([
      'mount, umount2 and pivot_root are allowed: each changes the mounts of the container',
      'bpf is allowed: it loads programs that run inside the kernel',
    ]);
  });

  it('a comment turns off those of its rule alone', async () => {
    const commented = text.replace(
      '"umount2"], "action": "SCMP_ACT_ALLOW"',
      '"umount2"], "action": "SCMP_ACT_ALLOW", "comment": "oci-seccomp-disable-next dangerous-allowed -- needed"',
    );
    const { findings, suppressed } = await lintProfile(commented);
    const texts = (all: typeof findings) =>
      all.filter(({ rule }) => rule === 'dangerous-allowed').map(({ message }) => message);
    expect(texts(findings)).toContain('pivot_root is allowed: it changes the mounts of the container');
    expect(texts(suppressed)).toEqual([
      'mount and umount2 are allowed: each changes the mounts of the container',
    ]);
  });
});

it('masks and values that are swapped alike are one finding with one fix', async () => {
  const open = (valueTwo: number) =>
    `{"names": ["open"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 1, "op": "SCMP_CMP_MASKED_EQ", "value": 0, "valueTwo": ${valueTwo}}]}`;
  const text = `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [${open(64)}, ${open(128)}]}`;
  const { findings } = await lintProfile(text);
  const swapped = findings.filter(({ rule }) => rule === 'masked-eq-swapped');
  expect(swapped.map(({ message, fix }) => [message, fix?.edits.length])).toEqual([
    [
      'value 0 is the mask, and valueTwo is what the masked argument must equal, in the comparisons with valueTwo 64 and 128: they test no bit and hold for every call',
      4,
    ],
  ]);
});

describe('single places', () => {
  it('a baseline knows places: one more is new, and the rest stays known', () => {
    const file = fileOf(profileOf(3, NULL));
    const baseline = join(folder, 'baseline.json');
    ociSeccomp(['lint', file, '--baseline', baseline, '--update-baseline']);
    expect(lintOnly(file, '--baseline', baseline).files[0]?.findings).toEqual([]);
    writeFileSync(file, profileOf(5, NULL));
    const [after] = lintOnly(file, '--baseline', baseline).files;
    expect(after?.findings.map(({ places, line }) => places?.length ?? line)).toEqual([2]);
    writeFileSync(file, profileOf(2, NULL));
    expect(lintOnly(file, '--baseline', baseline).totals.gone).toBeGreaterThan(0);
  });

  it('a baseline counts as lint does: two profiles of a ConfigMap have a finding each', () => {
    const file = join(folder, 'map.yaml');
    const text = '{"defaultAction": "SCMP_ACT_ALLOW", "sycalls": []}';
    const data = ['a', 'b'].map((name) => `  ${name}.json: '${text}'\n`).join('');
    writeFileSync(file, `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata:\n${data}`);
    const baseline = join(folder, 'baseline.json');
    const lint = (...words: readonly string[]) =>
      JSON.parse(ociSeccomp(['lint', file, '--json', '--baseline', baseline, ...words]).stdout) as {
        readonly totals: { readonly known: number };
      };
    const written = lint('--update-baseline').totals.known;
    expect(written).toBeGreaterThan(2);
    expect(lint().totals.known).toBe(written);
  });

  it('--fix mends all places, also those whose edits touch', () => {
    const twice =
      '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["read", "read", "read", "write", "write"], "action": "SCMP_ACT_ALLOW"}]}\n';
    const file = fileOf(twice);
    const before = JSON.parse(ociSeccomp(['lint', file, '--json']).stdout) as Json;
    expect(before.files[0]?.findings.filter(({ rule }) => rule === 'duplicate-name')).toHaveLength(1);
    expect(ociSeccomp(['lint', file, '--fix']).stderr).toContain('fixed');
    const fixed = JSON.parse(readFileSync(file, 'utf8')) as { readonly syscalls: readonly unknown[] };
    expect(fixed.syscalls).toEqual([{ names: ['read', 'write'], action: 'SCMP_ACT_ALLOW' }]);
  });
});
