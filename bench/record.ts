/**
 * What recording costs, in CPU time of the recorder and the recorded together: `record` by notification, with the guard
 * against signals and without, by ptrace, strace -f, and nothing; of a loop of one call, of programs, and of a container.
 *
 * Run on Linux 5.5 or newer: npm run tool -- bench/record.ts
 * Needs cc and strace; for the container root, runc and a static busybox. ROUNDS (default 7): in each, all ways are measured one
 * after the other, and what is printed are medians. Before it measures, it looks whether all see the same calls.
 * @module
 */
import './plain-environment.ts';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { summarize } from './measure.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 7);
const CALLS = 100_000;
const program = resolve('dist/bin/main.cjs');
const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-bench-record-'));
const loop = join(folder, 'loop');
const list = join(folder, 'list');
const total = join(folder, 'total');
const trace = join(folder, 'trace');

/** Denies seccomp(2), without which there is no notification. */
const denies = join(folder, 'no-seccomp.json');
const bundle = join(folder, 'bundle');

type Commands = Readonly<Record<string, readonly string[]>>;
const self = [process.execPath, program];
const record = (...options: readonly string[]): readonly string[] => [
  ...[...self, 'record', '-q', '--list', '-o', list, ...options, '--'],
];
const ways: Commands = {
  nothing: [],
  record: record(),
  'record --no-guard': record('--no-guard'),
  // Its figure includes that of `run`, which denies seccomp(2).
  'record by ptrace': [...self, 'run', '--profile', denies, '--', ...record()],
  'strace -f': ['strace', '-f', '-qq', '-o', trace],
};
const subjects: Commands = {
  true: ['true'],
  [`${CALLS} times getppid`]: [loop, String(CALLS)],
  'ls -lR /usr/lib/x86_64-linux-gnu': ['ls', '-lR', '/usr/lib/x86_64-linux-gnu'],
  'gcc hello.c': ['gcc', '-o', join(folder, 'hello'), join(folder, 'hello.c')],
};
const run = ['runc', '--root', join(folder, 'state'), 'run', '--bundle'];
const containerWays: Commands = {
  nothing: [],
  'record --container': record('--container'),
  'record --container --no-guard': record('--container', '--no-guard'),
};
const containers: Commands = {
  'runc run, `true`': [...run, join(bundle, 'true'), 'bench-record'],
  [`runc run, ${CALLS} times getppid`]: [...run, join(bundle, 'loop'), 'bench-record'],
};

function makeBundle(name: string, args: readonly string[]): void {
  const path = join(bundle, name);
  mkdirSync(join(path, 'rootfs/proc'), { recursive: true });
  copyFileSync('/bin/busybox', join(path, 'rootfs/busybox'));
  copyFileSync(loop, join(path, 'rootfs/loop'));
  const config = {
    ociVersion: '1.0.2',
    process: { terminal: false, user: { uid: 0, gid: 0 }, cwd: '/', env: [], args },
    root: { path: 'rootfs' },
    mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }],
    linux: { namespaces: [{ type: 'pid' }, { type: 'mount' }] },
  };
  writeFileSync(join(path, 'config.json'), JSON.stringify(config));
}

/** Runs a command, waits for it and for all that it left behind, and prints its status, CPU and clock in milliseconds. */
const TOTAL = `#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
static double ms(struct timeval t) { return t.tv_sec * 1e3 + t.tv_usec / 1e3; }
int main(int count, char **words) {
	struct rusage used;
	struct timespec from, to;
	(void)count;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	clock_gettime(CLOCK_MONOTONIC, &from);
	pid_t pid = fork();
	if (pid == 0) { execvp(words[1], words + 1); _exit(127); }
	int status;
	waitpid(pid, &status, 0);
	clock_gettime(CLOCK_MONOTONIC, &to);
	while (wait(0) > 0);
	getrusage(RUSAGE_CHILDREN, &used);
	fprintf(stderr, "\\n%d %f %f", status, ms(used.ru_utime) + ms(used.ru_stime), (to.tv_sec - from.tv_sec) * 1e3 + (to.tv_nsec - from.tv_nsec) / 1e6);
	return 0;
}`;

/** CPU of a command and all that it starts, guards and supervisors too, and the time by the clock, in milliseconds. */
function costOf(words: readonly string[]): { readonly cpu: number; readonly clock: number } {
  const { stderr } = spawnSync(total, words, { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  const [status, cpu = 0, clock = 0] = (stderr.split('\n').at(-1) ?? '').split(' ').map(Number);
  // What fails early is cheap.
  if (status !== 0) throw new Error(`${words.join(' ')} failed: ${stderr}`);
  return { cpu, clock };
}

function main(): void {
  writeFileSync(join(folder, 'hello.c'), '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n');
  writeFileSync(
    `${loop}.c`,
    '#include <stdlib.h>\n#include <sys/syscall.h>\n#include <unistd.h>\nint main(int c, char **v) { (void)c; for (long i = atol(v[1]); i > 0; i--) syscall(SYS_getppid); return 0; }\n',
  );
  spawnSync('cc', ['-O2', '-static', '-o', loop, `${loop}.c`]);
  writeFileSync(`${total}.c`, TOTAL);
  spawnSync('cc', ['-O2', '-o', total, `${total}.c`]);
  const rule = { names: ['seccomp'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 };
  writeFileSync(denies, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [rule] }));
  makeBundle('true', ['/busybox', 'true']);
  makeBundle('loop', ['/loop', String(CALLS)]);
  requireSame();
  process.stdout.write(
    `Linux ${release()}, node ${process.versions.node}; ${ROUNDS} rounds, medians, CPU ms (clock ms)\n\n`,
  );
  measure(subjects, ways);
  process.stdout.write('\n');
  measure(containers, containerWays);
}

function measure(commands: Commands, under: Commands): void {
  const names = Object.keys(under);
  process.stdout.write(`| command | ${names.join(' | ')} |\n| --- |${' --- |'.repeat(names.length)}\n`);
  for (const [label, words] of Object.entries(commands)) {
    const costs = names.map(() => ({ cpu: [] as number[], clock: [] as number[] }));
    for (let round = 0; round < ROUNDS; round++) {
      for (const [i, way] of Object.values(under).entries()) {
        const { cpu, clock } = costOf([...way, ...words]);
        costs[i]?.cpu.push(cpu);
        costs[i]?.clock.push(clock);
      }
    }
    const cells = costs.map(
      ({ cpu, clock }) => `${summarize(cpu).median.toFixed(0)} (${summarize(clock).median.toFixed(0)})`,
    );
    process.stdout.write(`| ${label} | ${cells.join(' | ')} |\n`);
  }
}

/** @throws if the ways see different calls */
function requireSame(): void {
  costOf([...(ways['strace -f'] ?? []), 'true']);
  const traced = [...readFileSync(trace, 'utf8').matchAll(/^\d+ +([a-z0-9_]+)\(/gm)].map(
    ([, name = '']) => name,
  );
  const names = [...new Set(traced)].sort().join();
  for (const [label, way] of Object.entries(ways)) {
    if (!label.startsWith('record')) continue;
    costOf([...way, 'true']);
    const recorded = readFileSync(list, 'utf8').trim().split('\n').join();
    if (names !== recorded) throw new Error(`${label} saw ${recorded}, strace ${names}`);
  }
}

try {
  main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
