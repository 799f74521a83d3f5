/**
 * Counts the system calls of ordinary programs with strace and writes src/compile/builtin/call-shares.generated.ts.
 *
 *   node tools/run.mjs tools/measure-calls.ts
 *
 * Every workload weighs the same, however long it takes. Two runs differ a little; the order of frequent calls does not.
 * @module
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCallCounts } from '../src/compile/builtin/read-call-counts.ts';

const server = `
  const { createServer, get } = require('node:http');
  const server = createServer((_, answer) => answer.end('x'.repeat(2000))).listen(0, '127.0.0.1', () => {
    let left = 400;
    const ask = () => get(server.address(), (answer) => answer.resume().on('end', () => (--left ? ask() : server.close())));
    ask();
  });`;
const sockets = `
import socket, threading
server = socket.create_server(('127.0.0.1', 0))
def serve():
    for _ in range(200):
        peer, _ = server.accept()
        peer.sendall(peer.recv(4096)); peer.close()
threading.Thread(target=serve).start()
for _ in range(200):
    with socket.create_connection(server.getsockname()) as peer:
        peer.sendall(b'x' * 500); peer.recv(4096)`;

/** What is counted: shell lines, run in an empty folder. */
const workloads: Readonly<Record<string, string>> = {
  shell: 'for i in $(seq 60); do echo $i | wc -c; test -e /etc/passwd; done',
  ls: 'ls -lR /usr/share/doc | tail -1',
  grep: 'grep -r include /usr/include/linux | wc -l',
  archive: 'tar cf a.tar /usr/include/linux && gzip a.tar && tar xzf a.tar.gz',
  compiler:
    'echo \'#include <stdio.h>\nint main(void) { puts("x"); return 0; }\' > a.c && gcc -O2 -o a a.c && ./a',
  git: 'git init -q . && cp /usr/include/stdio.h . && git add . && git -c user.name=a -c user.email=a@b commit -qm a && git log -p',
  perl: 'perl -e \'use File::Find; find(sub { -f and open(F, $_) and read(F, $x, 100) }, "/usr/include/linux")\'',
  python:
    'python3 -c \'import json, os, subprocess, hashlib; [subprocess.run(["true"]) for _ in range(20)]\'',
  database:
    'sqlite3 a.db \'create table a(x); insert into a select value from generate_series(1,1000); select count(*) from a\' || python3 -c \'import sqlite3; c = sqlite3.connect("b.db"); c.execute("create table a(x)"); [(c.execute("insert into a values(1)"), c.commit()) for _ in range(50)]\'',
  node: 'node -e \'for (const f of fs.readdirSync("/usr/include")) fs.statSync("/usr/include/" + f)\'',
  'http server': `node -e "${server}"`,
  'socket threads': `python3 -c "${sockets}"`,
};

/** Shares below this change nothing. */
const LEAST_PPM = 10;

function shares(): ReadonlyMap<string, number> {
  const sum = new Map<string, number>();
  for (const [name, line] of Object.entries(workloads)) {
    const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-calls-'));
    const file = join(folder, 'counts');
    const { stderr } = spawnSync('strace', ['-f', '-c', '-o', file, 'sh', '-c', line], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: folder, TMPDIR: folder },
    });
    const counts = readCallCounts(readFileSync(file, 'utf8'), name);
    const total = [...counts.values()].reduce((a, b) => a + b, 0);
    for (const [call, count] of counts) {
      sum.set(call, (sum.get(call) ?? 0) + count / total / Object.keys(workloads).length);
    }
    process.stdout.write(
      `${name}: ${total} calls of ${counts.size} kinds${stderr === '' ? '' : `; ${stderr.trim()}`}\n`,
    );
    rmSync(folder, { recursive: true, force: true });
  }
  return sum;
}

const rows = [...shares()]
  .map(([name, share]): readonly [string, number] => [name, Math.round(1e6 * share)])
  .filter(([, ppm]) => ppm >= LEAST_PPM)
  .sort(([, a], [, b]) => b - a);
const version = /version (\S+)/.exec(spawnSync('strace', ['--version'], { encoding: 'utf8' }).stdout)?.[1];
const text = `// Written by tools/measure-calls.ts with strace ${version} on x86_64: ${Object.keys(workloads).join(', ')}.
/** Of a million calls of ordinary programs, how many are these; every program weighs the same. */
export const callShares: Readonly<Record<string, number>> = {
${rows.map(([name, ppm]) => `  ${name}: ${ppm},`).join('\n')}
};
`;
const file = join(import.meta.dirname, '../src/compile/builtin/call-shares.generated.ts');
writeFileSync(file, text);
process.stdout.write(`${file}: ${rows.length} calls\n`);
