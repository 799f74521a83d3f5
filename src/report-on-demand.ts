/**
 * Reports for the package's root. What they need is imported when the first one is made.
 * @module
 */
import { takeOptions } from './abi/take-options.ts';
import { kindsOf, takeProfile } from './pipeline/check-input.ts';
import type { ProfileInput, ReportOptions } from './pipeline/profile-options.ts';

/**
 * Writes a page about a profile: every system call, why it gets what it gets, and what other settings change.
 *
 * @returns HTML: one file that needs no server and no network, and sends nothing
 * @throws OciSeccompError `ERR_PROFILE_*` for a profile that its engine or runtime refuses; `ERR_USAGE` for a wrong option; what is too complex to decide,
 *   and that no filter can be compiled or proven, is part of the report, and no error
 */
export async function reportProfile(profile: ProfileInput, options: ReportOptions = {}): Promise<string> {
  const taken = takeOptions('reportProfile', options, kindsOf.reportProfile);
  const input = takeProfile('reportProfile', profile);
  return (await import('./report-profile.ts')).reportProfile(input, taken);
}
