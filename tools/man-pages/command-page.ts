/**
 * The man page of a command, made of its definition.
 * @module
 */
import { argumentTerm } from '../../src/cli/define/build-command.ts';
import {
  type ArgumentRow,
  type CommandDefinition,
  type Example,
  type Note,
  type OptionRow,
  type OptionRows,
  optionsInOrder,
} from '../../src/cli/define/command-definition.ts';
import { bold, escapeRoff, italic, type Page, prose, type Section, tagged, verbatim } from './roff.ts';

/** A command below another. */
export interface Below {
  readonly summary: string;
  readonly definition: CommandDefinition;
}

export interface CommandFacts {
  readonly verb: string;
  readonly summary: string;
  readonly definition: CommandDefinition;
  readonly below: Readonly<Record<string, Below>>;
  /** Pages, such as `oci-seccomp-diff(1)`. */
  readonly seeAlso: readonly string[];
}

export function commandPage({ verb, summary, definition, below, seeAlso }: CommandFacts): Page {
  const stages = groupBelow(below);
  return {
    name: `oci-seccomp-${verb}`,
    summary,
    sections: [
      { title: 'SYNOPSIS', blocks: [synopsis(verb, definition, below)] },
      {
        title: 'DESCRIPTION',
        blocks: [prose(definition.description), ...renderNoteBlocks(ownNotes(definition))],
      },
      { title: 'OPERANDS', blocks: definition.arguments.map(operand) },
      { title: 'OPTIONS', blocks: optionBlocks(definition.options) },
      { title: 'SUBCOMMANDS', blocks: stages.flatMap((stage) => belowBlocks(stage, definition)) },
      { title: 'EXIT STATUS', blocks: exitBlocks(definition) },
      {
        title: 'ENVIRONMENT',
        blocks: environmentBlocks([definition, ...Object.values(below).map((row) => row.definition)]),
      },
      {
        title: 'EXAMPLES',
        blocks: exampleBlocks(
          [definition, ...Object.values(below).map((row) => row.definition)].flatMap((each) => each.examples),
        ),
      },
      seeAlsoSection(seeAlso),
    ],
  };
}

export function seeAlsoSection(pages: readonly string[]): Section {
  const references = pages.map((page) =>
    page.replace(/^(.*)(\(\d\))$/, (_, name: string, section: string) => `${bold(name)}${section}`),
  );
  return { title: 'SEE ALSO', blocks: references.length === 0 ? [] : [references.join(',\n')] };
}

function synopsis(verb: string, definition: CommandDefinition, below: CommandFacts['below']): string {
  const own = definition.usage ?? [
    [
      ...(Object.keys(definition.options).length === 0 ? [] : ['[options]']),
      ...definition.arguments.map(argumentTerm),
    ].join(' '),
  ];
  const forms = Object.keys(below).length === 0 ? own : Object.keys(below).map((name) => `${name} [options]`);
  return forms
    .map((form) => `${bold(`oci-seccomp ${verb}`)} ${form.split(' ').map(usageWord).join(' ')}`)
    .join('\n.br\n');
}

/** A word of a usage line: names are italic, what is typed as it stands is bold. */
function usageWord(word: string): string {
  if (word === '[options]') return `[${italic('option')} ...]`;
  const [, open = '', name = '', dots = '', close = ''] =
    /^([[<]?)([^\]>.]+)(\.\.\.)?([\]>]?)$/.exec(word) ?? [];
  if (name === '') return escapeRoff(word);
  const shown = open === '' && !/^[A-Z]+$/.test(name) ? bold(name) : italic(name);
  const more = dots === '' ? shown : `${shown} ...`;
  return open === '[' ? `[${more}${close}` : more;
}

function operand(row: ArgumentRow): string {
  return tagged(usageWord(argumentTerm(row)), prose(row.help), ...standard(row.help, row.default));
}

/** Those under a heading of their own stand last, in a subsection. */
function optionBlocks(options: OptionRows): readonly string[] {
  const rows = optionsInOrder(options);
  const headings = [...new Set(rows.map(([, { heading }]) => heading))];
  const ordered = [undefined, ...headings.filter((heading) => heading !== undefined)];
  return ordered.flatMap((heading) => {
    const under = rows.filter(([, row]) => row.heading === heading).map(([name, row]) => option(name, row));
    return heading === undefined || under.length === 0
      ? under
      : [`.SS ${escapeRoff(heading.replace(/:$/, ''))}`, ...under];
  });
}

function option(name: string, row: OptionRow): string {
  const { short, value, help, choices, repeatable, conflicts } = row;
  const names = [...(short === undefined ? [] : [`-${short}`]), `--${name}`].map(bold).join(', ');
  return tagged(
    value === undefined ? names : `${names} ${italic(value)}`,
    prose(help),
    ...(choices === undefined
      ? []
      : ['.br', `${choices.length > 1 ? 'One of' : 'Only'} ${choices.map(bold).join(', ')}.`]),
    ...standard(help, row.default),
    ...(repeatable === true && !help.includes('repeatable') ? ['.br', 'It can be given several times.'] : []),
    ...(conflicts === undefined
      ? []
      : ['.br', `Not together with ${conflicts.map((other) => bold(`--${other}`)).join(', ')}.`]),
  );
}

/** Unless the help says it already. */
function standard(help: string, value: string | undefined): readonly string[] {
  return value === undefined || help.includes('(default') ? [] : ['.br', `Default: ${bold(value)}.`];
}

interface Stage extends Below {
  readonly names: readonly { readonly name: string; readonly summary: string }[];
}

/** Those with the same options stand together. */
function groupBelow(below: CommandFacts['below']): readonly Stage[] {
  const stages: Stage[] = [];
  for (const [name, row] of Object.entries(below)) {
    const at = stages.findIndex(({ definition }) => definition.options === row.definition.options);
    const same = stages[at];
    const named = { name, summary: row.summary };
    if (same === undefined) stages.push({ ...row, names: [named] });
    else stages[at] = { ...same, names: [...same.names, named] };
  }
  return stages;
}

function belowBlocks({ names, definition }: Stage, above: CommandDefinition): readonly string[] {
  const sameCodes = JSON.stringify(definition.exitCodes) === JSON.stringify(above.exitCodes);
  return [
    `.SS ${names.map(({ name }) => escapeRoff(name)).join(', ')}`,
    ...names.map(({ name, summary }) => tagged(bold(name), prose(summary))),
    '.PP',
    prose(definition.description),
    ...renderNoteBlocks(ownNotes(definition)),
    ...optionBlocks(definition.options),
    ...(sameCodes ? [] : ['.PP', 'Exit status:', ...exitBlocks(definition)]),
  ];
}

/** A last note that ends with a colon opens the table of exit codes, as in help. */
function opensCodes(note: Note | undefined): note is string {
  return typeof note === 'string' && note.endsWith(':');
}

function ownNotes({ notes = [] }: CommandDefinition): readonly Note[] {
  return opensCodes(notes.at(-1)) ? notes.slice(0, -1) : notes;
}

function renderNoteBlocks(notes: readonly Note[]): readonly string[] {
  return notes.map((note) =>
    typeof note === 'string' ? `.PP\n${prose(note)}` : verbatim(note.lines.map(unindent)),
  );
}

export function exitBlocks({
  notes = [],
  exitCodes,
}: Pick<CommandDefinition, 'notes' | 'exitCodes'>): readonly string[] {
  const opening = notes.at(-1);
  const codes = Object.entries(exitCodes).map(([code, text]) => tagged(bold(code), prose(text)));
  return opensCodes(opening) ? [prose(opening), ...codes] : codes;
}

/** Variables, and the option of those commands that read them. */
const variables = [
  ['OCI_SECCOMP_LIBRARY', 'library', 'the libseccomp to use if --library is not given: a path or a soname'],
  ['NO_COLOR', 'color', 'if it is set and not empty, --color auto uses no colours'],
  [
    'FORCE_COLOR',
    'color',
    'if it is set, --color auto uses colours also where the output is no terminal; NO_COLOR overrides it',
  ],
] as const;

function environmentBlocks(definitions: readonly CommandDefinition[]): readonly string[] {
  const names = definitions.flatMap(({ options }) => Object.keys(options));
  return variables.flatMap(([name, optionName, text]) =>
    names.includes(optionName) ? [tagged(bold(name), prose(text))] : [],
  );
}

export function exampleBlocks(examples: readonly Example[]): readonly string[] {
  return examples.map(
    ({ does, line }) => `.PP\n${prose(`${does}:`)}\n${verbatim(line.split('\n').map(unindent))}`,
  );
}

/** Help indents lines after the first by two columns. */
function unindent(line: string): string {
  return line.replace(/^ {2}/, '');
}
