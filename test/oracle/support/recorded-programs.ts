/**
 * Programs to record: what they print depends on nothing that changes between two runs.
 * @module
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runs32Bit } from './runs-32-bit.ts';

export interface RecordedProgram {
  readonly name: string;
  /** What must be there; the row is left out where it is not. */
  readonly needs: readonly string[];
  readonly words: readonly string[];
  /** Which of the calls differ from run to run: threads meet, or do not. */
  readonly varying?: readonly string[];
  /** It is built first. */
  readonly source?: { readonly file: string; readonly text: string; readonly build: readonly string[] };
}

const sh = (script: string): readonly string[] => ['sh', '-c', script];
const THREADS = `#include <pthread.h>
#include <stdio.h>
static void *work(void *n) { return n; }
int main(void) { pthread_t t[4]; for (long i = 0; i < 4; i++) pthread_create(&t[i], 0, work, (void *)i);
  for (int i = 0; i < 4; i++) pthread_join(t[i], 0); puts("joined"); return 0; }`;
const HELLO = '#include <stdio.h>\nint main(void) { puts("hello"); return 7; }';
/** getpid by int 0x80, as a 32-bit program calls it. */
const INT80 = `#include <stdio.h>
int main(void) { long r; __asm__ volatile("int $0x80" : "=a"(r) : "a"(20) : "memory"); puts(r > 0 ? "32" : "no"); return 0; }`;
const GO =
  'package main\nimport "fmt"\nfunc main() { c := make(chan int); go func() { c <- 5 }(); fmt.Println(<-c) }\n';
const WEB = `import http.server, threading, urllib.request
s = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
s.RequestHandlerClass.log_message = lambda *a: None
threading.Thread(target=s.serve_forever, daemon=True).start()
print(urllib.request.urlopen("http://127.0.0.1:%d/" % s.server_port).status)
s.shutdown()`;

const CURLED = `import http.server, subprocess, threading
s = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
s.RequestHandlerClass.log_message = lambda *a: None
threading.Thread(target=s.serve_forever, daemon=True).start()
url = "http://127.0.0.1:%d/" % s.server_port
print(subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", url], capture_output=True).stdout)
s.shutdown()`;
/** For printf: one process, which needs no user of its own: as root it would give its folder to another one. */
const NGINX =
  'daemon off; master_process off; user root root; pid ng.pid; error_log ng.err; events {} http { access_log off; client_body_temp_path ng.t; proxy_temp_path ng.t; fastcgi_temp_path ng.t; uwsgi_temp_path ng.t; scgi_temp_path ng.t; server { listen unix:%s/ng.sock; location / { return 200 served; } } }';
/** Sleeps at least once, so that each recording has it, and gives up after a while. */
const untilDone = (command: string): string =>
  `sleep 0.05; n=0; until ${command} || [ $((n += 1)) -gt 600 ]; do sleep 0.05; done`;
/** getpid and exit of the 32-bit ABI. */
const PROGRAM32 = `static long call(long number, long first) { long result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(first) : "memory"); return result; }
void _start(void) { call(1, call(20, 0) > 0 ? 32 : 1); for (;;); }`;

const always: readonly RecordedProgram[] = [
  { name: 'true', needs: [], words: ['true'] },
  {
    name: 'a pipeline of a shell',
    needs: [],
    words: sh('for i in 1 2 3; do echo $i; done | sort -r; exit 3'),
  },
  {
    name: 'coreutils',
    needs: [],
    words: sh('stat -c %F /etc; date -u -d @0; sleep 0.01; head -c 8 /dev/zero | wc -c; ls /etc/passwd'),
  },
  { name: 'a static busybox', needs: ['busybox'], words: ['busybox', 'sh', '-c', 'busybox uname -s'] },
  {
    name: 'threads of C',
    needs: ['gcc'],
    words: ['./threads'],
    varying: ['munmap', 'madvise', 'futex'],
    source: { file: 'threads.c', text: THREADS, build: ['gcc', '-pthread', '-o', 'threads', 'threads.c'] },
  },
  {
    name: '32-bit calls',
    needs: ['gcc'],
    words: ['./int80'],
    source: { file: 'int80.c', text: INT80, build: ['gcc', '-o', 'int80', 'int80.c'] },
  },
  {
    name: 'python and its threads',
    needs: ['python3'],
    words: [
      'python3',
      '-S',
      '-c',
      // join() comes back before the thread has made its last calls.
      'import os, threading; t = threading.Thread(target=print, args=(1,)); t.start(); t.join()\nwhile len(os.listdir("/proc/self/task")) > 1: pass',
    ],
  },
  {
    name: 'node',
    needs: [],
    words: [process.execPath, '-e', 'setTimeout(() => console.log(6 * 7), 5)'],
    varying: [
      'munmap',
      'madvise',
      'epoll_wait',
      'epoll_pwait',
      'mprotect',
      'restart_syscall',
      'sched_yield',
      'read',
    ],
  },
  { name: 'sqlite', needs: ['sqlite3'], words: sh('sqlite3 :memory: "create table t(a); select 1 + 1"') },
  { name: 'tar', needs: ['tar'], words: sh('tar -C /etc -cf - passwd group | tar -tf -') },
  {
    name: 'git',
    needs: ['git'],
    words: sh('git init -q g && (cd g && git status --short | wc -l); rm -rf g'),
  },
  {
    name: 'a compiler',
    needs: ['gcc'],
    words: sh('echo "int main(void){return 0;}" | gcc -x c -o compiled - && ./compiled; echo $?'),
  },
];

/** For those who have more time. */
const thorough: readonly RecordedProgram[] = [
  {
    name: 'a static program of C',
    needs: ['gcc'],
    words: ['./static'],
    source: { file: 's.c', text: HELLO, build: ['gcc', '-static', '-o', 'static', 's.c'] },
  },
  {
    name: 'Go',
    needs: ['go'],
    words: ['./go-program'],
    varying: [
      'futex',
      'nanosleep',
      'tgkill',
      'getpid',
      'rt_sigreturn',
      'madvise',
      'clone',
      'sigaltstack',
      'gettid',
      'epoll_pwait',
      'munmap',
      'mmap',
      'sched_yield',
      'write',
      'read',
      'exit',
    ],
    source: { file: 'main.go', text: GO, build: ['go', 'build', '-o', 'go-program', 'main.go'] },
  },
  {
    name: 'a web server and a client',
    needs: ['python3'],
    words: ['python3', '-S', '-c', WEB],
    varying: ['futex', 'munmap', 'madvise', 'poll', 'shutdown', 'clock_nanosleep'],
  },
  { name: 'curl', needs: ['curl'], words: sh('curl -s file:///etc/hostname | wc -l'), varying: ['futex'] },
  {
    name: 'ssh-keygen',
    needs: ['ssh-keygen'],
    words: sh('rm -f k k.pub; ssh-keygen -q -t ed25519 -N "" -f k && ls k k.pub'),
  },
  {
    name: 'perl',
    needs: ['perl'],
    words: ['perl', '-e', 'print join(",", sort { $b <=> $a } 1 .. 5), "\\n"'],
  },
  { name: 'awk', needs: ['awk'], words: sh("echo 1 2 3 | awk '{ print $1 + $3 }'") },
  { name: 'make', needs: ['make'], words: sh('printf "all:\\n\\t@echo made\\n" | make -f -') },
  {
    name: 'bash',
    needs: ['bash'],
    words: ['bash', '-c', 'read x < <(echo y); echo $x; trap "echo usr" USR1; kill -USR1 $$'],
    // The end of its child comes when it may.
    varying: ['rt_sigreturn', 'wait4'],
  },
  { name: 'openssl', needs: ['openssl'], words: sh('echo abc | openssl dgst -sha256') },
  {
    name: 'find and xargs',
    needs: [],
    words: sh('find /etc -maxdepth 1 -name "host*" | sort | xargs -n 1 basename'),
  },
  { name: 'gzip', needs: ['gzip'], words: sh('echo text | gzip -c | gzip -dc') },
  {
    name: 'curl on loopback',
    needs: ['python3', 'curl'],
    words: ['python3', '-S', '-c', CURLED],
    varying: ['munmap', 'madvise', 'poll', 'shutdown', 'clock_nanosleep', 'rt_sigreturn', 'accept4'],
  },
  {
    name: 'nginx, which serves a request',
    needs: ['nginx', 'curl'],
    words: sh(
      `printf '${NGINX}' "$PWD" >ng.conf; rm -rf ng.sock ng.t; nginx -p "$PWD" -c "$PWD/ng.conf" & ${untilDone('curl -s --unix-socket ng.sock http://x/')}; kill -QUIT $!; wait`,
    ),
    varying: ['clock_nanosleep', 'rt_sigsuspend', 'rt_sigreturn', 'poll', 'recvfrom', 'shutdown', 'vfork'],
  },
  {
    name: 'redis, which keeps a value',
    needs: ['redis-server', 'redis-cli'],
    words: sh(
      `rm -f r.sock; redis-server --port 0 --unixsocket r.sock --save "" --logfile r.log & ${untilDone('redis-cli -s r.sock set a 5 2>/dev/null')}; redis-cli -s r.sock get a; redis-cli -s r.sock shutdown nosave; wait`,
    ),
    varying: [
      'clock_nanosleep',
      'rt_sigsuspend',
      'rt_sigreturn',
      'epoll_wait',
      'madvise',
      'munmap',
      'poll',
      'vfork',
    ],
  },
  ...(runs32Bit()
    ? [
        {
          name: 'a program that starts a 32-bit program',
          needs: ['gcc'],
          words: sh('./program32; echo $?'),
          source: {
            file: 'program32.c',
            text: PROGRAM32,
            build: [
              'gcc',
              '-m32',
              '-nostdlib',
              '-static',
              '-ffreestanding',
              '-o',
              'program32',
              'program32.c',
            ],
          },
        },
      ]
    : []),
  { name: 'sed, cut, tr', needs: [], words: sh('echo a:b | sed s/a/c/ | cut -d: -f1 | tr c d') },
  {
    name: 'cp, mv, rm, ln, chmod',
    needs: [],
    words: sh('echo 1 >f1; cp f1 f2; mv f2 f3; ln -sf f3 f4; chmod 600 f3; cat f4; rm f1 f3 f4'),
  },
  { name: 'signals', needs: [], words: sh('trap "echo got; exit 4" TERM; kill -TERM $$; sleep 1') },
  { name: 'env, id, uname', needs: [], words: sh('env -i true; id -u; uname -s') },
];

/** Whether all programs are recorded, in every kind of container. */
export const RECORDS_ALL = process.env.OCI_SECCOMP_RECORD_ALL === '1';

/** The programs that are here, built in the folder. */
export function recordedPrograms(folder: string): readonly RecordedProgram[] {
  mkdirSync(folder, { recursive: true });
  const all = RECORDS_ALL ? [...always, ...thorough] : always;
  const present = all.filter(({ needs }) =>
    needs.every((name) => spawnSync('sh', ['-c', 'command -v "$1"', 'sh', name]).status === 0),
  );
  for (const { source } of present) {
    if (source === undefined) continue;
    writeFileSync(join(folder, source.file), source.text);
    const [command = '', ...words] = source.build;
    const { status, stderr } = spawnSync(command, words, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${source.build.join(' ')}: ${stderr}`);
  }
  return present;
}
