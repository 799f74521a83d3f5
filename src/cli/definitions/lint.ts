/**
 * The commands about lint rules: lint, rules.
 * @module
 */
import { type Command, Option } from 'commander';
import { collect, type Define, dialectOption, engineOption, type Runs } from './shared.ts';

export const defineLintCommands: Define = (root, runs) => {
  defineLint(root, runs);
  defineRules(root, runs);
};

function defineLint(root: Command, runs: Runs): void {
  const lint = root
    .command('lint')
    .summary('find what is wrong, weak or pointless in profiles')
    .description(
      'Finds what in profiles is not as their author thinks, lets through more than meant, breaks programs, or is badly written. Directories are searched for *.json.',
    )
    .argument('<profile...>', 'files, directories, globs, - for standard input, or built-in profiles');
  addOutputOptions(lint);
  addSubjectOptions(lint);
  lint
    .addHelpText(
      'after',
      `
Levels, hosts and more can be set in an oci-seccomp.config.json beside the profiles or above; options count more.
Exit codes: 0 nothing of level error, 1 errors or too many warnings, 2 wrong usage, 3 a file or library could not
be read.

Examples:
  oci-seccomp lint profiles/
  oci-seccomp lint profile.json --arch x86_64,aarch64 --runtime all --kernel-range 5.4..6.18
  oci-seccomp lint 'profiles/**/*.json' --rule default-allow=off --max-warnings 0`,
    )
    .action(runs(async () => (await import('../commands/lint.ts')).runLint));
}

function addOutputOptions(lint: Command): void {
  lint
    .addOption(
      new Option('-f, --format <format>', 'form of the output')
        .choices(['human', 'json', 'sarif', 'github', 'junit'])
        .default('human'),
    )
    .option('-o, --output <file>', 'write to this file; - is standard output', '-')
    .option('-q, --quiet', 'show findings of level error only; all count')
    .option('--rule <rule=level>', 'set the level of a rule: error, warn, note or off; repeatable', collect)
    .option('--max-warnings <count>', 'more warnings than this make the exit code 1')
    .option('--baseline <file>', 'findings that are in this file fail nothing and are not shown')
    .option('--update-baseline', 'write all findings to the baseline')
    .option('--fix', 'apply fixes that keep what the profile means, which is proven')
    .option('--fix-all', 'apply all fixes, those too that change what the profile means')
    .option('--fix-dry-run', 'write no profile; print a diff of what the fixes would change')
    .option('--config <file>', 'use this configuration for all files, and run the rule modules that it names')
    .option('--no-config', 'use no configuration file');
}

function addSubjectOptions(lint: Command): void {
  lint
    .optionsGroup('What the profiles are for:')
    .addOption(dialectOption())
    .addOption(engineOption('who resolves the profiles (default: by dialect)'))
    .option(
      '-a, --arch <arch>',
      'architectures of the hosts: repeatable, a list, or all (default: x86_64)',
      collect,
    )
    .option('-k, --kernel-range <range>', 'oldest and newest kernel of the hosts (default: 4.19..6.18)')
    .addOption(
      new Option('--caps <set>', "capabilities of the containers (default: docker; a bundle's own)").choices([
        'docker',
        'podman',
        'all',
        'none',
      ]),
    )
    .option('--cap <capability>', 'one more capability, repeatable', collect)
    .option(
      '--no-new-privileges',
      "containers are started with noNewPrivileges, allowPrivilegeEscalation: false (default: a bundle's own, else without)",
    )
    .option(
      '-r, --runtime <runtime>',
      'runc, crun or another of compile, repeatable; or all (default: runc)',
      collect,
    )
    .option('--library <file>', 'libseccomp to use (default: OCI_SECCOMP_LIBRARY, else libseccomp.so.2)')
    .option('--no-libseccomp', 'compile nothing: rules about what libseccomp does say nothing')
    .optionsGroup('Options:');
}

function defineRules(root: Command, runs: Runs): void {
  root
    .command('rules')
    .summary('list the rules of lint, or explain one')
    .description(
      'Lists the rules of lint with their levels, or prints the page of one: what it finds, why it matters, an example, the fix. Rules of modules that the configuration names are among them.',
    )
    .argument('[rule]', 'the id of a rule')
    .option('--json', 'print JSON')
    .option('--config <file>', 'also list the rules of the modules that this configuration names')
    .option('--no-config', 'use no configuration file')
    .action(runs(async () => (await import('../commands/rules.ts')).runRules));
}
