/**
 * Documents: architectures, and JSON that is not as it should be.
 * @module
 */
import { ALLOW, architectures, chdir, equals, type Fact, MKDIR, mkdir, rmdir, rule } from './fact.ts';

export const architectureFacts: readonly Fact[] = [
  {
    name: 'SCMP_ARCH_NATIVE',
    seccomp: architectures('["SCMP_ARCH_NATIVE"]'),
    runc: 'refused: is not a valid arch',
    crun: 'refused: seccomp unknown architecture',
  },
  {
    name: 'SCMP_ARCH_PARISC',
    seccomp: architectures('["SCMP_ARCH_PARISC"]'),
    runc: 'refused: is not a valid arch',
    crun: 'refused: Numerical argument out of domain',
  },
  {
    name: 'SCMP_ARCH_RISCV64',
    seccomp: architectures('["SCMP_ARCH_RISCV64"]'),
    runc: [
      ['0', 'refused: is not a valid arch'],
      ['1.1.8', 'ERRNO(1)'],
    ],
    crun: 'ERRNO(1)',
  },
  {
    name: 'SCMP_ARCH_LOONGARCH64',
    seccomp: architectures('["SCMP_ARCH_LOONGARCH64"]'),
    runc: [
      ['0', 'refused: is not a valid arch'],
      ['1.1.15', 'ERRNO(1)'],
    ],
    crun: [
      ['0', 'refused: seccomp unknown architecture'],
      ['1.21', 'ERRNO(1)'],
    ],
  },
  {
    name: 'an architecture of the other byte order',
    seccomp: architectures('["SCMP_ARCH_S390X"]'),
    runc: 'refused: numerical argument out of domain',
    crun: 'refused: Numerical argument out of domain',
  },
  {
    name: 'unknown architecture',
    seccomp: architectures('["SCMP_ARCH_FOO"]'),
    runc: 'refused: is not a valid arch',
    crun: 'refused: seccomp unknown architecture',
  },
  {
    name: 'architecture in lower case',
    seccomp: architectures('["scmp_arch_x86"]'),
    runc: 'refused: is not a valid arch',
    crun: 'refused: seccomp unknown architecture',
  },
  {
    name: 'architecture without prefix',
    seccomp: architectures('["x86"]'),
    runc: 'refused: is not a valid arch',
    crun: 'ERRNO(1)',
  },
  {
    name: 'an architecture twice',
    seccomp: architectures('["SCMP_ARCH_X86","SCMP_ARCH_X86_64","SCMP_ARCH_X86"]'),
    runc: 'ERRNO(1)',
    crun: 'ERRNO(1)',
  },
  { name: 'architectures []', seccomp: architectures('[]'), runc: 'ERRNO(1)', crun: 'ERRNO(1)' },
  { name: 'architectures null', seccomp: architectures('null'), runc: 'ERRNO(1)', crun: 'ERRNO(1)' },
];

const three = [
  [mkdir, 1n],
  [rmdir, 1n],
  [chdir, 1n],
] as const;
const RMDIR = '{"names":["rmdir"],"action":"SCMP_ACT_ERRNO"}';

export const jsonFacts: readonly Fact[] = [
  {
    name: 'duplicate key: the last in runc, the first in crun before 1.28',
    seccomp: rule(',"errnoRet":5,"errnoRet":7'),
    runc: 'ERRNO(7)',
    crun: [
      ['0', 'ERRNO(5)'],
      ['1.28', 'ERRNO(7)'],
    ],
  },
  {
    name: 'duplicate key, null second',
    seccomp: rule(',"errnoRet":5,"errnoRet":null'),
    runc: 'ERRNO(1)',
    crun: [
      ['0', 'ERRNO(5)'],
      ['1.28', 'ERRNO(1)'],
    ],
  },
  {
    name: 'duplicate list',
    seccomp: `{${ALLOW},"syscalls":[${MKDIR}],"syscalls":[${RMDIR}]}`,
    calls: three,
    runc: 'ALLOW ERRNO(1) ALLOW',
    crun: [
      ['0', 'ERRNO(1) ALLOW ALLOW'],
      ['1.28', 'ALLOW ERRNO(1) ALLOW'],
    ],
  },
  {
    // Go decodes the second list into the elements of the first: keys absent there keep their value.
    name: 'duplicate list: in runc the elements of the first shine through',
    seccomp: `{${ALLOW},"syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_ERRNO","args":[${equals(0, 7)}]}],"syscalls":[${RMDIR}]}`,
    calls: [
      [rmdir, 1n],
      [rmdir, 7n],
    ],
    runc: 'ALLOW ERRNO(1)',
    crun: [
      ['0', 'ALLOW ALLOW'],
      ['1.28', 'ERRNO(1) ERRNO(1)'],
    ],
  },
  {
    name: 'the same key in another case, second',
    seccomp: rule(',"errnoRet":5,"ERRNORET":7'),
    runc: 'ERRNO(7)',
    crun: 'ERRNO(5)',
  },
  {
    name: 'the same key in another case, first',
    seccomp: rule(',"ERRNORET":7,"errnoRet":5'),
    runc: 'ERRNO(5)',
    crun: 'ERRNO(5)',
  },
  {
    name: 'keys in upper case',
    seccomp: '{"DEFAULTACTION":"SCMP_ACT_ALLOW","SYSCALLS":[{"NAMES":["mkdir"],"ACTION":"SCMP_ACT_ERRNO"}]}',
    runc: 'ERRNO(1)',
    crun: "refused: Required field 'defaultAction' not present",
  },
  {
    name: 'unknown keys',
    seccomp: `{${ALLOW},"typo":1,"syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_ERRNO","arg":[]}]}`,
    runc: 'ERRNO(1)',
    crun: 'ERRNO(1)',
  },
  {
    name: 'the address of a schema',
    seccomp: `{"$schema":"https://example.org/docker.schema.json",${ALLOW},"syscalls":[${MKDIR}]}`,
    runc: 'ERRNO(1)',
    crun: 'ERRNO(1)',
  },
  {
    name: 'trailing comma',
    seccomp: `{${ALLOW},"syscalls":[${MKDIR},]}`,
    runc: 'refused: invalid character',
    crun: [
      ['0', 'refused: cannot parse the data'],
      ['1.28', 'ERRNO(1)'],
    ],
  },
  {
    name: 'comment',
    seccomp: `{${ALLOW},/* x */"syscalls":[${MKDIR}]}`,
    runc: 'refused: invalid character',
    crun: 'ERRNO(1)',
  },
];
