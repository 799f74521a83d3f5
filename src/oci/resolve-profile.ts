/**
 * From a Profile to LinuxSeccomp: how an engine evaluates a profile's conditions on a host, and everything it loses.
 *
 * Names are not looked up here, and actions and operators are not checked. Engines hand them on unread, and the runtime
 * decides (`lowerProfile`).
 *
 * Sources: those of the engines' rows, consumers/engine-rows.ts; runtime-spec 1.3 config-linux.md#seccomp.
 * @module
 */
import { architectures } from '../abi/architectures.ts';
import { errnoByName } from '../abi/errno.ts';
import { plainText, takeOptions } from '../abi/take-options.ts';
import { type Engine, type EngineRow, engineRows, engines, handedOn } from '../consumers.ts';
import { OciSeccompError } from '../errors.ts';
import { defaultEngines, isForeign } from './dialect-rows.ts';
import { ownReader } from './foreign/own-reader.ts';
import type { Host } from './host.ts';
import type { LinuxSeccomp, LinuxSeccompArg, LinuxSyscall } from './linux-seccomp.ts';
import type { Profile, ProfileArg, ProfileRule } from './profile.ts';
import { conditionTexts, evaluateConditions } from './resolve/evaluate-conditions.ts';
import { parseMinKernel } from './resolve/min-kernel.ts';
import { parsePodmanErrno } from './resolve/podman-errno.ts';
import { type ResolveStep, resolveStep } from './resolve/resolve-steps.ts';
import { requireUsable } from './usable-profile.ts';

/** How a profile is resolved. */
export interface ResolveOptions {
  /** The engine that resolves the profile; by default the dialect's own engine, and none for runtime-spec objects. */
  readonly engine?: Engine | undefined;
}

/** The part of a profile that a container gets, and the decisions on the way. */
export interface Resolution {
  /** `undefined`: the profile turns seccomp off. */
  readonly seccomp: LinuxSeccomp | undefined;
  /** For each entry of `seccomp.syscalls` the index of its rule in `Profile.rules`. */
  readonly origins: readonly number[];
  /** `undefined`: the object was handed on as written. */
  readonly engine: Engine | undefined;
  /** About the profile first, then rule by rule. */
  readonly steps: readonly ResolveStep[];
}

interface Context {
  readonly profile: Profile;
  readonly host: Host;
  readonly engine: Engine | undefined;
  readonly row: EngineRow;
  readonly steps: ResolveStep[];
}

/** Resolves a profile for a host the way an engine does, rule for rule and in document order. */
export function resolveProfile(profile: Profile, host: Host, options: ResolveOptions = {}): Resolution {
  const engine =
    takeOptions('resolveProfile', options, { engine: plainText }).engine ?? defaultEngines[profile.dialect];
  if (engine !== undefined && !engines.includes(engine)) {
    throw new OciSeccompError('ERR_USAGE', `'${engine}' is not the name of an engine`, {
      hint: `use one of ${engines.join(', ')}`,
    });
  }
  const row = engine !== undefined ? engineRows[engine] : isForeign(profile.dialect) ? ownReader : handedOn;
  const context: Context = { profile, host, engine, row, steps: [] };
  refusePart(profile);
  requireUsable(profile.refusals, engine === undefined ? [] : [engine]);

  if (row.readsMinKernel) checkKernelVersions(context);
  if (!profile.defaultAction && profile.rules.length === 0) {
    return { seccomp: undefined, origins: [], engine, steps: [resolveStep('seccomp-off', undefined)] };
  }
  const resolvedArchitectures = resolveArchitectures(context);
  const defaultErrnoRet = resolveErrno(profile.defaultErrno, profile.defaultErrnoRet, undefined, context);

  const syscalls: LinuxSyscall[] = [];
  const origins: number[] = [];
  for (const [index, rule] of profile.rules.entries()) {
    const syscall = row.readsConditions
      ? resolveRule(rule, index, context)
      : decodeRule(rule, index, context);
    if (syscall === undefined) continue;
    syscalls.push(syscall);
    origins.push(index);
  }
  const seccomp: LinuxSeccomp = {
    defaultAction: profile.defaultAction ?? '',
    ...optional('defaultErrnoRet', defaultErrnoRet),
    ...optional('architectures', written(resolvedArchitectures, row)),
    ...optional('flags', written(profile.flags, row)),
    ...optional('listenerPath', written(profile.listenerPath, row)),
    ...optional('listenerMetadata', written(profile.listenerMetadata, row)),
    ...(syscalls.length === 0 ? {} : { syscalls }),
    ...optional('refusals', profile.refusals),
  };
  return { seccomp, origins, engine, steps: context.steps };
}

/** Refuses a profile whose base is not added (`withBases`): without it, the profile has no meaning. */
function refusePart({ kubernetes }: Profile): void {
  const base = kubernetes?.baseProfileName;
  if (base === undefined) return;
  const message = `the profile ${kubernetes?.name} is built on the base profile ${base}, which has not been added`;
  throw new OciSeccompError('ERR_PROFILE_SEMANTICS', message, {
    hint: 'oci-seccomp resolve --base-dir makes one profile of both',
    details: { base },
  });
}

/** moby's decoder refuses the whole document for one malformed minKernel. */
function checkKernelVersions(context: Context): void {
  for (const [index, { includes, excludes }] of context.profile.rules.entries()) {
    for (const minKernel of [includes?.minKernel, excludes?.minKernel]) {
      if (minKernel === undefined || parseMinKernel(minKernel) !== undefined) continue;
      const hint = 'write <kernel>.<major>, two numbers of 0..255, for instance 4.8';
      throw refusal(context, `refuses minKernel '${minKernel}'`, hint, index);
    }
  }
}

function resolveArchitectures(context: Context): readonly string[] | undefined {
  const { profile, host, row, steps } = context;
  const { archMap = [] } = profile;
  if (archMap.length === 0) return profile.architectures;
  if (!row.readsConditions) {
    steps.push(resolveStep('arch-map-ignored', undefined));
    return profile.architectures;
  }
  if ((profile.architectures ?? []).length > 0) {
    throw refusal(context, `refuses 'architectures' together with 'archMap'`, 'keep one of the two');
  }
  const { ociArch } = architectures[host.arch];
  const entry = archMap.find(({ architecture }) => architecture === ociArch);
  if (entry === undefined) {
    if (isForeign(profile.dialect)) throw killsAll(host, profile);
    steps.push(resolveStep('arch-map-unmatched', undefined, [ociArch]));
    return undefined;
  }
  if (!row.archMapArches.includes(host.arch)) {
    steps.push(resolveStep('arch-map-unsupported', undefined, [ociArch]));
    return undefined;
  }
  return [entry.architecture, ...entry.subArchitectures];
}

/** The error for a filter without the host's architecture: none of its programs can run. */
function killsAll({ arch }: Host, { defaultActionPlace: place }: Profile): OciSeccompError {
  const where = place === undefined ? '' : `${place.file}:${place.line}:${place.column}: `;
  const message = `${where}the architectures that the file lists are without ${arch}, that of the host: each of its calls is killed`;
  return new OciSeccompError('ERR_PROFILE_SEMANTICS', message, {
    hint: 'list native, or name a host that is listed',
  });
}

/** The rule as an engine that reads conditions keeps it; `undefined`: it does not apply on this host. */
function resolveRule(rule: ProfileRule, index: number, context: Context): LinuxSyscall | undefined {
  const { row, steps } = context;
  if (row.refusesNameWithNames === 'any rule') refuseNameWithNames(rule, index, context);
  const { dropped, lost } = evaluateConditions(rule, index, context.host, row);
  if (dropped !== undefined) {
    steps.push(dropped);
    return undefined;
  }
  if (row.refusesNameWithNames === 'kept rules') refuseNameWithNames(rule, index, context);
  const errnoRet = resolveErrno(rule.errno, rule.errnoRet, index, context);
  const names = rule.name ? [rule.name] : rule.names;
  if (names.length === 0 && row.dropsNameless) {
    steps.push(resolveStep('no-names', index));
    return undefined;
  }
  const conditional = [rule.includes, rule.excludes].some(
    (conditions) => conditionTexts(conditions).length > 0,
  );
  steps.push(resolveStep(conditional ? 'conditions-hold' : 'unconditional', index), ...lost);
  return toSyscall(rule, names, errnoRet, row);
}

/** The rule as an engine keeps it that decodes straight into runtime-spec's object: keys that the object lacks are lost. */
function decodeRule(rule: ProfileRule, index: number, context: Context): LinuxSyscall {
  const { row, steps } = context;
  const [includes, excludes] = [conditionTexts(rule.includes), conditionTexts(rule.excludes)];
  const conditional = includes.length > 0 || excludes.length > 0;
  steps.push(resolveStep(conditional ? 'conditions-unseen' : 'unconditional', index));
  if (rule.name) steps.push(resolveStep('name-ignored', index, [rule.name]));
  if (includes.length > 0) steps.push(resolveStep('includes-ignored', index, includes));
  if (excludes.length > 0) steps.push(resolveStep('excludes-ignored', index, excludes));
  return toSyscall(rule, rule.names, resolveErrno(rule.errno, rule.errnoRet, index, context), row);
}

function refuseNameWithNames(rule: ProfileRule, index: number, context: Context): void {
  if (!rule.name || rule.names.length === 0) return;
  throw refusal(context, `refuses 'name' together with 'names'`, `move '${rule.name}' into 'names'`, index);
}

/** The errno as a number, from the text where the engine reads it (a decimal u32 or a name), else from the number. */
function resolveErrno(
  text: string | undefined,
  errnoRet: number | undefined,
  rule: number | undefined,
  context: Context,
): number | undefined {
  if (!text) return errnoRet;
  const { profile, host } = context;
  const errno = isForeign(profile.dialect) ? errnoByName(text, host.arch) : parsePodmanErrno(text, host.arch);
  if (!context.row.readsErrnoNames) {
    if (errno === undefined || errno !== errnoRet)
      context.steps.push(resolveStep('errno-ignored', rule, [text]));
    return errnoRet;
  }
  if (errno === undefined) {
    throw refusal(context, `does not know the errno '${text}'`, 'write its number', rule);
  }
  if (errnoRet !== undefined && errnoRet !== errno) {
    context.steps.push(resolveStep('errno-ret-overridden', rule, [text]));
  }
  return errno;
}

function toSyscall(
  rule: ProfileRule,
  names: readonly string[],
  errnoRet: number | undefined,
  row: EngineRow,
): LinuxSyscall {
  const args = rule.args?.map((arg) => toArg(arg, row));
  return {
    names,
    action: rule.action,
    ...optional('errnoRet', errnoRet),
    ...optional('args', written(args, row)),
  };
}

function toArg({ index, value, valueTwo, op }: ProfileArg, row: EngineRow): LinuxSeccompArg {
  const second = valueTwo === 0n && !row.keepsEmpty ? undefined : valueTwo;
  return { index, value, ...optional('valueTwo', second), op };
}

/** The value as it reaches the runtime: `undefined` where the engine leaves an empty one out. */
function written<T extends string | readonly unknown[]>(value: T | undefined, row: EngineRow): T | undefined {
  return value !== undefined && value.length === 0 && !row.keepsEmpty ? undefined : value;
}

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };
}

function refusal(context: Context, what: string, hint: string, rule?: number): OciSeccompError {
  const { engine, profile } = context;
  const place = rule === undefined ? undefined : profile.rules[rule]?.place;
  const where = place === undefined ? '' : `${place.file}:${place.line}:${place.column}: `;
  const subject = rule === undefined ? '' : ` (rule ${rule + 1})`;
  const details = { engine, ...optional('rule', rule), ...optional('place', place) };
  return new OciSeccompError('ERR_PROFILE_SEMANTICS', `${where}${engine} ${what}${subject}`, {
    hint,
    details,
  });
}
