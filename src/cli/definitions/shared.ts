/**
 * What the definitions of commands share.
 * @module
 */
import { type Command, Option } from 'commander';
import type { Ending } from '../exit-code.ts';

/** A command's work: resolves to how it ended; a number is an exit code of its own. */
export type Run<Options> = (operands: readonly string[], options: Options) => Promise<Ending | number>;

/** Turns the loader of a command's work into commander's action: what a command does is loaded when it runs. */
export type Runs = <Options>(
  load: () => Promise<Run<Options>>,
) => (...parameters: unknown[]) => Promise<void>;

/** Adds a group of commands to the program. */
export type Define = (root: Command, runs: Runs) => void;

export const PROFILE_HELP =
  'a file, - for standard input, or a built-in profile: docker-default, podman-default';

/** What `--strict` does, for the help of every command that has it. */
export const STRICT_HELP =
  'fail if the filter is not all that the profile reads like: unknown names, contradictions, lost conditions';

export function dialectOption(): Option {
  return new Option(
    '-d, --dialect <dialect>',
    'how to read the profile (default: told from its content)',
  ).choices(['docker', 'podman', 'oci', 'oci-config', 'kubernetes']);
}

/** Collects the values of an option that can be given several times. */
export function collect(value: string, values: readonly string[] | undefined): readonly string[] {
  return [...(values ?? []), value];
}

export function engineOption(help: string): Option {
  return new Option('-e, --engine <engine>', help).choices(['docker', 'podman', 'cri-o', 'containerd']);
}

/** The options that say what a profile is resolved for. */
export function addHostOptions(command: Command): Command {
  return command
    .addOption(dialectOption())
    .addOption(engineOption('who resolves the profile (default: by dialect)'))
    .option('--object <name>', 'which profile of a file with Kubernetes objects: its metadata.name')
    .option('--base-dir <dir>', 'where the base profiles of Kubernetes objects are searched')
    .option('-a, --arch <arch>', 'architecture of the host: any usual spelling (default: this machine)')
    .option('-k, --kernel <release>', 'kernel of the host, for instance 6.1 (default: this machine)')
    .addOption(
      new Option('--caps <set>', "capabilities of the container (default: docker; a bundle's own)").choices([
        'docker',
        'podman',
        'all',
        'none',
      ]),
    )
    .option(
      '--cap <capability>',
      'one more capability, repeatable',
      (name: string, names: readonly string[] | undefined) => [...(names ?? []), name],
    );
}
