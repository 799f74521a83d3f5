import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Node } from '../../src/oci/document.ts';
import { blocks } from '../../src/oci/problems.ts';
import { readDocument } from '../../src/oci/read-json.ts';
import { readProfile } from '../../src/oci/read-profile.ts';
import { describeWith } from '../oracle/support/require.ts';
import { HANGS_AFTER } from '../support/patience.ts';

/**
 * What `blocks` says of a bundle against what runc and crun do with it: each fixture's seccomp section, byte for byte
 * as it stands in its file, goes into a config.json, and the runtime is asked to run `true` under it.
 */

const fixtures = `${import.meta.dirname}/../../fixtures/profiles`;
const busybox = '/bin/busybox';

/** Fixtures the question does not apply to. */
const leftOut: Readonly<Record<string, string>> = {
  'oci-all-keys.json': 'wants an agent that listens, and runc 1.1 refuses all flags',
  'oci-allow-list.json': 'allows too little for busybox and runc',
  'cannot-start.json': 'accepted, but nothing runs under it',
  'execve-denied.json': 'accepted, but nothing runs under it',
  'rule-is-default-by-errno.json': 'allows too little for busybox and runc',
  'flag-spec-allow.json': 'runc 1.1 refuses all flags',
  'notify-default.json': 'wants an agent that listens',
  'notify-write.json': 'wants an agent that listens',
  'listener-path-relative.json': 'wants an agent that listens',
  'listener-without-notify.json': 'wants an agent that listens',
  'flag-with-listener.json': 'wants an agent that listens, and runc 1.1 refuses all flags',
  'control-character.json': 'wants an agent that listens',
  'architecture-parisc.json': 'big-endian: whether libseccomp takes it depends on the host',
  'seccomp-array-in-bundle.json': 'the type of the whole section, which crun passes over',
  // Nothing of these is a value that could be put into a bundle.
  'invalid-utf8.json': 'not text',
  'utf16.json': 'not text',
  'trailing-garbage.json': 'the garbage would end up inside the bundle',
  'empty.json': 'no value',
  'blank.json': 'no value',
  'only-byte-order-mark.json': 'no value',
  'byte-order-mark.json': 'the mark would end up inside the bundle; it has a test of its own',
};

interface Section {
  readonly file: string;
  readonly text: string;
}

function sections(): Section[] {
  const files = ['good', 'bad'].flatMap((kind) =>
    readdirSync(`${fixtures}/${kind}`).map((file) => `${kind}/${file}`),
  );
  return files.flatMap((path) => {
    const file = path.replace(/^.*\//, '');
    const text = readFileSync(`${fixtures}/${path}`, 'utf8').replace(/^\ufeff/, '');
    const { dialect, problems } = readProfile(text);
    if (Object.hasOwn(leftOut, file) || dialect === 'docker' || dialect === 'podman') return [];
    if (dialect === undefined && problems[0]?.code !== 'invalid-json') return [];
    const section = dialect === 'oci-config' ? seccompOf(text) : text;
    return section === undefined ? [] : [{ file, text: section }];
  });
}

function seccompOf(text: string): string | undefined {
  const linux = valueAt(readDocument(text).document?.root, 'linux');
  const node = valueAt(linux, 'seccomp');
  return node === undefined ? undefined : text.slice(node.start.offset, node.end.offset);
}

function valueAt(node: Node | undefined, key: string): Node | undefined {
  return node?.kind === 'object' ? node.members.find((member) => member.key === key)?.value : undefined;
}

let folder = '';

function configText(seccomp: string): string {
  const args = '["/busybox","true"]';
  const namespaces = ['pid', 'ipc', 'uts', 'mount', 'network'].map((type) => `{"type":"${type}"}`).join(',');
  return `{"ociVersion":"1.0.2","process":{"user":{"uid":0,"gid":0},"args":${args},"cwd":"/","noNewPrivileges":true,"capabilities":{"bounding":["CAP_KILL"]}},"root":{"path":"${folder}/rootfs","readonly":true},"mounts":[{"destination":"/proc","type":"proc","source":"proc"}],"linux":{"namespaces":[${namespaces}],"seccomp":\n${seccomp}\n}}`;
}

/** Whether the runtime runs `true` under the bundle; what it says if it does not. */
function run(runtime: 'runc' | 'crun', config: string, id: string): { accepts: boolean; output: string } {
  const bundle = mkdtempSync(`${folder}/bundle-`);
  writeFileSync(`${bundle}/config.json`, config);
  const command = [runtime, '--root', `${folder}/state-${runtime}`, 'run', '--bundle', bundle, id];
  // crun 1.8 refuses hybrid cgroup hierarchies; in a mount namespace of its own it sees only one.
  const script = 'umount /sys/fs/cgroup/unified 2>/dev/null; exec "$@"';
  const result = spawnSync('unshare', ['-m', 'sh', '-c', script, 'sh', ...command], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: HANGS_AFTER,
  });
  return { accepts: result.status === 0, output: `${result.stdout}${result.stderr}` };
}

describeWith(['root', 'runc', 'crun', 'busybox'], 'blocks', () => {
  beforeAll(() => {
    folder = mkdtempSync(`${tmpdir()}/oci-seccomp-validate-`);
    for (const name of ['proc', 'dev', 'sys']) mkdirSync(`${folder}/rootfs/${name}`, { recursive: true });
    copyFileSync(busybox, `${folder}/rootfs/busybox`);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is asked about most fixtures', () => {
    expect(sections().length).toBeGreaterThan(60);
  });

  it.each(['runc', 'crun'] as const)('says that %s refuses a byte-order mark', (runtime) => {
    const config = configText('{"defaultAction": "SCMP_ACT_ALLOW"}');
    for (const [mark, predicted] of [
      ['', true],
      ['\ufeff', false],
    ] as const) {
      const { problems } = readProfile(mark + config);
      expect(problems.some((problem) => blocks(problem, [runtime]))).toBe(!predicted);
      expect(run(runtime, mark + config, `validate-${process.pid}-mark`).accepts).toBe(predicted);
    }
  });

  it.each(sections())('says what runc and crun do with $file', ({ file, text }) => {
    const config = configText(text);
    const { problems } = readProfile(config, { dialect: 'oci-config' });
    for (const runtime of ['runc', 'crun'] as const) {
      const predicted = !problems.some((problem) => blocks(problem, [runtime]));
      const { accepts, output } = run(
        runtime,
        config,
        `validate-${process.pid}-${file.replace('.json', '')}`,
      );
      // A profile may be blocked because the runtime would read another one: it need not refuse it.
      const misread = problems.some(({ code }) => ['duplicate-key', 'key-case'].includes(code));
      if (misread && runtime === 'crun') continue;
      expect([file, runtime, accepts, output]).toEqual([file, runtime, predicted, predicted ? '' : output]);
    }
  });
});
