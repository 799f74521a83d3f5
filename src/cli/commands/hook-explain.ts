/**
 * `oci-seccomp hook explain`: what the options of a hook would do with the containers of this machine.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import { requireChoice } from '../../hook/choose-profile.ts';
import type { ExplainedContainer } from '../../hook/explain-container.ts';
import { listContainers, type UnreadableContainer } from '../../hook/node-containers.ts';
import { defineCommand } from '../define/command-definition.ts';
import { explainOptions } from '../define/hook-options.ts';
import { formatOfJson } from '../define/settle-options.ts';
import { answer, type Ending } from '../exit-code.ts';
import { parseHookArguments } from '../hook/hook-arguments.ts';
import { toChoices } from '../hook/hook-choices.ts';
import { renderContainers } from '../render/render-containers.ts';
import { visibleReport } from '../render/safe-text.ts';
import { writeStdout } from '../streams.ts';

export const definition = defineCommand({
  description:
    "Says what a hook with these options would do with the containers that runc and crun have on this machine, Podman's among them: which profile each would get, by which row of a table, whether it runs under that filter already, and which calls would be treated otherwise. Nothing is changed. Reading filters needs root.",
  arguments: [
    {
      name: 'container',
      help: 'the id of a container, or the first characters of it (default: all)',
      optional: true,
    },
  ],
  options: explainOptions,
  exitCodes: {
    0: 'each container has the filter that it would get, or would get none',
    1: 'one of them would get another filter or would not start, or its filters cannot be read',
    2: 'wrong usage, or no such container',
    3: 'a folder or library that cannot be read, no permission',
  },
  examples: [
    {
      does: 'See what a table would change, before hooks read it',
      line: 'oci-seccomp hook explain --choices /etc/oci-seccomp/choices.json',
    },
    {
      does: 'See one container that was started with another folder of states',
      line: 'oci-seccomp hook explain 4f2a --root /run/user/0/runc --profile docker-default',
    },
  ],
});

export async function runHookExplain(args: readonly string[]): Promise<Ending> {
  const { values, given, operands } = await parseHookArguments(args, explainOptions, 'hook explain', 1);
  const format = values.json === true ? formatOfJson(given.format && values.format) : values.format;
  const choices = toChoices(values, 'attach');
  await requireChoice(choices);
  if (choices.choices !== undefined) {
    // A table with a mistake is not a matter of containers.
    (await import('../../hook/choices/choose-by-table.ts')).readChoicesFile(choices.choices);
  }
  const { root } = values;
  const found = select(listContainers(typeof root === 'string' ? root : undefined), operands[0]);
  const { explainContainer } = await import('../../hook/explain-container.ts');
  const explained: (ExplainedContainer | UnreadableContainer)[] = [];
  for (const each of found) explained.push('pid' in each ? await explainContainer(each, choices) : each);
  const isJson = format === 'json';
  const text = renderContainers(explained, isJson ? 'json' : 'human');
  writeStdout(isJson ? text : visibleReport(text));
  return answer(explained.every(isSettled));
}

function isSettled(each: ExplainedContainer | UnreadableContainer): boolean {
  if (!('outcome' in each) || each.outcome === 'refused') return false;
  return each.outcome === 'unfiltered' || (typeof each.running !== 'string' && each.running.has);
}

function select<T extends { readonly id: string }>(
  all: readonly T[],
  asked: string | undefined,
): readonly T[] {
  if (asked === undefined) return all;
  const exact = all.filter(({ id }) => id === asked);
  const named = exact.length > 0 || asked === '' ? exact : all.filter(({ id }) => id.startsWith(asked));
  if (named.length === 1) return named;
  const what =
    named.length === 0 ? 'there is no container' : `${named.length} containers have an id that begins with`;
  throw new OciSeccompError('ERR_USAGE', `${what} '${asked}'`, {
    hint: 'runc list, crun list and podman ps show ids; --root names another folder of states',
  });
}
