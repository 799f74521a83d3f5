/**
 * Options that only some forms of the written profile have a use for.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';

/**
 * Refuses `--name` and `--format yaml` for anything but a SeccompProfile of Kubernetes.
 *
 * @throws OciSeccompError `ERR_USAGE`
 */
export function requireKubernetesForm(
  { to, format, name }: Readonly<Partial<Record<'to' | 'format' | 'name', string | undefined>>>,
  hint?: string,
): void {
  if (to === 'kubernetes' || (format !== 'yaml' && name === undefined)) return;
  const option = name === undefined ? '--format yaml' : '--name';
  throw new OciSeccompError(
    'ERR_USAGE',
    `${option} is for --to kubernetes`,
    hint === undefined ? {} : { hint },
  );
}

/** Whether a form has no conditions, so that the profile is resolved for one host. */
export function isResolvedForm(to: string | undefined): to is 'oci' | 'kubernetes' {
  return to === 'oci' || to === 'kubernetes';
}

type HostOptions = Readonly<Partial<Record<'arch' | 'kernel' | 'caps' | 'cap', unknown>>>;

/**
 * Refuses options about the host for a form that keeps its conditions.
 *
 * @throws OciSeccompError `ERR_USAGE`
 */
export function requireResolvedForm(
  { to, ...rest }: { readonly to?: string | undefined } & HostOptions,
  hint: string,
): void {
  if (isResolvedForm(to)) return;
  const { arch, kernel, caps, cap } = rest;
  const [option] = Object.entries({ arch, kernel, caps, cap }).find(([, value]) => value !== undefined) ?? [];
  if (option === undefined) return;
  throw new OciSeccompError('ERR_USAGE', `--${option} is for --to oci and --to kubernetes`, { hint });
}
