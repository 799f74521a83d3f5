/**
 * Arguments that mean something else on other architectures. A rule compares one number at one place on all of them.
 * @module
 */
import { type ArchName, allArchitectures } from '../../abi/architectures.ts';
import { type ArgumentPlace, argumentField } from '../../abi/argument-fields.ts';
import { formatArgument, formatMask } from '../../abi/arguments.ts';
import { argumentsOn } from '../../abi/clone-arguments.ts';
import { isFlagSet, type KnownArgument } from '../../abi/flag-sets.ts';
import { directSyscallNumber } from '../../abi/syscall-numbers.ts';
import type { EditedCall } from '../../compose/edited-call.ts';
import { policiesOn } from '../../compose/policies-on-host.ts';
import type { Host } from '../../oci/host.ts';
import type { Profile } from '../../oci/profile.ts';
import { parameterAt } from '../ask/call-parameters.ts';

/** An argument that means something else on other architectures. */
export interface OtherArgument {
  /** 0..5, in the order of the asked architecture. */
  readonly index: number;
  /** Those where it is so. */
  readonly archs: readonly ArchName[];
  /** A number that has a name here, `O_DIRECTORY`, and another there, or none. Absent: it is another parameter there, or in memory. */
  readonly value?:
    | { readonly number: bigint; readonly name: string; readonly nameThere: string | undefined }
    | undefined;
}

/** Finds them among the architectures of a profile. @param arch - whose names and parameters were meant */
export function otherArguments(
  profile: Profile,
  call: EditedCall,
  arch: ArchName,
  hosts: readonly Host[],
): readonly OtherArgument[] {
  const used = new Set(hosts.flatMap((host) => policiesOn(profile, host)('runc').architectures));
  const found = new Map<string, OtherArgument & { readonly archs: ArchName[] }>();
  for (const { name } of allArchitectures) {
    if (!used.has(name) || name === arch || directSyscallNumber(call.syscall, name) === undefined) continue;
    for (const other of differencesOn(call, arch, name)) {
      const key = [other.index, other.value?.number, other.value?.nameThere].join();
      const known = found.get(key);
      if (known === undefined) found.set(key, { ...other, archs: [name] });
      else known.archs.push(name);
    }
  }
  return [...found.values()];
}

function differencesOn(
  { syscall, args }: EditedCall,
  from: ArchName,
  to: ArchName,
): readonly Omit<OtherArgument, 'archs'>[] {
  // The places that the arguments have there, which edits follow.
  const places = argumentsOn({ syscall, args: [0, 1, 2, 3, 4, 5] }, to, from);
  const others = new Map(
    args.flatMap((arg, index) => (typeof arg === 'bigint' ? [[index, arg] as const] : [])),
  );
  return args.flatMap((given, index): readonly Omit<OtherArgument, 'archs'>[] => {
    const own = parameterAt(syscall, index, from);
    const place = places[index] ?? index;
    if (given === undefined || own === undefined) return [];
    if (parameterAt(syscall, place, to)?.name !== own.name) return [{ index }];
    const here = { syscall, index, arch: from, others };
    return valuesOf(given).flatMap((number) => {
      const name = namesIn(number, here, isFlagSet(given));
      const there = { syscall, index: place, arch: to, others };
      if (name === undefined || isSameThere(name, here, there)) return [];
      return [{ index, value: { number, name, nameThere: namesIn(number, there, isFlagSet(given)) } }];
    });
  });
}

/** `O_CREAT|O_DIRECTORY`; `undefined`: nothing in the value has a name. @param isFlag - zero bits say nothing */
function namesIn(number: bigint, place: ArgumentPlace, isFlag: boolean): string | undefined {
  const [name = ''] = (isFlag ? formatMask : formatArgument)(number, place).split(' (');
  return /[A-Z]/.test(name) ? name : undefined;
}

/** Whether each name stands for the same number there. */
function isSameThere(names: string, here: ArgumentPlace, there: ArgumentPlace): boolean {
  const [own, other] = [here, there].map(({ syscall, index, arch, others }) =>
    argumentField(syscall, index, arch, others),
  );
  return names
    .split('|')
    .filter((name) => own?.names.has(name) === true)
    .every((name) => own?.names.get(name) === other?.names.get(name));
}

function valuesOf(given: Exclude<KnownArgument, undefined>): readonly bigint[] {
  return isFlagSet(given) ? given.flags : [given];
}
