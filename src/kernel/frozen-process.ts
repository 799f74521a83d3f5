/**
 * Whether a process is frozen: its control group was told to stop, and no signal and no tracer makes it go on.
 *
 * Nothing in the folder of the process says so: it seems to wait for whatever it waited for before.
 *
 * Sources: cgroups(7), proc_pid_mountinfo(5); Linux 6.18 Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst,
 * cgroup-v2.rst (cgroup.events).
 * @module
 */
import { readFileSync } from 'node:fs';

/** A file of a control group, and what it says of a frozen one; the groups above it count in both. */
const VERSIONS = [
  { type: 'cgroup', controller: 'freezer', file: 'freezer.state', says: /^(?:FROZEN|FREEZING)$/m },
  { type: 'cgroup2', controller: '', file: 'cgroup.events', says: /^frozen 1$/m },
] as const;

/** For messages. */
export const FROZEN = 'its control group is frozen, as runc pause and podman pause do it';

/** `false` also if it cannot be told. */
export function isFrozen(pid: number): boolean {
  return VERSIONS.some(({ type, controller, file, says }) => {
    const group = groupOf(pid, controller);
    return mountsOf(type, controller).some((mount) => says.test(read(`${mount}${group}/${file}`)));
  });
}

/** `hierarchy:controllers:path`, a line each; the second version has no controllers there. */
function groupOf(pid: number, controller: string): string {
  const lines = read(`/proc/${pid}/cgroup`).split('\n');
  const found = lines
    .map((line) => /^\d+:([^:]*):(.*)$/.exec(line))
    .find((match) => match?.[1] === controller);
  return found?.[2] ?? '';
}

/** Where the whole of a hierarchy is mounted. */
function mountsOf(type: string, controller: string): readonly string[] {
  return read('/proc/self/mountinfo')
    .split('\n')
    .flatMap((line) => {
      const [, , , root, point = ''] = line.split(' ');
      const [kind, , options = ''] = line.slice(line.indexOf(' - ') + 3).split(' ');
      const isWanted = kind === type && (controller === '' || options.split(',').includes(controller));
      return isWanted && root === '/' ? [point] : [];
    });
}

/** Empty if it cannot be read. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
