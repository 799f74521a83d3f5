/**
 * Environment variables of the runtime: runc and crun hand theirs on to hooks that name none, so ours names one.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { rowsFor } from '../support/samples.ts';
import { type BundleOptions, eventually, leftBehind, makeHooked } from './support/hook-bundle.ts';
import { describeWith } from './support/require.ts';
import { openWrapper, programPath } from './support/wrapper.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-hook-environment-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const rule = { names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 33 };
const profile = join(folder, 'p.json');
writeFileSync(profile, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [rule] }));

/** Written by whatever of these is loaded or run; all of it then fails, too. */
const sign = join(folder, 'loaded');
const script = join(folder, 'module.cjs');
writeFileSync(script, `require('node:fs').writeFileSync(${JSON.stringify(sign)}, ''); process.exit(0);`);
const shell = join(folder, 'shell.sh');
writeFileSync(shell, `: >${sign}\nexit 0\n`);
mkdirSync(join(folder, 'bin'));
for (const name of ['sh', 'node', 'date', 'logger']) {
  writeFileSync(join(folder, 'bin', name), `#!/bin/busybox sh\n: >${sign}\nexit 0\n`);
  chmodSync(join(folder, 'bin', name), 0o755);
}
mkdirSync(join(folder, 'modules/koffi'), { recursive: true });
writeFileSync(join(folder, 'modules/koffi/index.js'), `require(${JSON.stringify(script)});`);

const variables: Readonly<Record<string, string>> = {
  NODE_OPTIONS: `--require ${script}`,
  NODE_PATH: join(folder, 'modules'),
  OCI_SECCOMP_LIBRARY: '/nonexistent/libseccomp.so.2',
  PATH: `${folder}/bin`,
  ENV: shell,
  BASH_ENV: shell,
  LD_LIBRARY_PATH: folder,
  HOME: folder,
  TMPDIR: '/nonexistent',
};

describeWith(
  ['root', 'x86_64', 'runc', 'crun', 'busybox', 'ptrace', 'built'],
  "the runtime's environment",
  () => {
    afterAll(() => expect(eventually(() => leftBehind().length === 0) ? [] : leftBehind()).toEqual([]));

    const args = ['/bin/busybox', 'sh', '-c', 'exec 2>&1; busybox mkdir /tmp/x; true'];
    /** Runs a container with a runtime that has one of the variables. */
    const run = (name: 'runc' | 'crun', variable: string, options: BundleOptions) => {
      const path = join(folder, `${name}-${variable}`);
      const line = `${variable}='${variables[variable]}' exec ${programPath({ path: name })} "$@"`;
      writeFileSync(path, `#!/bin/sh\n${line}\n`);
      chmodSync(path, 0o755);
      rmSync(sign, { force: true });
      const bundle = makeHooked(
        { name, family: name, path },
        { hook: ['--profile', profile], args, ...options },
      );
      try {
        const { output } = bundle.call('run', 'ID');
        return { output, log: bundle.logText(), loaded: existsSync(sign) };
      } finally {
        bundle.remove();
      }
    };

    describe.each(['runc', 'crun'] as const)('%s', (name) => {
      it.each(rowsFor(name, Object.keys(variables)))('%s does not reach the hook', (variable) => {
        const { output, log, loaded } = run(name, variable, {});
        expect(loaded).toBe(false);
        expect(output).toContain('Numerical argument out of domain');
        expect(log).toContain('has its filter');
      });

      const editHooks: BundleOptions['editHooks'] = (hooks) =>
        Object.fromEntries(
          Object.entries(hooks).map(([stage, list]) => [stage, list.map(({ env: _, ...hook }) => hook)]),
        );

      it.each(['NODE_OPTIONS', 'NODE_PATH'])(
        '%s does not, even if the environment of the hook got lost',
        (variable) => {
          const { log, loaded } = run(name, variable, { editHooks });
          expect(loaded).toBe(false);
          expect(log).toContain('has its filter');
        },
      );

      it('OCI_SECCOMP_LIBRARY would, if the hook named no environment and compiled with libseccomp', () => {
        const hook = ['--profile', profile, '--backend', 'libseccomp'];
        const { log } = run(name, 'OCI_SECCOMP_LIBRARY', { hook, editHooks });
        expect(log).toMatch(/refused: .*nonexistent/);
      });

      it('no libseccomp is needed', () => {
        const { output, log } = run(name, 'OCI_SECCOMP_LIBRARY', { editHooks });
        expect(output).toContain('Numerical argument out of domain');
        expect(log).toContain('has its filter');
      });
    });
  },
);

describeWith(['root', 'runc', 'busybox', 'built'], 'NODE_OPTIONS of the engine', () => {
  it('does not reach the wrapper, and the real runtime gets it back', () => {
    // Named by PATH, it is looked for by Node, and not by the launcher.
    const real = join(folder, 'real');
    mkdirSync(real);
    writeFileSync(
      join(real, 'fake-runtime'),
      '#!/bin/sh\necho "$# $NODE_OPTIONS $OCI_SECCOMP_NODE_OPTIONS"\n',
    );
    chmodSync(join(real, 'fake-runtime'), 0o755);
    const wrapper = openWrapper({ path: 'runc' });
    try {
      wrapper.configure({ runtime: 'fake-runtime' });
      rmSync(sign, { force: true });
      const { NODE_OPTIONS = '' } = variables;
      const env = { PATH: `${real}:${process.env.PATH}`, NODE_OPTIONS };
      const { stdout, stderr } = spawnSync(wrapper.path, ['state', 'x'], { env, encoding: 'utf8' });
      expect({ stdout, stderr }).toEqual({ stdout: `2 ${NODE_OPTIONS} \n`, stderr: '' });
      expect(existsSync(sign)).toBe(false);
    } finally {
      wrapper.close();
    }
  });
});
