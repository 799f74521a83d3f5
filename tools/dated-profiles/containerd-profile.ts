/**
 * containerd's default profile from its source, contrib/seccomp/seccomp_default.go: the function adds rules by the
 * architecture, the kernel and the capabilities, and each way through it becomes a condition of the rules.
 *
 * Every statement must be one of those known here, else an error is thrown: a source that has changed its ways is not
 * half understood. test/compose/dated/go-sources.test.ts runs the source itself and compares.
 * @module
 */
import { allArchitectures } from '../../src/abi/architectures.ts';
import { ENOSYS } from '../../src/abi/errno-constants.ts';
import type { Profile, ProfileRule, RuleConditions } from '../../src/oci/profile.ts';
import { GoReader, type GoTokens, tokenize } from './go-literals.ts';
import { ociName, ruleFromGo } from './go-rules.ts';

interface Conditions {
  readonly includes: RuleConditions;
  readonly excludes: RuleConditions;
}

/** Statements that add no rule. */
const plumbing = [
  /^admin (?::=|=) (?:true|false)$/,
  /^nosys := uint \( unix \. ENOSYS \)$/,
  /^caps := make \( map \[ string \] bool \)$/,
  /^caps \[ c \] = true$/,
  /^return s$/,
];

/** Reads the source of a release. */
export function containerdProfile(source: string): Profile {
  const tokens = tokenize(source);
  const rules: ProfileRule[] = [];
  let defaultAction = '';
  const read = (block: GoTokens, when: Conditions): void => {
    // A variable of the source, which the rule of clone3 points to.
    const reader = new GoReader(block, { nosys: BigInt(ENOSYS) });
    while (reader.peek() !== '') {
      if (reader.take(';')) continue;
      if (reader.take('syscalls', ':=')) {
        rules.push(...(reader.value() as readonly never[]).map(ruleFromGo));
      } else if (reader.take('s', ':=')) {
        defaultAction = ociName((reader.value() as Readonly<Record<string, string>>).DefaultAction);
      } else if (reader.take('s', '.', 'Syscalls', '=', 'append', '(', 's', '.', 'Syscalls', ',')) {
        while (!reader.take(')')) {
          rules.push(withConditions(ruleFromGo(reader.value()), when));
          reader.take(',');
          reader.take(';');
        }
      } else if (reader.take('switch')) {
        const subject = reader.until('{').join(' ');
        for (const each of casesOf(blockOf(reader))) {
          read(each.body, narrowed(when, subject, each));
        }
      } else if (reader.take('for')) {
        reader.until('{');
        read(blockOf(reader), when);
      } else if (reader.take('if')) {
        const condition = conditionOf(reader);
        read(blockOf(reader), merged(when, condition));
      } else {
        const statement = reader.until(';').join(' ');
        if (!plumbing.some((pattern) => pattern.test(statement))) throw new Error(`unknown: ${statement}`);
      }
    }
  };
  read(functionBody(tokens, 'DefaultProfile'), { includes: {}, excludes: {} });
  return { dialect: 'docker', defaultAction, archMap: archMapOf(functionBody(tokens, 'arches')), rules };
}

/** The statements of a function. */
export function functionBody(tokens: GoTokens, name: string): GoTokens {
  const at = tokens.findIndex((token, index) => token === 'func' && tokens[index + 1] === name);
  if (at < 0) throw new Error(`no function ${name}`);
  const reader = new GoReader(tokens.slice(at + 2));
  reader.expect('(');
  reader.until(')');
  reader.expect(')');
  // A result's type can be a literal's, never a block's.
  reader.until('{');
  return blockOf(reader);
}

function blockOf(reader: GoReader): GoTokens {
  reader.expect('{');
  const body = reader.until('}');
  reader.expect('}');
  return [...body, ';'];
}

interface Case {
  /** The values of the case; for the default, those of all other cases. */
  readonly values: readonly string[];
  readonly isDefault: boolean;
  readonly body: GoTokens;
}

/** The cases of a switch; the body of one that falls through is also a case of its values with the next body. */
function casesOf(block: GoTokens): readonly Case[] {
  const reader = new GoReader(block);
  const cases: Case[] = [];
  let falling: readonly string[] = [];
  const all: string[] = [];
  while (reader.peek() !== '') {
    if (reader.take(';')) continue;
    const isDefault = reader.take('default');
    if (!isDefault) reader.expect('case');
    const values = isDefault
      ? []
      : reader
          .until(':')
          .filter((token) => token !== ',')
          .map(unquoted);
    reader.expect(':');
    all.push(...values);
    const body: string[] = [];
    while (!['', 'case', 'default'].includes(reader.peek())) body.push(...reader.until(';'), reader.next());
    const falls = body.includes('fallthrough');
    const reached = [...falling, ...values];
    falling = falls ? reached : [];
    cases.push({ values: reached, isDefault, body: body.filter((token) => token !== 'fallthrough') });
  }
  return cases.map((each) => (each.isDefault ? { ...each, values: all } : each));
}

function unquoted(token: string): string {
  return token.slice(1, -1);
}

function narrowed(when: Conditions, subject: string, { values, isDefault }: Case): Conditions {
  if (subject === 'runtime . GOARCH') {
    const arches = values.map(mobyArch);
    return merged(
      when,
      isDefault ? { includes: {}, excludes: { arches } } : { includes: { arches }, excludes: {} },
    );
  }
  if (subject === 'c' && !isDefault) return merged(when, { includes: { caps: values }, excludes: {} });
  throw new Error(`unknown: switch ${subject}`);
}

/** What moby calls an architecture that Go calls `386`. */
function mobyArch(goArch: string): string {
  const row = allArchitectures.find((arch) => arch.goArch === goArch);
  if (row?.mobyArch === undefined) throw new Error(`unknown architecture ${goArch}`);
  return row.mobyArch;
}

/** Behind `if`: the condition up to the block. */
function conditionOf(reader: GoReader): Conditions {
  const admin = { includes: {}, excludes: { caps: ['CAP_SYS_ADMIN'] } };
  if (reader.take('!', 'admin') || reader.take('!', 'caps', '[', '"CAP_SYS_ADMIN"', ']')) return admin;
  // What the check of the kernel's version found, one block further in.
  if (reader.take('ok')) {
    if (reader.peek() === '{') return { includes: {}, excludes: {} };
    reader.expect(',', 'err', ':=', 'kernelversion', '.', 'GreaterEqualThan', '(');
    const { Kernel, Major } = reader.value() as Readonly<Record<string, bigint>>;
    reader.expect(')', ';', 'err', '==', 'nil');
    return { includes: { minKernel: `${Kernel}.${Major}` }, excludes: {} };
  }
  throw new Error(`unknown: if ${reader.peek()} ${reader.peek(1)}`);
}

function merged(a: Conditions, b: Conditions): Conditions {
  return { includes: { ...a.includes, ...b.includes }, excludes: { ...a.excludes, ...b.excludes } };
}

function withConditions(rule: ProfileRule, { includes, excludes }: Conditions): ProfileRule {
  return {
    ...rule,
    ...(Object.keys(includes).length === 0 ? {} : { includes }),
    ...(Object.keys(excludes).length === 0 ? {} : { excludes }),
  };
}

/** The function `arches`: a list of architectures for each architecture that Go knows by that name. */
function archMapOf(body: GoTokens): NonNullable<Profile['archMap']> {
  const reader = new GoReader(body);
  reader.expect('switch', 'runtime', '.', 'GOARCH');
  return casesOf(blockOf(reader)).flatMap(({ values, isDefault, body: result }) => {
    const row = allArchitectures.find(({ goArch }) => goArch !== undefined && values.includes(goArch));
    // Some cases name what Go does not have, such as `mipsel64`; the default adds none.
    if (row === undefined || isDefault) return [];
    const literal = new GoReader(result);
    literal.expect('return');
    const listed = (literal.value() as readonly string[]).map((name) => name.replace(/^Arch/, 'SCMP_ARCH_'));
    const architecture = row.ociArch;
    return [{ architecture, subArchitectures: listed.filter((name) => name !== architecture) }];
  });
}
