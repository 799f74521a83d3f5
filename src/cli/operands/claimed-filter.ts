/**
 * The operands of `verify`: a profile, and the filter that is said to mean it.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import type { LoweredProfile } from '../../pipeline/compile-profile.ts';
import { loadFilterSource } from '../../pipeline/filter-source.ts';
import type { ProgramSource } from '../../pipeline/process-source.ts';
import type { MeaningOptions } from '../define/shared-options.ts';
import { writeAside } from '../streams.ts';
import { lowerSubject, readSubject } from './filter-operand.ts';
import { requireUses } from './host-options.ts';

/** @throws OciSeccompError `ERR_USAGE` if one of the two is missing, or something else than what it should be */
export async function loadClaim(
  profile: string | undefined,
  operand: string | undefined,
  options: MeaningOptions & { readonly pid?: string },
): Promise<readonly [LoweredProfile, ProgramSource]> {
  if (profile === undefined || (operand === undefined) === (options.pid === undefined)) {
    throw new OciSeccompError('ERR_USAGE', 'verify takes a profile and a filter', {
      hint: 'for instance: oci-seccomp verify profile.json filter.bpf, or oci-seccomp verify profile.json --pid 1234',
    });
  }
  const read = await readSubject(profile, options);
  if (read.kind !== 'profile') {
    throw new OciSeccompError('ERR_USAGE', `${read.name} is not a profile`, {
      hint: 'the profile comes first; two programs are compared by oci-seccomp diff',
    });
  }
  await requireUses(options, [read]);
  const subject = await loadFilterSource(operand ?? `pid:${options.pid}`);
  if (subject.kind !== 'program') {
    throw new OciSeccompError('ERR_USAGE', `${subject.input.name} is a profile, not a filter`, {
      hint: 'two profiles are compared by oci-seccomp diff',
    });
  }
  for (const warning of subject.warnings) writeAside(`warning: ${warning}\n`);
  return [await lowerSubject(read.input, options), subject];
}
