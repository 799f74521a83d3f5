/**
 * What `--store` saves: processor time of whole runs, with and without a store, beside a program that was compiled
 * before. Each kind in turn in every round.
 *
 * Run: node tools/run.mjs bench/store.ts (after npm run build). The folder must be one that no other user can write.
 * @module
 */
import './plain-environment.ts';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROUNDS = Number(process.env.ROUNDS ?? 20);
const program = resolve('dist/bin/main.cjs');
const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-bench-store-'));
const config = '{"ociVersion":"1.0.2","process":{"args":["x"],"cwd":"/"},"linux":{}}';
/** USER_HZ: the unit of /proc/PID/stat on Linux, 10 ms. */
const TICK_MS = 10;

interface Kind {
  readonly label: string;
  readonly parameters: readonly string[];
  ticks: number;
}

function main(): void {
  const [profile, store, compiled] = ['own.json', 'store', 'own.bpf'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeOwnProfile(profile);
  node(program, 'compile', profile, '--backend', 'builtin', '-q', '-o', compiled);
  const run = (file: string, ...options: string[]): string[] => [
    ...[program, 'run', '--profile', file, ...options],
    ...['--', 'true'],
  ];
  const hook = (file: string, ...options: string[]): string[] => [
    ...[program, 'hook', 'precreate', '--runtime', 'crun', '--crun-bpf'],
    ...['--profile', file, ...options],
  ];
  const none = join(folder, 'none');
  const kinds: readonly Kind[] = [
    kind('node -e 0', '-e', '0'),
    // Removed before each run: nothing is ever found there.
    kind('run, nothing found', ...run(profile, '--store', none)),
    kind('run, found in the store', ...run(profile, '--store', store)),
    kind('run, program compiled before', ...run(compiled)),
    kind('hook, nothing found', ...hook(profile, '--store', none)),
    kind('hook, found in the store', ...hook(profile, '--store', store)),
    kind('hook, program compiled before', ...hook(compiled)),
  ];
  for (const each of kinds) node(...each.parameters);
  for (let round = 0; round < ROUNDS; round++) {
    for (const each of kinds) {
      rmSync(none, { recursive: true, force: true });
      const before = ticksOfChildren();
      node(...each.parameters);
      each.ticks += ticksOfChildren() - before;
    }
  }
  const bare = kinds[0]?.ticks ?? 1;
  print(
    `${ROUNDS} rounds, node ${process.versions.node}; mean processor time, and its ratio to node -e 0\n\n`,
  );
  for (const { label, ticks } of kinds) {
    const ms = (ticks * TICK_MS) / ROUNDS;
    print(`${label.padEnd(32)} ${ms.toFixed(0).padStart(5)} ms  ${(ticks / bare).toFixed(2)}\n`);
  }
}

function kind(label: string, ...parameters: readonly string[]): Kind {
  return { label, parameters, ticks: 0 };
}

function node(...parameters: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, parameters, { input: config, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${parameters.join(' ')}: ${stderr}`);
}

/** User and system time of children that have ended: cutime and cstime of proc_pid_stat(5). */
function ticksOfChildren(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').replace(/.*\) /s, '').split(' ');
  return Number(fields[13]) + Number(fields[14]);
}

/** Docker's default without one call: its program is not among those that come with the package. */
function writeOwnProfile(path: string): void {
  node(program, 'resolve', 'docker-default', '--to', 'docker', '-q', '-o', path);
  const profile = JSON.parse(readFileSync(path, 'utf8'));
  for (const rule of profile.syscalls) rule.names = rule.names.filter((name: string) => name !== 'acct');
  profile.syscalls[0].names = profile.syscalls[0].names.filter((name: string) => name !== 'mlock');
  writeFileSync(path, JSON.stringify(profile));
}

function print(text: string): void {
  process.stdout.write(text);
}

try {
  main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
