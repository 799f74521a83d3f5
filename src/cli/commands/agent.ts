/**
 * `oci-seccomp agent`: a resident process that does the work of hooks, so that a container's start waits for no Node.
 * @module
 */
import { DEFAULT_SOCKET } from '../../hook/agent/agent-protocol.ts';
import { defineCommand, type Run } from '../define/command-definition.ts';

export const definition = defineCommand({
  description:
    'Waits on a unix socket for hooks, and gives their containers the filter. Hooks that are told of the agent start in a few milliseconds. If the agent does not run, their containers do not start.',
  arguments: [],
  options: {
    socket: {
      value: 'path',
      kind: 'file',
      help: 'where to listen: an absolute path, in a folder that only root can write; with socket activation of systemd, systemd names it',
      default: DEFAULT_SOCKET,
    },
    spare: {
      value: 'count',
      help: 'how many supervisors wait for containers, 1 to 64: as many containers can start at the same moment without waiting for one',
      default: '4',
    },
    containers: {
      value: 'count',
      help: 'the most containers that are created and not started, 1 to 4096; each holds a supervisor of about 12 MB',
      default: '256',
    },
  },
  notes: [
    'SIGHUP makes the agent forget the filters it has in memory and start new supervisors. SIGTERM ends it; supervisors that hold a container stay until it has its filter.',
    'The same socket answers GET /metrics by HTTP, in the text format of Prometheus. docs/agent.md describes units for systemd, the log and the limits.',
  ],
  exitCodes: {
    0: 'it was ended by SIGTERM or SIGINT',
    2: 'wrong usage, a folder that others can write, or another agent that listens already',
    3: 'not root, no permission, or a machine on which no process can be given a filter',
  },
  examples: [
    { does: 'Serve hooks until SIGTERM', line: 'oci-seccomp agent --socket /run/oci-seccomp/agent.sock' },
    {
      does: 'See what it has done',
      line: 'curl --unix-socket /run/oci-seccomp/agent.sock http://localhost/metrics',
    },
  ],
});

export const run: Run<typeof definition> = async (_, options) => {
  const { runAgent } = await import('../hook/run-agent.ts');
  await runAgent(options);
  return 'yes';
};
