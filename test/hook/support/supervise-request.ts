/**
 * A request to a supervisor, for tests in which no supervisor does what it asks.
 * @module
 */
import type { SuperviseRequest } from '../../../src/hook/supervisor/supervisor-protocol.ts';

export const request: SuperviseRequest = {
  pid: 2,
  startTime: '1',
  program: new Uint8Array(8),
  flags: 0,
  noNewPrivileges: 'auto',
  allowUnverified: false,
  containerId: 'x',
  log: {},
};
