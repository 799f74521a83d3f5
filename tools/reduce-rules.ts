/**
 * Shrinks a profile that a libseccomp compiles wrongly to the least that still fails in the same way, and shows what each
 * libseccomp makes of that.
 *
 *   npm run tool -- tools/reduce-rules.ts profile.json --library 2.6.1
 *   npm run tool -- tools/reduce-rules.ts line.json          a line that tools/find-defects.ts wrote; - for standard input
 *
 * Options: --library a version or a path (default: the newest); --runtime what lowers the profile, as for compile
 * (default plain, which adds nothing); --arch (default x86_64); --optimize 2 for libseccomp's binary tree; --keep to show
 * the rules as they are. Only libseccomp's own part is looked at, runc's ENOSYS stub is not.
 * @module
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { findArchitecture } from '../src/abi/find-architecture.ts';
import { OciSeccompError } from '../src/errors.ts';
import { serializeLinuxSeccomp } from '../src/oci/serialize.ts';
import { fetchedLibraries } from '../test/oracle/libraries.ts';
import { findLibrary, type NamedLibrary } from './defects/asked-options.ts';
import { type Examined, type Examiner, openExaminer } from './defects/examine.ts';
import { describeShown } from './defects/judge.ts';
import { reduceSet } from './defects/reduce.ts';
import { formatSet, profileOf, type RuleSet, readLine, readSet } from './defects/rule-set.ts';

const describeKind: Readonly<Record<Examined['kind'], string>> = {
  right: 'right',
  looser: 'lets more through than the rules say',
  different: 'answers otherwise than the rules say',
  stricter: 'denies more than the rules say',
  unknown: 'cannot be decided',
  looped: 'does not return',
  refused: 'refuses a rule',
  crashed: 'crashes',
};

function describe({ kind, shown, note }: Examined): string {
  const call = shown === undefined ? '' : `: ${describeShown(shown)}`;
  return `${describeKind[kind]}${note === undefined ? '' : ` (${note})`}${call}`;
}

const options = {
  library: { type: 'string' },
  runtime: { type: 'string', default: 'plain' },
  arch: { type: 'string', default: 'x86_64' },
  optimize: { type: 'string' },
  keep: { type: 'boolean', default: false },
} as const;

function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OciSeccompError('ERR_IO', `cannot read ${file}: ${reason}`, { cause });
  }
}

function newest(): NamedLibrary {
  const library = fetchedLibraries().at(-1);
  return findLibrary(library?.version ?? '2.5.4');
}

async function reduce(examiner: Examiner, set: RuleSet): Promise<RuleSet | undefined> {
  const { kind, note } = await examiner.examine(set);
  if (kind === 'right') return undefined;
  process.stderr.write(
    `libseccomp ${examiner.library.name} with all ${set.rules.length} rules: ${describeKind[kind]}\n`,
  );
  const error = note?.split(' ').at(-1);
  return reduceSet(set, async (candidate) => {
    const found = await examiner.examine(candidate);
    return found.kind === kind && found.note?.split(' ').at(-1) === error;
  });
}

function isLayout(optimize: string | undefined): boolean {
  return optimize === undefined || optimize === '1' || optimize === '2';
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [file] = positionals;
  const arch = findArchitecture(values.arch)?.name;
  if (file === undefined || positionals.length > 1 || arch === undefined || !isLayout(values.optimize)) {
    process.stderr.write(
      'usage: npm run tool -- tools/reduce-rules.ts FILE|- [--library VERSION|PATH] [--runtime NAME] [--arch NAME] [--optimize 1|2] [--keep]\n',
    );
    return 2;
  }
  const library = values.library === undefined ? newest() : findLibrary(values.library);
  const examiner = openExaminer(library);
  const text = readText(file);
  const read =
    readLine(text, examiner.table) ??
    readSet(text, examiner.table, { arch, runtime: values.runtime, name: file });
  const set: RuleSet =
    values.optimize === undefined ? read : { ...read, optimize: values.optimize === '2' ? 2 : 1 };
  const reduced = values.keep ? set : await reduce(examiner, set);
  examiner.close();
  if (reduced === undefined) {
    process.stdout.write(`libseccomp ${library.name} compiles ${file} correctly: nothing to reduce\n`);
    return 0;
  }
  process.stdout.write(`${serializeLinuxSeccomp(profileOf(reduced))}\n${formatSet(reduced)}\n\n`);
  const others = fetchedLibraries().map(({ version }) => findLibrary(version));
  for (const each of others.some(({ path }) => path === library.path) ? others : [...others, library]) {
    const other = openExaminer(each);
    process.stdout.write(`libseccomp ${each.name}: ${describe(await other.examine(reduced))}\n`);
    other.close();
  }
  return 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof OciSeccompError)) throw error;
  process.stderr.write(`error: ${error.message}\n${error.hint === undefined ? '' : `hint: ${error.hint}\n`}`);
  process.exitCode = 3;
}
