/**
 * Resolution against the engines' own code: moby's loader, containers/common's, and plain decoding into
 * runtime-spec's object, which is what containerd does.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allArchitectures } from '../../src/abi/architectures.ts';
import { capabilitySets } from '../../src/abi/capabilities.ts';
import { findArchitecture } from '../../src/abi/find-architecture.ts';
import type { Engine } from '../../src/consumers.ts';
import { OciSeccompError } from '../../src/errors.ts';
import { builtinProfiles } from '../../src/oci/builtin/index.ts';
import { type Host, parseKernelVersion } from '../../src/oci/host.ts';
import type { LinuxSeccomp } from '../../src/oci/linux-seccomp.ts';
import type { Profile } from '../../src/oci/profile.ts';
import { readProfile } from '../../src/oci/read-profile.ts';
import { podmanErrno, podmanErrnoNames } from '../../src/oci/resolve/podman-errno.ts';
import { resolveProfile } from '../../src/oci/resolve-profile.ts';
import { serializeLinuxSeccomp, serializeProfile } from '../../src/oci/serialize.ts';
import { plainJson, profileFromJson } from '../oci/profile-json.ts';
import { skipUnless } from './libraries.ts';
import { buildLoader, type LoaderName, missingForLoader, runLoader } from './resolve/oracle.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/resolve');
const shared = join(import.meta.dirname, '../../../shared/data');

/** Profiles by name; what lies in shared/data is added where it exists. */
const texts = new Map<string, string>();
for (const name of ['docker-default', 'podman-default'] as const) {
  texts.set(`the built-in ${name}`, serializeProfile(builtinProfiles[name]()));
}
for (const directory of [fixtures, shared, join(shared, 'corpus')]) {
  for (const file of existsSync(directory) ? readdirSync(directory).sort() : []) {
    if (!/\.(json|profile)$/.test(file)) continue;
    const text = readFileSync(join(directory, file), 'utf8');
    if (isJsonObject(text)) texts.set(`${basename(directory)}/${file}`, text);
  }
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

const capabilityCases = {
  ...capabilitySets,
  'only CAP_SYS_ADMIN': ['CAP_SYS_ADMIN'],
  'no set at all': null,
} as const satisfies Record<string, readonly string[] | null>;

const kernel = parseKernelVersion(release()) ?? { kernel: 0, major: 0 };
const arch = findArchitecture(process.arch)?.name ?? 'x86_64';

/** Ours, as the loaders print theirs: the object, `null` for seccomp off, or `refused`. */
function resolved(profile: Profile, capabilities: Host['capabilities'], engine: Engine): unknown {
  try {
    const { seccomp } = resolveProfile(profile, { arch, kernel, capabilities }, { engine });
    return seccomp === undefined ? null : plainJson(serializeLinuxSeccomp(seccomp));
  } catch (error) {
    if (error instanceof OciSeccompError && error.code === 'ERR_PROFILE_SEMANTICS') return 'refused';
    throw error;
  }
}

/** What our own reader makes of a text, whoever refuses it for what a runtime or the kernel says later. */
function readAnyway(text: string, dialect: 'docker' | 'podman'): Profile | undefined {
  const { profile } = readProfile(text, { dialect });
  if (profile === undefined) return undefined;
  const { refusals: _, ...read } = profile;
  return read;
}

/** What Docker 20.10's loader does not have yet. */
const laterKeys = ['defaultErrnoRet', 'flags', 'listenerPath', 'listenerMetadata'] as const;

/** What Docker 20.10 makes of a profile, given what today's Docker does. */
function asDocker20(ours: unknown): unknown {
  if (typeof ours !== 'object' || ours === null) return ours;
  const rest: Partial<Record<keyof LinuxSeccomp, unknown>> = { ...ours };
  for (const key of laterKeys) delete rest[key];
  return rest;
}

/** A condition keeps Docker 20.10 from looking at such a rule's names; today's Docker looks at them first. */
const namesLookedAtLater = 'resolve/name-and-names-dropped.json';

const cases = [
  { engine: 'docker', dialect: 'docker', loader: 'moby' },
  { engine: 'podman', dialect: 'podman', loader: 'containers-common' },
  { engine: 'containerd', dialect: 'docker', loader: 'runtime-spec' },
] as const satisfies readonly { engine: Engine; dialect: 'docker' | 'podman'; loader: LoaderName }[];

describe.each(cases)('resolveProfile as $engine against its own code', ({ engine, dialect, loader }) => {
  const missing = missingForLoader(loader);
  const name = missing === undefined ? `${loader}'s loader` : `${loader}'s loader, which needs: ${missing}`;
  describe.skipIf(skipUnless(missing === undefined))(name, () => {
    let directory: string;
    let program: string;
    let isDocker20 = false;
    const answers = new Map<string, unknown>();

    beforeAll(() => {
      directory = mkdtempSync(join(tmpdir(), 'oci-seccomp-resolve-'));
      program = buildLoader(loader, directory);
      const keys: string[] = [];
      const requests = [...texts].flatMap(([text, profile]) =>
        Object.entries(capabilityCases).map(([set, caps]) => {
          keys.push(`${text}, ${set}`);
          return { profile, caps };
        }),
      );
      // Go tells an absent list from an empty one; a LinuxSyscall always has the list.
      for (const [i, line] of runLoader([program], requests).entries()) {
        const answer = plainJson(line.replaceAll('"names":null', '"names":[]')) as {
          seccomp: unknown;
          error?: string;
        };
        answers.set(keys[i] ?? '', answer.error === undefined ? answer.seccomp : 'refused');
      }
      const probe = answers.get('resolve/everything.json, none') as LinuxSeccomp;
      isDocker20 = loader === 'moby' && probe.flags === undefined;
    });
    afterAll(() => {
      rmSync(directory, { recursive: true, force: true });
    });

    it('refuses a byte-order mark', () => {
      const text = '\ufeff{"defaultAction":"SCMP_ACT_ALLOW"}';
      const [answer = ''] = runLoader([program], [{ profile: text, caps: [] }]);
      expect(answer).toMatch(/"error":".*invalid character/);
      expect(readProfile(text, { dialect }).problems.map(({ code }) => code)).toEqual(['byte-order-mark']);
    });

    it.each([...texts.keys()])('%s', (text) => {
      const profile = profileFromJson(texts.get(text) ?? '', dialect);
      const read = readAnyway(texts.get(text) ?? '', dialect);
      for (const [set, caps] of Object.entries(capabilityCases)) {
        const theirs = answers.get(`${text}, ${set}`);
        const ours = resolved(profile, caps ?? undefined, engine);
        if (isDocker20 && text === namesLookedAtLater) {
          expect(theirs, set).toEqual({ defaultAction: 'SCMP_ACT_ERRNO' });
          expect(ours, set).toBe('refused');
        } else if (engine === 'containerd' && ours === null) {
          // The object says nothing; that this means "off" is for the runtime to say.
          expect(theirs, set).toEqual({ defaultAction: '' });
        } else expect(isDocker20 ? asDocker20(ours) : ours, set).toEqual(theirs);
        if (read !== undefined)
          expect(resolved(read, caps ?? undefined, engine), `read: ${set}`).toEqual(ours);
      }
    });
  });
});

const errnoTables = (process.env.OCI_SECCOMP_GOPATH ?? '/usr/share/gocode')
  .split(delimiter)
  .map((root) => join(root, 'src/golang.org/x/sys/unix'))
  .find((directory) => existsSync(directory));

/** Reads `ENOSYS = syscall.Errno(0x26)` lines: what containers/common's names stand for in a build. */
function goErrnos(goArch: string): ReadonlyMap<string, number> {
  const files = ['zerrors_linux.go', `zerrors_linux_${goArch}.go`];
  const text = files.map((file) => readFileSync(join(errnoTables ?? '', file), 'utf8')).join('');
  const matches = text.matchAll(/^\s*(E\w+)\s*=\s*syscall\.Errno\((\w+)\)/gm);
  return new Map([...matches].map(([, name = '', number]) => [name, Number(number)]));
}

describe.skipIf(skipUnless(errnoTables !== undefined))(
  "podmanErrno against Go's errno tables (needs golang-golang-x-sys-dev)",
  () => {
    const arches = allArchitectures.filter(
      ({ goArch }) =>
        goArch !== undefined && existsSync(join(errnoTables ?? '', `zerrors_linux_${goArch}.go`)),
    );
    it.each(arches.map(({ name, goArch }) => ({ name, goArch })))('$name', ({ name, goArch = '' }) => {
      const numbers = goErrnos(goArch);
      for (const errno of podmanErrnoNames) expect(podmanErrno(errno, name), errno).toBe(numbers.get(errno));
    });
  },
);
