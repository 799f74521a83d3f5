/**
 * The hook in the program's help. The command itself is read by hook-arguments.ts, before commander is loaded.
 * @module
 */
import { type Command, Option } from 'commander';
import { attachOptions, configOptions, type HookOptions, precreateOptions } from '../hook-options.ts';
import type { Define } from './shared.ts';

export const defineHookCommand: Define = (root) => {
  const hook = root
    .command('hook')
    .summary('give containers their filter: called by container runtimes')
    .description(
      'Gives a container its filter when its runtime calls this program as a hook. If anything fails, the hook ' +
        'fails and the container does not start.',
    )
    .usage('<stage> [options]')
    .helpCommand(false)
    .addHelpText(
      'after',
      '\nThe stages createContainer, startContainer, poststart and poststop are not supported; running the hook\nfor one explains why. docs/hooks.md tells which way to go with which runtime.',
    );
  for (const stage of ['createRuntime', 'prestart']) {
    const use =
      stage === 'prestart'
        ? 'the same, for runtimes that know no createRuntime'
        : 'attach the filter to the container that is being created';
    define(
      hook,
      stage,
      use,
      'Reads the container state on standard input, as OCI runtimes write it.',
      attachOptions,
    );
  }
  define(
    hook,
    'precreate',
    "put the filter into the container's configuration (Podman)",
    'Reads a config.json on standard input and writes it with the filter to standard output.',
    precreateOptions,
  );
  define(
    hook,
    'config',
    'print or write what makes runtimes call this hook',
    'Prints or writes the configuration of a hook, and checks the profile it names and the files that will run.',
    configOptions,
  ).addHelpText(
    'after',
    `
Examples:
  oci-seccomp hook config --profile /etc/oci-seccomp/web.json -o /usr/share/containers/oci/hooks.d/oci-seccomp.json
  oci-seccomp hook config --for oci --profile /etc/oci-seccomp/web.bpf --log syslog
  oci-seccomp hook config --stage precreate --profiles-dir /etc/oci-seccomp/profiles --default docker-default`,
  );
};

function define(
  hook: Command,
  name: string,
  summary: string,
  description: string,
  options: HookOptions,
): Command {
  const command = hook.command(name).summary(summary).description(description);
  for (const [option, { value, short, help, choices, default: standard }] of Object.entries(options)) {
    const names = short === undefined ? `--${option}` : `-${short}, --${option}`;
    const row = new Option(value === undefined ? names : `${names} <${value}>`, help);
    if (choices !== undefined) row.choices([...choices]);
    if (standard !== undefined) row.default(standard);
    command.addOption(row);
  }
  return command;
}
