/**
 * The header WWW-Authenticate (RFC 9110, 11.6.1): how to log in to a registry.
 * @module
 */

/** One way to log in. */
export interface Challenge {
  /** In lower case: `basic`, `bearer`. */
  readonly scheme: string;
  /** By their names in lower case. */
  readonly parameters: Readonly<Partial<Record<string, string>>>;
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const PARAMETER = new RegExp(`^(${TOKEN})[ \\t]*=[ \\t]*(?:"((?:[^"\\\\]|\\\\.)*)"|(${TOKEN}))`);
const SCHEME = new RegExp(`^(${TOKEN})(?:[ \\t]+|$)`);

/** @returns the ways in the order of the header; what is malformed ends the list */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Partial<Record<string, string>> }[] = [];
  for (let rest = header; ; ) {
    rest = rest.replace(/^[ \t,]+/, '');
    const parameter = PARAMETER.exec(rest);
    const last = challenges.at(-1);
    if (parameter !== null && last !== undefined) {
      const [whole, name = '', quotedValue, plain = ''] = parameter;
      last.parameters[name.toLowerCase()] ??= quotedValue?.replace(/\\(.)/g, '$1') ?? plain;
      rest = rest.slice(whole.length);
      continue;
    }
    const scheme = SCHEME.exec(rest);
    if (scheme === null) return challenges;
    challenges.push({ scheme: (scheme[1] ?? '').toLowerCase(), parameters: Object.create(null) });
    rest = rest.slice(scheme[0].length);
  }
}
