/**
 * Limits that a YAML text is checked for before it is parsed. For some texts of 1 MiB the parser (yaml 2.9) takes seconds and
 * a gigabyte, and very deep nesting ends the process. Its lexer is quick for every text.
 * @module
 */
import { MAX_DOCUMENT_DEPTH } from './read-json.ts';
import { createLexer } from './yaml-lexer.ts';

/** Most lexical tokens read; about 20,000 lines of a list. A profile with every system call has some 2,500. */
export const MAX_YAML_TOKENS = 100_000;

/** Where a text exceeds a limit or closes a bracket that is not open: the parser would then list every character. */
export interface YamlLimit {
  readonly kind: 'tokens' | 'depth' | 'bracket';
  readonly offset: number;
}

/** Marks that the lexer puts before a document, behind broken flow, and before a scalar; not part of the text. */
const DOCUMENT = '\x02';
const FLOW_END = '\x18';
const SCALAR = '\x1f';

/** @returns the first limit that a text exceeds, `undefined` if it may be parsed */
export function exceededLimit(text: string): YamlLimit | undefined {
  const state: Nesting = { columns: [], flow: 0, lineStart: 0, opensLevel: true };
  let offset = 0;
  let tokens = 0;
  let isScalar = false;
  for (const token of createLexer().lex(text)) {
    if (++tokens > MAX_YAML_TOKENS) return { kind: 'tokens', offset };
    if (token === DOCUMENT || token === FLOW_END) {
      state.columns.length = 0;
      state.flow = 0;
    } else if (token === SCALAR) {
      openLevel(state, offset);
      isScalar = true;
      continue;
    } else {
      if (!isScalar) follow(state, token, offset);
      if (state.flow < 0) return { kind: 'bracket', offset };
      const newline = token.lastIndexOf('\n');
      if (newline >= 0) {
        state.lineStart = offset + newline + 1;
        state.opensLevel = true;
      }
      offset += token.length;
    }
    isScalar = false;
    // A rough bound: the exact depth is checked when the tree is built.
    if (state.columns.length + state.flow > 2 * MAX_DOCUMENT_DEPTH) return { kind: 'depth', offset };
  }
  return undefined;
}

interface Nesting {
  /** The columns that block collections are open at. */
  readonly columns: number[];
  flow: number;
  lineStart: number;
  /** The next value begins a line, or stands behind the mark of a list's element. */
  opensLevel: boolean;
}

function follow(state: Nesting, token: string, offset: number): void {
  switch (token) {
    case '[':
    case '{':
      openLevel(state, offset);
      state.flow++;
      return;
    case ']':
    case '}':
      state.flow--;
      return;
    case '-':
    case '?':
    case ':':
      if (state.flow > 0) return;
      openLevel(state, offset);
      state.opensLevel = true;
      return;
    default:
  }
}

/** Opens a collection at a column. Those at this column and to its right have ended. */
function openLevel(state: Nesting, offset: number): void {
  if (!state.opensLevel || state.flow > 0) return;
  const column = offset - state.lineStart;
  while ((state.columns.at(-1) ?? -1) >= column) state.columns.pop();
  state.columns.push(column);
  state.opensLevel = false;
}
