/**
 * Containers that the runtime wrapper does not start. What it refuses reaches no runtime, so the newest of each name is
 * enough.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../cli/run.ts';
import { fetchedLibraries, installedRuntimes } from './libraries.ts';
import { describeWith } from './support/require.ts';
import { allowAll, annotation, own, raw, useWrapper, wrapperNeeds } from './support/wrapped.ts';
import { type BundleOptions, makeBundle, openWrapper, programPath } from './support/wrapper.ts';

describeWith(wrapperNeeds, 'the runtime wrapper, where it refuses', () => {
  const runtimes = installedRuntimes();
  const newest = ['runc', 'crun'].flatMap((each) => runtimes.findLast(({ name }) => name === each) ?? []);
  describe.each(newest)('$name $version ($origin)', (runtime) => {
    const wrapped = useWrapper(runtime);

    it('starts no container on a profile that forbids less than it reads like, if strict', () => {
      const typo = { ...own, syscalls: [{ ...own.syscalls[0], names: ['mkdirr'] }] };
      const profile = join(wrapped.wrapper.profilesDir, 'typo.json');
      writeFileSync(profile, JSON.stringify(typo));
      wrapped.wrapper.configure({ profile });
      const lenient = wrapped.bundle({ args: ['echo', 'ran'] });
      expect(lenient.call(wrapped.wrapper.path, 'run', lenient.id)).toMatchObject({
        status: 0,
        stdout: 'ran\n',
      });
      wrapped.wrapper.configure({ profile, strict: true });
      const strict = wrapped.bundle({ args: ['echo', 'ran'] });
      const { status, stdout, stderr } = strict.call(wrapped.wrapper.path, 'run', strict.id);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toMatch(/\[ERR_CLAIM\].*\(mkdirr\).*"strict": false/s);
      expect(strict.configText()).not.toContain('"seccomp"');
      wrapped.wrapper.configure({ profile: join(wrapped.wrapper.profilesDir, 'mkdir.json') });
      const right = wrapped.bundle({ args: ['echo', 'ran'] });
      expect(right.call(wrapped.wrapper.path, 'run', right.id)).toMatchObject({ status: 0, stdout: 'ran\n' });
    });

    describe('a container that cannot be filtered', () => {
      const miscompiled = `${root}/fixtures/cli/miscompiled.json`;
      const rows: readonly (readonly [string, Record<string, string | undefined>, BundleOptions, RegExp])[] =
        [
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
            'a raw program under a key that crun reads to its NUL',
            {},
            { annotations: { [`${raw}\0`]: allowAll } },
            /reads a string only up to a NUL/,
          ],
          [
            'a section that crun passes over',
            { whenPresent: 'keep' },
            { seccomp: true },
            /"seccomp" is not an object/,
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
          wrapped.wrapper.configure({ profile: join(wrapped.wrapper.folder, 'miscompiled.json') });
          writeFileSync(join(wrapped.wrapper.folder, 'miscompiled.json'), readFileSync(miscompiled));
        } else wrapped.wrapper.configure(configuration);
        try {
          const made = wrapped.bundle({ ...options, args: ['touch', '/proc/self/comm'] });
          const before = made.configText();
          const log = join(made.folder, 'log');
          const { status, stdout, stderr } = made.call(
            wrapped.wrapper.path,
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
          wrapped.wrapper.configure({
            runtime: programPath(runtime),
            profilesDir: wrapped.wrapper.profilesDir,
          });
        }
      });

      it('a config.json with a key given twice', () => {
        const made = wrapped.bundle({ seccomp: own });
        const file = join(made.folder, 'config.json');
        writeFileSync(file, made.configText().replace(/\}$/, ',"linux":{"seccomp":null}}'));
        const { status, stderr } = made.call(wrapped.wrapper.path, 'run', made.id);
        expect(status).toBe(1);
        expect(stderr).toMatch(/already has the key .*duplicate-key/);
      });

      it('a bundle on a read-only file system', () => {
        const made = wrapped.bundle();
        const before = made.configText();
        const readOnly = `mount --bind '${made.folder}' '${made.folder}'; mount -o remount,ro,bind '${made.folder}'`;
        const { status, stderr } = made.callAfter(
          readOnly,
          wrapped.wrapper.path,
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

    it.each([
      ['a pipe', (file: string) => spawnSync('mkfifo', [file]), /not a regular file/],
      ['a device without an end', (file: string) => symlinkSync('/dev/zero', file), /not a regular file/],
      ['a file of 3 GiB', (file: string) => spawnSync('truncate', ['-s', '3G', file]), /is longer than/],
    ] as const)('a config.json that is %s', (_name, make, reason) => {
      const made = wrapped.bundle();
      const file = join(made.folder, 'config.json');
      rmSync(file);
      make(file);
      const { status, stderr } = made.call(wrapped.wrapper.path, 'run', made.id);
      expect(status).toBe(1);
      expect(stderr).toMatch(reason);
    });
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
