/**
 * Resolution against Podman itself: what it writes into a bundle's config.json, for its default profile, ours, and
 * the quirks of fixtures/resolve. Containers, images and state live in a temporary directory of their own.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findArchitecture } from '../../src/abi/find-architecture.ts';
import { builtinProfiles } from '../../src/oci/builtin/index.ts';
import { parseKernelVersion } from '../../src/oci/host.ts';
import { blocks } from '../../src/oci/problems.ts';
import { readProfile } from '../../src/oci/read-profile.ts';
import { resolveProfile } from '../../src/oci/resolve-profile.ts';
import { serializeLinuxSeccomp, serializeProfile } from '../../src/oci/serialize.ts';
import { plainJson, profileFromJson } from '../oci/profile-json.ts';
import { skipUnless } from './libraries.ts';

/** Where distributions put the profile Podman uses when nobody names one. */
const systemProfile = '/usr/share/containers/seccomp.json';
const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((path) => existsSync(path));
const has = (command: string) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
const present = process.getuid?.() === 0 && busybox !== undefined && has('podman') && has('runc');

const flagCases = [
  'no flags',
  '--cap-add=SYS_ADMIN',
  '--cap-add=AUDIT_WRITE --cap-add=BPF --cap-drop=SYS_CHROOT',
  '--cap-add=ALL',
  '--cap-drop=ALL',
  '--user=1000',
];

const split = (flags: string): readonly string[] => flags.split(' ').filter((flag) => flag.startsWith('--'));

const fixtureNames = [
  ...[
    'conditions',
    'errno-names',
    'errno-eintr',
    'errno-unknown-dropped',
    'errno-unknown-default',
    'name',
    'no-names',
  ],
  ...['name-and-names', 'name-and-names-dropped', 'architectures', 'architectures-and-arch-map', 'empty'],
  ...['empty-lists', 'min-kernel-invalid-only'],
];

describe.skipIf(skipUnless(present))(
  'resolveProfile against podman (needs root, podman, runc, busybox-static)',
  () => {
    let directory: string;

    const podman = (...args: readonly string[]): string =>
      execFileSync('podman', [...options(), ...args], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      }).trim();
    const options = (): readonly string[] => [
      ...[
        '--root',
        join(directory, 'root'),
        '--runroot',
        join(directory, 'run'),
        '--tmpdir',
        join(directory, 'tmp'),
      ],
      ...['--storage-driver=vfs', '--runtime=runc', '--cgroup-manager=cgroupfs', '--events-backend=none'],
    ];

    /** Creates a container and reads the bundle; `refused` if Podman does not create it. */
    function bundle(flags: readonly string[]): { seccomp: unknown; bounding: readonly string[] } | 'refused' {
      const limits = ['--network=none', '--ulimit=nofile=1024:1024', '--ulimit=nproc=100:100'];
      const args = [...options(), 'create', ...limits, ...flags, 'resolve-test', '/bin/true'];
      const created = spawnSync('podman', args, { encoding: 'utf8' });
      if (created.status !== 0) return 'refused';
      const id = created.stdout.trim();
      try {
        // Whether the runtime then takes the bundle is another question: some fixtures name what runc refuses.
        spawnSync('podman', [...options(), 'init', id], { stdio: 'ignore' });
        const text = readFileSync(join(directory, 'root/vfs-containers', id, 'userdata/config.json'), 'utf8');
        const config = plainJson(text) as {
          process: { capabilities?: { bounding?: readonly string[] } };
          linux: { seccomp?: unknown };
        };
        return {
          seccomp: config.linux.seccomp ?? null,
          bounding: config.process.capabilities?.bounding ?? [],
        };
      } finally {
        podman('rm', '-f', id);
      }
    }

    function ours(profile: string, capabilities: readonly string[]): unknown {
      const kernel = parseKernelVersion(release()) ?? { kernel: 0, major: 0 };
      const arch = findArchitecture(process.arch)?.name ?? 'x86_64';
      const { seccomp } = resolveProfile(profileFromJson(profile, 'podman'), { arch, kernel, capabilities });
      return seccomp === undefined ? null : plainJson(serializeLinuxSeccomp(seccomp));
    }

    beforeAll(() => {
      directory = mkdtempSync(join(tmpdir(), 'oci-seccomp-podman-'));
      mkdirSync(join(directory, 'rootfs/bin'), { recursive: true });
      if (busybox !== undefined) copyFileSync(busybox, join(directory, 'rootfs/bin/true'));
      const image = join(directory, 'rootfs.tar');
      execFileSync('tar', ['-C', join(directory, 'rootfs'), '-cf', image, '.']);
      podman('import', image, 'resolve-test');
      writeFileSync(join(directory, 'ours.json'), serializeProfile(builtinProfiles['podman-default']()));
    });
    afterAll(() => {
      if (directory === undefined) return;
      podman('rm', '-af');
      podman('rmi', '-af');
      rmSync(directory, { recursive: true, force: true });
    });

    it.skipIf(skipUnless(existsSync(systemProfile))).each(flagCases)(
      `its default profile, ${systemProfile} (skipped where it is absent): %s`,
      (flags) => {
        const theirs = bundle(split(flags));
        if (theirs === 'refused') throw new Error('podman created no container');
        expect(theirs.seccomp).toEqual(ours(readFileSync(systemProfile, 'utf8'), theirs.bounding));
      },
    );

    it.each(flagCases)('the built-in podman-default, written out: %s', (flags) => {
      const file = join(directory, 'ours.json');
      const theirs = bundle([...split(flags), `--security-opt=seccomp=${file}`]);
      if (theirs === 'refused') throw new Error('podman created no container');
      expect(theirs.seccomp).toEqual(ours(readFileSync(file, 'utf8'), theirs.bounding));
    });

    it.each(fixtureNames)('fixtures/resolve/%s.json', (name) => {
      const file = join(import.meta.dirname, `../../fixtures/resolve/${name}.json`);
      const theirs = bundle([`--security-opt=seccomp=${file}`]);
      const text = readFileSync(file, 'utf8');
      if (theirs === 'refused') {
        expect(() => ours(text, [])).toThrow();
        const { problems } = readProfile(text, { dialect: 'podman' });
        expect(problems.filter((problem) => blocks(problem, ['podman']))).not.toEqual([]);
      } else expect(theirs.seccomp).toEqual(ours(text, theirs.bounding));
    });

    it('--privileged turns seccomp off without a profile', () => {
      expect(bundle(['--privileged'])).toMatchObject({ seccomp: null });
    });
  },
);
