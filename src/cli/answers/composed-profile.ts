/**
 * A profile made out of the profiles that a command names.
 * @module
 */
import type { ComposeOptions, Composition } from '../../compose/compose-profiles.ts';
import { type CompositionProof, proofWork, proveComposition } from '../../compose/prove-composition.ts';
import type { Consumer } from '../../consumers.ts';
import type { Work } from '../../decision/work.ts';
import { OciSeccompError } from '../../errors.ts';
import { defaultEngines } from '../../oci/dialect-rows.ts';
import type { Host } from '../../oci/host.ts';
import type { LinuxSeccomp } from '../../oci/linux-seccomp.ts';
import type { Dialect, Profile } from '../../oci/profile.ts';
import { resolveProfile } from '../../oci/resolve-profile.ts';
import { serializeLinuxSeccomp, serializeProfile } from '../../oci/serialize.ts';
import { seccompOff } from '../../pipeline/compile-profile.ts';
import { type LoadedProfile, loadProfile } from '../../pipeline/load-profile.ts';
import type { OptionsOf } from '../define/command-definition.ts';
import type { composeOptions } from '../define/compose-options.ts';
import { isResolvedForm, requireKubernetesForm, requireResolvedForm } from '../operands/form-options.ts';
import { hostFromOptions, parseArch, requireUses } from '../operands/host-options.ts';

type Options = OptionsOf<typeof composeOptions>;

/** Makes one profile of several. */
export type Compose = (profiles: readonly Profile[], options: ComposeOptions) => Composition;

export interface Composed {
  readonly inputs: readonly LoadedProfile[];
  /** What was composed: the inputs, or what they are on one host. */
  readonly profiles: readonly Profile[];
  readonly composition: Composition;
  /** The host, where the result has no conditions. */
  readonly host: Host | undefined;
  /** The profile of `--check`. */
  readonly checked: LoadedProfile | undefined;
  /** The account of all proofs of the command. */
  readonly work: Work;
}

/**
 * Reads the profiles and composes them.
 *
 * @param prepare - what is done to each before
 */
export async function composeOperands(
  operands: readonly string[],
  compose: Compose,
  options: Options,
  prepare: (input: LoadedProfile) => LoadedProfile,
): Promise<Composed> {
  checkOptions(options);
  if ([...operands, options.check].filter((each) => each === '-').length > 1) {
    throw new OciSeccompError('ERR_USAGE', 'only one of the profiles can be standard input');
  }
  const inputs: LoadedProfile[] = [];
  for (const operand of operands) inputs.push(prepare(await load(operand, options)));
  const checked = options.check === undefined ? undefined : await load(options.check, options);
  await requireUses(
    options,
    [...inputs, ...(checked === undefined ? [] : [checked])].map((input) => ({ kind: 'profile', input })),
  );
  const [first] = inputs;
  if (first === undefined) throw new OciSeccompError('ERR_USAGE', 'no profile is named');
  const { to } = options;
  const isResolved = isResolvedForm(to);
  const host = isResolved ? hostFromOptions(options, first.profile) : undefined;
  const profiles = inputs.map((input) => (host === undefined ? input.profile : resolvedFor(input, host)));
  const archs = host === undefined ? options.for?.map(parseArch) : [host.arch];
  const work = proofWork();
  const composition = compose(profiles, {
    dialect: isResolved ? 'oci' : to,
    archs,
    allowStricter: options.stricter === true,
    work,
  });
  return { inputs, profiles, composition, host, work, checked };
}

/** @throws OciSeccompError `ERR_USAGE` for options that do not go together */
function checkOptions(options: Options): void {
  const { to, for: hosts } = options;
  requireKubernetesForm(options);
  requireResolvedForm(
    options,
    'the result keeps the conditions of the profiles and is right for every host; --for limits it to some architectures',
  );
  if (isResolvedForm(to) && hosts !== undefined) {
    throw new OciSeccompError('ERR_USAGE', `--for is for results with conditions, and --to ${to} has none`, {
      hint: 'name the one host with --arch',
    });
  }
}

function load(operand: string, options: Options): Promise<LoadedProfile> {
  const { dialect, object, baseDir } = options;
  return loadProfile(operand, dialect, enginesOf, { object, baseDir });
}

/** Whose reading of a dialect counts. */
export function enginesOf(dialect: Dialect): readonly Consumer[] {
  const engine = defaultEngines[dialect];
  return engine === undefined ? [] : [engine];
}

function resolvedFor({ name, profile }: LoadedProfile, host: Host): Profile {
  const { seccomp } = resolveProfile(profile, host);
  if (seccomp === undefined) throw seccompOff(name);
  const { syscalls = [], refusals: _, ...frame } = seccomp;
  return { dialect: 'oci', ...frame, rules: syscalls };
}

/** Holds the profile of `--check` against the result. */
export function checkAgainst(
  checked: LoadedProfile,
  { profiles, composition, host, work }: Composed,
  killsAlike: boolean,
): CompositionProof {
  const profile = host === undefined ? checked.profile : resolvedFor(checked, host);
  return proveComposition(profiles, profile, composition.join, composition.proof.hosts, [], {
    work,
    killsAlike,
  });
}

/** The result as a text. */
export async function writeComposed(
  { inputs, composition, host }: Composed,
  options: Options,
): Promise<string> {
  const { profile } = composition;
  if (options.to === undefined || host === undefined) return serializeProfile(profile);
  const { seccomp } = resolveProfile(profile, host);
  if (seccomp === undefined) throw seccompOff('the result');
  return options.to === 'oci' ? serializeLinuxSeccomp(seccomp) : writeObject(seccomp, inputs, options);
}

async function writeObject(
  seccomp: LinuxSeccomp,
  inputs: readonly LoadedProfile[],
  { name, format }: Options,
): Promise<string> {
  const { serializeSeccompProfile } = await import('../../oci/serialize-kubernetes.ts');
  const own = inputs.map(({ profile }) => profile.kubernetes?.name ?? '').find((each) => each !== '');
  return serializeSeccompProfile(seccomp, {
    name: name ?? own ?? 'profile',
    format,
  });
}
