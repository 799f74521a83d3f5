/**
 * Command lines that are read without commander, against commander: the command's work is handed the same.
 */
import { Command } from 'commander';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildCommand } from '../../src/cli/define/build-command.ts';
import type { CommandDefinition, CommandRow, OptionRow } from '../../src/cli/define/command-definition.ts';
import { commandTable } from '../../src/cli/define/command-table.ts';
import { readPlainWords } from '../../src/cli/define/plain-words.ts';
import { settle } from '../../src/cli/define/settle-options.ts';
import { ociSeccomp } from './run.ts';

interface Handed {
  readonly operands: readonly string[];
  readonly options: unknown;
}

const loaded = await Promise.all(
  Object.entries<CommandRow>(commandTable).map(
    async ([verb, row]) => [verb, (await row.load()).definition] as [string, CommandDefinition],
  ),
);
const definitions = loaded.filter(
  ([, { passThrough, subcommands }]) => passThrough === undefined && subcommands === undefined,
);

/** What commander hands to the command's work; an error where it does not get that far. */
async function byCommander(
  verb: string,
  definition: CommandDefinition,
  words: readonly string[],
): Promise<Handed> {
  let handed: Handed | undefined;
  const run = async (operands: readonly string[], options: unknown) => {
    handed = { operands, options };
    return 0;
  };
  const command = await buildCommand(verb, '', { definition, run }, () => undefined);
  const root = new Command('oci-seccomp').enablePositionalOptions().exitOverride().addCommand(command);
  await root.parseAsync([verb, ...words], { from: 'user' });
  if (handed === undefined) throw new Error(`${verb} ${words.join(' ')}: nothing was run`);
  return handed;
}

function plainly(definition: CommandDefinition, words: readonly string[]): Handed | undefined {
  const read = readPlainWords(definition, words);
  if (read === undefined) return undefined;
  try {
    return { operands: read.operands, options: settle(read.options, read.given.has('format')) };
  } catch {
    // Two formats: commander's way comes to the same error.
    return undefined;
  }
}

/** Words that are likely to be good, and some that are not. */
function wordsFor({ options }: CommandDefinition): fc.Arbitrary<string[]> {
  const operand = fc.constantFrom('a.json', '-', 'b/c', 'x=y', 'clone');
  const option = fc
    .constantFrom(...Object.entries<OptionRow>(options), ['nonsense', { help: '' }] as [string, OptionRow])
    .chain(([name, { short, oldShort, value, choices }]) => {
      const names = [`--${name}`, ...(short === undefined ? [] : [`-${short}`])];
      if (oldShort !== undefined) names.push(`-${oldShort}`);
      const flag = fc.constantFrom(...names);
      if (value === undefined) return flag.map((word) => [word]);
      const values = fc.constantFrom(...(choices ?? ['v', '12', 'a=b']));
      return fc.oneof(
        fc.tuple(flag, values).map((pair) => [...pair]),
        values.map((given) => [`--${name}=${given}`]),
      );
    });
  const odd = fc.constantFrom(
    '--',
    '-h',
    '--nonsense',
    '-q',
    '-qv',
    '-oX',
    '',
    '--json=1',
    '-1',
    '--quiet=',
    'help',
  );
  const group = fc.oneof(
    { arbitrary: operand.map((word) => [word]), weight: 4 },
    { arbitrary: option, weight: 5 },
    { arbitrary: odd.map((word) => [word]), weight: 1 },
  );
  return fc.array(group, { maxLength: 5 }).map((groups) => groups.flat());
}

describe('plain command lines', () => {
  it.each(definitions)('of %s are read as commander reads them', async (verb, definition) => {
    let plain = 0;
    await fc.assert(
      fc.asyncProperty(wordsFor(definition), async (words) => {
        const handed = plainly(definition, words);
        if (handed === undefined) return;
        plain++;
        expect(handed).toEqual(await byCommander(verb, definition, words));
      }),
      { numRuns: 60 },
    );
    expect(plain).toBeGreaterThan(0);
  });

  it.each([
    ['an option that there is not', ['a.json', '--nonsense']],
    ['help', ['a.json', '--help']],
    ['help in the place of a value', ['a.json', '-o', '-h']],
    ['a value that is missing', ['a.json', '-o']],
    ['a value that is no choice', ['a.json', '--format', 'nonsense']],
    ['a value for an option that takes none', ['a.json', '--quiet=yes']],
    ['an operand too many', ['a.json', 'b.json']],
    ['several options in one word', ['a.json', '-qv']],
    ['a name of every object', ['a.json', '--constructor']],
  ])('leaves %s to commander', async (_, words) => {
    expect(readPlainWords((await commandTable.compile.load()).definition, words)).toBeUndefined();
  });

  it.each(['-1', '-0x1', '-0o17', '-0b1'])('take %s for an argument, whoever reads them', (word) => {
    const plain = ['explain', 'docker-default', 'read', word];
    const once = ociSeccomp(plain);
    expect(once).toMatchObject({ stdout: expect.stringContaining('read(0xffff'), status: 0 });
    // Commander reads an option that is given twice.
    expect(ociSeccomp([...plain, '--arch', 'x86_64', '--arch', 'x86_64']).stdout).toBe(once.stdout);
  });

  it('leave an argument of the command of run as it is', () => {
    expect(ociSeccomp(['run', 'echo', '-0x10']).stdout).toBe('-0x10\n');
  });

  it('leaves operands that are missing to commander', async () => {
    expect(readPlainWords((await commandTable.compile.load()).definition, ['-q'])).toBeUndefined();
  });
});
