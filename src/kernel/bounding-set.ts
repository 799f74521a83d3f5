/**
 * Whether a process has the capabilities that its filter was made for.
 *
 * A profile can allow a call only to those who have a capability. The hook reads the capabilities in config.json. Somebody
 * can change that file after the runtime has read it, so the process itself is asked when it executes its program.
 * @module
 */
import { capabilitiesOfMask } from '../abi/capabilities.ts';
import { OciSeccompError } from '../errors.ts';
import { type ProcessStatus, readProcessStatus } from './process-status.ts';

/**
 * Checks the bounding set of a process. A capability that this process lacks too may be missing: no runtime can give it.
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
