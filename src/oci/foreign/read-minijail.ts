/**
 * Policies of minijail0 -S as the tree of a profile.
 *
 * A line allows a call, always or under conditions. A call that no line names kills the thread. So does a call whose conditions
 * do not hold, unless its line ends in `return ERRNO`.
 *
 * Sources: minijail0(5), minijail 2026-07 syscall_filter.c and util.c; the programs that its parse_seccomp_policy makes.
 * @module
 */
import { type ArchName, architectures } from '../../abi/architectures.ts';
import { allNameSets } from '../../abi/argument-names/name-sets.ts';
import type { Node } from '../document.ts';
import type { FoundProblem } from '../problems.ts';
import { type Conjunction, choicesOf, keyOf, oneTestEach } from './argument-tests.ts';
import { archMap, conditionOn } from './host-architectures.ts';
import { hostNames } from './own-reader.ts';
import {
  type Errno,
  errnoMember,
  type ForeignTree,
  namedErrno,
  type TextPiece,
  type TreeBuilder,
  treeBuilder,
} from './tree.ts';

/** A line that minijail refuses, or that no profile can say. */
class Refused extends Error {
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** Rules of a whole policy. Those of real policies have some hundreds. */
const MAX_POLICY_RULES = 50_000;

/** Reads a policy. minijail starts no program under a policy with a line that it cannot read. */
export function readMinijail(text: string): ForeignTree {
  const build = treeBuilder(text);
  const findings: FoundProblem[] = [];
  const rules: Node[] = [];
  const seen = new Set<string>();
  for (const line of linesOf(text)) {
    try {
      rules.push(...rulesOfLine(line, seen, build));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const { message, hint } = error;
      findings.push({ code: 'invalid-policy', at: build.spot(line).start, pointer: '', message, hint });
    }
    if (rules.length > MAX_POLICY_RULES) {
      const message = `up to here, the policy comes to more than ${MAX_POLICY_RULES} rules, the most that are read`;
      findings.push({ code: 'too-large', at: build.spot(line).start, pointer: '', message });
      break;
    }
  }
  if (findings.length > 0) return { root: undefined, findings };
  const whole = build.spot({ text, at: 0 });
  const start = build.spot({ text: '', at: 0 });
  const root = build.object(
    {
      defaultAction: build.string('SCMP_ACT_KILL', start),
      // minijail kills what comes from another architecture.
      archMap: archMap(build, start, () => []),
      syscalls: build.array(rules, whole),
    },
    whole,
  );
  return { root, findings };
}

/** Lines, those that end in a backslash joined with the next. */
function linesOf(text: string): readonly TextPiece[] {
  const lines: TextPiece[] = [];
  let at = 0;
  let open: TextPiece | undefined;
  for (const own of text.split('\n')) {
    const start = open?.at ?? at;
    const joined = open === undefined ? own : `${open.text} ${own}`;
    at += own.length + 1;
    open = joined.endsWith('\\') ? { text: joined.slice(0, -1), at: start } : undefined;
    if (open === undefined) lines.push({ text: joined, at: start });
  }
  return open === undefined ? lines : [...lines, open];
}

function rulesOfLine(line: TextPiece, seen: Set<string>, build: TreeBuilder): readonly Node[] {
  const text = strip(line.text);
  if (text === '' || text.startsWith('#') || text.startsWith('@frequency')) return [];
  if (text.startsWith('@include')) {
    throw new Refused('@include names another file, and only this one is read', 'put its lines in its place');
  }
  if (text.startsWith('@')) {
    const word = /^\S*/.exec(text)?.[0] ?? '';
    throw new Refused(
      `minijail0 knows no ${word}, only @include and @frequency`,
      'compile_seccomp_policy.py has a language of its own; give the program that it makes',
    );
  }
  const colon = text.indexOf(':');
  if (colon === -1) throw new Refused('a line is a system call, a colon and what holds for it');
  if (text.endsWith('\r')) {
    throw new Refused(
      'the line ends with a carriage return, which minijail reads as a part of it',
      'end lines with a line feed alone',
    );
  }
  const name = strip(text.slice(0, colon));
  if (!/^[a-z_]\w*$/.test(name)) throw new Refused(`'${name}' is not the name of a system call`);
  if (seen.has(name)) throw new Refused(`another line is for ${name} too, and minijail refuses that`);
  seen.add(name);
  return bodiesByWidth(strip(text.slice(colon + 1))).map((body) => toRule(name, body, line, build));
}

function strip(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, '');
}

/** Bits of a machine's `long`, which minijail reads values as, and of the arguments that it compares with them. */
type Width = 32 | 64;

function maxOf(width: Width): bigint {
  return 2n ** BigInt(width) - 1n;
}

interface Body {
  /** `undefined`: the call is allowed. */
  readonly errno: Errno | undefined;
  readonly tests: Conjunction;
  /** The machines that it applies on; `undefined`: all. */
  readonly width?: Width;
}

/** What a line says on machines of both widths. Where a value has no room, minijail refuses the policy: no rule applies there. */
function bodiesByWidth(policy: string): readonly Body[] {
  const wide = bodiesOf(policy, 64);
  const narrow = new Map(narrowBodiesOf(policy).map((body) => [bodyKey(body), body]));
  const common = new Set(wide.map(bodyKey).filter((key) => narrow.has(key)));
  return [
    ...wide.map((body) => (common.has(bodyKey(body)) ? body : { ...body, width: 64 as const })),
    ...[...narrow].flatMap(([key, body]) => (common.has(key) ? [] : [{ ...body, width: 32 as const }])),
  ];
}

function narrowBodiesOf(policy: string): readonly Body[] {
  try {
    return bodiesOf(policy, 32);
  } catch (error) {
    if (error instanceof Refused) return [];
    throw error;
  }
}

/** The same for bodies that say the same on machines of 32 bits. */
function bodyKey({ errno, tests }: Body): string {
  const lower = maxOf(32);
  const keys = tests.map(({ value, wanted, ...test }) =>
    keyOf({ ...test, value: value & lower, ...(wanted === undefined ? {} : { wanted: wanted & lower }) }),
  );
  return `${errno} ${keys.join(', ')}`;
}

function bodiesOf(policy: string, width: Width): readonly Body[] {
  if (policy === '1') return [{ errno: undefined, tests: [] }];
  if (policy === '') throw new Refused('nothing stands behind the colon', 'write 1 to allow the call');
  if (policy.startsWith('return')) {
    const errno = readReturn(policy);
    return errno === undefined ? [] : [{ errno, tests: [] }];
  }
  const [condition = '', end, ...more] = policy.split(';').filter((part) => part !== '');
  if (more.length > 0) throw new Refused('a line has one semicolon, before its return');
  const groups = condition.split('||').map((group) => group.split('&&').map((atom) => readAtom(atom, width)));
  const allowed = groups.flatMap((atoms) =>
    products(
      atoms.map(({ holds }) => holds),
      width,
    ),
  );
  const errno = end === undefined ? undefined : readReturn(strip(end));
  // No group holds if one atom of each does not.
  const fails = groups.map((atoms) => atoms.flatMap((atom) => atom.fails));
  const denied = errno === undefined ? [] : products(fails, width);
  return [
    ...allowed.map((tests) => ({ errno: undefined, tests })),
    ...denied.map((tests) => ({ errno, tests })),
  ];
}

/** The most rules of one line. */
const MAX_RULES = 1024;
/** The most choices of conditions that are looked at for them. */
const MAX_CHOICES = 256;

/** The rules' tests, where one alternative of each list must hold. */
function products(lists: readonly (readonly Conjunction[])[], width: Width): readonly Conjunction[] {
  const choices = choicesOf(lists, MAX_CHOICES);
  if (choices === undefined) throw tooMuch();
  const found: Conjunction[] = [];
  for (const choice of choices) {
    const rules = oneTestEach(choice, maxOf(width), MAX_RULES - found.length);
    if (rules === undefined) throw tooMuch();
    found.push(...rules);
  }
  return found;
}

function tooMuch(): Refused {
  return new Refused(
    `minijail reads this line, but a profile would need more than ${MAX_RULES} rules for it: one rule compares an argument once`,
    'give the program that minijail makes: parse_seccomp_policy --dump=filter.bpf POLICY',
  );
}

/** The alternatives under which a condition holds, and those under which it does not. No alternative: never. */
interface Atom {
  readonly holds: readonly Conjunction[];
  readonly fails: readonly Conjunction[];
}

const opposites = { EQ: 'NE', NE: 'EQ', LT: 'GE', GE: 'LT', LE: 'GT', GT: 'LE' } as const;
const plain: Readonly<Record<string, keyof typeof opposites>> = {
  '==': 'EQ',
  '!=': 'NE',
  '<': 'LT',
  '<=': 'LE',
  '>': 'GT',
  '>=': 'GE',
};

function readAtom(text: string, width: Width): Atom {
  const [name = '', operator = '', constant = '', ...more] = text.split(' ').filter((word) => word !== '');
  if (constant === '' || more.length > 0) {
    throw new Refused(
      `'${text.trim()}' is not a condition`,
      'write an argument, an operator and a value, with blanks between them: arg1 == 0x5401',
    );
  }
  const [, digits] = /^arg([0-5])$/.exec(name) ?? [];
  if (digits === undefined) throw new Refused(`'${name}' is not an argument, arg0 to arg5`);
  const index = Number(digits);
  const value = readConstant(constant, width);
  const op = Object.hasOwn(plain, operator) ? plain[operator] : undefined;
  if (op !== undefined) {
    return { holds: [[{ index, op, value }]], fails: [[{ index, op: opposites[op], value }]] };
  }
  if (operator === '&') return flip(noneOf(index, value, width));
  if (operator === 'in') return noneOf(index, maxOf(width) & ~value, width);
  throw new Refused(`'${operator}' is not an operator`, 'minijail knows ==, !=, <, <=, >, >=, & and in');
}

function flip({ holds, fails }: Atom): Atom {
  return { holds: fails, fails: holds };
}

/** The condition that no bit of a mask is set. */
function noneOf(index: number, mask: bigint, width: Width): Atom {
  const fails: Conjunction[] = [];
  // One of the upper bits is set if the value is as large as the lowest of them.
  let lowest = 1n << BigInt(width);
  for (; (mask & (lowest >> 1n)) !== 0n; lowest >>= 1n);
  for (let bit = 1n; bit < lowest; bit <<= 1n) {
    if ((mask & bit) !== 0n) fails.push([{ index, op: 'MASKED_EQ', value: bit, wanted: bit }]);
  }
  if (lowest <= mask) fails.push([{ index, op: 'GE', value: lowest }]);
  return {
    holds: [mask === 0n ? [] : [{ index, op: 'MASKED_EQ', value: mask, wanted: 0n }]],
    fails,
  };
}

const MAX_ERRNO = 4094;

/** @returns `undefined`: the call kills, as without a return */
function readReturn(text: string): Errno | undefined {
  const [word = '', value, ...more] = text.split(' ').filter((each) => each !== '');
  if (!word.startsWith('return') || more.length > 0) throw new Refused(`'${text}' is not 'return ERRNO'`);
  if (value === undefined) return undefined;
  const errno = namedErrno(value) ?? Number(readConstant(value, 64));
  if (typeof errno === 'string') return errno;
  if (errno >= 0 && errno <= MAX_ERRNO) return errno;
  throw new Refused(`'${value}' is not an errno of 0 to ${MAX_ERRNO}`);
}

/** Reads numbers and names, `~` before them, `|` between them, and parentheses. */
function readConstant(text: string, width: Width): bigint {
  const fail = (): never => {
    throw new Refused(
      `'${text}' is not a value`,
      'write a number; of names, those that have one value on all architectures are read',
    );
  };
  let at = 0;
  const sum = (): bigint => {
    let value = term();
    while (text[at] === '|') {
      at++;
      value |= term();
    }
    return value;
  };
  const term = (): bigint => {
    if (text[at] === '~') {
      at++;
      return BigInt.asUintN(width, ~term());
    }
    if (text[at] === '(') {
      at++;
      const value = sum();
      if (text[at] !== ')') fail();
      at++;
      return value;
    }
    const [word = ''] = /^[-+\w]*/.exec(text.slice(at)) ?? [];
    at += word.length;
    return BigInt.asUintN(width, numberOf(word, width) ?? namedValue(word) ?? fail());
  };
  const value = sum();
  return at === text.length ? value : fail();
}

/** As strtol(3) with base 0, or strtoul(3) for what is larger. */
function numberOf(word: string, width: Width): bigint | undefined {
  const [, sign, digits = ''] = /^([-+]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)$/.exec(word) ?? [];
  if (digits === '') return undefined;
  const value = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  if (value > (sign === '-' ? 2n ** BigInt(width - 1) : maxOf(width))) return undefined;
  return sign === '-' ? -value : value;
}

/** The value of a name of the kernel's headers, where it is the same on all architectures. */
function namedValue(word: string): bigint | undefined {
  const found = new Set<number>();
  for (const { archs, values, differs = [] } of allNameSets()) {
    const value = Object.hasOwn(values, word) ? values[word] : undefined;
    if (value === undefined) continue;
    if (archs !== undefined || differs.some((each) => Object.hasOwn(each.values, word))) return undefined;
    found.add(value);
  }
  const [only, ...others] = found;
  return only === undefined || others.length > 0 ? undefined : BigInt(only);
}

function toRule(name: string, { errno, tests, width }: Body, line: TextPiece, build: TreeBuilder): Node {
  const spot = build.spot(line);
  const args = tests.map(({ index, op, value, wanted }) =>
    build.object(
      {
        index: build.number(index, spot),
        value: build.number(value, spot),
        valueTwo: wanted === undefined ? undefined : build.number(wanted, spot),
        op: build.string(`SCMP_CMP_${op}`, spot),
      },
      spot,
    ),
  );
  return build.object(
    {
      names: build.array([build.string(name, spot)], spot),
      action: build.string(errno === undefined ? 'SCMP_ACT_ALLOW' : 'SCMP_ACT_ERRNO', spot),
      ...errnoMember(build, spot, errno),
      args: args.length === 0 ? undefined : build.array(args, spot),
      includes: width === undefined ? undefined : conditionOn(build, spot, hostsOf(width)),
    },
    spot,
  );
}

function hostsOf(width: Width): readonly ArchName[] {
  return hostNames.filter((host) => architectures[host].bits === width);
}
