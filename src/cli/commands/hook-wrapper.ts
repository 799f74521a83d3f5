/**
 * `oci-seccomp hook wrapper`: writes the static runtime wrapper, which leaves its work to the agent.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import { DEFAULT_SOCKET } from '../../hook/agent/agent-protocol.ts';
import { DEFAULT_CONFIGURATION } from '../../hook/wrapper/find-runtime.ts';
import { defineCommand } from '../define/command-definition.ts';
import type { Ending } from '../exit-code.ts';
import { parseHookArguments } from '../hook/hook-arguments.ts';

export const definition = defineCommand({
  description:
    'Writes the runtime wrapper as a static program of 3 kB, for x86_64 and aarch64. Engines call it as their OCI runtime. Before it creates a container, it has the agent put the filter into config.json; then it becomes the real runtime. If the agent does not run, containers do not start. Nothing else needs the agent.',
  arguments: [],
  options: {
    client: {
      value: 'file',
      kind: 'file',
      help: 'where to write it (needed): an absolute path, in a folder that only root can write; one that is not there is made',
    },
    agent: {
      value: 'socket',
      kind: 'file',
      help: `the agent's socket (absolute path; default: "agent" of the configuration, else ${DEFAULT_SOCKET})`,
    },
    config: {
      value: 'file',
      kind: 'file',
      help: 'the configuration of the wrapper (absolute path): docs/runtime-wrapper.md lists its keys; "runtime" must be an absolute path',
      default: DEFAULT_CONFIGURATION,
    },
  },
  notes: [
    'The paths of the socket, of the configuration and of the real runtime stand in the program. The agent reads the configuration again for each container; if it names another runtime by then, write the program again.',
  ],
  exitCodes: {
    0: 'the program is written',
    1: 'the filter is not proven, or "strict" finds a weakness',
    2: 'wrong usage, a configuration or profile that cannot be used, or a file that others can write',
    3: 'a library or file that cannot be read or written, no permission',
  },
  examples: [
    {
      does: 'Write it for the runtime and the profile of /etc/oci-seccomp/config.json',
      line: 'oci-seccomp hook wrapper --client /usr/local/libexec/oci-seccomp-runtime',
    },
  ],
});

export async function runHookWrapper(args: readonly string[]): Promise<Ending> {
  const { values } = await parseHookArguments(args, definition.options, 'hook wrapper');
  const client = String(values.client ?? '');
  if (client === '') {
    throw new OciSeccompError('ERR_USAGE', '--client is missing: the file to write', {
      hint: 'for instance --client /usr/local/libexec/oci-seccomp-runtime',
    });
  }
  // Loaded here: the help of hooks reads this definition.
  const { writeWrapper } = await import('../hook/write-wrapper.ts');
  const socket = values.agent === undefined ? undefined : String(values.agent);
  await writeWrapper(client, socket, String(values.config));
  return 'yes';
}
