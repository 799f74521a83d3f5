/**
 * Profiles at random, with the mistakes that people make. One seed always gives the same profiles.
 */

/** A number from 0 below `n`. */
export type Random = (n: number) => number;

export function createRandom(seed: number): Random {
  let state = BigInt(seed) + 1n;
  return (n) => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffff_ffff_ffff_ffffn;
    return Number((state >> 33n) % BigInt(n));
  };
}

const NAMES =
  `read write open openat close stat fstat newfstatat lstat mmap mprotect munmap brk ioctl access execve exit
  exit_group clone clone3 fork vfork socket connect socketcall ipc shmget personality mount umount2 umount ptrace kill bpf
  io_uring_setup futex futex_time64 clock_gettime clock_gettime64 gettimeofday time restart_syscall rt_sigreturn unshare setns
  keyctl perf_event_open chown chown32 setuid setuid32 setgid capset prctl seccomp statx _llseek lseek send sendto
  _newselect select mq_open userfaultfd process_vm_readv`.split(/\s+/);
const START =
  `execve exit exit_group read write close openat fstat capget capset chdir fstatfs getcwd getdents64 getppid
  newfstatat prctl setgid setgroups setuid statx futex rt_sigreturn restart_syscall`.split(/\s+/);
const FOREIGN = ['execvp', 'printf', 'pthread_create', 'fstat64x', 'newstat', ''];
const ALLOW = 'SCMP_ACT_ALLOW';
const ACTIONS = [
  ...[ALLOW, ALLOW, ALLOW, 'SCMP_ACT_ERRNO', 'SCMP_ACT_ERRNO', 'SCMP_ACT_LOG', 'SCMP_ACT_KILL'],
  ...['SCMP_ACT_KILL_PROCESS', 'SCMP_ACT_TRAP', 'SCMP_ACT_NOTIFY', 'SCMP_ACT_TRACE'],
];
const DEFAULTS = ['ERRNO', 'ERRNO', 'ALLOW', 'KILL', 'KILL_PROCESS', 'LOG'].map((each) => `SCMP_ACT_${each}`);
const OPERATORS = ['EQ', 'NE', 'LT', 'LE', 'GT', 'GE', 'MASKED_EQ'].map((each) => `SCMP_CMP_${each}`);
const VALUES = ['0', '0', '1', '10', '2114060288', '4294967295', '4294967296', '18446744073709551615'];
const X86 = ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'];

type Value = Record<string, unknown>;

/** The text of a profile, in some layout. */
export function mutatedProfile(random: Random): string {
  const pick = <T>(all: readonly T[]): T => all[random(all.length)] as T;
  const oneIn = (n: number): boolean => random(n) === 0;
  const misspelt = (name: string): string =>
    pick([
      `${name}x`,
      name.slice(1),
      name.toUpperCase(),
      `sys_${name}`,
      ` ${name}`,
      name.replace('_', '-'),
      pick(FOREIGN),
    ]);
  const name = (): string => (oneIn(6) ? misspelt(pick(NAMES)) : pick(NAMES));
  const list = <T>(most: number, make: () => T): T[] => Array.from({ length: 1 + random(most) }, make);
  // JSON has no integers above 2^53, so digits are put in afterwards.
  const number = (): string => `#${pick(VALUES)}#`;
  const comparison = (): Value => ({
    index: random(4),
    value: number(),
    ...(oneIn(3) ? { valueTwo: number() } : {}),
    op: pick(OPERATORS),
  });
  const rule = (): Value => ({
    names: list(5, name),
    action: pick(ACTIONS),
    ...(oneIn(3) ? { args: oneIn(8) ? null : list(3, comparison) } : {}),
    ...(oneIn(5) ? { errnoRet: pick([0, 1, 38, 13]) } : {}),
    ...(oneIn(6) ? { comment: pick(['', 'why', 'needed // by x']) } : {}),
    ...(oneIn(9) ? { includes: pick([{}, { caps: ['CAP_SYS_ADMIN'] }, { minKernel: '4.8' }]) } : {}),
    ...(oneIn(15) ? { excludes: pick([{}, { caps: ['CAP_SYS_ADMIN'] }, { arches: ['s390x'] }]) } : {}),
    ...(oneIn(25) ? { Names: ['read'] } : {}),
    ...(oneIn(25) ? { descripton: 'x' } : {}),
  });
  const rules = list(8, rule);
  if (oneIn(2)) rules.unshift({ names: [...START], action: ALLOW });
  for (let i = 0; i < 2; i += 1) {
    const copy = { ...pick(rules), ...(oneIn(2) ? { action: pick(ACTIONS) } : {}) };
    if (oneIn(3)) rules.splice(random(rules.length + 1), 0, copy);
  }
  const profile = {
    defaultAction: pick(DEFAULTS),
    ...(oneIn(3) ? { defaultErrnoRet: pick([1, 38]) } : {}),
    ...(oneIn(3) ? {} : { architectures: pick([X86.slice(0, 1), X86, [...X86, 'SCMP_ARCH_X32']]) }),
    syscalls: rules,
  };
  const text = JSON.stringify(profile, null, pick([undefined, 1, 2, '\t'])).replace(/"#(\d+)#"/g, '$1');
  const laidOut = oneIn(4) ? text.replaceAll('\n', '\r\n') : text;
  return `${oneIn(6) ? '\ufeff' : ''}${laidOut}`;
}
