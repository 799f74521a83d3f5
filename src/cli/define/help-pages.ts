/**
 * The help of all commands, as commander renders it for output that is not a terminal. The build keeps it in files, so that
 * printing it takes no commander (cli/start/print-page.ts).
 * @module
 */
import { buildRoot } from '../command-line.ts';
import { commandTable, type Verb } from './command-table.ts';

/** Help by verb, and that of the program by its name. */
export async function helpPages(): Promise<ReadonlyMap<string, string>> {
  const pages = new Map([['oci-seccomp', await helpOf(undefined)]]);
  for (const verb of Object.keys(commandTable) as Verb[]) pages.set(verb, await helpOf(verb));
  return pages;
}

async function helpOf(verb: Verb | undefined): Promise<string> {
  const root = await buildRoot(verb, () => undefined);
  const command = root.commands.find((each) => each.name() === verb) ?? root;
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text;
}
