/**
 * Starts a program of another project that installs filters, and reads them from the kernel. It gets mounts and control groups
 * of its own, and all of it ends with the test.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DecidableProgram } from '../../../src/decision/answer-call.ts';
import { readProcessFilters } from '../../../src/kernel/process-filters.ts';
import { HANGS_AFTER } from '../../support/patience.ts';

const POLL = 50;

/**
 * The own control groups of this process, in each hierarchy that is mounted where it usually is; without cpuset, whose new
 * groups take no process.
 */
function ownGroups(): readonly string[] {
  const lines = readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n');
  return lines.flatMap((line) => {
    const [, controllers = '', path = ''] = /^\d+:(.*?):(.*)$/.exec(line) ?? [];
    if (controllers.split(',').includes('cpuset')) return [];
    const names = controllers === '' ? ['unified', '.'] : [controllers.replace('name=', '')];
    const found = names.map((name) => join('/sys/fs/cgroup', name, path));
    return found.filter((folder) => existsSync(join(folder, 'cgroup.procs'))).slice(0, 1);
  });
}

export interface Started {
  /** The filters of the process with this mark on its command line, `undefined` if it has ended or never began. */
  readonly filters: (mark: string) => readonly DecidableProgram[] | undefined;
  /** Waits until such a process runs, or the program has ended. */
  readonly waitFor: (mark: string) => Promise<void>;
  readonly output: () => string;
}

/**
 * Runs a shell script, and gives a test what it started.
 *
 * @param script - runs in mount, PID, UTS, IPC and network namespaces of its own, every mount of the machine read-only,
 *   /tmp, /run and /var empty; `$FILES` has the files
 */
export async function withStarted<T>(
  files: Readonly<Record<string, string>>,
  script: string,
  work: (started: Started) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-started-'));
  const group = folder.slice(folder.lastIndexOf('/') + 1);
  const groups = ownGroups().map((each) => join(each, group));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o700 });
  for (const each of groups) mkdirSync(each);
  let child: ChildProcess | undefined;
  try {
    let output = '';
    const enter = groups.map((each) => `echo $$ > ${each}/cgroup.procs`).join('\n');
    const outer = `${enter}\nexec unshare --pid --fork --kill-child --mount --uts --ipc --net --cgroup --mount-proc sh -ec '. "$0"' ${folder}/inner`;
    writeFileSync(join(folder, 'inner'), inner(folder, script));
    child = spawn('sh', ['-ec', outer], { stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise<void>((resolve) => child?.once('exit', () => resolve()));
    let isOver = false;
    void ended.then(() => {
      isOver = true;
    });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (output += String(text)));
    const waitFor = async (mark: string): Promise<void> => {
      for (let left = HANGS_AFTER; left > 0 && !isOver; left -= POLL) {
        if (pidOf(mark) !== undefined) return;
        await sleep(POLL);
      }
    };
    const filters = (mark: string): readonly DecidableProgram[] | undefined => {
      const pid = pidOf(mark);
      return pid === undefined ? undefined : readProcessFilters(pid);
    };
    return await work({ filters, waitFor, output: () => output });
  } finally {
    if (child?.pid !== undefined && child.exitCode === null) await end(child);
    for (const each of groups) removeGroup(each);
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * What must not happen to the machine cannot: a manager that starts as PID 1 empties /tmp and sets sysctls, for instance.
 * Every mount of the machine is read-only in the namespace, and its /dev has no device but those that programs need.
 */
function inner(folder: string, script: string): string {
  return `mount --make-rprivate /
umount -R -l /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs tmpfs /mnt
cp -r ${folder} /mnt/files
mkdir /mnt/dev
for each in null zero full random urandom tty; do touch /mnt/dev/$each; mount --bind /dev/$each /mnt/dev/$each; done
mkdir /mnt/dev/pts /mnt/dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts /mnt/dev/pts
ln -s pts/ptmx /mnt/dev/ptmx
ln -s /proc/self/fd /mnt/dev/fd
# All that is the machine's is read-only, or gone.
mount --bind /proc/sys /proc/sys
awk '{ print $5 }' /proc/self/mountinfo | grep -v -x -e /proc -e '/mnt\\(/.*\\)*' -e '/dev\\(/.*\\)*' -e /sys/fs/cgroup | while read -r each; do
  mount -o remount,bind,ro "$each" 2>/dev/null || umount -l "$each" || exit 1
done
mount --rbind /mnt/dev /dev
for each in /tmp /run /var; do mount -t tmpfs tmpfs $each; done
cp -r /mnt/files /run/files
FILES=/run/files
for each in /etc ${process.cwd()} /proc/sys/fs; do
  if [ -w "$each" ]; then echo "$each is not read-only"; exit 1; fi
done
${script}
`;
}

function pidOf(mark: string): number | undefined {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
      if (/(?:sleep|busybox)$/.test(words[0] ?? '') && words.at(-2) === mark) return Number(name);
    } catch {
      // It has ended.
    }
  }
  return undefined;
}

/** The first process of the namespace ends all others with it. */
async function end(child: ChildProcess): Promise<void> {
  const over = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
  for (const pid of children === '' ? [] : children.split(' ')) process.kill(Number(pid), 'SIGKILL');
  if (children === '') child.kill('SIGKILL');
  await over;
}

function removeGroup(group: string): void {
  if (!existsSync(group)) return;
  for (const entry of readdirSync(group, { withFileTypes: true })) {
    if (entry.isDirectory()) removeGroup(join(group, entry.name));
  }
  for (let left = 100; left > 0; left--) {
    try {
      rmdirSync(group);
      return;
    } catch {
      // The kernel is still ending the last process of the group.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL);
    }
  }
}
