/**
 * The man page of `oci-seccomp-runtime`: the keys of its configuration are those of the schema.
 * @module
 */
import { seeAlsoSection } from './command-page.ts';
import { bold, italic, type Page, prose, tagged, verbatim } from './roff.ts';

interface Key {
  readonly description: string;
  readonly enum?: readonly string[];
  readonly default?: string | boolean;
  readonly examples?: readonly string[];
}

export interface ConfigurationSchema {
  readonly properties: Readonly<Record<string, Key>>;
  readonly required: readonly string[];
}

const CONFIGURATION = '/etc/oci-seccomp/config.json';

export function runtimePage(schema: ConfigurationSchema): Page {
  const keys = Object.entries(schema.properties).filter(([name]) => name !== '$schema');
  const needed = ([name]: readonly [string, Key]): boolean => schema.required.includes(name);
  const ordered = [...keys.filter(needed), ...keys.filter((each) => !needed(each))];
  return {
    name: 'oci-seccomp-runtime',
    summary: 'OCI runtime that gives containers a proven seccomp filter',
    sections: [
      { title: 'SYNOPSIS', blocks: [`${bold('oci-seccomp-runtime')} [${italic('argument')} ...]`] },
      { title: 'DESCRIPTION', blocks: description.map((text) => `.PP\n${prose(text)}`) },
      {
        title: 'CONFIGURATION',
        blocks: [
          prose(
            'A JSON object. The file and every folder above it must belong to root, and nobody else may write them. Unknown keys and values are refused.',
          ),
          ...ordered.map(([name, key]) => renderKey(name, key, schema.required.includes(name))),
        ],
      },
      { title: 'EXIT STATUS', blocks: [prose(EXIT_STATUS)] },
      {
        title: 'ENVIRONMENT',
        blocks: [
          tagged(bold('OCI_SECCOMP_CONFIG'), prose(`the configuration, in place of ${CONFIGURATION}`)),
          tagged(
            bold('PATH'),
            prose('finds Node, and the real runtime if the configuration names it without a slash'),
          ),
        ],
      },
      {
        title: 'FILES',
        blocks: [
          tagged(
            italic(CONFIGURATION),
            prose('the configuration, unless OCI_SECCOMP_CONFIG names another file'),
          ),
        ],
      },
      {
        title: 'EXAMPLES',
        blocks: [
          `.PP\n${prose('The smallest configuration:')}\n${verbatim(['{', '  "runtime": "/usr/bin/runc",', '  "profile": "docker-default"', '}'])}`,
          `.PP\n${prose('Run a container of Podman with it:')}\n${verbatim(['podman --runtime "$(command -v oci-seccomp-runtime)" run --rm busybox \\', '  grep Seccomp /proc/self/status'])}`,
        ],
      },
      seeAlsoSection(['oci-seccomp(1)', 'oci-seccomp-hook(1)', 'runc(8)', 'crun(1)', 'seccomp(2)']),
    ],
  };
}

/** The command line belongs to the real runtime: this program has no option of its own. */
const description = [
  'An engine calls this program in place of its OCI runtime, with the arguments of that runtime. The program has no options of its own.',
  "For create and run, it resolves the profile for the container, compiles it as the real runtime would, proves the program, and writes the result into the bundle's config.json. Then it becomes the real runtime, in the same process and with the same arguments.",
  'Every other call goes to the real runtime unchanged. If a container cannot get its filter, it does not start, and the engine shows why.',
  'A container can choose a profile with the annotation dev.oci-seccomp.profile: the name of a file in the folder profilesDir.',
];

const EXIT_STATUS =
  'That of the real runtime. If the real runtime is not started, it is 1, and the reason is on standard error and in the log that the engine asked for with --log.';

function renderKey(name: string, key: Key, isNeeded: boolean): string {
  const words = [
    ...(key.enum === undefined ? [] : [`One of ${key.enum.map(bold).join(', ')}.`]),
    ...(key.default === undefined ? [] : [`Default: ${bold(String(key.default))}.`]),
    ...(key.examples === undefined
      ? []
      : [`${key.examples.length > 1 ? 'Examples' : 'Example'}: ${key.examples.map(bold).join(', ')}.`]),
    ...(isNeeded ? ['It must be there.'] : []),
  ];
  return tagged(bold(name), prose(key.description), ...words.flatMap((text) => ['.br', text]));
}
