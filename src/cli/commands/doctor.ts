/**
 * `oci-seccomp doctor`: what this machine has of everything the other commands work with.
 * @module
 */
import { defineCommand, type Run } from '../define/command-definition.ts';
import { library, reportOptions, textOrJson } from '../define/shared-options.ts';

export const definition = defineCommand({
  description: 'Shows what this machine has of everything oci-seccomp works with.',
  arguments: [],
  options: {
    library: {
      ...library,
      help: 'libseccomp to look at (default: OCI_SECCOMP_LIBRARY, else libseccomp.so.2)',
    },
    agent: {
      value: 'socket',
      kind: 'file',
      help: 'the socket of an agent to look at (default: /run/oci-seccomp/agent.sock, if it is there)',
    },
    ...textOrJson,
    ...reportOptions,
  },
  exitCodes: {
    0: 'everything that commands need is there',
    2: 'wrong usage',
    3: 'libseccomp, koffi or a feature of the kernel is missing, or the agent cannot be used',
  },
  examples: [
    { does: 'Look at this machine', line: 'oci-seccomp doctor' },
    {
      does: 'Look at another libseccomp; if it is not there, the exit code is 3',
      line: 'oci-seccomp doctor --library /opt/lib/libseccomp.so.2',
    },
  ],
});

export const run: Run<typeof definition> = async (_, options) => {
  const [{ inspectMachine, isHealthy }, { renderMachineReport }, { printJson }, { writeReport }] =
    await Promise.all([
      import('../answers/machine-report.ts'),
      import('../render/render-doctor.ts'),
      import('../render/print-json.ts'),
      import('../output.ts'),
    ]);
  const report = await inspectMachine(options.library, options.agent);
  const isJson = options.format === 'json';
  await writeReport(isJson ? printJson(report) : renderMachineReport(report), options);
  return isHealthy(report, options.agent) ? 'yes' : 'ERR_LIBSECCOMP_MISSING';
};
