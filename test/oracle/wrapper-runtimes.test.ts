/** The runtime wrapper in front of every runc and crun found here: what starts, and with which filter. */
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capabilitySets } from 'oci-seccomp/abi';
import { readProfile } from 'oci-seccomp/oci';
import { describe, expect, it } from 'vitest';
import { ociSeccomp } from '../cli/run.ts';
import { commandLines } from '../hook/support/command-lines.ts';
import { HANGS_AFTER } from '../support/patience.ts';
import { installedRuntimes } from './libraries.ts';
import { describeWith } from './support/require.ts';
import { linkedLibrary, readFilters } from './support/runtime.ts';
import {
  allowAll,
  annotation,
  comparable,
  dockerDefault,
  expectedProgram,
  own,
  raw,
  started,
  useWrapper,
  wrapperNeeds,
} from './support/wrapped.ts';
import { type Bundle, type BundleOptions, makeBundle, openWrapper, programPath } from './support/wrapper.ts';

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
describeWith(wrapperNeeds, 'the runtime wrapper', () => {
  const runtimes = installedRuntimes();
  describe.each(runtimes)('$name $version ($origin)', (runtime) => {
    const wrapped = useWrapper(runtime);

    // What capabilities change is the same for each release: the newest of each name is enough.
    const newest = runtimes.findLast(({ name }) => name === runtime.name);
    const held = [
      ["Docker's capabilities", capabilitySets.docker],
      ['all capabilities', capabilitySets.all],
      ['no capabilities', []],
      ['no capability sets', undefined],
    ] as const;
    it.each(runtime === newest ? held : held.slice(0, 1))(
      'installs what compile makes for a container with %s, from create to delete',
      async (_name, wanted) => {
        // What this machine does not grant, a runtime cannot give.
        const capabilities = wanted?.filter((name) => grantable().has(name));
        const made = wrapped.bundle(capabilities === undefined ? {} : { capabilities });
        const before = made.configText();
        const created = made.call(
          wrapped.wrapper.path,
          'create',
          '--bundle',
          made.folder,
          '--pid-file',
          'pid',
          made.id,
        );
        expect(created).toMatchObject({ status: 0, stderr: '' });
        try {
          expect(made.call(wrapped.wrapper.path, 'start', made.id)).toMatchObject({ status: 0, stderr: '' });
          const pid = Number(readFileSync(join(made.folder, 'pid'), 'utf8'));
          await started(pid);
          const seccomp = dockerDefault(capabilities);
          expect(comparable(readFilters(pid))).toEqual(comparable([await expectedProgram(runtime, seccomp)]));
          const inside = made.call(
            wrapped.wrapper.path,
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
          expect(made.call(wrapped.wrapper.path, 'delete', '--force', made.id)).toMatchObject({ status: 0 });
        }
      },
    );

    it('can be deleted before it starts', () => {
      const made = wrapped.bundle();
      expect(made.call(wrapped.wrapper.path, 'create', made.id)).toMatchObject({ status: 0, stderr: '' });
      expect(made.call(wrapped.wrapper.path, 'delete', '--force', made.id)).toMatchObject({ status: 0 });
    });

    // runc 1.3 catches all signals while it starts the container's process (signals.go), so that there an ignored SIGHUP reaches
    // the container or not by chance: signals are compared as the runtime finds them.
    it('hands on exit status, streams, signals, limits, descriptors and bytes as they are', () => {
      const noted = join(wrapped.wrapper.folder, 'signals');
      const shim = join(wrapped.wrapper.folder, runtime.name);
      const note = `grep -E "Sig(Ign|Blk)" /proc/self/status >'${noted}'`;
      writeFileSync(shim, `#!/bin/sh\n${note}\nexec '${programPath(runtime)}' "$@"\n`, { mode: 0o755 });
      wrapped.wrapper.configure({ unconfined: 'leave', runtime: shim });
      const show =
        'grep "open files" /proc/self/limits; for i in 5 6; do readlink /proc/self/fd/$i; done; echo to stderr >&2; exit 7';
      const prelude = "ulimit -Sn 777; trap '' HUP; exec 5</dev/null 6</dev/zero";
      const results = [shim, wrapped.wrapper.path].map((program) => {
        const made = wrapped.bundle({ args: ['sh', '-c', show] });
        const called = made.callAfter(prelude, program, 'run', '--preserve-fds', '4', made.id);
        return { ...called, signals: readFileSync(noted, 'utf8') };
      });
      expect(results[0]).toMatchObject({
        status: 7,
        stdout: expect.stringMatching(/files *\n\/dev\/null\n\/dev\/zero\n$/),
        stderr: 'to stderr\n',
        signals: expect.stringMatching(/^SigBlk:.*\nSigIgn:.*[13579bdf]\n$/),
      });
      expect(results[1]).toEqual(results[0]);
      wrapped.wrapper.configure({ runtime: programPath(runtime) });
    });

    // The wrapper decides, and all releases read what it writes, as above.
    if (runtime === newest)
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
            'a section that runc makes no filter of is no filter to keep',
            { whenPresent: 'keep' },
            { seccomp: {} },
            'replaced',
          ],
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
          wrapped.wrapper.configure({
            profile: join(wrapped.wrapper.profilesDir, 'mkdir.json'),
            ...configuration,
          });
          const made = wrapped.bundle({ ...options, args: tryMkdir });
          const { stdout, stderr } = made.call(wrapped.wrapper.path, 'run', made.id);
          const [mode, answer] = {
            replaced: ['2', 'Protocol not supported'],
            own: ['2', 'Operation not supported'],
            none: ['0', 'Read-only file system'],
          }[outcome] as [string, string];
          expect(stdout).toMatch(new RegExp(`Seccomp:\\s+${mode}`));
          expect(stderr).toContain(answer);
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
        const [real, decoy] = [wrapped.bundle({ args: show }), wrapped.bundle({ args: show })];
        const given = words(real, decoy);
        const { status, stdout } = decoy.call(wrapped.wrapper.path, 'run', ...given, real.id);
        expect({ status, stdout }).toEqual({ status: 0, stdout: 'Seccomp:\t2\n' });
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

  it('starts three containers in a row and leaves nothing behind', () => {
    const [runtime] = installedRuntimes().filter(({ name }) => name === 'crun');
    if (runtime === undefined) throw new Error('no crun');
    const wrapper = openWrapper(runtime);
    const made = makeBundle({ args: ['grep', 'Seccomp:', '/proc/self/status'] });
    try {
      const folders = [made.folder, wrapper.folder];
      const left = () => [
        folders.map((folder) => readdirSync(folder).length),
        processesOf([wrapper.folder, made.id]),
      ];
      made.call(wrapper.path, 'run', made.id);
      const before = left();
      // What is left is counted exactly: one leak in one start would show.
      for (let i = 0; i < 3; i++) {
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
            : await expectedProgram(runtime, dockerDefault(undefined));
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
        expect(JSON.parse(made.configText()).linux.seccomp).toEqual({
          defaultAction: expect.stringContaining('only crun'),
        });
      } finally {
        made.call(wrapper.path, 'delete', '--force', made.id);
        made.close();
        wrapper.close();
      }
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

/** How many processes name one of the words. */
function processesOf(words: readonly string[]): number {
  const { stdout } = spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => words.some((word) => line.includes(word))).length;
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
