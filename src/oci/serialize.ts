/**
 * Profiles and resolved profiles as JSON text. u64 values are written as integers, exactly; a reader that turns
 * numbers into doubles (`JSON.parse`) loses the low bits of those above 2^53.
 *
 * Sources for the key order: runtime-spec 1.3 specs-go/config.go, moby/profiles 2026-06 seccomp/seccomp.go.
 * @module
 */
import { visibleJson } from '../abi/visible-json.ts';
import { isBundle } from './dialect-rows.ts';
import type { LinuxSeccomp, LinuxSeccompArg, LinuxSyscall } from './linux-seccomp.ts';
import type { Profile, ProfileRule, RuleConditions } from './profile.ts';

type Json =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | readonly Json[]
  | { readonly [key: string]: Json };

/** Writes a resolved profile as the `linux.seccomp` object of a config.json. */
export function serializeLinuxSeccomp(seccomp: LinuxSeccomp): string {
  return `${stringify(linuxSeccompJson(seccomp), '')}\n`;
}

/** Writes a profile in its own dialect, ready for the engine that reads it. */
export function serializeProfile(profile: Profile): string {
  const seccomp = profileJson(profile);
  if (!isBundle(profile.dialect)) return `${stringify(seccomp, '')}\n`;
  const bounding = profile.container?.capabilities;
  const process = bounding === undefined ? undefined : { capabilities: { bounding } };
  return `${stringify({ process, linux: { seccomp } }, '')}\n`;
}

function linuxSeccompJson(seccomp: LinuxSeccomp): Json {
  const { defaultAction, defaultErrnoRet, architectures, flags, listenerPath, listenerMetadata } = seccomp;
  const syscalls = seccomp.syscalls?.map(syscallJson);
  return { defaultAction, defaultErrnoRet, architectures, flags, listenerPath, listenerMetadata, syscalls };
}

function syscallJson({ names, action, errnoRet, args }: LinuxSyscall): Json {
  return { names, action, errnoRet, args: args?.map(argJson) };
}

function argJson({ index, value, valueTwo, op }: LinuxSeccompArg): Json {
  return { index, value, valueTwo, op };
}

function profileJson(profile: Profile): Json {
  return {
    defaultAction: profile.defaultAction,
    defaultErrnoRet: profile.defaultErrnoRet,
    defaultErrno: profile.defaultErrno,
    architectures: profile.architectures,
    archMap: profile.archMap?.map(({ architecture, subArchitectures }) => ({
      architecture,
      subArchitectures,
    })),
    flags: profile.flags,
    listenerPath: profile.listenerPath,
    listenerMetadata: profile.listenerMetadata,
    syscalls: profile.rules.map(ruleJson),
  };
}

function ruleJson(rule: ProfileRule): Json {
  return {
    // The old form has no `names`, and an engine may refuse both together.
    names: rule.name !== undefined && rule.names.length === 0 ? undefined : rule.names,
    name: rule.name,
    action: rule.action,
    errnoRet: rule.errnoRet,
    errno: rule.errno,
    args: rule.args?.map(argJson),
    comment: rule.comment,
    includes: conditionsJson(rule.includes),
    excludes: conditionsJson(rule.excludes),
  };
}

function conditionsJson(conditions: RuleConditions | undefined): Json {
  if (conditions === undefined) return undefined;
  const { caps, arches, minKernel } = conditions;
  return { caps, arches, minKernel };
}

/** As `JSON.stringify(value, undefined, 2)`, but with bigints. Members that are `undefined` are left out. */
function stringify(value: Json, indent: string): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return visibleJson(JSON.stringify(value) ?? 'null');
  const deeper = `${indent}  `;
  if (Array.isArray(value))
    return enclose(
      '[]',
      value.map((item: Json) => stringify(item, deeper)),
      indent,
    );
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => `${visibleJson(JSON.stringify(key))}: ${stringify(member, deeper)}`);
  return enclose('{}', members, indent);
}

function enclose(brackets: '[]' | '{}', items: readonly string[], indent: string): string {
  const [open, close] = brackets;
  if (items.length === 0) return brackets;
  return `${open}\n${items.map((item) => `${indent}  ${item}`).join(',\n')}\n${indent}${close}`;
}
