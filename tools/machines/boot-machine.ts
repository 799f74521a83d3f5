/**
 * Starts a machine in qemu, has it run commands, and reads what they print from its serial line.
 * @module
 */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { projectRoot } from '../debian-cache.ts';
import { fetchMachine, packFolder } from './machine-files.ts';
import type { Machine } from './machine-list.ts';

export interface Task {
  /** Shell commands, run by busybox in /project as root, without standard input. */
  readonly commands: readonly string[];
  /** Files that are put there before: path in the machine → path here. Programs keep their mode. */
  readonly files?: Readonly<Record<string, string>>;
  /** Texts that are put there before: path in the machine → content. */
  readonly texts?: Readonly<Record<string, string>>;
}

export interface CommandResult {
  readonly command: string;
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Memory of a machine, in MiB. There is no disk, so all files are in it too. */
const MEMORY = 2560;
/**
 * Processor time that a machine may take, in seconds, which a busy machine does not use up: the slowest needs ten minutes
 * for all that tests ask of it.
 */
const CPU_SECONDS = 3600;
/** Marks lines of ours among those of the kernel. */
const MARK = '@@';

/**
 * Runs commands on a machine that is started for them and ends with them.
 *
 * @throws Error with the end of the serial line's text if it ends before the last command has
 */
export async function runOnMachine(machine: Machine, task: Task): Promise<readonly CommandResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-machine-'));
  try {
    const files = fetchMachine(machine);
    packTask(task, folder);
    const archives = [files.base, files.modules, join(folder, 'task.cpio')];
    const initrd = join(folder, 'initrd');
    execFileSync('sh', ['-c', 'out=$1; shift; cat "$@" > "$out"', 'sh', initrd, ...archives]);
    const [program = '', ...words] = machine.qemu;
    const text = await output(program, [
      ...words,
      ...['-m', String(MEMORY), '-smp', '1', '-display', 'none'],
      ...['-nodefaults', '-no-reboot', '-serial', 'stdio'],
      ...['-kernel', files.kernel, '-initrd', initrd],
      ...[
        '-append',
        `console=${machine.console} rdinit=/task/init panic=-1 quiet loglevel=0 random.trust_cpu=on`,
      ],
    ]);
    return readResults(task.commands, text);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function packTask(task: Task, folder: string): void {
  const root = join(folder, 'root');
  const put = (path: string, content: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  put('task/init', initScript(task.commands.length));
  chmodSync(join(root, 'task/init'), 0o755);
  for (const [i, command] of task.commands.entries()) put(`task/${i}.sh`, `${command}\n`);
  for (const [path, content] of Object.entries(task.texts ?? {})) put(path, content);
  for (const [path, from] of Object.entries(task.files ?? {})) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    cpSync(from, join(root, path), { recursive: true });
  }
  mkdirSync(join(root, 'project'), { recursive: true });
  // What only tests read would be two thirds of all that the machine unpacks.
  const filter = (path: string): boolean => path !== join(projectRoot(), 'dist/src');
  for (const part of ['package.json', 'dist', 'schemas'])
    cpSync(join(projectRoot(), part), join(root, 'project', part), { recursive: true, filter });
  packFolder(root, join(folder, 'task.cpio'));
}

/**
 * Prints a line for each command: its number, its exit code, its output and its errors, the last two in hexadecimal because old
 * busyboxes have no base64.
 *
 * /dev/fd has to be there as on every system: runc and crun start themselves again by a descriptor, and without it TOMOYO, a part
 * of Debian's kernels, lets no program be executed so (Linux 5.10 security/tomoyo/domain.c, tomoyo_find_next_domain).
 */
function initScript(count: number): string {
  return `#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
mkdir -p /proc /sys /dev /tmp /root /run /etc /var/tmp
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
ln -s /proc/self/fd /dev/fd
mkdir -p /dev/pts /dev/shm; mount -t devpts pts /dev/pts; mount -t tmpfs shm /dev/shm
mount -t tmpfs tmp /tmp; mount -t tmpfs run /run
mount -t cgroup2 cgroup /sys/fs/cgroup
echo 'root:x:0:0:root:/root:/bin/sh' > /etc/passwd; echo 'nobody:x:65534:65534:nobody:/:/bin/sh' >> /etc/passwd
ip link set lo up
cat > /bin/oci-seccomp <<'END'
#!/bin/sh
exec node /project/dist/bin/main.cjs "$@"
END
chmod 755 /bin/oci-seccomp
hex() { hexdump -v -e '1/1 "%02x"' "$1"; }
cd /project
i=0
while [ $i -lt ${count} ]; do
  sh /task/$i.sh > /tmp/out 2> /tmp/err < /dev/null
  status=$?
  echo; echo "${MARK} $i $status x$(hex /tmp/out) x$(hex /tmp/err) ${MARK}"
  i=$((i+1))
done
echo; echo "${MARK} end"
sync
reboot -f
`;
}

function output(program: string, words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const limited = ['-c', `ulimit -t ${CPU_SECONDS}; exec "$0" "$@"`, program, ...words];
    const child = spawn('sh', limited, { stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
  });
}

function readResults(commands: readonly string[], text: string): readonly CommandResult[] {
  const decode = (word = ''): string => Buffer.from(word, 'hex').toString('utf8');
  const results = [...text.matchAll(/^@@ (\d+) (\d+) x(\S*) x(\S*) @@\r?$/gm)].map((match) => ({
    command: commands[Number(match[1])] ?? '',
    status: Number(match[2]),
    stdout: decode(match[3]),
    stderr: decode(match[4]),
  }));
  if (results.length === commands.length && /^@@ end\r?$/m.test(text)) return results;
  throw new Error(
    `the machine ended after ${results.length} of ${commands.length} commands: ${text.slice(-2000)}`,
  );
}
