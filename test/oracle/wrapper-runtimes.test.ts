/** The runtime wrapper in front of every runc and crun found here. */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { builtinProfiles, resolveProfile } from 'oci-seccomp';
import { capabilitySets } from 'oci-seccomp/abi';
import { type LinuxSeccomp, parseKernelVersion, readProfile } from 'oci-seccomp/oci';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ociSeccomp, root } from '../cli/run.ts';
import { commandLines } from '../hook/support/command-lines.ts';
import { HANGS_AFTER } from '../support/patience.ts';
import { fetchedLibraries, installedRuntimes, type RuntimeBinary } from './libraries.ts';
import { compileSeccomp } from './support/ours.ts';
import { describeWith } from './support/require.ts';
import { linkedLibrary, readFilters } from './support/runtime.ts';
import { canonicalText } from './support/stub.ts';
import {
  type Bundle,
  type BundleOptions,
  makeBundle,
  openWrapper,
  programPath,
  type Wrapper,
} from './support/wrapper.ts';

const needs = [
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

function dockerDefault(capabilities: readonly string[] | undefined): LinuxSeccomp {
  const kernel = parseKernelVersion(release()) ?? { kernel: 0, major: 0 };
  const { seccomp } = resolveProfile(builtinProfiles['docker-default'](), {
    arch: 'x86_64',
    kernel,
    capabilities,
  });
  if (seccomp === undefined) throw new Error('the profile turns seccomp off');
  return seccomp;
}

function expected({ name, version, path }: RuntimeBinary, seccomp: LinuxSeccomp): Promise<Uint8Array> {
  return compileSeccomp(seccomp, {
    runtime: name === 'runc' ? `runc@${version}` : name,
    library: linkedLibrary(path),
  });
}

/** runc shuffles the sections of its stub. */
const comparable = (filters: readonly Uint8Array[]): readonly string[] => filters.map(canonicalText);

/** An own filter of the container, as engines write one. */
const own = {
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_ERRNO', errnoRet: 95 }],
};
const mkdirDenied = JSON.stringify({
  ...own,
  syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_ERRNO', errnoRet: 93 }],
});
const raw = 'run.oci.seccomp_bpf_data';
/** `ret ALLOW` */
const allowAll = Buffer.from([6, 0, 0, 0, 0, 0, 0xff, 0x7f]).toString('base64');
const annotation = 'dev.oci-seccomp.profile';
const tryMkdir = ['sh', '-c', 'grep Seccomp: /proc/self/status; mkdir /x'];

/** crun's `--config`: relative to the working folder, but for one word, which is the bundle's own. */
const configRows: readonly (readonly [string, (real: Bundle, decoy: Bundle) => readonly string[]])[] = [
  ['--config config.json', (real) => ['--bundle', real.folder, '--config', 'config.json']],
  [
    '--config of another name',
    (real, decoy) => {
      writeFileSync(join(decoy.folder, 'c.json'), real.configText());
      return ['--bundle', real.folder, '-f', './c.json'];
    },
  ],
  [
    '--config behind a symbolic link and ..',
    (real, decoy) => {
      mkdirSync(join(real.folder, 'deep'));
      symlinkSync(join(real.folder, 'deep'), join(decoy.folder, 'link'));
      return ['--bundle', real.folder, '--config=link/../config.json'];
    },
  ],
];

describeWith(needs, 'the runtime wrapper', () => {
  const runtimes = installedRuntimes();
  describe.each(runtimes)('$name $version ($origin)', (runtime) => {
    let wrapper: Wrapper;
    const bundles: Bundle[] = [];
    const bundle = (options?: BundleOptions): Bundle => {
      const made = makeBundle(options);
      bundles.push(made);
      return made;
    };
    beforeAll(() => {
      wrapper = openWrapper(runtime);
      wrapper.configure({ library: linkedLibrary(runtime.path) });
      writeFileSync(join(wrapper.profilesDir, 'mkdir.json'), mkdirDenied);
      symlinkSync('/etc/passwd', join(wrapper.profilesDir, 'out.json'));
    });
    afterEach(() => {
      wrapper.configure({
        profile: 'docker-default',
        whenPresent: undefined,
        unconfined: undefined,
        as: undefined,
        strict: undefined,
      });
      for (const each of bundles.splice(0)) each.close();
    });
    afterAll(() => wrapper.close());

    it.each([
      ["Docker's capabilities", capabilitySets.docker],
      ['all capabilities', capabilitySets.all],
      ['no capabilities', []],
      ['no capability sets', undefined],
    ] as const)(
      'installs what compile makes for a container with %s, from create to delete',
      async (_name, held) => {
        // What this machine does not grant, a runtime cannot give.
        const capabilities = held?.filter((name) => grantable().has(name));
        const made = bundle(capabilities === undefined ? {} : { capabilities });
        const before = made.configText();
        const created = made.call(
          wrapper.path,
          'create',
          '--bundle',
          made.folder,
          '--pid-file',
          'pid',
          made.id,
        );
        expect(created).toMatchObject({ status: 0, stderr: '' });
        try {
          expect(made.call(wrapper.path, 'start', made.id)).toMatchObject({ status: 0, stderr: '' });
          const pid = Number(readFileSync(join(made.folder, 'pid'), 'utf8'));
          await started(pid);
          const seccomp = dockerDefault(capabilities);
          expect(comparable(readFilters(pid))).toEqual(comparable([await expected(runtime, seccomp)]));
          const inside = made.call(
            wrapper.path,
            'exec',
            made.id,
            '/bin/busybox',
            'grep',
            'Seccomp_filters',
            '/proc/self/status',
          );
          expect(inside.stdout).toMatch(/Seccomp_filters:\s+1/);
          // All of what was there is still there, the numbers to the last digit.
          const after = made.configText();
          expect(after).toContain('"hard":18446744073709551615,"soft":18446744073709551615');
          expect(withoutSeccomp(after)).toEqual(withoutSeccomp(before));
          const { profile } = readProfile(after, { dialect: 'oci-config' });
          expect(profile?.rules.length).toBe(seccomp.syscalls?.length);
          expect(statSync(join(made.folder, 'config.json')).mode & 0o777).toBe(0o640);
          expect(readdirSync(made.folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
        } finally {
          expect(made.call(wrapper.path, 'delete', '--force', made.id)).toMatchObject({ status: 0 });
        }
      },
    );

    it('can be deleted before it starts', () => {
      const made = bundle();
      expect(made.call(wrapper.path, 'create', made.id)).toMatchObject({ status: 0, stderr: '' });
      expect(made.call(wrapper.path, 'delete', '--force', made.id)).toMatchObject({ status: 0 });
    });

    // Again if need be: whether an ignored SIGHUP reaches the container is a race in runc 1.3.6 itself, which catches all
    // signals at about the time at which it starts the container's process.
    it('hands on exit status, streams, signals, limits, descriptors and bytes as they are', {
      retry: 4,
    }, () => {
      const show =
        'grep -E "Sig(Ign|Blk)" /proc/self/status; grep "open files" /proc/self/limits; echo to stderr >&2; exit 7';
      wrapper.configure({ unconfined: 'leave' });
      const prelude = "ulimit -Sn 777; trap '' HUP; exec 5</dev/null 6</dev/zero";
      const results = [programPath(runtime), wrapper.path].map((program) => {
        const made = bundle({ args: ['sh', '-c', `${show}`] });
        return made.callAfter(prelude, program, 'run', '--preserve-fds', '3', made.id);
      });
      expect(results[0]).toMatchObject({ status: 7, stderr: expect.stringContaining('to stderr') });
      expect(results[1]).toEqual(results[0]);
    });

    describe('and the profile', () => {
      const rows: readonly (readonly [
        string,
        Record<string, string | undefined>,
        BundleOptions,
        'replaced' | 'own' | 'none',
      ])[] = [
        ['an own filter is replaced', {}, { seccomp: own }, 'replaced'],
        ['an own filter is kept where that is said', { whenPresent: 'keep' }, { seccomp: own }, 'own'],
        [
          'an annotation wins over an own filter',
          { whenPresent: 'keep' },
          { seccomp: own, annotations: { [annotation]: 'mkdir.json' } },
          'replaced',
        ],
        ['no filter is left where that is said', { unconfined: 'leave' }, {}, 'none'],
        [
          'an annotation wins over no filter',
          { unconfined: 'leave' },
          { annotations: { [annotation]: 'mkdir.json' } },
          'replaced',
        ],
        [
          'a raw program by annotation does not get through',
          {},
          { annotations: { [raw]: allowAll } },
          'replaced',
        ],
        ['nor beside an own filter', {}, { seccomp: own, annotations: { [raw]: allowAll } }, 'replaced'],
      ];
      it.each(rows)('%s', (_name, configuration, options, outcome) => {
        wrapper.configure({ profile: join(wrapper.profilesDir, 'mkdir.json'), ...configuration });
        const made = bundle({ ...options, args: tryMkdir });
        const { stdout, stderr } = made.call(wrapper.path, 'run', made.id);
        const [mode, answer] = {
          replaced: ['2', 'Protocol not supported'],
          own: ['2', 'Operation not supported'],
          none: ['0', 'Read-only file system'],
        }[outcome] as [string, string];
        expect(stdout).toMatch(new RegExp(`Seccomp:\\s+${mode}`));
        expect(stderr).toContain(answer);
      });
    });

    it('starts no container on a profile that forbids less than it reads like, if strict', () => {
      const typo = { ...own, syscalls: [{ ...own.syscalls[0], names: ['mkdirr'] }] };
      const profile = join(wrapper.profilesDir, 'typo.json');
      writeFileSync(profile, JSON.stringify(typo));
      wrapper.configure({ profile });
      const lenient = bundle({ args: ['echo', 'ran'] });
      expect(lenient.call(wrapper.path, 'run', lenient.id)).toMatchObject({ status: 0, stdout: 'ran\n' });
      wrapper.configure({ profile, strict: true });
      const strict = bundle({ args: ['echo', 'ran'] });
      const { status, stdout, stderr } = strict.call(wrapper.path, 'run', strict.id);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toMatch(/\[ERR_CLAIM\].*\(mkdirr\).*"strict": false/s);
      expect(strict.configText()).not.toContain('"seccomp"');
      wrapper.configure({ profile: join(wrapper.profilesDir, 'mkdir.json') });
      const right = bundle({ args: ['echo', 'ran'] });
      expect(right.call(wrapper.path, 'run', right.id)).toMatchObject({ status: 0, stdout: 'ran\n' });
    });

    // What the wrapper refuses reaches no runtime, so the newest of each name is enough.
    const newest = runtimes.findLast(({ name }) => name === runtime.name);
    if (runtime === newest)
      describe('and a container that cannot be filtered', () => {
        const miscompiled = `${root}/fixtures/cli/miscompiled.json`;
        const rows: readonly (readonly [
          string,
          Record<string, string | undefined>,
          BundleOptions,
          RegExp,
        ])[] = [
          [
            'a failing proof',
            { profile: 'miscompiled' },
            {},
            /lets through a call that the profile does not.*ERR_PROOF/,
          ],
          ['a missing profile', { profile: '/nonexistent/p.json' }, {}, /no such file/],
          ['a broken profile', { profile: '/etc/passwd' }, {}, /ERR_PROFILE_SYNTAX/],
          ['a missing runtime', { runtime: '/nonexistent/runc' }, {}, /real runtime, '\/nonexistent\/runc'/],
          ['a broken configuration', { unconfined: 'perhaps' }, {}, /is not a configuration/],
          [
            'an own filter that is refused',
            { whenPresent: 'refuse' },
            { seccomp: own },
            /linux.seccomp of its own/,
          ],
          [
            'a raw program that would be kept',
            { whenPresent: 'keep' },
            { seccomp: own, annotations: { [raw]: allowAll } },
            /would replace/,
          ],
          [
            'a raw program that would be left',
            { unconfined: 'leave' },
            { annotations: { [raw]: allowAll } },
            /would replace/,
          ],
          [
            'an annotation without a folder',
            { profilesDir: undefined },
            { annotations: { [annotation]: 'a' } },
            /no folder/,
          ],
          [
            'an annotation that leads out',
            {},
            { annotations: { [annotation]: '../config.json' } },
            /a name that is not allowed/,
          ],
          ['an annotation that is a link', {}, { annotations: { [annotation]: 'out.json' } }, /link out of/],
          [
            'an annotation that names nothing',
            {},
            { annotations: { [annotation]: 'absent.json' } },
            /no such file/,
          ],
        ];
        it.each(rows)('%s: it does not start, and says why', (_name, configuration, options, reason) => {
          if (configuration.profile === 'miscompiled') {
            wrapper.configure({ profile: join(wrapper.folder, 'miscompiled.json') });
            writeFileSync(join(wrapper.folder, 'miscompiled.json'), readFileSync(miscompiled));
          } else wrapper.configure(configuration);
          try {
            const made = bundle({ ...options, args: ['touch', '/proc/self/comm'] });
            const before = made.configText();
            const log = join(made.folder, 'log');
            const { status, stdout, stderr } = made.call(
              wrapper.path,
              '--log',
              log,
              '--log-format',
              'json',
              'run',
              made.id,
            );
            expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
            expect(stderr).toMatch(reason);
            const entry = JSON.parse(readFileSync(log, 'utf8').trimEnd()) as Record<string, string>;
            expect(entry).toMatchObject({ level: 'error', msg: expect.stringMatching(reason) });
            expect(made.configText()).toBe(before);
            expect(existsSync(join(made.folder, 'state', made.id))).toBe(false);
          } finally {
            wrapper.configure({ runtime: programPath(runtime), profilesDir: wrapper.profilesDir });
          }
        });

        it('a config.json with a key given twice', () => {
          const made = bundle({ seccomp: own });
          const file = join(made.folder, 'config.json');
          writeFileSync(file, made.configText().replace(/\}$/, ',"linux":{"seccomp":null}}'));
          const { status, stderr } = made.call(wrapper.path, 'run', made.id);
          expect(status).toBe(1);
          expect(stderr).toMatch(/already given at .*duplicate-key/);
        });

        it('a bundle on a read-only file system', () => {
          const made = bundle();
          const before = made.configText();
          const readOnly = `mount --bind '${made.folder}' '${made.folder}'; mount -o remount,ro,bind '${made.folder}'`;
          const { status, stderr } = made.callAfter(
            readOnly,
            wrapper.path,
            'run',
            '--bundle',
            made.folder,
            made.id,
          );
          expect(status).toBe(1);
          expect(stderr).toContain('the file system is read-only [ERR_IO]');
          expect(made.configText()).toBe(before);
        });
      });

    describe('finds the config.json that the runtime reads', () => {
      const show = ['grep', 'Seccomp:', '/proc/self/status'];
      /** A second bundle stands where a wrong reading of the path leads. */
      const rows: readonly (readonly [string, (real: Bundle, decoy: Bundle) => readonly string[]])[] = [
        [
          'behind a symbolic link and ..',
          (real, decoy) => {
            mkdirSync(join(real.folder, 'deep'));
            symlinkSync(join(real.folder, 'deep'), join(decoy.folder, 'link'));
            return ['--bundle', `${decoy.folder}/link/..`];
          },
        ],
        [
          'behind a relative path with both',
          (real, decoy) => {
            mkdirSync(join(real.folder, 'deep'));
            symlinkSync(join(real.folder, 'deep'), join(decoy.folder, 'link'));
            return ['--bundle', 'link/..'];
          },
        ],
        ...(runtime.name === 'runc' ? [] : configRows),
      ];
      it.each(rows)('%s', (_name, words) => {
        const [real, decoy] = [bundle({ args: show }), bundle({ args: show })];
        const given = words(real, decoy);
        const { status, stdout } = decoy.call(wrapper.path, 'run', ...given, real.id);
        expect({ status, stdout }).toEqual({ status: 0, stdout: 'Seccomp:\t2\n' });
      });

      it.each([
        ['a pipe', (file: string) => spawnSync('mkfifo', [file]), /not a regular file/],
        ['a device without an end', (file: string) => symlinkSync('/dev/zero', file), /not a regular file/],
        ['a file of 3 GiB', (file: string) => spawnSync('truncate', ['-s', '3G', file]), /is longer than/],
      ] as const)('and refuses %s', (_name, make, reason) => {
        const made = bundle();
        const file = join(made.folder, 'config.json');
        rmSync(file);
        make(file);
        const { status, stderr } = made.call(wrapper.path, 'run', made.id);
        expect(status).toBe(1);
        expect(stderr).toMatch(reason);
      });
    });

    // Without a bundle in reach, so that nothing starts; its name in the answer says which one was looked for.
    const lines = commandLines(runtime.name).filter(({ line, bundle: where }) => {
      return where !== undefined && !/--log|--new|--cgroup/.test(line);
    });
    it.each(lines)('reads its command line as the wrapper does: $line', ({ line, bundle: where, config }) => {
      const empty = mkdtempSync(join(tmpdir(), 'oci-seccomp-empty-'));
      try {
        const words = line.replaceAll('/b', '/nonexistent-b').replaceAll('/r ', `${empty} `).split(' ');
        const { status, stdout, stderr } = spawn(programPath(runtime), words, empty);
        expect(status).not.toBe(0);
        const wanted = config ?? (where === '.' ? 'config.json' : 'nonexistent-b');
        expect(stdout + stderr).toContain(wanted);
      } finally {
        rmSync(empty, { recursive: true });
      }
    });
  });

  it('starts ten containers in a row and leaves nothing behind', () => {
    const [runtime] = installedRuntimes().filter(({ name }) => name === 'crun');
    if (runtime === undefined) throw new Error('no crun');
    const wrapper = openWrapper(runtime);
    const made = makeBundle({ args: ['grep', 'Seccomp:', '/proc/self/status'] });
    try {
      const folders = [made.folder, wrapper.folder];
      const left = () => [folders.map((folder) => readdirSync(folder).length), processes()];
      made.call(wrapper.path, 'run', made.id);
      const before = left();
      // What is left is counted exactly: one leak in one start would show.
      for (let i = 0; i < 10; i++) {
        const { status, stdout } = made.call(wrapper.path, 'run', made.id);
        expect({ status, stdout }).toEqual({ status: 0, stdout: 'Seccomp:\t2\n' });
      }
      expect(left()).toEqual(before);
    } finally {
      made.close();
      wrapper.close();
    }
  });

  const builtin = ['compile', 'docker-default', '-r', 'crun', '--caps', 'none', '--backend', 'builtin', '-q'];
  const compilers = installedRuntimes()
    .filter(({ name }) => name === 'crun')
    .flatMap((runtime) => [{ backend: 'libseccomp', runtime }, { runtime }]);
  it('gives crun the program itself, which wins over all else', async () => {
    for (const { runtime, backend } of compilers) {
      const wrapper = openWrapper(runtime);
      const made = makeBundle({ seccomp: own, annotations: { [raw]: allowAll } });
      try {
        wrapper.configure({
          as: 'bpf',
          ...(backend === undefined ? {} : { backend, library: linkedLibrary(runtime.path) }),
        });
        const args = ['run', '--detach', '--pid-file', 'pid', made.id];
        expect(made.call(wrapper.path, ...args)).toMatchObject({ status: 0, stderr: '' });
        const pid = Number(readFileSync(join(made.folder, 'pid'), 'utf8'));
        await started(pid);
        const compiled =
          backend === undefined
            ? ociSeccomp(builtin).bytes
            : await expected(runtime, dockerDefault(undefined));
        expect(comparable(readFilters(pid))).toEqual(comparable([compiled]));
        const inside = made.call(
          wrapper.path,
          'exec',
          made.id,
          '/bin/busybox',
          'grep',
          'Seccomp:',
          '/proc/self/status',
        );
        expect(inside.stdout).toBe('Seccomp:\t2\n');
        expect(made.configText()).not.toContain('"seccomp"');
      } finally {
        made.call(wrapper.path, 'delete', '--force', made.id);
        made.close();
        wrapper.close();
      }
    }
  });

  it('refuses a raw program for runc, and one that crun could not set up', () => {
    const made = makeBundle();
    const runc = openWrapper({ path: 'runc' });
    const crun = openWrapper({ path: 'crun' });
    try {
      runc.configure({ as: 'bpf' });
      expect(made.call(runc.path, 'run', made.id)).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('only crun'),
      });
      const profile = join(crun.folder, 'log.json');
      writeFileSync(
        profile,
        '{"defaultAction":"SCMP_ACT_ALLOW","flags":["SECCOMP_FILTER_FLAG_LOG"],"syscalls":[]}',
      );
      crun.configure({ as: 'bpf', profile });
      expect(made.call(crun.path, 'run', made.id)).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('FLAG_LOG'),
      });
    } finally {
      for (const each of [made, runc, crun]) each.close();
    }
  });

  it('refuses to prove with another library than the runtime builds with', () => {
    const other = fetchedLibraries().find(({ version }) => version === '2.6.1');
    const runc = installedRuntimes().find(({ libseccomp }) => libseccomp === '2.5.4');
    if (other === undefined || runc === undefined) throw new Error('no libraries to tell apart');
    const wrapper = openWrapper(runc);
    const made = makeBundle({ args: ['true'] });
    try {
      wrapper.configure({ library: other.path });
      const refused = made.call(wrapper.path, 'run', made.id);
      expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('proven with 2.6.1') });
      wrapper.configure({ otherLibrary: 'accept' });
      expect(made.call(wrapper.path, 'run', made.id)).toMatchObject({ status: 0 });
    } finally {
      made.close();
      wrapper.close();
    }
  });
});

function spawn(program: string, args: readonly string[], cwd: string) {
  return spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    timeout: HANGS_AFTER,
    env: { PATH: process.env.PATH },
  });
}

/** How many processes of runtimes and of the wrapper there are. */
function processes(): number {
  const { stdout } = spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line.includes('wrapped-') || line.includes('runtime.cjs'))
    .length;
}

/** Waits until the container's program runs. */
async function started(pid: number): Promise<void> {
  for (let i = 0; i < 1000 && !readlinkSync(`/proc/${pid}/exe`).endsWith('/busybox'); i++)
    await setTimeout(2);
}

/** Capabilities this process can hand on. */
function grantable(): ReadonlySet<string> {
  const bits = BigInt(
    `0x${/^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`,
  );
  return new Set(capabilitySets.all.filter((_name, bit) => ((bits >> BigInt(bit)) & 1n) === 1n));
}

/** The parsed config.json without its filter; numbers are compared as text elsewhere. */
function withoutSeccomp(text: string): unknown {
  const { linux, ...rest } = JSON.parse(text) as { linux: Record<string, unknown> };
  const { seccomp: _, ...others } = linux;
  return { ...rest, linux: others };
}
