/**
 * What profiles, resolved profiles and hosts are made of, for those that callers of the library hand in.
 * @module
 */
import { isCapabilityName } from '../abi/capabilities.ts';
import {
  archName,
  count,
  flag,
  kernelVersion,
  listOf,
  maybe,
  oneOf,
  recordOf,
  type Shape,
  text,
  texts,
  u32,
  u64,
  valueThat,
} from '../abi/value-shape.ts';
import { type Consumer, engines, runtimeFamilies } from '../consumers.ts';
import { dialects, systemdReleases } from './dialect-rows.ts';
import type { Host } from './host.ts';
import type { LinuxSeccomp, LinuxSeccompArg, LinuxSyscall } from './linux-seccomp.ts';
import { type ProblemCode, problemInfo, type Severity } from './problem-codes.ts';
import type { Problem } from './problems.ts';
import type {
  ArchMapEntry,
  KubernetesFacts,
  Place,
  Profile,
  ProfileArg,
  ProfileRule,
  RuleConditions,
} from './profile.ts';

const place: Shape<Place> = recordOf<Place>({ file: text, line: count, column: count, pointer: text });

/** Actions, operators, architectures and flags are any texts: runtimes differ in those that they know. */
const argument: Shape<ProfileArg> = recordOf<ProfileArg>({
  index: u32,
  value: u64,
  valueTwo: maybe(u64),
  op: text,
});

const conditions: Shape<RuleConditions> = recordOf<RuleConditions>({
  caps: maybe(listOf(text)),
  arches: maybe(listOf(text)),
  minKernel: maybe(text),
});

const rule: Shape<ProfileRule> = recordOf<ProfileRule>({
  names: listOf(text),
  name: maybe(text),
  action: text,
  errnoRet: maybe(u32),
  errno: maybe(text),
  args: maybe(listOf(argument)),
  comment: maybe(text),
  includes: maybe(conditions),
  excludes: maybe(conditions),
  place: maybe(place),
});

/** Who reads profiles. */
export const consumer = oneOf<readonly Consumer[]>([...engines, ...runtimeFamilies]);

export const severity = oneOf<readonly Severity[]>(['error', 'warning', 'note']);

export const problem: Shape<Problem> = recordOf<Problem>({
  code: oneOf(Object.keys(problemInfo) as ProblemCode[]),
  severity,
  message: text,
  hint: maybe(text),
  pointer: text,
  file: text,
  line: count,
  column: count,
  rejectedBy: maybe(listOf(consumer)),
  hosts: maybe(listOf(archName)),
});

export const problems: Shape<readonly Problem[]> = listOf(problem);

const kubernetes: Shape<KubernetesFacts> = recordOf<KubernetesFacts>({
  apiVersion: text,
  name: text,
  namespace: maybe(text),
  labels: maybe(texts),
  annotations: maybe(texts),
  baseProfileName: maybe(text),
  disabled: maybe(flag),
});

export const profile: Shape<Profile> = recordOf<Profile>({
  dialect: oneOf(dialects),
  defaultAction: maybe(text),
  defaultActionPlace: maybe(place),
  defaultErrnoRet: maybe(u32),
  defaultErrno: maybe(text),
  architectures: maybe(listOf(text)),
  archMap: maybe(listOf(recordOf<ArchMapEntry>({ architecture: text, subArchitectures: listOf(text) }))),
  flags: maybe(listOf(text)),
  listenerPath: maybe(text),
  listenerMetadata: maybe(text),
  rules: listOf(rule),
  container: maybe(
    recordOf<NonNullable<Profile['container']>>({
      capabilities: maybe(listOf(text)),
      noNewPrivileges: maybe(flag),
    }),
  ),
  kubernetes: maybe(kubernetes),
  systemdRelease: maybe(oneOf(systemdReleases)),
  refusals: maybe(problems),
});

export const linuxSeccomp: Shape<LinuxSeccomp> = recordOf<LinuxSeccomp>({
  defaultAction: text,
  defaultErrnoRet: maybe(u32),
  architectures: maybe(listOf(text)),
  flags: maybe(listOf(text)),
  listenerPath: maybe(text),
  listenerMetadata: maybe(text),
  syscalls: maybe(
    listOf(
      recordOf<LinuxSyscall>({
        names: listOf(text),
        action: text,
        errnoRet: maybe(u32),
        args: maybe(listOf(argument as Shape<LinuxSeccompArg>)),
      }),
    ),
  ),
  refusals: maybe(problems),
});

/** Engines compare names as they are: another spelling would be a capability that the container lacks. */
const capability = valueThat<string>('the name of a capability, such as CAP_SYS_ADMIN', isCapabilityName);

export const host: Shape<Host> = recordOf<Host>({
  arch: archName,
  kernel: kernelVersion,
  capabilities: maybe(listOf(capability)),
});
