/**
 * What engines' own tests say, read from clones of their repositories, where these are here.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import { functionBody } from '../../../tools/dated-profiles/containerd-profile.ts';
import {
  GoReader,
  type GoTokens,
  type GoValue,
  tokenize,
} from '../../../tools/dated-profiles/go-literals.ts';
import { projectRoot } from '../../../tools/debian-cache.ts';

const clones = process.env.OCI_SECCOMP_REPOSITORIES ?? join(projectRoot(), '.cache/repositories');

/** A suite that reads a clone; without it, the suite is skipped, and its name says what is missing. */
export function describeWithClone(
  repository: string,
  name: string,
  body: (read: (path: string, commit?: string) => string, clone: string) => void,
): void {
  const clone = join(clones, repository.slice(repository.indexOf('/') + 1));
  const isMissing = !existsSync(clone);
  const read = (path: string, commit = 'HEAD'): string =>
    execFileSync('git', ['-C', clone, 'show', `${commit}:${path}`], { encoding: 'utf8', maxBuffer: 1 << 26 });
  const suffix = isMissing
    ? ` (needs: git clone --bare https://github.com/${repository} .cache/repositories/${repository.split('/')[1]})`
    : '';
  // The body reads the clone while the suite is collected: without one there is nothing to collect.
  if (isMissing) describe.skip(`${name}${suffix}`, () => {});
  else describe(name, () => body(read, clone));
}

/** A struct of a test. */
export type GoFields = Readonly<Record<string, GoValue>>;

/** The test of a name. */
export class GoTest {
  readonly #body: GoTokens;
  readonly #variables: Readonly<Record<string, GoValue>>;

  constructor(source: string, name: string, variables: Readonly<Record<string, GoValue>> = {}) {
    this.#body = functionBody(tokenize(source), name);
    this.#variables = variables;
  }

  /** What is assigned to a variable: `name := value`, `name := []byte(value)` or `var name TYPE = value`. */
  variable(name: string): GoValue {
    return this.#after((at) => {
      if (this.#body[at] !== name) return undefined;
      const isBytes = this.#body.slice(at + 1, at + 6).join('') === ':=[]byte(';
      if (this.#body[at + 1] === ':=') return isBytes ? at + 6 : at + 2;
      return this.#body[at - 1] === 'var' && this.#body[at + 2] === '=' ? at + 3 : undefined;
    }, name);
  }

  /** The rows of a table: `[]struct{ … }{ rows }`. */
  rows(): readonly GoFields[] {
    const rows = this.#after((at) => {
      if (!(this.#body[at] === '[' && this.#body[at + 2] === 'struct')) return undefined;
      return this.#body.indexOf('}', at) + 1;
    }, 'a table');
    return rows as readonly GoFields[];
  }

  #after(startOf: (at: number) => number | undefined, what: string): GoValue {
    for (let at = 0; at < this.#body.length; at += 1) {
      const start = startOf(at);
      if (start !== undefined) return new GoReader(this.#body.slice(start), this.#variables).value();
    }
    throw new Error(`the test has no ${what}`);
  }
}

/** The entries of a map of texts, `var name = map[string]T{"key": value}`; values are texts or names of constants. */
export function goMap(source: string, name: string): ReadonlyMap<string, string> {
  const tokens = tokenize(source);
  const at = tokens.findIndex((token, index) => token === name && tokens[index + 1] === '=');
  const fields = new GoReader(tokens.slice(at + 2)).value() as GoFields;
  return new Map(Object.entries(fields).map(([key, value]) => [JSON.parse(key) as string, String(value)]));
}
