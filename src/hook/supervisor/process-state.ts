/**
 * The data that a seccomp agent gets with the listener of a container.
 *
 * Source: runtime-spec 1.3 config-linux.md "The Container Process State", runtime.md "State"; runc 1.1.5
 * libcontainer/process_linux.go (sendContainerProcessState), whose bytes these are.
 * @module
 */

/** The state that a runtime hands to its hooks. */
export interface RuntimeState {
  readonly ociVersion: string;
  readonly id: string;
  readonly status: string;
  readonly pid: number;
  readonly bundle: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The spec's name for the one descriptor that is sent. */
const SECCOMP_FD = 'seccompFd';

/**
 * The JSON text of a container process state, byte for byte what runc sends for the same state: keys of annotations in
 * order, and what Go's encoder escapes escaped.
 *
 * @param metadata - `listenerMetadata` of the profile
 */
export function containerProcessState(state: RuntimeState, metadata: string | undefined): string {
  const { ociVersion, id, status, pid, bundle, annotations = {} } = state;
  const names = Object.keys(annotations).sort();
  const sorted = Object.fromEntries(names.map((name) => [name, annotations[name]]));
  const text = JSON.stringify({
    ociVersion,
    fds: [SECCOMP_FD],
    pid,
    ...(metadata === undefined || metadata === '' ? {} : { metadata }),
    state: { ociVersion, id, status, pid, bundle, ...(names.length === 0 ? {} : { annotations: sorted }) },
  });
  return text.replace(
    /[<>&\u2028\u2029]/g,
    (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
