/**
 * What policies, their rules by architecture, and tables of names are made of, for those that callers of the library hand in.
 * @module
 */
import { type ArchName, architectures } from '../abi/architectures.ts';
import { exactJson } from '../abi/exact-json.ts';
import { type OciFlag, ociFlags } from '../abi/flags.ts';
import {
  archName,
  atLeastOne,
  callNumber,
  comparison,
  count,
  listOf,
  maybe,
  oneOf,
  recordOf,
  reusable,
  type Shape,
  text,
  u32,
  valueThat,
  withMembers,
  wrongMember,
} from '../abi/value-shape.ts';
import { runtimeNames } from '../consumers.ts';
import type { ArchPolicy, ArchRule } from './expand-policy.ts';
import type { EnosysSection, Policy, PolicyRule, SyscallTable } from './policy.ts';
import { parseRuntime, type Runtime } from './runtimes.ts';

/**
 * A runtime is what `parseRuntime` makes of its name and version. What it does differently cannot be given: nobody has compared such a
 * filter with one of a runtime.
 */
export const runtime: Shape<Runtime> = (value, reading) => {
  const { name, version, traits } = writtenRuntime(value, reading);
  const parsed = parseRuntime(version === undefined ? name : `${name}@${version}`);
  if (traits === parsed.traits || exactJson(traits) === exactJson(parsed.traits)) return parsed;
  throw wrongMember(reading, `what parseRuntime('${name}') returns`, value);
};

const writtenRuntime = recordOf<{ name: Runtime['name']; version: string | undefined; traits: unknown }>({
  name: oneOf(runtimeNames),
  version: maybe(text),
  traits: valueThat('what parseRuntime returns', (value) => typeof value === 'object' && value !== null),
});

const architectureNames = atLeastOne<ArchName, Policy['architectures']>('architecture', archName);

/** Native first, each once, all of one byte order: a program has one. */
const architectureList: Shape<Policy['architectures']> = (value, reading) => {
  const names = architectureNames(value, reading);
  const { endian } = architectures[names[0]];
  for (const [at, name] of names.entries()) {
    const other = { ...reading, path: [...reading.path, at] };
    if (names.indexOf(name) !== at) throw wrongMember(other, 'an architecture that is not listed yet', name);
    if (architectures[name].endian === endian) continue;
    throw wrongMember(other, `a ${endian}-endian architecture, as ${names[0]} is`, name);
  }
  return names;
};

const rule: Shape<PolicyRule> = recordOf<PolicyRule>({
  syscall: text,
  nr: callNumber,
  comparisons: listOf(comparison),
  returnWord: u32,
  origin: count,
});

export const policyRules: Shape<readonly PolicyRule[]> = listOf(rule);

const enosysSection: Shape<EnosysSection> = recordOf<EnosysSection>({
  auditArch: u32,
  limits: listOf(recordOf<{ arch: ArchName; maxNr: number }>({ arch: archName, maxNr: u32 })),
});

export const policy = reusable(
  recordOf<Policy>({
    runtime,
    architectures: architectureList,
    defaultAction: u32,
    badArchAction: u32,
    optimize: oneOf([1, 2]),
    rules: policyRules,
    enosysStub: maybe(listOf(enosysSection)),
    flags: listOf(oneOf(ociFlags as readonly OciFlag[])),
  }),
);

/** What of a policy its rules by architecture depend on. */
export const expandable: Shape<Pick<Policy, 'architectures' | 'rules'>> = (value, reading) =>
  policy.knows(value) ? value : partOfPolicy(value, reading);

const partOfPolicy = withMembers<Pick<Policy, 'architectures' | 'rules'>>({
  architectures: architectureList,
  rules: policyRules,
});

export const expandedRules = reusable(
  listOf(
    recordOf<ArchPolicy>({
      arch: archName,
      rules: listOf(
        recordOf<ArchRule>({ nr: u32, comparisons: listOf(comparison), returnWord: u32, rule: count }),
      ),
    }),
  ),
);

/** The rules of this policy, as `expandPolicy` made them: those of another have no meaning in it. */
export function rulesOf({ architectures: names, rules }: Policy): Shape<readonly ArchPolicy[]> {
  return (value, reading) => {
    const expanded = expandedRules(value, reading);
    const areOwn =
      expanded.length === names.length &&
      expanded.every(
        ({ arch, rules: own }, at) =>
          arch === names[at] && own.every(({ rule, returnWord }) => rules[rule]?.returnWord === returnWord),
      );
    if (areOwn) return expanded;
    throw wrongMember(reading, 'what expandPolicy makes of this policy', value);
  };
}

/** A table of names. What it answers is checked when it is asked. */
export const syscallTable = reusable<SyscallTable>((value, reading) => {
  const { name, resolve } = tableMembers(value, reading);
  const { call, path } = { call: reading.call, path: [...reading.path] };
  const resolveChecked = (syscall: string, arch: ArchName): number | undefined => {
    const nr: unknown = Reflect.apply(resolve, value, [syscall, arch]);
    // Asked for each name: what needs no error makes no more calls.
    if (nr === undefined || (typeof nr === 'number' && (nr | 0) === nr)) return nr as number | undefined;
    return callNumber(nr, { call, path: [...path, `resolve(${JSON.stringify(syscall)})`] });
  };
  return { name, resolve: resolveChecked };
});

const tableMembers = withMembers<SyscallTable>({
  name: text,
  resolve: valueThat('a function', (value) => typeof value === 'function'),
});
