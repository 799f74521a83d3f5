/**
 * Rules from Go literals: runtime-spec's LinuxSyscall, and the Syscall of containers/common.
 * @module
 */
import type { ProfileArg, ProfileRule, RuleConditions } from '../../src/oci/profile.ts';
import type { GoValue } from './go-literals.ts';

/** Source: runtime-spec 1.3 specs-go/config.go, containers/common 0.64.1 pkg/seccomp/types.go. */
const ociNames: Readonly<Record<string, string>> = {
  ActAllow: 'SCMP_ACT_ALLOW',
  ActErrno: 'SCMP_ACT_ERRNO',
  OpEqualTo: 'SCMP_CMP_EQ',
  OpNotEqual: 'SCMP_CMP_NE',
  OpLessThan: 'SCMP_CMP_LT',
  OpGreaterThan: 'SCMP_CMP_GT',
  OpMaskedEqual: 'SCMP_CMP_MASKED_EQ',
};

const known = new Set(['Names', 'Name', 'Action', 'Args', 'ErrnoRet', 'Errno', 'Includes', 'Excludes']);

/** What a constant is called in a profile, `ActAllow`. */
export function ociName(value: GoValue | undefined): string {
  const name = ociNames[String(value)];
  if (name === undefined) throw new Error(`unknown constant ${String(value)}`);
  return name;
}

/** A rule from its literal. */
export function ruleFromGo(value: GoValue): ProfileRule {
  const fields = value as Readonly<Record<string, GoValue>>;
  const unknown = Object.keys(fields).filter((key) => !known.has(key));
  if (unknown.length > 0) throw new Error(`unknown fields of a rule: ${unknown.join(' ')}`);
  const { Names = [], Name, Action, Args = [], ErrnoRet, Errno, Includes, Excludes } = fields;
  const args = (Args as readonly GoValue[]).map(argFromGo);
  return {
    names: Names as readonly string[],
    ...(Name === undefined ? {} : { name: Name as string }),
    action: ociName(Action),
    ...(ErrnoRet === undefined ? {} : { errnoRet: Number(ErrnoRet) }),
    ...(Errno === undefined ? {} : { errno: Errno as string }),
    ...(args.length === 0 ? {} : { args }),
    ...(Includes === undefined ? {} : { includes: conditionsFromGo(Includes) }),
    ...(Excludes === undefined ? {} : { excludes: conditionsFromGo(Excludes) }),
  };
}

function argFromGo(value: GoValue): ProfileArg {
  const { Index, Value, ValueTwo, Op } = value as Readonly<Record<string, GoValue>>;
  return {
    index: Number(Index),
    value: BigInt(Value as bigint),
    ...(ValueTwo === undefined ? {} : { valueTwo: BigInt(ValueTwo as bigint) }),
    op: ociName(Op),
  };
}

function conditionsFromGo(value: GoValue): RuleConditions {
  const { Caps, Arches } = value as Readonly<Record<string, readonly string[] | undefined>>;
  return {
    ...(Caps === undefined ? {} : { caps: Caps }),
    ...(Arches === undefined ? {} : { arches: Arches }),
  };
}
