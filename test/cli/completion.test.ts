/**
 * The completion scripts in the shells that run them.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completedCommands } from '../../src/cli/complete/completion-model.ts';
import { commandTable } from '../../src/cli/define/command-table.ts';
import { describeWith } from '../oracle/support/require.ts';
import { HANGS_AFTER } from '../support/patience.ts';
import { ociSeccomp } from './run.ts';

const commands = await completedCommands(commandTable);
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-completion-'));
  mkdirSync(join(folder, 'docker-folder'));
  writeFileSync(join(folder, 'docker file.json'), '');
  for (const shell of ['bash', 'zsh', 'fish']) {
    writeFileSync(join(folder, shell), ociSeccomp(['completion', shell]).stdout);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (file: string, args: readonly string[]): string =>
  execFileSync(file, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: folder, TERM: 'dumb' },
    timeout: HANGS_AFTER,
  });

/** Words typed so far, the last one being completed; what must be offered, and what must not. */
const cases: readonly {
  readonly typed: readonly string[];
  readonly offered: readonly string[];
  readonly missing?: readonly string[];
}[] = [
  { typed: [''], offered: [...Object.keys(commandTable), 'help'] },
  { typed: ['ex'], offered: ['explain'], missing: ['diff'] },
  { typed: ['diff', '--f'], offered: ['--format', '--fail-on'], missing: ['--json'] },
  { typed: ['diff', '--format', ''], offered: ['human', 'json', 'markdown'], missing: ['docker-default'] },
  { typed: ['explain', 'docker-'], offered: ['docker-default', 'docker-folder'], missing: ['mount'] },
  {
    typed: ['explain', 'docker-default', 'mount'],
    offered: ['mount', 'mount_setattr'],
    missing: ['umount2'],
  },
  {
    typed: ['hook', ''],
    offered: ['createRuntime', 'prestart', 'precreate', 'config'],
    missing: ['docker-default'],
  },
  { typed: ['hook', 'config', '--stage', ''], offered: ['createRuntime', 'prestart', 'precreate'] },
  { typed: ['compile', '--arch', 'aarch'], offered: ['aarch64'], missing: ['x86_64'] },
  { typed: ['compile', '--runtime', 'cr'], offered: ['crun'], missing: ['runc'] },
  { typed: ['report', 'docker-default', '--against', 'podman-'], offered: ['podman-default'] },
  { typed: ['compile', '--cap', 'CAP_SYS_AD'], offered: ['CAP_SYS_ADMIN'] },
  { typed: ['rules', 'default-'], offered: ['default-allow'] },
  { typed: ['completion', ''], offered: ['bash', 'zsh', 'fish'] },
];
const titled = cases.map((row) => ({ ...row, line: row.typed.join(' ') }));

function requireOffers({ offered, missing = [] }: (typeof cases)[number], found: readonly string[]): void {
  expect(found).toEqual(expect.arrayContaining([...offered]));
  for (const word of missing) expect(found).not.toContain(word);
}

/** bash's function, called as bash calls it (bash(1), "Programmable Completion"). */
function bashOffers(typed: readonly string[]): readonly string[] {
  const script = `source ./bash; COMP_WORDS=(oci-seccomp "$@"); COMP_CWORD=$#; _oci_seccomp; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return run('bash', ['--norc', '-c', script, 'bash', ...typed])
    .split('\n')
    .filter((word) => word !== '');
}

/** Words that bash hands to its function in pieces. */
const joined: typeof cases = [
  { typed: ['compile', '--runtime=cr'], offered: ['--runtime=crun'] },
  { typed: ['report', 'docker-default', '--against=podman-'], offered: ['--against=podman-default'] },
  { typed: ['compile', '-aaarch'], offered: ['-aaarch64'] },
];
const titledAndJoined = [...titled, ...joined.map((row) => ({ ...row, line: row.typed.join(' ') }))];

describe('completion in bash', () => {
  it.each(titled)('offers what fits: $line', (row) => requireOffers(row, bashOffers(row.typed)));

  it('offers every option of every command', () => {
    for (const { name, options, passThrough } of commands) {
      if (passThrough) continue;
      expect(bashOffers([...name.split(' '), '--'])).toEqual(options.map(({ long }) => `--${long}`));
    }
  });

  it('joins what bash splits at = and :', () => {
    expect(bashOffers(['diff', '--format', '=', 'j'])).toEqual(['json']);
    expect(bashOffers(['diff', '--format', '='])).toEqual(['human', 'json', 'markdown']);
    expect(bashOffers(['explain', 'pid', ':', '1'])).toEqual([]);
  });

  it('keeps a file name with a blank in one piece', () => {
    expect(bashOffers(['compile', 'docker '])).toEqual(['docker file.json']);
  });

  it('counts operands, not the values of options', () => {
    expect(bashOffers(['explain', '--runtime', 'crun', 'docker-default', 'mount_se'])).toEqual([
      'mount_setattr',
    ]);
  });
});

describeWith(['fish'], 'completion in fish', () => {
  it.each(titledAndJoined)('offers what fits: $line', (row) => {
    const line = ['oci-seccomp', ...row.typed].join(' ');
    const found = run('fish', ['--no-config', '-c', `source ./fish; complete -C '${line}'`]);
    // A word, a tab and what it means; a folder ends with a slash.
    requireOffers(
      row,
      found.split('\n').map((each) => each.replace(/\t.*$/, '').replace(/\/$/, '')),
    );
  });
});

/** A zsh in a terminal of its own, which is typed to. */
const TYPE_TO_ZSH = `
zmodload zsh/zpty
zpty z 'zsh -f -i'
zpty -w z 'PROMPT_EOL_MARK= ; autoload -U compinit; compinit -u -D; source ./zsh; setopt no_beep no_list_beep; unsetopt auto_menu; LISTMAX=10000; PS1=RD""Y-'
# Its line editor has the terminal by the time it prints the prompt; before that a tab is only a tab.
zpty -r -m z out '*RDY-*'
zpty -w -n z "oci-seccomp $1"$'\\t\\t'
zpty -w -n z $'\\C-Uprint END-$((2+2))\\n'
zpty -r -m z out '*END-4*'
print -rn -- $out
zpty -d z`;

describeWith(['zsh'], 'completion in zsh', () => {
  it.each(titledAndJoined)('offers what fits: $line', (row) => {
    const shown = run('zsh', ['-f', '-c', TYPE_TO_ZSH, 'zsh', row.typed.join(' ')]);
    const found = stripVTControlCharacters(shown)
      .split(/\s+/)
      .map((word) => word.replace(/\/$/, ''));
    // A single answer is put into the line, and what all have in common comes first.
    requireOffers({ ...row, missing: [] }, found);
  });
});
