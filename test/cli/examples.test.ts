/**
 * Every example of the help works as it stands, and ends with the exit code that its text says.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandDefinition, CommandRow } from '../../src/cli/define/command-definition.ts';
import { commandTable } from '../../src/cli/define/command-table.ts';
import { PROGRAM_EXAMPLES } from '../../src/cli/define/program-definition.ts';
import { describeWith } from '../oracle/support/require.ts';
import { NEEDS_MORE, shell, writeExampleFiles } from './example-files.ts';
import { program } from './run.ts';

interface Shown {
  readonly does: string;
  readonly line: string;
}

async function examplesOf({ load }: CommandRow): Promise<readonly Shown[]> {
  const { definition }: { definition: CommandDefinition } = await load();
  const below = await Promise.all(Object.values(definition.subcommands ?? {}).map(examplesOf));
  return [...definition.examples, ...below.flat()];
}

const ofCommands = await Promise.all(Object.values<CommandRow>(commandTable).map(examplesOf));
const all: readonly Shown[] = [...PROGRAM_EXAMPLES, ...ofCommands.flat()];
const usable = all.filter(({ line }) => !NEEDS_MORE.test(line));
const LIVE = /1234/;

/** `the exit code is 1`; of `if …, the exit code is 1` either may be. */
function codesOf(does: string): readonly number[] {
  const said = /exit code is (\d)/.exec(does)?.[1];
  if (said === undefined) return [0];
  return /\bif\b/.test(does) ? [0, Number(said)] : [Number(said)];
}

describe('the examples of help', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-examples-'));
    writeExampleFiles(folder);
  });
  let sleeper: ChildProcess | undefined;
  afterAll(() => {
    sleeper?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  function requireCode(does: string, { status, stderr }: ReturnType<typeof shell>): void {
    const expected = codesOf(does);
    expect({ status, stderr }).toEqual({
      status: expected.includes(status ?? -1) ? status : expected,
      stderr: expect.any(String),
    });
  }

  it.each(usable.filter(({ line }) => !LIVE.test(line)))('$does: $line', ({ does, line }) => {
    requireCode(does, shell(folder, line));
  });

  /** A process under Docker's default filter. */
  function live(): number {
    if (sleeper?.pid !== undefined) return sleeper.pid;
    sleeper = spawn(process.execPath, [program, 'run', '--', 'sleep', '1000'], { stdio: 'ignore' });
    const status = `/proc/${sleeper.pid}/status`;
    while (!/^Seccomp:\s*2/m.test(readFileSync(status, 'utf8'))) spawnSync('sleep', ['0.05']);
    return sleeper.pid ?? 0;
  }

  describeWith(['ptrace'], 'of a live process', () => {
    it.each(usable.filter(({ line }) => LIVE.test(line)))('$does: $line', ({ does, line }) => {
      requireCode(does, shell(folder, line.replaceAll('1234', String(live()))));
    });
  });
});
