/**
 * Makes a profile of recorded calls and of those that are needed besides, each group with its reason.
 * @module
 */
import { type ArchName, architectures } from '../../abi/architectures.ts';
import { ENOSYS } from '../../abi/errno-constants.ts';
import { successors } from '../../lint/catalog/successors.ts';
import { maskOf } from '../../observe/recorded-arguments.ts';
import type { RecordedCall, Recording } from '../../observe/recording.ts';
import { besidesOf } from '../../oci/foreign/host-architectures.ts';
import type { Profile, ProfileArg, ProfileRule } from '../../oci/profile.ts';
import type { AddedGroup } from './added-calls.ts';

const ALLOW = 'SCMP_ACT_ALLOW';

/** A filter cannot see the flags of clone3. */
const NO_CLONE3: ProfileRule = {
  names: ['clone3'],
  action: 'SCMP_ACT_ERRNO',
  errnoRet: ENOSYS,
  comment: 'its flags are in memory, where no filter sees them; after ENOSYS C libraries call clone',
};

const NO_SUCCESSORS: Omit<ProfileRule, 'names'> = {
  action: 'SCMP_ACT_ERRNO',
  errnoRet: ENOSYS,
  comment: 'newer than calls that are allowed and do the same: after ENOSYS libraries call those',
};

interface ProfileOptions {
  /** The hosts that the filter is for; the first is the machine that was recorded. */
  readonly archs: readonly ArchName[];
  readonly added: readonly AddedGroup[];
  /** Whether clone is allowed only with the flags that were recorded, not with all that make no namespace. */
  readonly exactClone: boolean;
  /** Whether clone3 is allowed where it was recorded; else it gets ENOSYS, after which C libraries call clone. */
  readonly allowClone3: boolean;
}

/** The profile that allows what was recorded and added, and denies all else. */
export function profileOfRecording(
  recording: Recording,
  { archs, added, exactClone, allowClone3 }: ProfileOptions,
): Profile {
  const isDenied = ({ name }: RecordedCall): boolean => name === 'clone3' && !allowClone3;
  const named = recording.calls.filter((call) => call.name !== undefined && !isDenied(call));
  const conditional = named.filter(hasConditions);
  const free = new Set(named.filter((call) => !hasConditions(call)).map(({ name = '' }) => name));
  // One rule names a call for all architectures: if one of them needs it with any arguments, all get it so.
  const limited = conditional.filter(({ name = '' }) => !free.has(name));
  const rules: ProfileRule[] = [rule([...free], describeRuns(recording))];
  for (const call of limited) {
    rules.push(...(exactClone || makesNamespaces(call) ? conditionalRules(call) : cloneRules(archs)));
  }
  const present = new Set([...free, ...limited.map(({ name = '' }) => name)]);
  if (recording.calls.some(isDenied) && !present.has('clone')) {
    rules.push(...cloneRules(archs));
    present.add('clone');
  }
  for (const { names, reason } of added) {
    const missing = names.filter((name) => !present.has(name));
    if (missing.length > 0) rules.push(rule(missing, reason));
    for (const name of missing) present.add(name);
  }
  if (!present.has('clone3')) rules.push(NO_CLONE3);
  const newer = successors.filter(
    ({ syscall, after }) => !present.has(syscall) && after.some((name) => present.has(name)),
  );
  rules.push({ ...NO_SUCCESSORS, names: newer.map(({ syscall }) => syscall).sort() });
  return {
    dialect: 'docker',
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: 1,
    archMap: archs.map((arch) => ({
      architecture: architectures[arch].ociArch,
      subArchitectures: subArchitectures(arch, recording),
    })),
    rules: rules.filter(({ names }) => names.length > 0),
  };
}

function rule(names: readonly string[], comment: string): ProfileRule {
  return { names: [...new Set(names)].sort(), action: ALLOW, comment };
}

function describeRuns({ runs }: Recording): string {
  const last =
    runs
      .map(({ ended }) => ended.slice(0, 10))
      .sort()
      .at(-1) ?? '';
  return `called in ${runs.length === 1 ? 'one recorded run' : `${runs.length} recorded runs`}, the last on ${last}`;
}

/** Whether every recorded call of this name had one of the kept values. */
function hasConditions({ arguments: indexes, unkept }: RecordedCall): boolean {
  return indexes.length > 0 && unkept === 0;
}

function conditionalRules(call: RecordedCall): readonly ProfileRule[] {
  const { name = '', arguments: indexes, values, arch } = call;
  return values.map((each) => ({
    names: [name],
    action: ALLOW,
    args: indexes.map((index, at) => comparison(name, index, each.values[at] ?? 0n, arch)),
    comment: `called with these values ${each.count === 1 ? 'once' : `${each.count} times`}`,
  }));
}

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET; clone(2). */
const NAMESPACES = 0x7e020000n;

/** Whether a call is not clone, or is clone with flags that make namespaces. */
function makesNamespaces({ name, values }: RecordedCall): boolean {
  return name !== 'clone' || values.some((each) => ((each.values[0] ?? 0n) & NAMESPACES) !== 0n);
}

/** Flags differ by C library and by what is started, threads or processes. On s390 they are the second argument. */
function cloneRules(archs: readonly ArchName[]): readonly ProfileRule[] {
  const swapped = archs.filter((arch) => arch === 's390' || arch === 's390x');
  const others = archs.filter((arch) => arch !== 's390' && arch !== 's390x');
  const cloneRule = (index: number): ProfileRule => ({
    names: ['clone'],
    action: ALLOW,
    args: [{ index, value: NAMESPACES, valueTwo: 0n, op: 'SCMP_CMP_MASKED_EQ' }],
    comment: 'called for threads and processes, never to make a namespace',
  });
  if (swapped.length === 0) return [cloneRule(0)];
  if (others.length === 0) return [cloneRule(1)];
  return [
    { ...cloneRule(0), excludes: { arches: ['s390', 's390x'] } },
    { ...cloneRule(1), includes: { arches: ['s390', 's390x'] } },
  ];
}

/** The kernel reads only half of some arguments: the other half does not count. */
function comparison(name: string, index: number, value: bigint, arch: ArchName): ProfileArg {
  const mask = maskOf(name, index, architectures[arch].bits);
  const whole = (1n << BigInt(architectures[arch].bits)) - 1n;
  return mask === whole
    ? { index, value, op: 'SCMP_CMP_EQ' }
    : { index, value: mask, valueTwo: value, op: 'SCMP_CMP_MASKED_EQ' };
}

/** The architectures that a host runs besides its own, if their calls were recorded there. */
function subArchitectures(arch: ArchName, { runs, calls }: Recording): readonly string[] {
  if (!runs.some((run) => run.arch === arch)) return [];
  const others = besidesOf(arch).filter((each) => calls.some((call) => call.arch === each));
  return [...others].sort().map((each) => architectures[each].ociArch);
}
