/**
 * Whether a process has the capabilities that its filter was made for.
 *
 * A profile can allow calls to those who have a capability. The hook takes the capabilities from config.json, which can
 * have been changed after the runtime had read it; what the process has by the time it executes its program is certain.
 * @module
 */
import { capabilitiesOfMask } from '../abi/capabilities.ts';
import { OciSeccompError } from '../errors.ts';
import { type ProcessStatus, readProcessStatus } from './process-status.ts';

/**
 * Checks the bounding set of a process. One that this process lacks as well may be missing: runtimes cannot give it.
 *
 * @param claimed - names, `CAP_KILL`; those that no kernel known here has are passed over
 * @throws OciSeccompError `ERR_HOOK` if a capability is claimed that the process does not have
 */
export function requireBoundingSet(pid: number, status: ProcessStatus, claimed: readonly string[]): void {
  const self = readProcessStatus('thread-self');
  const available = typeof self === 'string' ? status.boundingCapabilities : self.boundingCapabilities;
  const lacking = capabilitiesOfMask(available & ~status.boundingCapabilities);
  const missing = claimed.filter((name) => lacking.includes(name));
  if (missing.length === 0) return;
  throw new OciSeccompError(
    'ERR_HOOK',
    `the filter was made for a container with ${missing.join(', ')}, and process ${pid} does not have ${missing.length === 1 ? 'it' : 'them'}`,
    {
      hint: 'config.json was changed after the runtime had read it: process.capabilities.bounding is not what the runtime has set',
      details: { pid, missing },
    },
  );
}
