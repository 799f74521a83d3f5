/**
 * `oci-seccomp completion`: a script that makes a shell complete commands, options and values.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import { type CommandRow, defineCommand, type Run } from '../define/command-definition.ts';

const shells = ['bash', 'zsh', 'fish'] as const;

export const definition = defineCommand({
  description:
    'Prints a script that makes a shell complete commands, options and their values. It holds all lists itself, so that completing starts no program.',
  arguments: [{ name: 'shell', help: shells.join(', '), kind: 'shell' }],
  options: {},
  exitCodes: { 0: 'the script is printed', 2: 'wrong usage' },
  examples: [
    { does: 'bash: add this line to ~/.bashrc', line: 'eval "$(oci-seccomp completion bash)"' },
    {
      does: 'zsh: write it to a folder of fpath',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: zsh expands it
      line: 'oci-seccomp completion zsh >"${fpath[1]}/_oci-seccomp"',
    },
    {
      does: 'fish: write it where fish looks',
      line: 'oci-seccomp completion fish >~/.config/fish/completions/oci-seccomp.fish',
    },
  ],
});

/** @param table - all commands: it is handed in, since this command is in it */
export function makeRun(table: Readonly<Record<string, CommandRow>>): Run<typeof definition> {
  return async ([shell]) => {
    const asked = shells.find((name) => name === shell);
    if (asked === undefined) {
      throw new OciSeccompError('ERR_USAGE', `there is no completion for '${shell}'`, {
        hint: `it is one of ${shells.join(', ')}`,
      });
    }
    const [{ completedCommands }, { writeStdout }, script] = await Promise.all([
      import('../complete/completion-model.ts'),
      import('../streams.ts'),
      scripts[asked](),
    ]);
    writeStdout(script('oci-seccomp', await completedCommands(table)));
    return 'yes';
  };
}

const scripts = {
  bash: async () => (await import('../complete/bash-completion.ts')).bashCompletion,
  zsh: async () => (await import('../complete/zsh-completion.ts')).zshCompletion,
  fish: async () => (await import('../complete/fish-completion.ts')).fishCompletion,
} as const satisfies Record<(typeof shells)[number], unknown>;
