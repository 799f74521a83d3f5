/**
 * Builds and runs the engines' own loaders (main.go in the directories here) from the sources Debian packages.
 * @module
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A loader: the directory of its program, and the package it needs. */
export const loaders = {
  moby: { source: 'github.com/docker/docker/profiles/seccomp', deb: 'golang-github-docker-docker-dev' },
  'containers-common': {
    source: 'github.com/containers/common/pkg/seccomp',
    deb: 'golang-github-containers-common-dev libseccomp-dev gcc',
  },
  'runtime-spec': {
    source: 'github.com/opencontainers/runtime-spec/specs-go',
    deb: 'golang-github-opencontainers-specs-dev',
  },
} as const;

export type LoaderName = keyof typeof loaders;

/** Where Debian's Go libraries are; a list, first hit wins. */
const goPath = process.env.OCI_SECCOMP_GOPATH ?? '/usr/share/gocode';

/** What is missing to build a loader, as something to type; `undefined` if nothing is. */
export function missingForLoader(name: LoaderName): string | undefined {
  const { source, deb } = loaders[name];
  const found = goPath.split(delimiter).some((root) => existsSync(join(root, 'src', source)));
  const go = spawnSync('go', ['version'], { stdio: 'ignore' }).status === 0;
  return found && go ? undefined : `apt-get install golang-go ${deb}`;
}

/**
 * Builds a loader into a directory and returns the program's path.
 *
 * @param sources - where the programs' directories are; this file's own directory, unless it runs bundled
 */
export function buildLoader(
  name: LoaderName,
  directory: string,
  env: NodeJS.ProcessEnv = {},
  sources: string = import.meta.dirname,
): string {
  const program = join(directory, `${name}-${env.GOARCH ?? 'native'}`);
  execFileSync('go', ['build', '-tags', 'seccomp', '-o', program, `./${name}`], {
    cwd: sources,
    env: { ...process.env, GO111MODULE: 'off', GOFLAGS: '', GOPATH: goPath, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return program;
}

export interface LoaderRequest {
  /** JSON text. */
  readonly profile: string;
  /** `null`: a container without any capability set. */
  readonly caps: readonly string[] | null;
}

/** A loader's answer as the text it printed: `{"seccomp":…}` or `{"seccomp":null,"error":…}`. */
export function runLoader(command: readonly string[], requests: readonly LoaderRequest[]): readonly string[] {
  const [file = '', ...args] = command;
  const input = requests.map((request) => JSON.stringify(request)).join('\n');
  const output = execFileSync(file, args, { input, encoding: 'utf8', maxBuffer: 1 << 30 });
  return output.trim().split('\n');
}
