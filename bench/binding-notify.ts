/**
 * What a supervisor costs: processor time a request of the same program under the same filter, answered by a loop in C
 * (libseccomp's receive and respond), by `serveNotifications`, and by `notifications`. In turns; ratios of medians of
 * processor time, not of time on the clock.
 *
 * Run: npm run build && node tools/run.mjs bench/binding-notify.ts. Needs cc. ROUNDS, CALLS, WAYS (a number).
 * @module
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openLibrary } from '../src/libseccomp/index.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 9);
const CALLS = Number(process.env.CALLS ?? 20_000);
const TARGET = 2;

/**
 * `target CALLS`: filters itself, prints its listener, waits for a byte, makes the calls.
 * `supervise`: takes "PID FD" from its input, answers until nobody is left; prints its processor time in microseconds.
 */
const source = `#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <dlfcn.h>
static double spent(void) {
  struct rusage r; getrusage(RUSAGE_SELF, &r);
  return r.ru_utime.tv_sec * 1e6 + r.ru_utime.tv_usec + r.ru_stime.tv_sec * 1e6 + r.ru_stime.tv_usec;
}
static int target(int calls) {
  struct sock_filter code[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = { 4, code };
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  int fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
  printf("%d %d\\n", getpid(), fd);
  fflush(stdout);
  getchar();
  close(fd);
  for (int i = 0; i < calls; i++)
    if (syscall(SYS_getppid, i) != 7 + i) return 3;
  return 0;
}
static int supervise(const char *path) {
  void *l = dlopen(path, RTLD_NOW);
  int (*alloc)(struct seccomp_notif **, struct seccomp_notif_resp **) = dlsym(l, "seccomp_notify_alloc");
  int (*receive)(int, struct seccomp_notif *) = dlsym(l, "seccomp_notify_receive");
  int (*respond)(int, struct seccomp_notif_resp *) = dlsym(l, "seccomp_notify_respond");
  struct seccomp_notif *request; struct seccomp_notif_resp *response;
  int pid, remote, answered = 0;
  if (scanf("%d %d", &pid, &remote) != 2 || alloc(&request, &response) != 0) return 2;
  int fd = syscall(438, syscall(434, pid, 0), remote, 0);
  puts("ready");
  fflush(stdout);
  double start = spent();
  for (;;) {
    struct pollfd p = { fd, POLLIN, 0 };
    if (poll(&p, 1, -1) < 0) continue;
    if ((p.revents & POLLIN) == 0) break;
    memset(request, 0, sizeof(*request));
    if (receive(fd, request) != 0) continue;
    response->id = request->id;
    response->val = 7 + request->data.args[0];
    response->error = 0;
    response->flags = 0;
    if (respond(fd, response) == 0) answered++;
  }
  printf("%d %f\\n", answered, spent() - start);
  return 0;
}
int main(int argc, char **argv) { return argc == 3 && strcmp(argv[1], "target") == 0 ? target(atoi(argv[2])) : supervise(argv[2]); }
`;

/** The same in Node, by one of the two ways. */
const supervisor = (entry: string, library: string, handler: string): string => `
import { closeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { once } from 'node:events';
const { notifications, serveNotifications } = await import(${JSON.stringify(entry)});
const koffi = createRequire(${JSON.stringify(import.meta.url)})('koffi');
const syscall = koffi.load(null).func('syscall', 'long', ['long', 'long', 'long', 'long']);
const [way] = process.argv.slice(2);
const library = ${JSON.stringify(library)};
process.stdin.setEncoding('utf8');
const [text] = await once(process.stdin, 'data');
const [pid, remote] = text.trim().split(' ').map(Number);
const fd = Number(syscall(438, Number(syscall(434, pid, 0, 0)), remote, 0));
console.log('ready');
let start = process.cpuUsage();
let answered = 0;
if (way === 'serve') {
  answered = (await serveNotifications(fd, ${JSON.stringify(handler)}, { library }).done).answered;
} else {
  for await (const request of notifications(fd, { library })) {
    request.respond({ value: 7n + request.args[0] });
    answered++;
  }
}
const { user, system } = process.cpuUsage(start);
console.log(answered, user + system);
process.exit();
`;

interface Line {
  readonly child: ChildProcess;
  readonly next: () => Promise<string>;
}

function started(command: string, args: readonly string[]): Line {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  if (child.stdout === null) throw new Error('no output');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { child, next: async () => String((await lines.next()).value) };
}

/** Microseconds of processor time a supervisor takes for a number of calls, its start included for Node's. */
async function spend(program: string, command: readonly string[], calls: number): Promise<number> {
  const target = started(program, ['target', String(calls)]);
  const [first = '', ...rest] = command;
  const supervising = started(first, rest);
  supervising.child.stdin?.end(`${await target.next()}\n`);
  if ((await supervising.next()) !== 'ready') throw new Error('the supervisor did not start');
  target.child.stdin?.end('\n');
  const [answered, spent] = (await supervising.next()).split(' ').map(Number);
  if (target.child.exitCode === null) await once(target.child, 'exit');
  if (target.child.exitCode !== 0 || answered !== calls) {
    throw new Error(`answered ${answered} of ${calls}, the target ended with ${target.child.exitCode}`);
  }
  return spent ?? Number.NaN;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function main(folder: string): Promise<void> {
  const library = openLibrary(process.env.LIBRARY);
  const c = join(folder, 'notify.c');
  const program = join(folder, 'notify');
  writeFileSync(c, source);
  const cc = spawnSync('cc', ['-O2', '-w', '-o', program, c, '-ldl'], { encoding: 'utf8' });
  if (cc.status !== 0) throw new Error(`cc: ${cc.stderr}`);
  const handler = join(folder, 'handler.mjs');
  writeFileSync(handler, 'export const answer = ({ args }) => ({ value: 7n + args[0] });\n');
  const script = join(folder, 'supervisor.mjs');
  writeFileSync(script, supervisor(`${process.cwd()}/dist/libseccomp/index.js`, library.path, handler));
  const ways = [
    { label: 'a loop in C', command: [program, 'supervise', library.path] },
    { label: 'serveNotifications', command: [process.execPath, script, 'serve'] },
    { label: 'notifications', command: [process.execPath, script, 'loop'] },
  ].slice(0, Number(process.env.WAYS ?? 3));
  // A request's cost is the difference of two runs, so that a start costs nothing, nor does warming up.
  const costs: number[][] = ways.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, { command }] of ways.entries()) {
      const few = await spend(program, command, CALLS);
      const many = await spend(program, command, 3 * CALLS);
      costs[i]?.push((many - few) / (2 * CALLS));
    }
  }
  const [base = Number.NaN] = costs.map(median);
  process.stdout.write(
    `libseccomp ${Object.values(library.version).join('.')}, node ${process.versions.node}, ${ROUNDS} rounds; ` +
      'microseconds of processor time a request, and ratios to C\n\n',
  );
  for (const [i, { label }] of ways.entries()) {
    const cost = median(costs[i] ?? []);
    const verdict =
      label === 'serveNotifications' ? `  target ${TARGET}: ${cost / base <= TARGET ? 'met' : 'missed'}` : '';
    process.stdout.write(
      `${label.padEnd(20)} ${cost.toFixed(2).padStart(7)}  ${(cost / base).toFixed(2)}${verdict}\n`,
    );
  }
}

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-bench-'));
try {
  await main(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
