/**
 * Reads profiles for tests with the platform's JSON parser alone, so that resolution is tested without our reader.
 * Integers of 16 and more digits survive; keys are matched without regard to case, as Go's decoder does.
 * @module
 */
import type { LinuxSeccomp } from '../../src/oci/linux-seccomp.ts';
import type { Dialect, Profile, ProfileRule, RuleConditions } from '../../src/oci/profile.ts';

type Raw = Readonly<Record<string, unknown>>;

const BIG = 'integer:';

/** Parses JSON; integers too long for a double come back as text with the prefix `integer:`. */
function parseExact(text: string): unknown {
  return JSON.parse(text.replace(/([:[,]\s*)(\d{16,})(?=\s*[,\]}])/g, `$1"${BIG}$2"`));
}

function lowerKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowerKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key.toLowerCase(), lowerKeys(member)]),
  );
}

export function toBigInt(value: unknown): bigint {
  return typeof value === 'string' && value.startsWith(BIG)
    ? BigInt(value.slice(BIG.length))
    : BigInt(Number(value));
}

function pick(raw: Raw, keys: Readonly<Record<string, string>>): Raw {
  const present = Object.entries(keys).filter(([, key]) => raw[key] !== undefined && raw[key] !== null);
  return Object.fromEntries(present.map(([name, key]) => [name, raw[key]]));
}

function conditions(value: unknown): RuleConditions {
  return pick((value ?? {}) as Raw, { caps: 'caps', arches: 'arches', minKernel: 'minkernel' });
}

function rule(raw: Raw): ProfileRule {
  const keys = { name: 'name', action: 'action', errnoRet: 'errnoret', errno: 'errno', comment: 'comment' };
  const args = raw.args as readonly Raw[] | null | undefined;
  return {
    names: (raw.names as readonly string[] | null | undefined) ?? [],
    ...(pick(raw, keys) as { action: string }),
    ...(args === undefined || args === null ? {} : { args: args.map(arg) }),
    includes: conditions(raw.includes),
    excludes: conditions(raw.excludes),
  };
}

function arg(raw: Raw) {
  const valueTwo = raw.valuetwo === undefined ? {} : { valueTwo: toBigInt(raw.valuetwo) };
  return { index: Number(raw.index), value: toBigInt(raw.value), ...valueTwo, op: String(raw.op) };
}

/** Reads a profile's JSON text. */
export function profileFromJson(text: string, dialect: Dialect): Profile {
  const raw = lowerKeys(parseExact(text)) as Raw;
  const archMap = raw.archmap as readonly Raw[] | null | undefined;
  return {
    dialect,
    ...pick(raw, {
      defaultAction: 'defaultaction',
      defaultErrnoRet: 'defaulterrnoret',
      defaultErrno: 'defaulterrno',
      architectures: 'architectures',
      flags: 'flags',
      listenerPath: 'listenerpath',
      listenerMetadata: 'listenermetadata',
    }),
    ...(archMap === undefined || archMap === null
      ? {}
      : {
          archMap: archMap.map((entry) => ({
            architecture: String(entry.architecture),
            subArchitectures: (entry.subarchitectures as readonly string[] | null | undefined) ?? [],
          })),
        }),
    rules: ((raw.syscalls ?? []) as readonly Raw[]).map(rule),
  };
}

/** A resolved profile as plain JSON text with u64 values as texts, for comparing. */
export function plain(seccomp: LinuxSeccomp | undefined): unknown {
  if (seccomp === undefined) return null;
  return JSON.parse(
    JSON.stringify(seccomp, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
  );
}

/** The same for an engine's own output. */
export function plainJson(text: string): unknown {
  return JSON.parse(text, (key, value: unknown) =>
    key === 'value' || key === 'valueTwo' ? String(toBigInt(value)) : value,
  );
}
