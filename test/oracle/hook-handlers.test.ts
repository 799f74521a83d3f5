/**
 * Workloads that crun runs in its own process, without execve(2): a hook, which sets the filter at the exec, refuses
 * them; a filter that the runtime installs is there before they run.
 */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { installedRuntimes } from './libraries.ts';
import { type BundleOptions, cli, type Hooked, leftBehind, makeHooked } from './support/hook-bundle.ts';
import { helperPath } from './support/native.ts';
import { describeWith } from './support/require.ts';
import { programPath } from './support/wrapper.ts';

/** Where Debian's crun looks for plugins: the text in its binary that the test puts a folder of its own for. */
const HANDLERS = '/usr/lib/x86_64-linux-gnu/crun/handlers';
/** EDOM: no kernel gives it for mkdir. */
const EDOM = 33;
const deny = { names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: EDOM };
const seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [deny] };

// crun has room for no longer path than that of its own folder.
const folder = mkdtempSync('/tmp/oci-h-');
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const profile = join(folder, 'p.json');
writeFileSync(profile, JSON.stringify(seccomp));

/** crun as it is, but for its folder of plugins, which holds the helper or, without `plugin`, nothing. */
function patchedCrun(source: string, version: string, plugin: boolean): string {
  const home = join(folder, `${version}${plugin ? 'p' : ''}`);
  const handlers = join(home, 'crun/handlers');
  mkdirSync(handlers, { recursive: true });
  if (plugin) copyFileSync(helperPath('in-process-handler'), join(handlers, 'own.so'));
  if (handlers.length > HANDLERS.length) throw new Error(`${handlers} does not fit`);
  const text = readFileSync(source).toString('latin1');
  if (!text.includes(HANDLERS)) throw new Error(`${source} has no folder of handlers`);
  const own = text.replaceAll(HANDLERS, handlers.padEnd(HANDLERS.length, '\0'));
  const path = join(home, 'bin/crun');
  mkdirSync(join(home, 'bin'));
  writeFileSync(path, Buffer.from(own, 'latin1'), { mode: 0o755 });
  return path;
}

function withBundle(path: string, options: BundleOptions, use: (bundle: Hooked) => void): void {
  const bundle = makeHooked({ name: 'crun', family: 'crun', path }, options);
  try {
    use(bundle);
  } finally {
    bundle.remove();
  }
}

const annotations = { 'run.oci.handler': 'own' };
const hook = ['--profile', profile];
const needs = ['root', 'x86_64', 'crun', 'busybox', 'cc', 'ptrace', 'built'] as const;

describeWith(needs, 'workloads that crun runs itself', () => {
  afterAll(() => expect(leftBehind()).toEqual([]));
  const cruns = installedRuntimes().filter(({ name }) => name === 'crun');

  describe.each(cruns.map((crun) => [crun.version, crun] as const))('crun %s', (version, crun) => {
    const path = patchedCrun(programPath(crun), version, true);

    it('run without a filter if nothing stops them', () => {
      withBundle(path, { annotations }, ({ call }) => {
        expect(call('run', 'ID').output).toBe('in crun: mkdir=0 Seccomp:\t0\n');
      });
    });

    const cases: readonly [string, string, BundleOptions, RegExp][] = [
      ['annotation', 'crun', { annotations }, /annotation run\.oci\.handler: \\"own\\"/],
      [
        'unknown annotation',
        'crun',
        { annotations: { 'run.oci.handler': 'x' } },
        /run\.oci\.handler: \\"x\\"/,
      ],
      [
        "image's annotation",
        'crun',
        { annotations: { 'module.wasm.image/variant': 'compat-smart' } },
        /module\.wasm\.image\/variant: \\"compat-smart\\"/,
      ],
      ["runtime's name", 'crun-own', {}, /it was called as \\"crun-own\\"/],
      ['plugin that may take any container', 'crun', {}, /the plugin [^ ]*\/crun\/handlers\/own\.so/],
    ];
    it.each(cases)('are refused, told by the %s', (_, name, options, reason) => {
      const called = join(path, '..', name);
      if (name !== 'crun') symlinkSync('crun', called);
      withBundle(called, { ...options, hook }, ({ call, logText }) => {
        const { status, output } = call('run', 'ID');
        expect(output).not.toContain('in crun');
        expect(status).not.toBe(0);
        expect(logText()).toMatch(/ error .*: refused: .*without execve\(2\)/);
        expect(logText()).toMatch(reason);
      });
    });

    it('are left alone where the container gets no filter', () => {
      withBundle(path, { annotations, hook: ['--default', 'none'] }, ({ call, logText }) => {
        expect(call('run', 'ID').output).toContain('in crun: mkdir=0');
        expect(logText()).toContain('unfiltered');
      });
    });

    it.each([true, false])('have the filter that crun installs, no_new_privs %s', (noNewPrivileges) => {
      withBundle(path, { annotations, noNewPrivileges }, ({ folder: bundle, call }) => {
        const file = join(bundle, 'config.json');
        const words = [cli, 'hook', 'precreate', '--profile', profile, '--runtime', 'crun'];
        const { stdout } = spawnSync(process.execPath, words, {
          input: readFileSync(file),
          encoding: 'utf8',
        });
        writeFileSync(file, stdout);
        expect(call('run', 'ID').output).toBe(`in crun: mkdir=${EDOM} Seccomp:\t2\n`);
      });
    });

    it('do not keep ordinary containers from their filter, without plugins', () => {
      const plain = patchedCrun(programPath(crun), version, false);
      withBundle(plain, { hook }, ({ call, logText }) => {
        expect(call('run', 'ID').output).toContain(`mkdir=${EDOM} Seccomp:2`);
        expect(logText()).toContain('read back and equal');
      });
    });
  });
});
