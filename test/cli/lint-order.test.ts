/**
 * What lint finds in a file depends on that file alone: not on the files before it, not on copies of it.
 *
 * Among the files are some that are just simple enough to be decided and some that are just too complex: diagrams that
 * files share, or steps that they count together, move that border.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entangled } from '../lint/texts.ts';
import { hasAllSamples, isThorough } from '../support/samples.ts';
import { ociSeccomp, root } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-order-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PAIRS = [12, 26, 28];
/** All of them in CI only. */
const FIXTURES = [
  'cli/conditions.json',
  'cli/mistakes.json',
  'profiles/good/docker-conditions.json',
  'profiles/good/oci-operators-and-actions.json',
  'profiles/bad/truncated.json',
  'profiles/bad/duplicate-key-by-case.json',
].slice(0, isThorough ? 6 : 2);
const files = [
  ...PAIRS.map((count) => `pairs-${count}.json`),
  ...FIXTURES.map((path) => path.replaceAll('/', '-')),
  // Copies; one is read as something else because of its name.
  'copies/conditions.json',
  'copies/mistakes.yaml',
  'copies/mistakes.json',
];

beforeAll(() => {
  mkdirSync(join(folder, 'copies'));
  for (const count of PAIRS) writeFileSync(join(folder, `pairs-${count}.json`), entangled(count));
  for (const path of FIXTURES) {
    copyFileSync(join(root, 'fixtures', path), join(folder, path.replaceAll('/', '-')));
  }
  copyFileSync(join(folder, 'cli-conditions.json'), join(folder, 'copies/conditions.json'));
  for (const copy of ['copies/mistakes.yaml', 'copies/mistakes.json']) {
    copyFileSync(join(folder, 'cli-mistakes.json'), join(folder, copy));
  }
});

interface Linted {
  readonly files: readonly { readonly file: string; readonly findings: readonly { message: string }[] }[];
}

/** What is said about each file, as text, in the order in which it is said. */
function lint(names: readonly string[], ...words: string[]): ReadonlyMap<string, string> {
  const { stdout } = ociSeccomp(['lint', ...names, '--format', 'json', ...words], { cwd: folder });
  const { files: reports }: Linted = JSON.parse(stdout);
  return new Map(reports.map((report) => [report.file, JSON.stringify(report)]));
}

describe('what lint finds in a file', () => {
  let alone: ReadonlyMap<string, string>;
  beforeAll(() => {
    alone = new Map(files.flatMap((name) => [...lint([name], '--no-libseccomp')]));
  });

  it('includes verdicts on either side of the border', () => {
    const complex = PAIRS.map(
      (count) => alone.get(`pairs-${count}.json`)?.includes('too complex to check in full') === true,
    );
    expect(complex).toEqual([false, false, true]);
  });

  const orders: readonly (readonly [string, readonly string[]])[] = [
    ['complex ones between others', [...files.slice(2), ...files.slice(0, 2)]],
    ['forwards', files],
    ['backwards', files.toReversed()],
  ];
  it.each(hasAllSamples ? orders : orders.slice(0, 1))(
    'is the same in one run with others: %s',
    (_, names) => {
      expect([...lint(names, '--no-libseccomp')]).toEqual(names.map((name) => [name, alone.get(name)]));
    },
  );

  it.runIf(isThorough)('is the same below a folder', () => {
    for (const [file, report] of lint(['.'], '--no-libseccomp')) expect(report).toBe(alone.get(file));
  });
});

it('what libseccomp makes of a file is said alike whichever file is first: the library is loaded for that one', () => {
  const text = readFileSync(join(root, 'fixtures/cli/miscompiled.json'), 'utf8');
  const names = ['first.json', 'second.json'];
  // Not the same text, or it would be linted once.
  for (const [i, name] of names.entries()) writeFileSync(join(folder, name), text + '\n'.repeat(i));
  const all = lint(names);
  for (const name of names) expect(lint([name]).get(name)).toBe(all.get(name));
});
