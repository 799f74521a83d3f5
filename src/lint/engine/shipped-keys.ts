/**
 * The findings of the newest defaults. They come with the package, because most profiles are linted with the same options.
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

/** Rules that look at a compiler's program, and so depend on the compilers that are handed in. */
const ofCompilers: ReadonlySet<string> = new Set(['libseccomp-miscompiles', 'too-long']);

/**
 * Keys of the findings of the default that a profile is a copy of (finding-key.ts).
 *
 * @param asked - rules that found something in the copy
 * @returns `undefined` if the copy was linted with other options than the shipped ones
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

/** The name under which the findings of a default are kept. Whole defaults are read in their own dialect. */
export function defaultName(
  { family, form }: Pick<NearestBase, 'family' | 'form'>,
  dialect: Dialect,
): string {
  return form === 'whole' ? `${family} whole` : `${family} resolved ${dialectOfResolved(dialect)}`;
}

/** The dialect for reading a resolved default: copies of it are in files of several dialects. */
export function dialectOfResolved(dialect: Dialect): Dialect {
  return dialect === 'docker' || dialect === 'podman' ? dialect : 'oci';
}
