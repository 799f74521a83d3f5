/**
 * Makes the man pages of the commands' definitions and of the schema of the runtime's configuration:
 * `node tools/run.mjs tools/generate-man-pages.ts [FOLDER]` writes `man/`, or the folder, and removes pages there of
 * commands that are gone. Other files there stay.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { CommandDefinition, LoadedCommand } from '../src/cli/define/command-definition.ts';
import { commandTable } from '../src/cli/define/command-table.ts';
import {
  PROGRAM_DESCRIPTION,
  PROGRAM_EXAMPLES,
  PROGRAM_EXIT_CODES,
} from '../src/cli/define/program-definition.ts';
import { PACKAGE_VERSION } from '../src/cli/version.ts';
import {
  type Below,
  commandPage,
  exampleBlocks,
  exitBlocks,
  seeAlsoSection,
} from './man-pages/command-page.ts';
import {
  bold,
  escapeRoff,
  italic,
  type Page,
  prose,
  renderPage,
  type Section,
  tagged,
} from './man-pages/roff.ts';
import { type ConfigurationSchema, runtimePage } from './man-pages/runtime-page.ts';

const SOURCE = 'tools/generate-man-pages.ts from the definitions of the commands';
const root = process.cwd();
const folder = process.argv[2] ?? `${root}/man`;
const rows = Object.entries(commandTable);

const schema = JSON.parse(readFileSync(`${root}/schemas/config.schema.json`, 'utf8')) as ConfigurationSchema;
const pages = [
  programPage(),
  ...(await Promise.all(rows.map(([verb]) => pageOf(verb)))),
  runtimePage(schema),
];

mkdirSync(folder, { recursive: true });
for (const old of readdirSync(folder)) if (/^oci-seccomp.*\.1$/.test(old)) rmSync(`${folder}/${old}`);
for (const page of pages) {
  writeFileSync(`${folder}/${page.name}.1`, renderPage(page, PACKAGE_VERSION, SOURCE));
}

async function pageOf(verb: string): Promise<Page> {
  const row = commandTable[verb as keyof typeof commandTable];
  const { definition }: LoadedCommand = await row.load();
  const neighbours = rows.filter(([name, { heading }]) => name !== verb && heading === row.heading);
  return commandPage({
    verb,
    summary: row.summary,
    definition,
    below: await loadBelow(definition),
    seeAlso: [
      'oci-seccomp(1)',
      ...neighbours.map(([name]) => `oci-seccomp-${name}(1)`),
      ...(verb === 'hook' ? ['oci-seccomp-runtime(1)'] : []),
    ],
  });
}

async function loadBelow({ subcommands = {} }: CommandDefinition): Promise<Record<string, Below>> {
  const below = Object.entries(subcommands).map(async ([name, { summary, load }]) => {
    const { definition } = await load();
    return [name, { summary, definition }] as const;
  });
  return Object.fromEntries(await Promise.all(below));
}

function programPage(): Page {
  const headings = [...new Set(rows.map(([, { heading }]) => heading))];
  const commands = headings.flatMap((heading) => [
    `.SS ${escapeRoff(heading.replace(/:$/, ''))}`,
    ...rows
      .filter(([, row]) => row.heading === heading)
      .map(([verb, { summary }]) => tagged(`${bold(`oci-seccomp-${verb}`)}(1)`, prose(summary))),
  ]);
  return {
    name: 'oci-seccomp',
    summary: 'validate, lint, compile, explain and install seccomp profiles of containers',
    sections: [
      {
        title: 'SYNOPSIS',
        blocks: [
          `${bold('oci-seccomp')} ${italic('command')} [${italic('option')} ...] [${italic('operand')} ...]`,
        ],
      },
      { title: 'DESCRIPTION', blocks: [prose(PROGRAM_DESCRIPTION)] },
      { title: 'COMMANDS', blocks: commands },
      {
        title: 'OPTIONS',
        blocks: [
          tagged(`${bold('-h')}, ${bold('--help')}`, 'print help; behind a command, the help of the command'),
          tagged(`${bold('-V')}, ${bold('--version')}`, 'print the version'),
        ],
      },
      { title: 'EXIT STATUS', blocks: exitBlocks({ exitCodes: PROGRAM_EXIT_CODES }) },
      ...compiledCode(),
      { title: 'EXAMPLES', blocks: exampleBlocks(PROGRAM_EXAMPLES) },
      seeAlsoSection(['oci-seccomp-runtime(1)', 'seccomp(2)', 'capabilities(7)', 'runc(8)', 'crun(1)']),
    ],
  };
}

/** What the program keeps to start faster, and how to do without. */
function compiledCode(): readonly Section[] {
  const unless =
    'if it is set and not empty, no compiled code is read or kept; NODE_DISABLE_COMPILE_CACHE does the same';
  const folder =
    'compiled code of this program, one file a command, so that it starts faster. It is used only if nobody but root and you can write the folder and all folders above it. Hooks never use it. You can remove it at any time.';
  return [
    {
      title: 'ENVIRONMENT',
      blocks: [
        tagged(bold('OCI_SECCOMP_NO_COMPILE_CACHE'), prose(unless)),
        tagged(
          `${bold('XDG_CACHE_HOME')}, ${bold('HOME')}`,
          prose('where the folder of compiled code is: see FILES'),
        ),
      ],
    },
    {
      title: 'FILES',
      blocks: [tagged(italic('$XDG_CACHE_HOME/oci-seccomp/, ~/.cache/oci-seccomp/'), prose(folder))],
    },
  ];
}
