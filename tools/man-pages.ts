/**
 * The man pages, from the definitions of the commands; tools/generate-man-pages.ts writes them.
 *
 * Source of the form: man(7), man-pages(7) for the order of sections, groff_man(7).
 * @module
 */
import { readFileSync } from 'node:fs';
import { argumentTerm, optionTerm } from '../src/cli/define/build-command.ts';
import type { CommandDefinition, CommandRow, OptionRow } from '../src/cli/define/command-definition.ts';
import { commandTable } from '../src/cli/define/command-table.ts';

const PROGRAM = 'oci-seccomp';
const { version } = JSON.parse(
  // npm runs tools, and vitest tests, in the folder of package.json.
  readFileSync('package.json', 'utf8'),
) as {
  readonly version: string;
};

/** All pages by file name. */
export async function manPages(): Promise<Readonly<Record<string, string>>> {
  const pages: Record<string, string> = {};
  const table: Readonly<Record<string, CommandRow>> = commandTable;
  for (const [verb, { summary, load }] of Object.entries(table)) {
    const { definition } = await load();
    const stages = await Promise.all(
      Object.entries(definition.subcommands ?? {}).map(async ([name, row]) => ({
        name,
        summary: row.summary,
        definition: (await row.load()).definition,
      })),
    );
    const text = [
      header(`${PROGRAM}-${verb}`, summary),
      synopsis(
        verb,
        definition,
        stages.map(({ name }) => name),
      ),
      section('DESCRIPTION', paragraph(definition.description), ...notes(definition)),
      ...(definition.arguments.length === 0
        ? []
        : [
            section(
              'ARGUMENTS',
              ...definition.arguments.map((row) => entry(bold(argumentTerm(row)), row.help)),
            ),
          ]),
      ...optionSections(definition),
      ...stages.map((stage) => stageSection(verb, stage)),
      exitStatus(definition),
      examples([definition, ...stages.map((stage) => stage.definition)]),
      section('SEE ALSO', `${reference(PROGRAM, '1')}`),
    ];
    pages[`${PROGRAM}-${verb}.1`] = `${text.join('\n')}\n`;
  }
  pages[`${PROGRAM}.1`] = programPage(table);
  pages[`${PROGRAM}-runtime.1`] = runtimePage();
  return pages;
}

function programPage(table: Readonly<Record<string, CommandRow>>): string {
  const headings = [...new Set(Object.values(commandTable).map(({ heading }) => heading))];
  const commands = headings.map((heading) => {
    const rows = Object.entries(commandTable).filter(([, row]) => row.heading === heading);
    return `.SS ${roff(heading.replace(/:$/, ''))}\n${rows.map(([verb, { summary }]) => entry(reference(`${PROGRAM}-${verb}`, '1'), summary)).join('\n')}`;
  });
  const text = [
    header(PROGRAM, 'work with seccomp profiles of containers'),
    section('SYNOPSIS', `.B ${PROGRAM}\n.I command\n.RI [ options ]\n.I operand\n.RI ...`),
    section(
      'DESCRIPTION',
      paragraph(
        'Tells what a seccomp profile of a container really does, and turns it into a BPF filter that is proven to do exactly that. Validates and lints profiles, explains and compares filters, and installs them in commands and containers.',
      ),
    ),
    section('COMMANDS', ...commands),
    section(
      'EXIT STATUS',
      entry('0', 'The answer is yes: equal, within, clean, written.'),
      entry(
        '1',
        'The answer is no: different, looser, findings, a proof that fails, a weakness under --strict.',
      ),
      entry('2', 'Trouble: wrong usage, or an input that cannot be read as what it should be.'),
      entry('3', 'The environment: no libseccomp, a file that cannot be read or written, no permission.'),
    ),
    section(
      'ENVIRONMENT',
      entry('OCI_SECCOMP_LIBRARY', 'The libseccomp to use, where --library is not given.'),
      entry('NO_COLOR, FORCE_COLOR', 'Turn colours off or on, where --color is not given.'),
    ),
    section(
      'SEE ALSO',
      [
        ...Object.keys(table).map((verb) => reference(`${PROGRAM}-${verb}`, '1')),
        reference(`${PROGRAM}-runtime`, '1'),
        reference('seccomp', '2'),
      ].join('\n'),
    ),
  ];
  return `${text.join('\n')}\n`;
}

function runtimePage(): string {
  const text = [
    header(`${PROGRAM}-runtime`, 'be the OCI runtime of an engine, with proven filters'),
    section('SYNOPSIS', `.B ${PROGRAM}-runtime\n.RI [ options ]\n.I command\n.RI [ argument ...]`),
    section(
      'DESCRIPTION',
      paragraph(
        'Takes the command line of runc or crun. For create and run it puts the filter of the configured profile into the bundle, compiled and proven; then it becomes the runtime. All other commands go to the runtime unchanged. If anything fails, no container starts.',
      ),
      paragraph('Docker, containerd and CRI-O name it as their runtime; docs/runtime-wrapper.md shows how.'),
    ),
    section(
      'FILES',
      entry(
        '/etc/oci-seccomp/config.json',
        'The configuration. It must belong to root, and nobody else may write it.',
      ),
    ),
    section('ENVIRONMENT', entry('OCI_SECCOMP_CONFIG', 'Another path of the configuration.')),
    section(
      'SEE ALSO',
      [reference(`${PROGRAM}-hook`, '1'), reference('runc', '8'), reference('crun', '1')].join('\n'),
    ),
  ];
  return `${text.join('\n')}\n`;
}

function header(name: string, summary: string): string {
  return `.\\" Made by tools/generate-man-pages.ts from the definitions of the commands.
.TH ${name.toUpperCase()} 1 "" "${PROGRAM} ${version}"
.SH NAME
${roff(name)} \\- ${roff(summary)}`;
}

function synopsis(verb: string, definition: CommandDefinition, stages: readonly string[]): string {
  const forms = definition.usage ?? [['[options]', ...definition.arguments.map(argumentTerm)].join(' ')];
  const lines = stages.length === 0 ? forms : stages.map((stage) => `${stage} [options]`);
  return section('SYNOPSIS', ...lines.map((form) => `.B ${PROGRAM} ${verb}\n${roff(form)}\n.br`));
}

function stageSection(
  verb: string,
  {
    name,
    summary,
    definition,
  }: { readonly name: string; readonly summary: string; readonly definition: CommandDefinition },
): string {
  const options = Object.entries(definition.options).map(([long, row]) => optionEntry(long, row));
  return section(
    `${verb} ${name}`.toUpperCase(),
    paragraph(`${capital(summary)}. ${definition.description}`),
    ...options,
  );
}

/** A section for each heading that options stand under. */
function optionSections({ options }: CommandDefinition): readonly string[] {
  const rows = Object.entries(options);
  if (rows.length === 0) return [];
  const headings = [...new Set(rows.map(([, row]) => row.heading))];
  return [
    section(
      'OPTIONS',
      ...headings.flatMap((heading) => {
        const entries = rows
          .filter(([, row]) => row.heading === heading)
          .map(([long, row]) => optionEntry(long, row));
        return heading === undefined ? entries : [`.SS ${roff(heading.replace(/:$/, ''))}`, ...entries];
      }),
    ),
  ];
}

function optionEntry(long: string, row: OptionRow): string {
  const facts = [
    ...(row.choices === undefined ? [] : [`One of ${row.choices.join(', ')}.`]),
    ...(row.default === undefined ? [] : [`Default: ${row.default}.`]),
  ];
  return entry(bold(optionTerm(long, row)), [`${capital(row.help)}.`, ...facts].join(' '));
}

function exitStatus({ exitCodes }: CommandDefinition): string {
  return section(
    'EXIT STATUS',
    ...Object.entries(exitCodes).map(([code, text]) => entry(code, `${capital(text)}.`)),
  );
}

function examples(definitions: readonly CommandDefinition[]): string {
  const all = definitions.flatMap((definition) => definition.examples);
  return section(
    'EXAMPLES',
    ...all.map(
      ({ does, line }) =>
        `${paragraph(`${does}:`)}\n.PP\n.in +4n\n.EX\n${line.split('\n').map(roff).join('\n')}\n.EE\n.in`,
    ),
  );
}

function notes({ notes: all = [] }: CommandDefinition): readonly string[] {
  return all.map((note) =>
    typeof note === 'string' ? paragraph(note) : `.PP\n.EX\n${note.lines.map(roff).join('\n')}\n.EE`,
  );
}

function section(title: string, ...parts: readonly string[]): string {
  return [`.SH ${title.includes(' ') ? `"${roff(title)}"` : roff(title)}`, ...parts].join('\n');
}

function paragraph(text: string): string {
  return `.PP\n${roff(text)}`;
}

function entry(term: string, text: string): string {
  return `.TP\n${term.startsWith('.') ? term : term.replace(/^(?![.\\])/, '')}\n${roff(text)}`;
}

function bold(text: string): string {
  return `.B ${roff(text)}`;
}

function reference(page: string, chapter: string): string {
  return `.BR ${roff(page)} (${chapter})`;
}

/** Names of programs and keys keep their small letter. */
function capital(text: string): string {
  return /^(?:crun|libseccomp|metadata|no_new_privs|runc)\b/.test(text)
    ? text
    : `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** A backslash, a dash that is one, and what begins a request at the start of a line (groff_char(7), roff(7)). */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/, '\\&$1')
    .replaceAll('"', '\\(dq');
}
