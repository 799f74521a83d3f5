/**
 * Every example of the help works as it stands, and ends with the exit code that its text says.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandDefinition, CommandRow } from '../../src/cli/define/command-definition.ts';
import { commandTable } from '../../src/cli/define/command-table.ts';
import { describeWith } from '../oracle/support/require.ts';
import { HANGS_AFTER } from '../support/patience.ts';
import { ociSeccomp, program, root } from './run.ts';

interface Shown {
  readonly does: string;
  readonly line: string;
}

async function examplesOf({ load }: CommandRow): Promise<readonly Shown[]> {
  const { definition }: { definition: CommandDefinition } = await load();
  const below = await Promise.all(Object.values(definition.subcommands ?? {}).map(examplesOf));
  return [...definition.examples, ...below.flat()];
}

const all = (await Promise.all(Object.values<CommandRow>(commandTable).map(examplesOf))).flat();
/** They write below /etc or into the home folder, or need the reader's own program, image, agent or registry; other tests run the same commands. */
const OUTSIDE =
  /hook (?:config|check|explain|wrapper)|npm test|completion (?:zsh|fish)|registry\.example|record --container|\/run\/oci-seccomp/;
const usable = all.filter(({ line }) => !OUTSIDE.test(line));
const LIVE = /1234/;

/** `the exit code is 1`; of `if …, the exit code is 1` either may be. */
function codesOf(does: string): readonly number[] {
  const said = /exit code is (\d)/.exec(does)?.[1];
  if (said === undefined) return [0];
  return /\bif\b/.test(does) ? [0, Number(said)] : [Number(said)];
}

describe('the examples of help', () => {
  let folder = '';
  const path = (name: string): string => join(folder, name);
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-examples-'));
    const profile = JSON.stringify({
      defaultAction: 'SCMP_ACT_ERRNO',
      architectures: ['SCMP_ARCH_X86_64'],
      syscalls: [{ names: ['read', 'write', 'clone3', 'ioctl'], action: 'SCMP_ACT_ALLOW' }],
    });
    for (const name of ['old.json', 'my-profile.json', 'baseline.json']) writeFileSync(path(name), profile);
    writeFileSync(path('new.json'), profile.replace('"clone3"', '"clone3", "mount"'));
    ociSeccomp(['resolve', 'docker-default', '-q', '-o', path('profile.json')]);
    mkdirSync(path('profiles'));
    mkdirSync(path('bundle'));
    ociSeccomp(['resolve', 'podman-default', '-q', '-o', path('profiles/web.json')]);
    writeFileSync(
      path('bundle/config.json'),
      readFileSync(join(root, 'fixtures/profiles/good/bundle-config.json')),
    );
    writeFileSync(path('audit.log'), readFileSync(join(root, 'fixtures/audit/audit.log')));
    writeFileSync(path('calls.txt'), 'x86_64 read ALLOW\n');
    ociSeccomp(['compile', path('profile.json'), '--runtime', 'crun', '-q', '-o', path('filter.bpf')]);
    ociSeccomp(['disasm', path('filter.bpf'), '-o', path('filter.asm')]);
  });
  let sleeper: ChildProcess | undefined;
  afterAll(() => {
    sleeper?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  function run(line: string): { readonly status: number | null; readonly stderr: string } {
    const script = `oci-seccomp() { '${process.execPath}' '${program}' "$@"; }
dot() { cat >/dev/null; }
set -o pipefail
${line}`;
    const { status, stderr } = spawnSync('bash', ['-c', script], {
      cwd: folder,
      encoding: 'utf8',
      timeout: HANGS_AFTER,
    });
    return { status, stderr };
  }

  function requireCode(does: string, { status, stderr }: ReturnType<typeof run>): void {
    const expected = codesOf(does);
    expect({ status, stderr }).toEqual({
      status: expected.includes(status ?? -1) ? status : expected,
      stderr: expect.any(String),
    });
  }

  it.each(usable.filter(({ line }) => !LIVE.test(line)))('$does: $line', ({ does, line }) => {
    requireCode(does, run(line));
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
      requireCode(does, run(line.replaceAll('1234', String(live()))));
    });
  });
});
