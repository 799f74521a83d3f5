/**
 * What the agent asks of a client of the runtime wrapper, and of the files that it names: each thing taken away by itself.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openConfigOf, workingFolderOf } from '../../src/hook/agent/bundle-of-peer.ts';
import { createGuard, type PeerGuard } from '../../src/hook/agent/guard-for-peer.ts';
import type { Peer } from '../../src/hook/agent/peer.ts';
import { type FitTask, fitProfile } from '../../src/hook/wrapper/fit-profile.ts';
import { identifyRuntime } from '../../src/hook/wrapper/identify-runtime.ts';
import { type Bundle, bundleProgram } from '../kernel/support/bundle.ts';
import { describeWith } from '../oracle/support/require.ts';

const allow = '{"defaultAction":"SCMP_ACT_ALLOW"}';
const container = JSON.stringify({
  ociVersion: '1.0.2',
  process: { cwd: '/', args: ['true'] },
  root: { path: 'rootfs' },
  linux: {},
});

describe.runIf(process.platform === 'linux')('a real runtime that does not say what it is', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-silent-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each<[string | undefined, string, number?]>([
    ['exit 3', 'exited with 3'],
    ['kill -9 $$', 'failed: SIGKILL'],
    ['exec sleep 1000', 'did not end within 0.2 s', 200],
    ["trap '' TERM; sleep 1000", 'did not end within 0.2 s', 200],
    ['exec yes', 'wrote more than 1048576 bytes'],
    [undefined, 'failed: no such file or directory'],
  ])('is refused with the reason: %s', async (script, reason, guardMs) => {
    const path = join(folder, script === undefined ? 'none' : 'runtime');
    if (script !== undefined) writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const message = `${path} --version ${reason}, so its filters are not known`;
    await expect(identifyRuntime(path, undefined, guardMs)).rejects.toMatchObject({
      code: 'ERR_HOOK',
      message,
    });
  });
});

describe.runIf(process.platform === 'linux')('crun', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-crun-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  // Debian's source of crun 1.8.1, configured with --disable-seccomp, says this, and starts containers with `Seccomp: 0`.
  it('is refused if it was built without libseccomp: it starts containers without their filter', async () => {
    const path = join(folder, 'crun');
    const answer = 'crun version 1.8.1\ncommit: f8a096be\nrundir: /run/crun\nspec: 1.0.0\n';
    const says = (features: string): void =>
      writeFileSync(path, `#!/bin/sh\ncat <<E\n${answer}${features}\nE\n`, { mode: 0o755 });
    says('+SELINUX +APPARMOR +CAP +YAJL');
    await expect(identifyRuntime(path, undefined)).rejects.toMatchObject({
      code: 'ERR_HOOK',
      message: `${path} was built without libseccomp, and would start the container without a filter`,
    });
    says('+SYSTEMD +SELINUX +APPARMOR +CAP +SECCOMP +EBPF +YAJL');
    expect(await identifyRuntime(path, undefined)).toMatchObject({ name: 'crun' });
  });
});

describe.runIf(process.platform === 'linux')('the agent, before a client becomes the runtime', () => {
  let folder = '';
  let guard: PeerGuard['guard'];
  let tasks: FitTask[] = [];
  const at = (name: string): string => join(folder, name);
  const configure = (keys: object): void =>
    writeFileSync(at('wrapper.json'), JSON.stringify({ runtime: at('crun'), as: 'bpf', ...keys }));
  const peer = (requireAlive: () => void = () => {}): Peer => ({
    pid: process.pid,
    requireAlive,
    close: () => {},
  });
  const gone = (): never => {
    throw new Error('it has ended');
  };
  const ask = (who = peer()) => guard([at('wrapper.json'), at('crun'), 'run', '-b', folder, 'x'], who);
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'oci-seccomp-guard-')));
    writeFileSync(at('config.json'), container);
    writeFileSync(at('own.json'), allow);
    writeFileSync(at('crun'), '#!/bin/sh\necho crun version 1.8.1 +SECCOMP\n', { mode: 0o755 });
    configure({ profile: at('own.json') });
    tasks = [];
    ({ guard } = createGuard({
      fitProfile: (task) => {
        tasks.push(task);
        return fitProfile(task);
      },
    }));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('asks whether the client lives after each look at it', async () => {
    expect(() => workingFolderOf(peer(gone))).toThrow('it has ended');
    expect(() => openConfigOf(peer(gone), at('config.json'))).toThrow('it has ended');
    const asked = async (keys: object): Promise<number> => {
      let count = 0;
      configure(keys);
      await ask(peer(() => count++));
      return count;
    };
    // A profile in a file is one look more.
    expect((await asked({ profile: at('own.json') })) - (await asked({ profile: 'docker-default' }))).toBe(1);
  });

  it('writes nothing for a client that ends, whenever that is', async () => {
    let lives = 0;
    for (let isWritten = false; !isWritten; lives++) {
      let left = lives;
      isWritten = await ask(peer(() => left-- > 0 || gone())).then(
        () => true,
        () => false,
      );
      if (!isWritten) expect(readFileSync(at('config.json'), 'utf8')).toBe(container);
      expect(lives).toBeLessThan(20);
    }
    expect(readFileSync(at('config.json'), 'utf8')).not.toBe(container);
    // The configuration, the runtime, the working folder, the bundle, the profile.
    expect(lives - 1).toBe(5);
  });

  it('asks the runtime again for its libseccomp when libraries were updated', async () => {
    const says = (version: string): void => writeFileSync(at('crun.says'), `libseccomp: ${version}\n`);
    const library = { version: '2.5.4', path: '/opt/libseccomp.so' };
    ({ guard } = createGuard(
      { fitProfile: async () => ({ seccomp: '{}', raw: undefined, library }) },
      at('ld.so.cache'),
    ));
    writeFileSync(at('crun'), '#!/bin/sh\necho runc version 1.1.5\ncat "$0.says"\n', { mode: 0o755 });
    configure({ as: 'oci', profile: at('own.json') });
    writeFileSync(at('ld.so.cache'), 'old');
    says('2.5.4');
    await ask();
    says('2.6.0');
    writeFileSync(at('ld.so.cache'), 'a new one');
    await expect(ask()).rejects.toThrow('builds filters with libseccomp 2.6.0');
  });

  it.each(['wrapper.json', 'crun', 'own.json'])('trusts no %s that others can write', async (name) => {
    await ask();
    writeFileSync(at('config.json'), container);
    chmodSync(at(name), 0o777);
    await expect(ask()).rejects.toThrow(/cannot be trusted|can be written/);
    expect(readFileSync(at('config.json'), 'utf8')).toBe(container);
  });

  it('replaces the one name of a file that has several', async () => {
    linkSync(at('config.json'), at('other.json'));
    await ask();
    expect(readFileSync(at('config.json'), 'utf8')).not.toBe(container);
    expect(readFileSync(at('other.json'), 'utf8')).toBe(container);
  });

  it.each<[string, () => void, RegExp]>([
    ['a link in a circle', () => symlinkSync('config.json', at('config.json')), /too many symbolic links/],
    ['a link to nothing', () => symlinkSync('nothing', at('config.json')), /no such file/],
    ['a link to what never ends', () => symlinkSync('/dev/zero', at('config.json')), /not a regular file/],
    ['a pipe', () => void spawnSync('mkfifo', [at('config.json')]), /not a regular file/],
    ['a folder', () => mkdirSync(at('config.json')), /not a regular file|EISDIR/],
    ['too much', () => writeFileSync(at('config.json'), Buffer.alloc(2 ** 24 + 1, ' ')), /longer than/],
  ])('refuses a config.json that is %s', async (_, make, reason) => {
    rmSync(at('config.json'));
    make();
    await expect(ask()).rejects.toThrow(reason);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it.runIf(process.getuid?.() === 0)(
    'opens no folder that was exchanged while it looked (needs root)',
    async () => {
      mkdirSync(at('other'));
      writeFileSync(at('other/config.json'), container);
      const script = 'mount --bind "$0/other" "$0" && echo ready && exec sleep 1000';
      const elsewhere = spawn('unshare', ['-m', 'sh', '-c', script, folder], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      try {
        await once(elsewhere.stdout, 'data');
        // As of a process that mounts something on the folder when the agent has looked at its parts, and not opened it yet.
        let count = 0;
        const changing = {
          ...peer(),
          get pid() {
            return count++ === 0 ? process.pid : (elsewhere.pid ?? -1);
          },
        };
        expect(() => openConfigOf(changing, at('config.json'))).toThrow(
          /was exchanged while the agent looked/,
        );
        expect(count).toBe(2);
      } finally {
        elsewhere.kill('SIGKILL');
      }
    },
  );

  describeWith(['strace'], 'killed in front of a call', () => {
    let program: Bundle;
    beforeAll(async () => {
      program = await bundleProgram('test/hook/support/guard-program.ts');
    });
    afterAll(() => program.remove());

    it.each([
      ['fchown', 1, 'old'],
      ['fchmod', 1, 'old'],
      ['fsync', 1, 'old'],
      ['rename', 1, 'old'],
      ['fsync', 2, 'new'],
    ])('%s, number %i, it leaves the whole %s config.json', async (call, when, which) => {
      const inject = `inject=${call}:signal=KILL:when=${when}`;
      const ended = spawnSync(
        'strace',
        ['-qq', '-o', '/dev/null', '-e', inject, process.execPath, program.file, folder],
        { encoding: 'utf8' },
      );
      expect(ended).toMatchObject({ stdout: '', signal: 'SIGKILL' });
      const left = readFileSync(at('config.json'), 'utf8');
      writeFileSync(at('config.json'), container);
      await ask();
      const written = readFileSync(at('config.json'), 'utf8');
      expect(left).toBe(which === 'old' ? container : written);
      expect(written).not.toBe(container);
    });
  });

  it('leaves nothing of the filter that the engine has chosen', async () => {
    const config = JSON.parse(container);
    writeFileSync(at('config.json'), JSON.stringify({ ...config, linux: { seccomp: JSON.parse(allow) } }));
    await ask();
    const { linux, annotations } = JSON.parse(readFileSync(at('config.json'), 'utf8'));
    expect(linux).toEqual({ seccomp: { defaultAction: expect.stringContaining('only crun') } });
    expect(Object.keys(annotations)).toEqual(['run.oci.seccomp_bpf_data']);
  });

  it('asks a runtime anew what it is once its file has changed', async () => {
    await ask();
    expect(tasks.map(({ runtime }) => runtime)).toEqual(['crun']);
    writeFileSync(at('crun'), '#!/bin/sh\necho runc version 1.1.5\n');
    await expect(ask()).rejects.toThrow(/only crun/);
  });
});
