/**
 * What the tests of the runtime wrapper share: a wrapper and its bundles for each test, and the filter that is expected.
 * @module
 */
import { readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { builtinProfiles, resolveProfile } from 'oci-seccomp';
import { type LinuxSeccomp, parseKernelVersion } from 'oci-seccomp/oci';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { RuntimeBinary } from '../libraries.ts';
import { until } from './gates.ts';
import { compileSeccomp } from './ours.ts';
import { linkedLibrary } from './runtime.ts';
import { canonicalText } from './stub.ts';
import { type Bundle, type BundleOptions, makeBundle, openWrapper, type Wrapper } from './wrapper.ts';

export const wrapperNeeds = [
  'root',
  'x86_64',
  'busybox',
  'cc',
  'ptrace',
  'built',
  'runc',
  'crun',
  'fetched runc',
  'fetched crun',
] as const;

/** An own filter of the container, as engines write one. */
export const own = {
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_ERRNO', errnoRet: 95 }],
};
const mkdirDenied = JSON.stringify({
  ...own,
  syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_ERRNO', errnoRet: 93 }],
});
export const raw = 'run.oci.seccomp_bpf_data';
/** `ret ALLOW` */
export const allowAll = Buffer.from([6, 0, 0, 0, 0, 0, 0xff, 0x7f]).toString('base64');
export const annotation = 'dev.oci-seccomp.profile';

export interface Wrapped {
  readonly wrapper: Wrapper;
  /** A bundle that is removed after the test. */
  readonly bundle: (options?: BundleOptions) => Bundle;
}

/** In a suite: one wrapper in front of the runtime, and the configuration of before after each test. */
export function useWrapper(runtime: RuntimeBinary): Wrapped {
  let wrapper: Wrapper | undefined;
  const bundles: Bundle[] = [];
  const opened = (): Wrapper => {
    if (wrapper === undefined) throw new Error('a wrapper is there while tests run');
    return wrapper;
  };
  beforeAll(() => {
    wrapper = openWrapper(runtime);
    wrapper.configure({ library: linkedLibrary(runtime.path) });
    writeFileSync(join(wrapper.profilesDir, 'mkdir.json'), mkdirDenied);
    symlinkSync('/etc/passwd', join(wrapper.profilesDir, 'out.json'));
  });
  afterEach(() => {
    opened().configure({
      profile: 'docker-default',
      whenPresent: undefined,
      unconfined: undefined,
      as: undefined,
      strict: undefined,
    });
    for (const each of bundles.splice(0)) each.close();
  });
  afterAll(() => opened().close());
  return {
    get wrapper() {
      return opened();
    },
    bundle: (options) => {
      const made = makeBundle(options);
      bundles.push(made);
      return made;
    },
  };
}

/** What the runtime is handed of Docker's default. */
export function dockerDefault(capabilities: readonly string[] | undefined): LinuxSeccomp {
  const kernel = parseKernelVersion(release()) ?? { kernel: 0, major: 0 };
  const { seccomp } = resolveProfile(builtinProfiles['docker-default'](), {
    arch: 'x86_64',
    kernel,
    capabilities,
  });
  if (seccomp === undefined) throw new Error('the profile turns seccomp off');
  return seccomp;
}

/** The program that `compile` makes for a runtime. */
export function expectedProgram(
  { name, version, path }: RuntimeBinary,
  seccomp: LinuxSeccomp,
): Promise<Uint8Array> {
  return compileSeccomp(seccomp, {
    runtime: name === 'runc' ? `runc@${version}` : name,
    library: linkedLibrary(path),
  });
}

/** runc shuffles the sections of its stub. */
export const comparable = (filters: readonly Uint8Array[]): readonly string[] => filters.map(canonicalText);

/** Waits until the container's program runs. */
export async function started(pid: number): Promise<void> {
  await until('the program of the container runs', () =>
    readlinkSync(`/proc/${pid}/exe`).endsWith('/busybox'),
  );
}
