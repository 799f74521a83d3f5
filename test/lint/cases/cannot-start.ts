import type { RuleCases } from '../cases.ts';
import { arg, profile, rule } from '../texts.ts';

const start = 'execve exit exit_group close fstat fstatfs getdents64 openat statx write';
const privileged = 'capget capset chdir getcwd getppid newfstatat prctl read setgid setgroups setuid';
const crun = { options: { runtimes: ['crun'] } };
const confined = { options: { noNewPrivileges: true } };

const bundle = (noNewPrivileges: boolean, names: string) =>
  `{"ociVersion": "1.0.2", "process": {"noNewPrivileges": ${noNewPrivileges}, "capabilities": {"bounding": []}}, "linux": {"seccomp": {
  "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
  {"names": ["${names.split(' ').join('", "')}"], "action": "SCMP_ACT_ERRNO"}]}}}`;

export const cases: RuleCases = {
  flagged: [
    {
      name: 'execve that nothing allows',
      text: profile([rule('read exit_group', 'ALLOW')]),
      at: ['1:19'],
      messages: [/execve gets ERRNO EPERM/],
    },
    {
      name: 'execve that is misspelt: at the name',
      text: profile([rule('read exceve exit_group', 'ALLOW')]),
      at: ['2:22'],
      messages: [/execve gets ERRNO EPERM/],
    },
    {
      name: 'execve that a rule denies',
      text: profile([rule('read execve', 'KILL')], 'SCMP_ACT_ALLOW'),
      at: ['2:22'],
      messages: [/execve gets KILL_THREAD/],
    },
    {
      name: 'execve that is left to a tracer, whom no container has',
      text: profile([rule('read exit_group', 'ALLOW')], 'SCMP_ACT_TRACE'),
      at: ['1:19'],
      messages: [/execve gets TRACE 1, ENOSYS without a tracer/],
    },
    {
      name: 'programs that cannot end',
      text: profile([rule('execve write', 'ALLOW')]),
      ...crun,
      at: ['1:19'],
      messages: [/no program can end/],
    },
    {
      name: 'what runc needs itself',
      text: profile([rule('execve exit exit_group', 'ALLOW')]),
      ...confined,
      at: ['1:19'],
      messages: [/runc itself calls close, fstat, fstatfs, getdents64, openat, statx and write under/],
    },
    {
      name: 'what an older runc needs itself',
      text: profile([rule('execve exit exit_group', 'ALLOW')]),
      options: { noNewPrivileges: true, runtimes: ['runc@1.1.5'] },
      at: ['1:19'],
      messages: [/runc@1.1.5 itself calls close, fstatfs, getdents64, openat and write under/],
    },
    {
      name: 'what runc needs in addition with privileges, as engines start containers',
      text: profile([rule(start, 'ALLOW')]),
      at: ['1:19'],
      messages: [
        /without noNewPrivileges: runc itself calls capget, capset, chdir, getcwd, getppid, newfstatat, prctl, read, setgid, setgroups and setuid under/,
      ],
    },
    {
      name: 'what crun needs with privileges',
      text: profile([rule('execve exit_group', 'ALLOW')]),
      ...crun,
      at: ['1:19'],
      messages: [
        /crun itself calls capset, prctl, rt_sigaction, rt_sigprocmask, setresgid, setresuid and write under/,
      ],
    },
    {
      name: 'a bundle that says that it has privileges',
      text: bundle(false, 'capset setgroups'),
      at: ['3:24'],
      messages: [/without noNewPrivileges: runc itself calls capset and setgroups/],
      hints: [/^allow them; with noNewPrivileges \(.*\) it needs none of this$/],
    },
    {
      name: 'openat2 under a runc that knows no other way, whatever the error',
      text: profile([rule('openat2', 'ERRNO', [], ', "errnoRet": 38')], 'SCMP_ACT_ALLOW'),
      options: { runtimes: ['runc@1.3.3', 'runc@1.2.8'] },
      at: ['2:14', '2:14'],
      hints: [/^allow it$/, /^allow it$/],
    },
    {
      name: 'statx under those that look at /proc in the safe way',
      text: profile([rule('statx', 'ERRNO')], 'SCMP_ACT_ALLOW'),
      options: { runtimes: ['runc@1.2.8', 'runc@1.2.9', 'runc@1.3.3', 'runc@1.4.0', 'runc'] },
      at: ['2:14', '2:14', '2:14', '2:14', '2:14'],
    },
    {
      name: 'a call whose errors runc ignores, but that ends it',
      text: profile([rule('fcntl', 'KILL_PROCESS')], 'SCMP_ACT_ALLOW'),
      ...confined,
      at: ['2:14'],
      messages: [/runc itself calls fcntl/],
      hints: [/^allow it, or deny with an error number, after which it goes on$/],
    },
  ],
  clean: [
    { name: 'what runc and a program need', text: profile([rule(`${start} ${privileged}`, 'ALLOW')]) },
    { name: 'the same without privileges', text: profile([rule(start, 'ALLOW')]), ...confined },
    {
      name: 'a static program under crun without privileges',
      text: profile([rule('execve exit_group', 'ALLOW')]),
      options: { runtimes: ['crun'], noNewPrivileges: true },
    },
    { name: 'a bundle that says that it has none', text: bundle(true, 'capset setgroups') },
    { name: 'execve that is logged', text: profile([rule('execve', 'LOG')], 'SCMP_ACT_ALLOW') },
    {
      name: 'a condition on execve',
      text: profile([rule('execve', 'ERRNO', [arg(1, 'EQ', 0)])], 'SCMP_ACT_ALLOW'),
    },
    {
      name: 'a call whose errors runc ignores',
      text: profile([rule('fcntl', 'ERRNO')], 'SCMP_ACT_ALLOW'),
    },
    {
      name: 'openat2 under a runc that goes on after any error',
      text: profile([rule('openat2', 'ERRNO')], 'SCMP_ACT_ALLOW'),
      options: {
        runtimes: [
          'runc@1.2.7',
          'runc@1.2.9',
          'runc@1.3.2',
          'runc@1.3.4',
          'runc@1.3.6',
          'runc@1.1.5',
          'runc',
        ],
      },
    },
    {
      name: 'statx under those before',
      text: profile([rule('statx', 'ERRNO')], 'SCMP_ACT_ALLOW'),
      options: { runtimes: ['runc@1.2.7', 'runc@1.3.2'] },
    },
  ],
};
