/**
 * Files with the same content, of which large repositories hold many. Each content is linted once, and its findings are
 * moved to the other files.
 *
 * Findings depend on the content and the settings alone, never on what was linted before. So a copy has exactly the
 * findings that it would have by itself.
 * @module
 */
import { namesBuiltin } from '../../oci/builtin/index.ts';
import type { Settings } from './config-form.ts';
import type { FileFinding, FileReport } from './file-report.ts';

/** What was found in a file. */
export interface FileAnswer {
  readonly report: FileReport;
  /** Whether it is something else than a profile: a search passes it over. */
  readonly isOther: boolean;
}

/** Answers by content. */
export interface LintMemory {
  readonly has: (key: string) => boolean;
  readonly recall: (key: string, file: string) => FileAnswer | undefined;
  readonly remember: (key: string, answer: FileAnswer) => void;
}

/** Characters of texts and findings that are kept. When there are more, all are dropped. */
const MAX_KEPT = 1 << 25;
/** About how many characters a finding takes. */
const FINDING_SIZE = 1000;

export function createMemory(): LintMemory {
  const answers = new Map<string, FileAnswer>();
  let kept = 0;
  return {
    has: (key) => answers.has(key),
    recall: (key, file) => {
      const known = answers.get(key);
      return known === undefined ? undefined : movedTo(file, known);
    },
    remember: (key, answer) => {
      if (namesItsFile(answer.report)) return;
      const { text = '', findings, suppressed, inherited } = answer.report;
      const all = [...findings, ...suppressed, ...inherited];
      const places = all.reduce((sum, each) => sum + (each.places?.length ?? 1), 0);
      kept += 2 * text.length + FINDING_SIZE * places;
      if (kept > MAX_KEPT) {
        answers.clear();
        kept = 0;
      }
      answers.set(key, answer);
    },
  };
}

/** What the answer depends on: the content, the settings, and whether the name says that it is YAML or a built-in. */
export function memoryKey(bytes: Uint8Array | string, file: string, settings: Settings): string {
  return [
    // Not a hash: for one file, loading Node's cryptography takes longer than a hash saves.
    typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('latin1'),
    /\.ya?ml$/i.test(file),
    // The name of a built-in profile changes which findings are shown.
    namesBuiltin(file),
    JSON.stringify(settingsAlone(settings)),
  ].join(' ');
}

/** All of them: TypeScript refuses this list if one is missing. */
const settingKeys = Object.keys({
  preset: true,
  rules: true,
  ruleSettings: true,
  hosts: true,
  runtimes: true,
  engine: true,
  kernels: true,
  profilesDir: true,
  seccompDefault: true,
} satisfies Record<keyof Settings, true>) as readonly (keyof Settings)[];

/** Settings without the rest of their configuration: it holds functions, which no message can carry. */
export function settingsAlone(settings: Settings): Settings {
  return Object.fromEntries(
    settingKeys.flatMap((key) => (settings[key] === undefined ? [] : [[key, settings[key]]])),
  );
}

/** A message with the file's name in it would be wrong for another file. */
export function namesItsFile({ file, findings, suppressed, inherited, failure }: FileReport): boolean {
  if (failure !== undefined) return true;
  return [...findings, ...suppressed, ...inherited]
    .flatMap((finding) => [finding, ...(finding.places ?? [])])
    .some(({ message, hint, related = [], fix }) =>
      [message, hint, fix?.description, ...related.map((each) => each.message)].some((text) =>
        text?.includes(file),
      ),
    );
}

/** The answer for another file with the same content. */
export function movedTo(file: string, { report, isOther }: FileAnswer): FileAnswer {
  const { findings, suppressed, inherited } = report;
  const move = <T extends FileFinding>(finding: T): T => {
    const { range, related, places } = finding;
    return {
      ...finding,
      range: { ...range, file },
      ...(related === undefined
        ? {}
        : { related: related.map((each) => ({ ...each, range: { ...each.range, file } })) }),
      ...(places === undefined ? {} : { places: places.map((place) => move(place)) }),
    };
  };
  return {
    report: {
      ...report,
      file,
      findings: findings.map(move),
      suppressed: suppressed.map(move),
      inherited: inherited.map(move),
    },
    isOther,
  };
}
