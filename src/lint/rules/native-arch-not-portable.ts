/**
 * A token of libseccomp that runtime-spec does not have, and runtimes refuse.
 * @module
 */
import { ruleFromProblems } from '../engine/report-problems.ts';

export const nativeArchNotPortable = ruleFromProblems({
  id: 'native-arch-not-portable',
  level: 'error',
  title: 'SCMP_ARCH_NATIVE is refused by runtimes',
});
