/**
 * Sets of rules as the defect tools hold them: what libseccomp is told, and nothing of runtimes.
 * @module
 */
import { actions, parseReturnWord, type ReturnWord } from '../../src/abi/actions.ts';
import { type ArchName, architectures } from '../../src/abi/architectures.ts';
import { type Comparison, operators } from '../../src/abi/operators.ts';
import { formatReturnWord } from '../../src/abi/return-word.ts';
import { formatComparison } from '../../src/decision/format-call.ts';
import { OciSeccompError } from '../../src/errors.ts';
import { attributeInfo } from '../../src/libseccomp/attribute.ts';
import type { LinuxSeccomp } from '../../src/oci/linux-seccomp.ts';
import { readProfile } from '../../src/oci/read-profile.ts';
import { resolveProfile } from '../../src/oci/resolve-profile.ts';
import { serializeLinuxSeccomp } from '../../src/oci/serialize.ts';
import { lowerProfile } from '../../src/policy/lower-profile.ts';
import type { Policy, PolicyRule, SyscallTable } from '../../src/policy/policy.ts';
import { parseRuntime } from '../../src/policy/runtimes.ts';

export type SetRule = Pick<PolicyRule, 'syscall' | 'comparisons' | 'returnWord'>;

export interface RuleSet {
  readonly architectures: readonly [ArchName, ...ArchName[]];
  readonly defaultAction: ReturnWord;
  readonly optimize: 1 | 2;
  readonly rules: readonly SetRule[];
}

const plain = parseRuntime('plain');

/** The set as a policy that proofs are about. Rules for names that the table does not know are left out. */
export function policyOf(set: RuleSet, table: SyscallTable): Policy {
  const [native] = set.architectures;
  return {
    runtime: plain,
    architectures: set.architectures,
    defaultAction: set.defaultAction,
    badArchAction: actions.killThread.word,
    optimize: set.optimize,
    rules: set.rules.flatMap((rule, origin) => {
      const nr = table.resolve(rule.syscall, native);
      return nr === undefined ? [] : [{ ...rule, nr, origin }];
    }),
    enosysStub: undefined,
    flags: [],
  };
}

/** What libseccomp is told of a policy. */
export function setOf({ architectures: archs, defaultAction, optimize, rules }: Policy): RuleSet {
  return {
    architectures: archs,
    defaultAction,
    optimize,
    rules: rules.map(({ syscall, comparisons, returnWord }) => ({ syscall, comparisons, returnWord })),
  };
}

/**
 * The profile that says the same.
 *
 * @throws OciSeccompError `ERR_USAGE` for a word that no profile can ask for
 */
export function profileOf(set: RuleSet): LinuxSeccomp {
  const of = (word: ReturnWord): { action: string; data: number | undefined } => {
    const { action, data } = parseReturnWord(word);
    if (action === undefined)
      throw new OciSeccompError('ERR_USAGE', `no profile asks for 0x${word.toString(16)}`);
    return { action: action.ociAction, data: action.maxData === undefined ? undefined : data };
  };
  const { action: defaultAction, data: defaultErrnoRet } = of(set.defaultAction);
  return {
    defaultAction,
    ...(defaultErrnoRet === undefined ? {} : { defaultErrnoRet }),
    architectures: set.architectures.map((arch) => architectures[arch].ociArch),
    syscalls: set.rules.map(({ syscall, comparisons, returnWord }) => {
      const { action, data: errnoRet } = of(returnWord);
      const args = comparisons.map(({ index, op, value, valueTwo }) => ({
        index,
        value,
        ...(op === 'maskedEq' ? { valueTwo } : {}),
        op: operators[op].ociOperator,
      }));
      return { names: [syscall], action, ...(errnoRet === undefined ? {} : { errnoRet }), args };
    }),
  };
}

/** The set as one line of a profile; `optimize` is not in it. */
export function profileLine(set: RuleSet): string {
  // No string of these profiles holds a line break.
  return serializeLinuxSeccomp(profileOf(set)).replaceAll(/\n\s*/g, '');
}

/**
 * Reads a profile of any dialect as what a runtime would tell libseccomp.
 *
 * @param runtime - as `--runtime` takes it
 * @throws OciSeccompError `ERR_PROFILE_SYNTAX` for a text that is no profile; what `lowerProfile` throws
 */
export function readSet(
  text: string,
  table: SyscallTable,
  { arch = 'x86_64', runtime = 'plain', name = 'profile' }: ReadOptions = {},
): RuleSet {
  const { profile, problems } = readProfile(text, { name });
  if (profile === undefined) {
    throw new OciSeccompError('ERR_PROFILE_SYNTAX', problems.map(({ message }) => message).join('\n'));
  }
  const host = { arch, kernel: { kernel: 6, major: 1 }, capabilities: [] };
  const { seccomp } = resolveProfile(profile, host);
  if (seccomp === undefined) throw new OciSeccompError('ERR_USAGE', `${name} turns seccomp off`);
  return setOf(lowerProfile(seccomp, { runtime, arch, table }).policy);
}

/** The set in a line that tools/find-defects.ts wrote; `undefined` for any other text. */
export function readLine(text: string, table: SyscallTable): RuleSet | undefined {
  const line = /^\{"set":.*?"optimize":([12]),"profile":(.*)\}$/s.exec(text.trim());
  if (line === null) return undefined;
  return { ...readSet(line[2] ?? '', table), optimize: line[1] === '2' ? 2 : 1 };
}

export interface ReadOptions {
  readonly arch?: ArchName;
  readonly runtime?: string;
  readonly name?: string;
}

/**
 * The calls that a runtime makes for the set, as the helper `libseccomp-build` reads them.
 *
 * @param host - architecture of the machine that libseccomp runs on
 */
export function scriptOf(set: RuleSet, host: ArchName = 'x86_64'): string {
  const [native, ...others] = set.architectures;
  const swap = native === host ? [] : [`arch-remove ${host}`, `arch-add ${native}`];
  return [
    `init ${set.defaultAction}`,
    ...swap,
    ...others.map((arch) => `arch-add ${arch}`),
    ...(set.optimize === 1 ? [] : [`attr ${attributeInfo('CTL_OPTIMIZE').native} ${set.optimize}`]),
    ...set.rules.map(({ returnWord, syscall, comparisons }) =>
      ['rule', returnWord, syscall, ...comparisons.map(comparisonWord)].join(' '),
    ),
    'export bpf',
    '',
  ].join('\n');
}

function comparisonWord({ index, op, value, valueTwo }: Comparison): string {
  return `${index}:${operators[op].scmpCompare}:${value}:${valueTwo}`;
}

/** A line a rule: `ALLOW getppid if arg0 < 2 and arg1 > 1`; before them what else matters. */
export function formatSet(set: RuleSet): string {
  const rules = set.rules.map(({ returnWord, syscall, comparisons }) => {
    const conditions = comparisons.map((comparison) => formatComparison(comparison)).join(' and ');
    return `${formatReturnWord(returnWord)} ${syscall}${conditions === '' ? '' : ` if ${conditions}`}`;
  });
  const layout = set.optimize === 2 ? ', binary tree' : '';
  return [
    `default ${formatReturnWord(set.defaultAction)}, ${set.architectures.join(' ')}${layout}`,
    ...rules,
  ].join('\n');
}
