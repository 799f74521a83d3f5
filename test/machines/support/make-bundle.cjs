// Runs in a machine: node make-bundle.cjs FOLDER PROFILE|- HOOK|- PROGRAM [ARGUMENT...]
// Makes an OCI bundle of busybox. PROFILE: its resolved seccomp section goes into config.json; HOOK: words for `hook config`.
const { execFileSync } = require('node:child_process');
const { chmodSync, copyFileSync, mkdirSync, writeFileSync } = require('node:fs');

const [folder, profile, hook, ...args] = process.argv.slice(2);
const run = (...words) => execFileSync('oci-seccomp', words, { encoding: 'utf8' });
for (const name of ['bin', 'proc', 'dev', 'tmp']) mkdirSync(`${folder}/rootfs/${name}`, { recursive: true });
chmodSync(folder, 0o755);
copyFileSync('/bin/busybox', `${folder}/rootfs/bin/busybox`);
const config = {
  ociVersion: '1.0.2',
  process: {
    terminal: false,
    user: { uid: 0, gid: 0 },
    cwd: '/',
    env: ['PATH=/bin'],
    args,
    noNewPrivileges: false,
  },
  root: { path: 'rootfs', readonly: false },
  mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }],
  hooks:
    hook === '-'
      ? {}
      : JSON.parse(run('hook', 'config', '--for', 'oci', '--timeout', '300', ...hook.split(' '))).hooks,
  linux: {
    namespaces: [{ type: 'pid' }, { type: 'mount' }],
    ...(profile === '-' ? {} : { seccomp: JSON.parse(run('resolve', profile)) }),
  },
};
writeFileSync(`${folder}/config.json`, JSON.stringify(config));
