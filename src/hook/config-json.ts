/**
 * A config.json with a proven filter put in: what the runtime wrapper does to a bundle, and a `precreate` hook to
 * what passes through it.
 * @module
 */
import { actionByOciAction } from '../abi/actions.ts';
import type { ProgramStore } from '../compile/kept-program.ts';
import { OciSeccompError } from '../errors.ts';
import { serializeLinuxSeccomp } from '../oci/serialize.ts';
import type { Runtime } from '../policy/runtimes.ts';
import { type BundleConfig, changeBundleConfig } from './bundle-config.ts';
import {
  type BuildChoices,
  type ContainerFilter,
  compileForContainer,
  type ProfileSource,
} from './container-filter.ts';

/** crun takes a raw program from this annotation, in base64, and then ignores `linux.seccomp` (crun(1)). */
export const RAW_PROGRAM = 'run.oci.seccomp_bpf_data';

/**
 * What a config.json with a raw program has in place of a profile. crun does not look at it. Other runtimes know nothing of the
 * annotation, and would start the container without a filter: those that read this action refuse it, and print it.
 */
export const FOR_CRUN_ALONE = JSON.stringify({
  defaultAction: `only crun may run this container: its filter is in the annotation ${RAW_PROGRAM}`,
});

/** `oci`: as `linux.seccomp`, which the runtime compiles; `bpf`: as the program itself, which only crun takes. */
export type FilterForm = 'oci' | 'bpf';

interface ApplyOptions extends Omit<BuildChoices, 'observe'> {
  readonly runtime: Runtime;
  readonly form: FilterForm;
  /** Where compiled programs are kept; `undefined`: nowhere. */
  readonly store?: ProgramStore | undefined;
}

/** What is put into a config.json for a filter. */
export interface FittedFilter {
  /** JSON text for `linux.seccomp`. */
  readonly seccomp: string;
  /** The program in base64, for crun's annotation. */
  readonly raw: string | undefined;
}

interface AppliedProfile {
  /** The new config.json. */
  readonly text: string;
  readonly filter: ContainerFilter;
}

/**
 * Puts a profile into a config.json: resolved for this container and this machine, and proven. Everything that the config
 * said of seccomp before is removed. That includes an annotation with a raw program, which crun would prefer.
 *
 * @throws OciSeccompError as {@link fitFilter}
 */
export async function applyProfileToConfig(
  config: BundleConfig,
  source: ProfileSource,
  options: ApplyOptions,
): Promise<AppliedProfile> {
  const { fitted, filter } = await fitFilter(source, config.capabilities, options);
  return { text: putIntoConfig(config, fitted), filter };
}

/**
 * Makes of a profile what a config.json is to say for a container with these capabilities.
 *
 * @throws OciSeccompError as {@link compileForContainer}; `ERR_HOOK` for a form the runtime or the profile does not allow
 */
export async function fitFilter(
  source: ProfileSource,
  capabilities: readonly string[] | undefined,
  { runtime, form, engine, backend: asked, library, release, strict, store }: ApplyOptions,
): Promise<{ readonly fitted: FittedFilter; readonly filter: ContainerFilter }> {
  if (form === 'bpf' && runtime.name !== 'crun') {
    throw new OciSeccompError(
      'ERR_HOOK',
      `only crun takes a raw program, and the runtime is ${runtime.name}`,
      {
        hint: 'write "as": "oci"',
      },
    );
  }
  const backend = form === 'oci' ? 'libseccomp' : asked;
  const filter = await compileForContainer(source, {
    ...{ runtime, capabilities, engine, backend, library, release, strict, store },
  });
  if (form === 'bpf') refuseWhatNeedsTheRuntime(filter, source);
  const fitted = {
    seccomp: form === 'oci' ? serializeLinuxSeccomp(filter.seccomp).trimEnd() : FOR_CRUN_ALONE,
    raw: form === 'bpf' ? Buffer.from(filter.bytes).toString('base64') : undefined,
  };
  return { fitted, filter };
}

/** @returns the new config.json; every character outside of what is changed stays */
export function putIntoConfig(config: BundleConfig, { seccomp, raw }: FittedFilter): string {
  const isRawThere = config.annotations.has(RAW_PROGRAM);
  return changeBundleConfig(config, {
    seccomp,
    ...(raw === undefined && !isRawThere ? {} : { annotations: { [RAW_PROGRAM]: raw } }),
  });
}

/** crun loads a raw program without flags and without a listener. */
function refuseWhatNeedsTheRuntime({ policy, seccomp }: ContainerFilter, { name }: ProfileSource): void {
  const actions = [seccomp.defaultAction, ...(seccomp.syscalls ?? []).map(({ action }) => action)];
  const notify = actions.some((action) => actionByOciAction(action)?.kind === 'notify');
  const logs = policy.flags.includes('SECCOMP_FILTER_FLAG_LOG');
  if (!notify && !logs) return;
  const what = notify ? 'SCMP_ACT_NOTIFY, whose listener' : 'SECCOMP_FILTER_FLAG_LOG, which';
  throw new OciSeccompError('ERR_HOOK', `${name} has ${what} crun cannot set up for a raw program`, {
    hint: 'write "as": "oci"',
  });
}
