/**
 * What people see: each command with its output, messages and exit code, kept as a transcript in transcripts/.
 * The command lines are rows in transcript-cases/.
 * After an intended change: npx vitest run test/cli -u, and read the difference.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Outcome, ociSeccomp, type RunOptions, root } from './run.ts';
import type { Case } from './transcript-cases/case.ts';
import { compareCases } from './transcript-cases/compare.ts';
import { compileCases } from './transcript-cases/compile.ts';
import { composeCases } from './transcript-cases/compose.ts';
import { documentsCases } from './transcript-cases/documents.ts';
import { explainCases } from './transcript-cases/explain.ts';
import { helpCases } from './transcript-cases/help.ts';
import { installCases } from './transcript-cases/install.ts';
import { programsCases } from './transcript-cases/programs.ts';
import { reportCases } from './transcript-cases/report.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
/** Hooks read only files that others cannot write, and a checkout's may be. */
mkdirSync(join(folder, 'profiles'), { mode: 0o700 });
const miscompiled = readFileSync(join(root, 'fixtures/cli/miscompiled.json'));
writeFileSync(join(folder, 'profiles/miscompiled.json'), miscompiled, { mode: 0o600 });

/** A copy of a default, as its author changed it: {folder}/copy.json. */
const copied = JSON.parse(
  ociSeccomp(['rebase', 'docker-default@20.10.7', '--onto', 'docker-default@20.10.7']).stdout,
) as {
  syscalls: { names: string[]; action?: string }[];
};
for (const rule of copied.syscalls)
  rule.names = rule.names.filter((name) => !['acct', 'ptrace'].includes(name));
copied.syscalls.push({ names: ['clone3', 'add_key'], action: 'SCMP_ACT_ALLOW' });
writeFileSync(join(folder, 'copy.json'), JSON.stringify(copied));
// As one case writes it; another looks at it, whichever is first.
ociSeccomp([
  'rebase',
  '--onto',
  'docker-default@28.0',
  '-o',
  join(folder, 'rebased.json'),
  join(folder, 'copy.json'),
]);

const cases: readonly Case[] = [
  ...helpCases,
  ...documentsCases,
  ...compileCases,
  ...explainCases,
  ...reportCases,
  ...compareCases,
  ...composeCases,
  ...programsCases,
  ...installCases,
];

describe('oci-seccomp prints', () => {
  it.each(cases)('$name', async ({ name, command, options }) => {
    const words = command.map((word) => word.replace('{folder}', folder));
    await expect(transcript(command, ociSeccomp(words, options), options)).toMatchFileSnapshot(
      `transcripts/${name}.txt`,
    );
  });
});

/** The whole exchange; what differs between machines and runs is replaced by `#`. */
function transcript(
  command: readonly string[],
  { stdout, stderr, status }: Outcome,
  options: RunOptions = {},
): string {
  const environment = Object.entries(options.env ?? {}).map(([name, value]) => `${name}=${value} `);
  const input = options.input === undefined ? '' : `<<< ${String(options.input)}\n`;
  const line = `$ ${environment.join('')}oci-seccomp ${command.join(' ')}\n${input}`;
  return `${line}--- stdout\n${stable(stdout)}--- stderr\n${stable(stderr)}--- exit ${status}\n`;
}

function stable(text: string): string {
  return text
    .replaceAll(folder, '{folder}')
    .replaceAll(process.execPath, '{node}')
    .replaceAll(root, '{root}')
    .replace(/^warning: this program cannot be trusted.*\n/gm, '')
    .replace(/in \d+ ms/g, 'in # ms')
    .replace(/time in ms: .*/g, 'time in ms: #')
    .replace(/libseccomp \d+\.\d+\.\d+/g, 'libseccomp #')
    .replace(/is \d+\.\d+\.\d+$/gm, 'is #');
}
