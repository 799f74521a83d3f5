/**
 * The commands about profiles: compile, resolve, validate.
 * @module
 */
import { type Command, Option } from 'commander';
import {
  addHostOptions,
  collect,
  type Define,
  dialectOption,
  engineOption,
  PROFILE_HELP,
  type Runs,
  STRICT_HELP,
} from './shared.ts';

export const defineProfileCommands: Define = (root, runs) => {
  defineCompile(root, runs);
  defineResolve(root, runs);
  defineValidate(root, runs);
};

function defineCompile(root: Command, runs: Runs): void {
  const compile = root
    .command('compile')
    .summary('compile a profile to the filter that a runtime would install')
    .description(
      "Compiles a profile to the BPF program that a container runtime would install on the host: byte for byte for crun, up to the order of the ENOSYS stub's sections for runc. oci-seccomp verify compares with what runs.",
    )
    .argument('<profile>', PROFILE_HELP);
  addHostOptions(compile)
    .option('-o, --output <file>', 'write to this file; - is standard output', '-')
    .addOption(
      new Option('-f, --format <format>', 'form of the output')
        .choices(['bpf', 'pfc', 'c', 'json', 'base64', 'asm'])
        .default('bpf'),
    )
    .option(
      '-r, --runtime <runtime>',
      'runc, runc@1.1, runc@1.2, crun, youki, or plain (libseccomp alone)',
      'runc',
    )
    .addOption(
      new Option('--backend <backend>', 'what compiles the rules')
        .choices(['libseccomp'])
        .default('libseccomp'),
    )
    .option('--library <file>', 'libseccomp to use (default: OCI_SECCOMP_LIBRARY, else libseccomp.so.2)')
    .option(
      '--timeout <seconds>',
      'processor time for libseccomp where it may not come to an end; waiting for a busy machine does not count',
      '10',
    )
    .option(
      '--allow-unproven',
      'write a program that is not proven to mean what the profile says, with a warning',
    )
    .option('--strict', STRICT_HELP)
    .option('-v, --verbose', 'list every rule dropped, skipped or changed, and why')
    .option('-q, --quiet', 'print no summary')
    .addHelpText(
      'after',
      `
Examples:
  oci-seccomp compile docker-default -o docker-default.bpf
  oci-seccomp compile profile.json --arch arm64 --runtime crun --format asm
  oci-seccomp compile bundle/config.json --format base64`,
    )
    .action(runs(async () => (await import('../commands/compile.ts')).runCompile));
}

function defineResolve(root: Command, runs: Runs): void {
  const resolve = root
    .command('resolve')
    .summary('print the linux.seccomp section that an engine makes of a profile')
    .description(
      "Evaluates a profile's conditions for a host and prints the runtime-spec linux.seccomp object, or the same as a file for Docker or as a SeccompProfile of Kubernetes' Security Profiles Operator.",
    )
    .argument('<profile>', PROFILE_HELP);
  addHostOptions(resolve)
    .addOption(
      new Option('-t, --to <form>', 'what to write').choices(['oci', 'docker', 'kubernetes']).default('oci'),
    )
    .addOption(
      new Option('-f, --format <format>', 'of a SeccompProfile (default: yaml)').choices(['yaml', 'json']),
    )
    .option('--name <name>', 'metadata.name of a SeccompProfile (default: its own, or the name of the file)')
    .option('-o, --output <file>', 'write to this file; - is standard output', '-')
    .option('-v, --verbose', 'list every rule kept or dropped, and why')
    .option('-q, --quiet', 'print no summary')
    .action(runs(async () => (await import('../commands/resolve.ts')).runResolve));
}

function defineValidate(root: Command, runs: Runs): void {
  root
    .command('validate')
    .summary('find every problem in profiles')
    .description(
      'Reads profiles and prints every problem with its place. Directories are searched for *.json, and for *.yaml and *.yml with SeccompProfile objects or profiles in ConfigMaps.',
    )
    .argument('<profile...>', 'files, directories, globs, - for standard input, or built-in profiles')
    .addOption(dialectOption())
    .addOption(
      new Option('-f, --format <format>', 'form of the output').choices(['human', 'json']).default('human'),
    )
    .option('-q, --quiet', 'print errors only, no warnings')
    .optionsGroup('Who reads the profiles; what concerns nobody of them is a warning:')
    .addOption(engineOption('who resolves the profiles (default: any; with --runtime by dialect)'))
    .option(
      '-r, --runtime <runtime>',
      'runc, crun or another of compile, repeatable; or all (default: any)',
      collect,
    )
    .option(
      '-a, --arch <arch>',
      'architectures of the hosts: repeatable, a list, or all (default: x86_64)',
      collect,
    )
    .action(runs(async () => (await import('../commands/validate.ts')).runValidate));
}
