/**
 * Who may read filters: processes of their own, with less privilege each, are told what they lack.
 */
import { spawnSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { helperPath, toHex } from '../oracle/support/native.ts';
import { describeWith } from '../oracle/support/require.ts';
import { HANGS_AFTER } from '../support/patience.ts';
import { type Bundle, bundleProgram } from './support/bundle.ts';
import { allows, denies, endTargets, startTarget } from './support/target.ts';

interface Outcome {
  readonly lengths?: readonly number[];
  readonly code?: string;
  readonly message?: string;
  readonly hint?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

const EPERM = 1;
const EACCES = 13;
/** Wrapped around `node read-filters.mjs PID`. */
const dropped = [
  'setpriv',
  '--bounding-set=-all',
  '--inh-caps=-all',
  '--reuid=65534',
  '--regid=65534',
  '--clear-groups',
];

let reader: Bundle;

beforeAll(async () => {
  reader = await bundleProgram('test/kernel/support/read-filters.ts');
});
afterAll(() => reader.remove());
afterEach(endTargets);

function read(pid: number | string, wrapper: readonly string[] = [], input = ''): Outcome {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const [command = '', ...args] = [...wrapper, process.execPath, reader.file, String(pid)];
  const options = { env, input, encoding: 'utf8', timeout: HANGS_AFTER, killSignal: 'SIGKILL' } as const;
  const { stdout, stderr } = spawnSync(command, args, options);
  if (stdout === '') throw new Error(`${command}: ${stderr}`);
  return JSON.parse(stdout) as Outcome;
}

describeWith(['ptrace', 'cc', 'x86_64', 'root'], 'readProcessFilters in a process', () => {
  it('of root reads', async () => {
    const { pid } = await startTarget(['count'], { filters: [allows(3), denies(163)] });
    expect(read(pid)).toEqual({ lengths: [3, 4] });
  });

  it('of another user is told which capabilities it lacks', async () => {
    const { pid } = await startTarget(['count'], { filters: [denies(163)] });
    const { code, message, hint, details } = read(pid, dropped);
    expect(code).toBe('ERR_KERNEL');
    expect(message).toMatch(
      /^not permitted to trace process \d+ \(filter-target.*\), which belongs to user 0$/,
    );
    expect(hint).toBe(
      'this process lacks CAP_SYS_ADMIN and CAP_SYS_PTRACE: run this as root, outside of any container',
    );
    expect(details).toEqual({ pid, call: 'ptrace', request: 'PTRACE_SEIZE', errno: EPERM });
  });

  it('of another user still learns that there is no filter', async () => {
    const { pid } = await startTarget(['count']);
    expect(read(pid, dropped)).toEqual({ lengths: [] });
  });

  it('that may trace but lacks CAP_SYS_ADMIN is told so', async () => {
    const { pid } = await startTarget(['count'], { filters: [denies(163)] });
    // Tracing root's processes takes all its capabilities or CAP_SYS_PTRACE.
    const { message, hint, details } = read(pid, ['setpriv', '--bounding-set=-sys_admin']);
    expect(message).toMatch(/^not permitted to read filters/);
    expect(hint).toBe('this process lacks CAP_SYS_ADMIN: run this as root, outside of any container');
    expect(details).toMatchObject({ request: 'PTRACE_SECCOMP_GET_FILTER', errno: EACCES });
  });

  it('with a filter of its own is told so', async () => {
    const { pid } = await startTarget(['count'], { filters: [denies(163)] });
    const input = `filter ${toHex(allows(2))}\ngo\n`;
    const { message, hint, details } = read(pid, [helperPath('filter-target'), 'exec'], input);
    expect(message).toMatch(/^not permitted to read filters/);
    expect(hint).toMatch(/^only a process without a seccomp filter may read filters, and this one has one/);
    expect(details).toMatchObject({ request: 'PTRACE_SECCOMP_GET_FILTER', errno: EACCES });
  });

  it('that is root of a user namespace is told that this is not enough', async () => {
    const { pid } = await startTarget(['count'], { filters: [denies(163)] });
    const { message, hint } = read(pid, ['unshare', '--user', '--map-root-user']);
    expect(message).toMatch(/^not permitted to trace process/);
    expect(hint).toMatch(/^this needs CAP_SYS_ADMIN and CAP_SYS_PTRACE in the initial user namespace/);
  });

  it('that sees only processes of its own user in /proc is told so', async () => {
    const { pid } = await startTarget(['count'], { filters: [denies(163)] });
    const hidden = 'mount -t proc -o hidepid=2 proc /proc && exec "$@"';
    const { code, message, hint } = read(pid, ['unshare', '--mount', 'sh', '-c', hidden, 'sh', ...dropped]);
    expect(code).toBe('ERR_KERNEL');
    expect(message).toBe(`/proc does not show process ${pid}`);
    expect(hint).toBe('/proc shows only your own processes here (hidepid): run this as root');
  });

  it('reads no filters of itself', () => {
    const shell = `exec "$@" $$`;
    const { message, hint } = (() => {
      const { NODE_OPTIONS: _, ...env } = process.env;
      const args = ['exec', '/bin/sh', '-c', shell, 'sh', process.execPath, reader.file];
      const input = `filter ${toHex(allows(2))}\ngo\n`;
      const { stdout } = spawnSync(helperPath('filter-target'), args, { env, input, encoding: 'utf8' });
      return JSON.parse(stdout) as Outcome;
    })();
    expect(message).toBe('a process cannot read filters of itself');
    expect(hint).toMatch(/^another process can: oci-seccomp disasm --pid \d+$/);
  });
});
