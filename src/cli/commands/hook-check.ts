/**
 * `oci-seccomp hook check`: whether what the options of a hook choose can be used.
 * @module
 */
import { chooseProfile, requireChoice } from '../../hook/choose-profile.ts';
import { rehearse } from '../../hook/try-profile.ts';
import { defineCommand } from '../define/command-definition.ts';
import { checkOptions } from '../define/hook-options.ts';
import type { Ending } from '../exit-code.ts';
import { parseHookArguments } from '../hook/hook-arguments.ts';
import { toChoices } from '../hook/hook-choices.ts';
import { writeStdout } from '../streams.ts';

export const definition = defineCommand({
  description:
    'Checks what the options of a hook choose: the table, each profile that it names, compiled for an ordinary container of this machine, and that others cannot write these files. Nothing is installed.',
  arguments: [],
  options: checkOptions,
  exitCodes: {
    0: 'all of it can be used',
    1: 'a filter is not proven, or --strict finds a weakness',
    2: 'a table or a profile that cannot be used, or that others can write; wrong usage',
    3: 'a library or file that cannot be read, no permission',
  },
  examples: [
    {
      does: 'Check a table before hooks read it',
      line: 'oci-seccomp hook check --choices /etc/oci-seccomp/choices.json',
    },
  ],
});

/** Prints one line a row. */
export async function runHookCheck(args: readonly string[]): Promise<Ending> {
  const { values } = await parseHookArguments(args, checkOptions, 'hook check');
  const choices = toChoices(values, 'attach');
  await requireChoice(choices);
  writeStdout((await linesOf(choices)).map((line) => `${line}\n`).join(''));
  return 'yes';
}

async function linesOf(choices: ReturnType<typeof toChoices>): Promise<readonly string[]> {
  if (choices.choices !== undefined) {
    const { rehearseTable } = await import('../../hook/choices/rehearse-table.ts');
    const rows = await rehearseTable(choices.choices, choices);
    const last = rows.at(-1)?.row === 'default' ? [] : ['default: containers that no row fits do not start'];
    return [
      ...rows.map(({ row, profile, profilesDir, claim }) => `${row}: ${told(profile, profilesDir, claim)}`),
      ...last,
    ];
  }
  const { profile, profilesDir, defaultProfile } = choices;
  const source = (profile ?? defaultProfile) === undefined ? undefined : chooseProfile(choices, new Map());
  const claim = source === undefined ? undefined : await rehearse(source, choices);
  return [`all: ${told(profile ?? defaultProfile, profilesDir, claim)}`];
}

function told(
  profile: string | undefined,
  profilesDir: string | undefined,
  claim: string | undefined,
): string {
  const own = profilesDir === undefined ? [] : [`the container may choose in ${profilesDir}`];
  if (profile === undefined) return [...own, 'without a choice it does not start'].join('; ');
  const name =
    profile === 'none' ? 'no filter of ours' : `${profile}: ${claim ?? 'a program, taken as it is'}`;
  return [...own, name].join('; ');
}
