/**
 * Reads the little of Go that default profiles are written in: words, and composite literals as plain values.
 * @module
 */

/** A token: a text literal keeps its quotes. */
export type GoTokens = readonly string[];

/** Splits a source text; comments are left out, line ends become `;` as Go's own scanner has it. */
export function tokenize(source: string): GoTokens {
  const tokens: string[] = [];
  const pattern =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\]|\\.)*'|[A-Za-z_]\w*|0[xX][0-9a-fA-F]+|\d+(?:\.\d+)?|:=|&&|\|\||[=!<>]=|\+\+|--|\n|[^\s\w]/g;
  for (const [token] of source.matchAll(pattern)) {
    if (token.startsWith('//') || token.startsWith('/*')) continue;
    if (token !== '\n') tokens.push(token);
    else if (/^(?:\w.*|["'`].*|[)}\]]|\+\+|--)$/s.test(tokens.at(-1) ?? '')) tokens.push(';');
  }
  return tokens;
}

/** A value of a literal. */
export type GoValue = string | bigint | readonly GoValue[] | { readonly [key: string]: GoValue };

/** The constants and variables that the profiles name; include/uapi/linux/sched.h, include/linux/socket.h, Linux 6.18. */
const constants: Readonly<Record<string, bigint>> = {
  CLONE_NEWNS: 0x20000n,
  CLONE_NEWCGROUP: 0x2000000n,
  CLONE_NEWUTS: 0x4000000n,
  CLONE_NEWIPC: 0x8000000n,
  CLONE_NEWUSER: 0x10000000n,
  CLONE_NEWPID: 0x20000000n,
  CLONE_NEWNET: 0x40000000n,
  AF_ALG: 38n,
  AF_VSOCK: 40n,
  ENOSYS: 38n,
};

function plus(left: GoValue, right: GoValue): GoValue {
  if (typeof left === 'string' && typeof right === 'string') return left + right;
  return BigInt(left as bigint) + BigInt(right as bigint);
}

/** Walks through tokens. */
export class GoReader {
  readonly #tokens: GoTokens;
  readonly #variables: Readonly<Record<string, GoValue>>;
  #at = 0;

  constructor(tokens: GoTokens, variables: Readonly<Record<string, GoValue>> = {}) {
    this.#tokens = tokens;
    this.#variables = variables;
  }

  /** The next token, or the one some places on; empty at the end. */
  peek(offset = 0): string {
    return this.#tokens[this.#at + offset] ?? '';
  }

  next(): string {
    const token = this.peek();
    if (token === '') throw new Error('the source ends too early');
    this.#at += 1;
    return token;
  }

  /** Takes these tokens if they come next. */
  take(...wanted: readonly string[]): boolean {
    if (!wanted.every((token, offset) => this.peek(offset) === token)) return false;
    this.#at += wanted.length;
    return true;
  }

  expect(...wanted: readonly string[]): void {
    if (this.take(...wanted)) return;
    const found = this.#tokens.slice(this.#at, this.#at + 12).join(' ');
    throw new Error(`expected ${wanted.join(' ')}, found ${found}`);
  }

  /** The tokens up to a token on this level of brackets, which stays. */
  until(end: string): GoTokens {
    const from = this.#at;
    for (let depth = 0; depth > 0 || this.peek() !== end; this.#at += 1) {
      if (/^[({[]$/.test(this.peek())) depth += 1;
      if (/^[)}\]]$/.test(this.peek())) depth -= 1;
      if (this.peek() === '') throw new Error(`no ${end}`);
    }
    return this.#tokens.slice(from, this.#at);
  }

  /** A literal with or without its type, or an expression of constants. */
  value(): GoValue {
    this.take('&');
    if (this.peek() === '{') return this.#members();
    const start = this.#at;
    while (/^(?:\[|\]|\*|\.|[A-Za-z_]\w*)$/.test(this.peek())) this.#at += 1;
    if (this.peek() === '{') return this.#members();
    this.#at = start;
    return this.#sum();
  }

  #members(): GoValue {
    this.expect('{');
    const list: GoValue[] = [];
    const fields: Record<string, GoValue> = {};
    while (!this.take('}')) {
      if (this.peek(1) === ':') {
        const key = this.next();
        this.expect(':');
        fields[key] = this.value();
      } else list.push(this.value());
      this.take(',');
      this.take(';');
    }
    return Object.keys(fields).length > 0 ? fields : list;
  }

  #sum(): GoValue {
    let value = this.#word();
    for (;;) {
      if (this.take('|')) value = BigInt(value as bigint) | BigInt(this.#word() as bigint);
      else if (this.take('+')) value = plus(value, this.#word());
      else return value;
    }
  }

  /** `"text"`, a number, `unix.CLONE_NEWNS`, `specs.ActAllow`, a variable; a call as `{ call, args }`. */
  #word(): GoValue {
    let word = this.next();
    if (word.startsWith('"')) return JSON.parse(word) as string;
    if (word.startsWith('`')) return word.slice(1, -1);
    if (/^\d/.test(word)) return BigInt(word);
    while (this.take('.')) word = this.next();
    if (this.take('(')) return { call: word, args: this.#arguments() };
    return this.#variables[word] ?? constants[word] ?? word;
  }

  #arguments(): readonly GoValue[] {
    const list: GoValue[] = [];
    while (!this.take(')')) {
      list.push(this.value());
      this.take(',');
    }
    return list;
  }
}
