/**
 * Debian packages of any suite and architecture, downloaded and never installed, from the mirror that this machine's own
 * apt sources name; apt checks the signatures.
 * @module
 */
import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { debianCache } from './debian-cache.ts';

/** apt with its own state: nothing of the machine's package lists or database is read or changed. */
export interface PrivateApt {
  readonly download: (packages: readonly string[], folder: string) => void;
  readonly candidate: (name: string) => string;
  readonly closure: (name: string) => readonly string[];
  /** Only of a suite that was opened for sources: downloads what upstream released. */
  readonly downloadSource: (name: string, folder: string) => void;
}

/** @returns what the program prints; its errors go to this process's stderr */
export function run(command: string, args: readonly string[], cwd?: string): string {
  const output: ExecFileSyncOptionsWithStringEncoding = {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1 << 26,
  };
  return execFileSync(command, args, cwd === undefined ? output : { ...output, cwd });
}

/** The Debian archive that this machine's own apt sources name. */
export function mirror(): string {
  const lines = run('apt-get', [
    'indextargets',
    '--format',
    '$(REPO_URI)|$(LABEL)',
    'Created-By: Packages',
  ]).split('\n');
  for (const line of lines) {
    const [uri, label] = line.split('|');
    if (uri !== undefined && (label === 'Debian' || uri.endsWith('/debian/'))) return uri;
  }
  throw new Error('no Debian archive among this machine’s apt sources: nothing to derive the mirror from');
}

/** Reads the lists of a suite, for `arch` (Debian's name) in place of this machine's. */
export function openSuite(uri: string, suite: string, arch: string | undefined, type = 'deb'): PrivateApt {
  const name = [suite, arch, type === 'deb' ? undefined : 'source'].filter((part) => part !== undefined);
  const folder = join(debianCache(), 'apt', name.join('-'));
  for (const sub of ['state/lists/partial', 'cache/archives/partial'])
    mkdirSync(join(folder, sub), { recursive: true });
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  const signed = existsSync(keyring) ? `[signed-by=${keyring}] ` : '';
  writeFileSync(join(folder, 'sources.list'), `${type} ${signed}${uri} ${suite} main\n`);
  const settings = [
    `Dir::State "${folder}/state";`,
    'Dir::State::status "/dev/null";',
    `Dir::Cache "${folder}/cache";`,
    `Dir::Etc::sourcelist "${folder}/sources.list";`,
    'Dir::Etc::sourceparts "/dev/null";',
    'Dir::Etc::preferencesparts "/dev/null";',
    'Acquire::Languages "none";',
    // The download user of apt cannot read a checkout below a home folder.
    'APT::Sandbox::User "root";',
    ...(arch === undefined ? [] : [`APT::Architecture "${arch}";`, `APT::Architectures { "${arch}"; };`]),
    '#clear APT::Update::Post-Invoke;',
    '#clear APT::Update::Post-Invoke-Success;',
  ];
  const config = join(folder, 'apt.conf');
  writeFileSync(config, `${settings.join('\n')}\n`);
  run('apt-get', ['-c', config, '-qq', 'update']);
  const only = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map(
    (kind) => `--no-${kind}`,
  );
  return {
    download: (packages, cwd) => void run('apt-get', ['-c', config, '-qq', 'download', ...packages], cwd),
    // The tarball alone: of a suite that moves, the other files may be gone already.
    downloadSource: (name, cwd) =>
      void run('apt-get', ['-c', config, '-qq', 'source', '--download-only', '--tar-only', name], cwd),
    candidate: (name) => {
      const version = /Candidate: (\S+)/.exec(run('apt-cache', ['-c', config, 'policy', name]))?.[1];
      if (version === undefined || version === '(none)') throw new Error(`${suite} has no package ${name}`);
      return version;
    },
    closure: (name) =>
      run('apt-cache', ['-c', config, 'depends', '--recurse', ...only, name])
        .split('\n')
        .filter((line) => /^[a-z0-9]/.test(line)),
  };
}
