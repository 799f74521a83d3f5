/**
 * Command lines of runtimes, with the bundle each makes a container from.
 * @module
 */
import type { WrappedRuntime } from '../../../src/hook/wrapper/runtime-call.ts';

type Row = readonly [words: string, bundle: string | undefined, config?: string];

/** As engines call their runtimes; recorded from the engines named. */
const recorded: readonly Row[] = [
  ['create --bundle /b --pid-file /b/pidfile ID', '/b'], // conmon 2.1.6 for Podman 4.3.1
  ['--log-format=json --log /b/oci-log create --bundle /b --pid-file /b/pidfile ID', '/b'], // for a known runtime
  ['start ID', undefined],
  ['exec --pid-file /b/pid --process /b/process --detach ID', undefined],
  ['kill ID 9', undefined],
  ['delete --force ID', undefined],
  // containerd-shim-runc-v2 1.6.20 for dockerd 20.10.24
  ['--root /r --log /b/log.json --log-format json create --bundle /b --pid-file /b/init.pid ID', '/b'],
  ['--root /r --log /l --log-format json create --bundle /b --pid-file /p --console-socket /tmp/s ID', '/b'],
  ['--root /r --log /l --log-format json --systemd-cgroup create --bundle /b --pid-file /p ID', '/b'],
  ['--root /r --log /l --log-format json exec --process /tmp/p --detach --pid-file /p ID', undefined],
  ['--root /r --log /l --log-format json ps --format json ID', undefined],
];

const both: readonly Row[] = [
  ...recorded,
  ['run ID', '.'],
  ['run --bundle=/b ID', '/b'],
  ['run -b /b ID', '/b'],
  ['run --bundle /a --bundle /b ID', '/b'],
  ['run -d --bundle /b ID', '/b'],
  ['--debug --root /r run --bundle /b ID', '/b'],
  ['--rootless true run --bundle /b ID', '/b'],
  ['--root run state ID', undefined],
  ['--root=create state ID', undefined],
  ['state create', undefined],
  ['exec ID run', undefined],
  ['exec ID create --bundle /b', undefined],
  ['--version', undefined],
  ['', undefined],
  // Options that are not known here.
  ['--new=run state ID', undefined],
  ['--new --root /r run --bundle /b ID', '/b'],
  ['--new value run --bundle /b ID', '/b'],
  ['--new run --bundle /b ID', '/b'],
  ['run --new value --bundle /b ID', '/b'],
  ['run --new --bundle /b ID', '/b'],
];

const only: Readonly<Record<WrappedRuntime, readonly Row[]>> = {
  runc: [
    ['run -bundle /b ID', '/b'],
    ['run -b=/b ID', '/b'],
    ['run --bundle= ID', '.'],
    ['run ID --bundle /b', '/b'],
    ['run -- ID --bundle /b', '.'],
    ['-debug=true -root /r run --bundle /b ID', '/b'],
    ['--criu run create --bundle /b ID', '/b'],
    ['run --pid-file --bundle /b ID', '.'],
  ],
  crun: [
    ['run -b/b ID', '/b'],
    ['run -db /b ID', '/b'],
    ['run -db/b ID', '/b'],
    ['run -b=/b ID', '=/b'],
    ['run --bund /b ID', '/b'],
    ['run --config /c.json ID', '.', '/c.json'],
    ['run -b /b -f c.json ID', '/b', 'c.json'],
    ['--cgroup-manager run create --bundle /b ID', '/b'],
    ['--cgroup run create --bundle /b ID', '/b'],
    ['--log-f run create --bundle /b ID', '/b'],
  ],
};

/** A row by name, for `it.each`. */
export interface CommandLine {
  readonly line: string;
  readonly bundle: string | undefined;
  readonly config: string | undefined;
}

export function commandLines(runtime: WrappedRuntime): readonly CommandLine[] {
  return [...both, ...only[runtime]].map(([line, bundle, config]) => ({ line, bundle, config }));
}
