/**
 * The findings of the newest defaults, which come with the package: most profiles are linted as these were.
 * @module
 */
import { capabilitySets } from '../../abi/capabilities.ts';
import { NEWEST_KERNEL } from '../../abi/kernel-history.ts';
import type { NearestBase } from '../../compose/identify-base.ts';
import type { Dialect, Profile } from '../../oci/profile.ts';
import type { LintOptions } from './lint-request.ts';

const USUAL_HOSTS = JSON.stringify([
  { arch: 'x86_64', capabilities: capabilitySets.docker, kernel: NEWEST_KERNEL },
]);

/** They see what a compiler makes of the rules, and so depend on the compilers that are handed in. */
const ofCompilers: ReadonlySet<string> = new Set(['libseccomp-miscompiles', 'too-long']);

/**
 * Keys of the findings of the default that a profile is a copy of (finding-key.ts).
 *
 * @param asked - rules that found something in the copy
 * @returns `undefined` if the copy was linted for something else
 */
export async function shippedKeys(
  { family, form }: Pick<NearestBase, 'family' | 'form'>,
  { dialect, container }: Profile,
  options: LintOptions,
  asked: ReadonlySet<string>,
): Promise<readonly string[] | undefined> {
  const isUsual = container === undefined && asksTheUsual(options);
  const levels = options.levels ?? {};
  if (!isUsual || [...asked].some((id) => levels[id] !== undefined || ofCompilers.has(id))) return undefined;
  const { defaultFindings } = await import('./default-findings.generated.ts');
  const at = defaultFindings.kept[defaultName({ family, form }, dialect)];
  return at === undefined ? undefined : defaultFindings.lists[at];
}

function asksTheUsual({ hosts, runtimes, engine, kernels, preset, noNewPrivileges }: LintOptions): boolean {
  if ([runtimes, engine, kernels, preset].some((each) => each !== undefined)) return false;
  if (noNewPrivileges === true) return false;
  const named = hosts?.map(({ arch, capabilities, kernel }) => ({ arch, capabilities, kernel }));
  return named === undefined || JSON.stringify(named) === USUAL_HOSTS;
}

/** By which its findings are kept. Whole defaults are read in their own dialect. */
export function defaultName(
  { family, form }: Pick<NearestBase, 'family' | 'form'>,
  dialect: Dialect,
): string {
  return form === 'whole' ? `${family} whole` : `${family} resolved ${dialectOfResolved(dialect)}`;
}

/** Resolved defaults stand in files of several dialects, and are read as their copies are. */
export function dialectOfResolved(dialect: Dialect): Dialect {
  return dialect === 'docker' || dialect === 'podman' ? dialect : 'oci';
}
