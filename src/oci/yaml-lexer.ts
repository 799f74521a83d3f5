/**
 * The parser's lexer (yaml 2.9) with one change: indentation within brackets does not count, as in go-yaml, with which Kubernetes
 * reads. YAML 1.2 wants every line there to be deeper than the collection around it, and the lexer stops at others.
 * @module
 */
import { Lexer } from 'yaml';

/** The part of the lexer's state that decides it; private in its types. */
interface State {
  /** Brackets that are open. */
  flowLevel: number;
  /** Least indentation of a line that continues the value. */
  indentNext: number;
  parseNext(this: State, next: string): Generator<string, string | null>;
}

/** A lexer for one text. */
export function createLexer(): Lexer {
  const lexer = new Lexer();
  const state = lexer as unknown as State;
  const parseNext = state.parseNext;
  let outside: number | undefined;
  state.parseNext = function* (next) {
    if (this.flowLevel > 0) {
      outside ??= this.indentNext;
      this.indentNext = 0;
    } else if (outside !== undefined) {
      this.indentNext = outside;
      outside = undefined;
    }
    return yield* parseNext.call(this, next);
  };
  return lexer;
}
