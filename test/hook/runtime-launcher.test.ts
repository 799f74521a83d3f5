/** The shell in front of the runtime wrapper, with a script in the place of the real runtime. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../cli/run.ts';
import { HANGS_AFTER } from '../support/patience.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'oci-seccomp-launcher-')));
const runtime = join(folder, 'real');
const launcher = join(folder, 'launcher');
const config = join(folder, 'config.json');

beforeAll(() => {
  writeFileSync(runtime, '#!/bin/sh\necho "real $*"\nexit 3\n', { mode: 0o755 });
  // The launcher alone, with a Node beside it that says what it is given.
  copyFileSync(join(root, 'tools/runtime-launcher.sh'), launcher);
  chmodSync(launcher, 0o755);
  writeFileSync(join(folder, 'node'), '#!/bin/sh\nshift\necho "node $*"\necho "$OCI_SECCOMP_LAUNCHED"\n', {
    mode: 0o755,
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const lines = (...keys: readonly string[]): string => `{\n${keys.map((key) => `  ${key}`).join(',\n')}\n}\n`;
const good = lines(`"runtime": "${runtime}"`, '"profile": "docker-default"');

function launch(args: readonly string[], text = good, env: Readonly<Record<string, string>> = {}) {
  writeFileSync(config, text);
  chmodSync(config, 0o644);
  const { stdout, status } = spawnSync(launcher, args, {
    timeout: HANGS_AFTER,
    killSignal: 'SIGKILL',
    encoding: 'utf8',
    env: { OCI_SECCOMP_CONFIG: config, ...env },
  });
  return { said: stdout.split('\n')[0], status };
}

describe('the launcher', () => {
  it.each([
    [['state', 'ID']],
    [['--root', '/a b', 'kill', 'ID', '9']],
    [['exec', 'ID', 'runx', '', 'recreate', 'create ']],
    [[]],
  ])('hands %j to the real runtime, without Node and without PATH', (args) => {
    expect(launch(args)).toEqual({ said: `real ${args.join(' ')}`, status: 3 });
  });

  it.each([[['run', 'ID']], [['--root', 'x', 'create', 'ID']], [['exec', 'ID', 'run']]])(
    'leaves %j to Node',
    (args) => {
      expect(launch(args).said).toBe(`node ${args.join(' ')}`);
    },
  );

  it.each([
    ['a name', lines('"runtime": "real"', '"profile": "docker-default"')],
    ['a configuration on one line', `{"runtime": "${runtime}", "profile": "docker-default"}`],
    ['another spelling', lines(`"runtime" :"${runtime}"`)],
    ['an escape', lines(`"runtime": "${runtime}\\u0020"`)],
    ['a text that looks like it', lines(`"library": "\\"runtime\\": \\"${runtime}\\""`)],
    ['a program that is none', lines('"runtime": "/etc/passwd"')],
    ['a folder', lines(`"runtime": "${folder}"`)],
    ['itself', lines(`"runtime": "${launcher}"`)],
    ['nothing', ''],
  ])('leaves %s to Node', (_name, text) => {
    expect(launch(['state', 'ID'], text).said).toBe('node state ID');
  });

  it('leaves a configuration that others can write to Node, which refuses it', () => {
    launch([]);
    for (const mode of [0o664, 0o646]) {
      chmodSync(config, mode);
      const { stdout } = spawnSync(launcher, ['state', 'ID'], {
        encoding: 'utf8',
        env: { OCI_SECCOMP_CONFIG: config },
      });
      expect(stdout).toMatch(/^node state ID/);
    }
  });

  it('notes what the process was', () => {
    const script = `ulimit -Sn 321; trap '' HUP; exec 5</dev/null; exec '${launcher}' run ID`;
    const env = { OCI_SECCOMP_CONFIG: config };
    const { stdout } = spawnSync('sh', ['-c', script], { encoding: 'utf8', env });
    const [, limit, ignored, blocked, open] = /\n(\S+) (\S+) (\S+) (\S+)\n$/.exec(stdout) ?? [];
    expect({ limit, ignored: BigInt(`0x${ignored}`) & 1n, blocked }).toEqual({
      limit: '321',
      ignored: 1n,
      blocked: '0'.repeat(16),
    });
    expect(open?.split(',')).toEqual(expect.arrayContaining(['0', '1', '2', '5']));
    expect(open?.split(',').length).toBeLessThan(8);
  });

  it('works through a symbolic link, and as any POSIX shell', () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    symlinkSync('../launcher', join(bin, 'oci-seccomp-runtime'));
    launch([]);
    const env = { OCI_SECCOMP_CONFIG: config, PATH: `${folder}:/usr/bin:/bin` };
    for (const shell of [['dash'], ['bash', '--posix'], ['busybox', 'sh']]) {
      const [program = '', ...words] = shell;
      if (spawnSync(program, ['-c', ':']).error !== undefined && !existsSync(`/bin/${program}`)) continue;
      const call = (...args: readonly string[]) =>
        spawnSync(program, [...words, join(bin, 'oci-seccomp-runtime'), ...args], { encoding: 'utf8', env })
          .stdout;
      expect(call('state', 'ID')).toBe('real state ID\n');
      expect(call('run', 'ID')).toMatch(/^node run ID\n\d+ [0-9a-f]{16} [0-9a-f]{16} 0,1,2[0-9,]*\n$/);
    }
  });
});
