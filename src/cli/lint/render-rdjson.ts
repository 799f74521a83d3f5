/**
 * Findings as reviewdog's Diagnostic Format (rdjson). reviewdog puts findings and fixes on the lines of a review.
 * @module
 */
import type { Edit, Range } from '../../lint/engine/finding.ts';
import { jsonText } from '../render/print-json.ts';
import { linesOf } from './describe-finding.ts';
import type { FileFinding, FileReport } from './file-report.ts';
import { repositoryPath, repositoryRoot } from './repository-path.ts';

const severities = { error: 'ERROR', warn: 'WARNING', note: 'INFO' } as const;

/** A place of rdjson: lines and columns from 1, columns in bytes of UTF-8. */
interface Position {
  readonly line: number;
  readonly column: number;
}

export interface Diagnostic {
  readonly message: string;
  readonly location: {
    readonly path: string;
    readonly range?: { readonly start: Position; readonly end: Position };
  };
  readonly severity: string;
  readonly code: { readonly value: string };
  readonly suggestions?: readonly object[];
  readonly related_locations?: readonly object[];
}

/** The diagnostics of one file. The report must still have its text. */
export function diagnosticsOf({ file, text, findings, failure }: FileReport): readonly Diagnostic[] {
  const path = repositoryPath(repositoryRoot(), file);
  const lines = (text ?? '').split(/\r\n|\n|\r/);
  return [
    ...findings.map((finding) => diagnosticOf(path, finding, text ?? '', lines)),
    ...(failure === undefined
      ? []
      : [
          {
            message: failure.message,
            location: { path },
            severity: severities.error,
            code: { value: failure.code },
          },
        ]),
  ];
}

export function renderRdjson(diagnostics: readonly Diagnostic[]): string {
  return jsonText({ source: { name: 'oci-seccomp' }, diagnostics });
}

function diagnosticOf(
  path: string,
  finding: FileFinding,
  text: string,
  lines: readonly string[],
): Diagnostic {
  const { range, level, rule, fix, places = [] } = finding;
  // A reviewer applies suggestions one by one, so each place has its own.
  const suggestions =
    places.length === 0 ? suggestionsOf(fix) : places.flatMap((place) => suggestionsOf(place.fix));
  return {
    message: linesOf(finding).join('\n'),
    location: {
      path,
      range: rangeInBytes(lines, range),
    },
    severity: severities[level],
    code: { value: rule },
    ...(suggestions.length === 0
      ? {}
      : { suggestions: suggestions.map((edit) => suggestionOf(edit, text, lines)) }),
    ...(places.length === 0
      ? {}
      : {
          related_locations: places.slice(1).map((place) => ({
            message: place.message,
            location: { path, range: rangeInBytes(lines, place.range) },
          })),
        }),
  };
}

/** The edit of a fix that has only one: edits of one fix belong together, and suggestions are applied one by one. */
function suggestionsOf(fix: FileFinding['fix']): readonly Edit[] {
  const [edit, ...others] = fix?.edits ?? [];
  return edit === undefined || others.length > 0 ? [] : [edit];
}

function rangeInBytes(lines: readonly string[], { line, column, endLine, endColumn }: Range) {
  return { start: inBytes(lines, line, column), end: inBytes(lines, endLine, endColumn) };
}

function suggestionOf({ start, end, text: replacement }: Edit, text: string, lines: readonly string[]) {
  const place = (offset: number): Position => {
    const before = text.slice(0, offset).split(/\r\n|\n|\r/);
    return inBytes(lines, before.length, (before.at(-1)?.length ?? 0) + 1);
  };
  return { range: { start: place(start), end: place(end) }, text: replacement };
}

function inBytes(lines: readonly string[], line: number, column: number): Position {
  return { line, column: Buffer.byteLength((lines[line - 1] ?? '').slice(0, column - 1)) + 1 };
}
