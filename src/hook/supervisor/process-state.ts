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
  /** A map of Go that was never made is written as `null`. */
  readonly annotations?: Readonly<Record<string, string>> | null;
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
  const { ociVersion, id, status, pid, bundle, annotations } = state;
  const text = JSON.stringify({
    ociVersion,
    fds: [SECCOMP_FD],
    pid,
    ...(metadata === undefined || metadata === '' ? {} : { metadata }),
    state: { ociVersion, id, status, pid, bundle },
  });
  const added = annotationsText(annotations ?? {});
  // Behind the bundle: the state and the whole end after it.
  return escapeAsGo(added === '' ? text : `${text.slice(0, -2)},"annotations":${added}}}`);
}

/** Written by hand: an object of JavaScript has keys such as `9` first, by their value. Go sorts all keys by their bytes. */
function annotationsText(annotations: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(annotations).toSorted(([a], [b]) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)),
  );
  const members = sorted.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  return members.length === 0 ? '' : `{${members.join(',')}}`;
}

function escapeAsGo(text: string): string {
  return text.replace(
    /[<>&\u2028\u2029]/g,
    (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
