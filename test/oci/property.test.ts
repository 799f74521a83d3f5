import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shapes } from '../../src/oci/dialect-keys.ts';
import { MAX_DOCUMENT_SIZE } from '../../src/oci/document.ts';
import { MAX_PROBLEMS } from '../../src/oci/problems.ts';
import { type ReadProfileResult, readProfile } from '../../src/oci/read-profile.ts';
import { cpuClock } from '../support/cpu-time.ts';
import { isThorough, samples } from '../support/samples.ts';

const runs = { numRuns: samples(500) };
/** Half of the largest document: what is quadratic takes a quarter of the time there, what is linear half. */
const LONG = isThorough ? MAX_DOCUMENT_SIZE / 2 : MAX_DOCUMENT_SIZE / 8;
/** Processor time for a long document; below a quarter of a second is usual. */
const MOST_CPU_SECONDS = 8;

/** Every promise of `readProfile` that holds whatever the input. */
function expectSound(input: string | Uint8Array, read = readProfile): ReadProfileResult {
  const result = read(input, { name: 'x' });
  const text =
    typeof input === 'string' ? input : new TextDecoder('utf-8', { ignoreBOM: true }).decode(input);
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/);
  let before = [0, 0];
  for (const problem of result.problems) {
    const { line, column, file, message } = problem;
    const [l = 0, c = 0] = before;
    const isSound =
      file === 'x' &&
      message.length < 300 &&
      line >= 1 &&
      line <= lines.length &&
      column >= 1 &&
      column <= (lines[line - 1]?.length ?? 0) + 1 &&
      (line > l || (line === l && column >= c));
    if (!isSound) expect({ problem, after: before }).toBe('in the text, in order, and short');
    before = [line, column];
  }
  expect(result.problems.length).toBeLessThanOrEqual(MAX_PROBLEMS + 1);
  if (result.profile === undefined)
    expect(result.problems.some(({ severity }) => severity === 'error')).toBe(true);
  return result;
}

const words = [
  ...Object.values(shapes).flatMap((shape) => Object.keys(shape)),
  ...[
    'linux',
    'seccomp',
    'process',
    'capabilities',
    'bounding',
    'ociVersion',
    'apiVersion',
    'kind',
    'Syscalls',
    '__proto__',
  ],
];
const texts = [
  'SCMP_ACT_ALLOW',
  'SCMP_ACT_ERRNO',
  'SCMP_ACT_NOTIFY',
  'SCMP_ARCH_X86_64',
  'SCMP_CMP_MASKED_EQ',
  'execve',
  'EPERM',
  '4.8',
  '',
];

/** JSON values that look like profiles: the right keys and words at the wrong places. */
const { value: likeProfile } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.constantFrom(...texts),
    fc.constantFrom(null, true, 0, 1, 6, -1, 1.5, 65536, 2 ** 53),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.constantFrom(...words), tie('value')), { maxLength: 6 })
      .map((pairs) => Object.fromEntries(pairs)),
  ),
}));

describe('readProfile', () => {
  it('returns for any JSON value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => void expectSound(JSON.stringify(value))),
      runs,
    );
  });

  it('returns for any value made of the keys and words of profiles, in every dialect', () => {
    const dialects = fc.constantFrom('oci', 'oci-config', 'docker', 'podman', undefined);
    fc.assert(
      fc.property(likeProfile, dialects, fc.boolean(), (value, dialect, pretty) => {
        expectSound(JSON.stringify(value, null, pretty ? 2 : 0), (input, options) =>
          readProfile(input, dialect === undefined ? { ...options } : { ...options, dialect }),
        );
      }),
      { numRuns: samples(2000) },
    );
  });

  it('returns for any text, and for a profile with any piece of it replaced', () => {
    const pieces = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constantFrom(
        '"',
        '\\',
        '//',
        '/*',
        '{',
        '[',
        ']',
        '}',
        ',',
        '\n',
        '\r',
        '\u0000',
        '\ud800',
        '1e9',
        '\ufeff',
      ),
    );
    const sound =
      '{"defaultAction":"SCMP_ACT_ALLOW",\r\n"syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_ERRNO","args":[{"index":0,"value":18446744073709551615,"op":"SCMP_CMP_EQ"}]}]}';
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => void expectSound(text)),
      runs,
    );
    fc.assert(
      fc.property(fc.nat(sound.length), fc.nat(30), pieces, (at, cut, piece) => {
        expectSound(sound.slice(0, at) + piece + sound.slice(at + cut));
      }),
      { numRuns: samples(2000) },
    );
  });

  it('returns for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void expectSound(bytes)),
      runs,
    );
  });

  it('agrees with JSON.parse on what is JSON', () => {
    const isJson = (text: string) => {
      try {
        JSON.parse(text);
        return true;
      } catch {
        return false;
      }
    };
    const tokens = fc.array(
      fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '"a"',
        '1',
        '-0',
        '1.5e3',
        'null',
        ' ',
        '"\\u0041"',
        '01',
        '"\t"',
        '/',
        '//',
        '+',
      ),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(tokens, (parts) => {
        const text = parts.join('');
        const { problems } = readProfile(text);
        const broken = problems.some(({ code }) =>
          [
            'invalid-json',
            'empty-document',
            'comment',
            'trailing-comma',
            'control-character',
            'yaml-document',
            // {{"a"}} is a template of Go.
            'foreign-file',
          ].includes(code),
        );
        expect([text, broken]).toEqual([text, !isJson(text)]);
      }),
      { numRuns: samples(5000) },
    );
  });

  const fill = (unit: string) => unit.repeat(Math.floor((LONG - 100) / unit.length)).slice(0, -1);
  it.each([
    [
      'numbers for names',
      `{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"action":"SCMP_ACT_LOG","names":[${fill('0,')}]}]}`,
    ],
    [
      'unknown names',
      `{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"action":"SCMP_ACT_LOG","names":[${fill('"execvee",')}]}]}`,
    ],
    ['empty rules', `{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[${fill('{},')}]}`],
    ['unknown keys', `{"defaultAction":"SCMP_ACT_ALLOW",${fill('"k":0,')}}`],
    ['duplicate keys', `{${fill('"flags":0,')}}`],
    ['keys in other case', `{"syscalls":[{${fill('"Names":0,')}}]}`],
    ['unknown architectures', `{"defaultAction":"SCMP_ACT_ALLOW","architectures":[${fill('"a",')}]}`],
    [
      'equal comparisons',
      `{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"action":"SCMP_ACT_LOG","names":["read"],"args":[${fill('{"op":"SCMP_CMP_EQ"},')}]}]}`,
    ],
    ['a long number', `{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":${fill('99')}}`],
    ['a long string', `{"defaultAction":"${fill('xx')}"}`],
    ['control characters', `{"defaultAction":"${fill('\t\t')}"}`],
    ['comments', `[${fill('/**/')}`],
    ['trailing commas', `[${fill('[1,],')}]`],
    ['quotes', fill('""')],
    ['backslashes', `"${fill('\\\\')}`],
    ['line ends', `[${fill('\r\n')}`],
    ['errors on many lines', `{"syscalls":[${fill('1,\n')}]}`],
  ])('comes to an end for many %s', (_, text) => {
    expect(text.length).toBeLessThanOrEqual(LONG);
    const spent = cpuClock();
    const { problems } = expectSound(text);
    expect(spent()).toBeLessThan(MOST_CPU_SECONDS);
    expect(problems.length).toBeGreaterThan(0);
  });
});
