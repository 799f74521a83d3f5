/**
 * A completion script for fish (complete(1) of fish).
 * @module
 */
import type { CompletedCommand, Offer } from './completion-model.ts';

export function fishCompletion(program: string, commands: readonly CompletedCommand[]): string {
  const verbs = commands.filter(({ name }) => !name.includes(' '));
  const line = (condition: string, rest: string): string =>
    `complete -c ${program} -n ${quote(condition)} ${rest}`;
  const root = verbs.map(({ name, summary }) =>
    line('__fish_use_subcommand', `-a ${name} -d ${quote(summary)}`),
  );
  const below = commands.flatMap((command) => renderCommand(command, commands, line));
  return `# fish completion for ${program}: ${program} completion fish | source

complete -c ${program} -f
${[
  ...root,
  line('__fish_use_subcommand', `-a help -d 'print help for a command'`),
  line('__fish_use_subcommand', `-s V -l version -d 'print the version'`),
  line('__fish_use_subcommand', `-s h -l help -d 'print help'`),
  line('__fish_seen_subcommand_from help', `-a ${quote(verbs.map(({ name }) => name).join(' '))}`),
  ...below,
].join('\n')}
`;
}

function renderCommand(
  { name, options, operands, passThrough, below }: CompletedCommand,
  commands: readonly CompletedCommand[],
  line: (condition: string, rest: string) => string,
): readonly string[] {
  const [verb = '', stage] = name.split(' ');
  const seen =
    stage === undefined
      ? `__fish_seen_subcommand_from ${verb}${below.length > 0 ? `; and not __fish_seen_subcommand_from ${below.join(' ')}` : ''}`
      : `__fish_seen_subcommand_from ${verb}; and __fish_seen_subcommand_from ${stage}`;
  const stages = below.map((each) => {
    const summary = commands.find((command) => command.name === `${verb} ${each}`)?.summary ?? '';
    return line(seen, `-a ${each} -d ${quote(summary)}`);
  });
  return [
    ...stages,
    ...options.map(({ long, short, help, value }) =>
      line(
        seen,
        [
          ...(short === undefined ? [] : [`-s ${short}`]),
          `-l ${long}`,
          ...(value === undefined ? [] : [value.files === undefined ? '-x' : '-r', ...words(value)]),
          `-d ${quote(help)}`,
        ].join(' '),
      ),
    ),
    ...(passThrough
      ? [line(seen, `-a '(__fish_complete_subcommand)'`)]
      : operands.flatMap(({ offer }) => operandLine(seen, offer, line))),
  ];
}

function operandLine(
  seen: string,
  offer: Offer,
  line: (condition: string, rest: string) => string,
): readonly string[] {
  const parts = [
    ...(offer.files === undefined ? [] : ['-F']),
    ...(offer.words.length === 0 ? [] : words(offer)),
  ];
  return parts.length === 0 ? [] : [line(seen, parts.join(' '))];
}

/** Words to offer, and folders, which `-r` alone does not offer. */
function words({ words: all, files }: Offer): readonly string[] {
  const folders = files === 'folder' ? ['(__fish_complete_directories)'] : [];
  const list = [...all, ...folders];
  return list.length === 0 ? [] : [`-a ${quote(list.join(' '))}`];
}

/** In single quotes fish knows \\' and \\\\ only. */
function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
