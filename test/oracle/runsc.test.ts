/**
 * gVisor's runsc starts containers, and what their calls get is what `--runtime runsc` says.
 *
 * OCI_SECCOMP_RUNSC_SAMPLES: how many random profiles, each a container; 8 unless told.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { directSyscallNumber } from '../../src/abi/syscall-numbers.ts';
import { decidePolicy } from '../../src/decision/decide-policy.ts';
import { createSpace } from '../../src/decision/space.ts';
import { evaluate } from '../../src/decision/witness.ts';
import type { OciSeccompError } from '../../src/errors.ts';
import { readProfile } from '../../src/oci/read-profile.ts';
import { resolveProfile } from '../../src/oci/resolve-profile.ts';
import { expandPolicy } from '../../src/policy/expand-policy.ts';
import { lowerProfile } from '../../src/policy/lower-profile.ts';
import { newestTable } from '../../src/policy/newest-table.ts';
import { HANGS_AFTER } from '../support/patience.ts';
import { fetchedRunsc } from './libraries.ts';
import { helperPath } from './support/native.ts';
import { describeWith } from './support/require.ts';

interface Arg {
  readonly index: number;
  readonly op: string;
  readonly value: number;
  readonly valueTwo?: number;
}
interface Rule {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args?: readonly Arg[];
}
interface Written {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly syscalls: readonly Rule[];
}
type Call = readonly [nr: number, ...args: number[]];

/** What the probe itself needs; the first rule, so that none of the others takes it away. */
const own: Rule = {
  names: (
    'execve brk arch_prctl set_tid_address set_robust_list rseq prlimit64 readlinkat readlink getrandom mprotect mmap munmap ' +
    'read write writev fstat newfstatat rt_sigaction rt_sigreturn rt_sigprocmask exit_group ioctl lseek futex'
  ).split(' '),
  action: 'SCMP_ACT_ALLOW',
};

/** They take any arguments and do nothing. */
const harmless = ['getpid', 'getuid', 'getgid', 'getppid', 'gettid'];

function started(written: object, calls: readonly Call[]): { lines: readonly string[]; output: string } {
  const folder = mkdtempSync(join(tmpdir(), `oci-seccomp-runsc-${process.pid}-`));
  try {
    mkdirSync(join(folder, 'rootfs'));
    copyFileSync(helperPath('sentry-probe'), join(folder, 'rootfs/probe'));
    const config = {
      ociVersion: '1.0.2',
      process: {
        terminal: false,
        user: { uid: 0, gid: 0 },
        args: ['/probe'],
        env: [],
        cwd: '/',
        capabilities: {},
        noNewPrivileges: true,
      },
      root: { path: 'rootfs', readonly: true },
      linux: { namespaces: [{ type: 'pid' }, { type: 'mount' }], seccomp: written },
    };
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
    const words = [
      '--root',
      join(folder, 'state'),
      '--network=none',
      '--ignore-cgroups',
      '--platform=systrap',
    ];
    const { stdout, stderr } = spawnSync(
      fetchedRunsc() ?? 'runsc',
      [...words, '--oci-seccomp', '--alsologtostderr', 'run', '-bundle', folder, `probe-${process.pid}`],
      {
        input: calls.map((call) => `${[...call, 0, 0, 0, 0, 0, 0].slice(0, 7).join(' ')}\n`).join(''),
        encoding: 'utf8',
        timeout: HANGS_AFTER,
      },
    );
    return { lines: stdout.split('\n').slice(0, -1), output: stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function meaning(written: object): (call: Call) => string {
  const { profile } = readProfile(JSON.stringify(written), { dialect: 'oci' });
  if (profile === undefined) throw new Error('no profile');
  const host = { arch: 'x86_64', kernel: { kernel: 6, major: 12 }, capabilities: [] } as const;
  const { seccomp } = resolveProfile(profile, host);
  if (seccomp === undefined) throw new Error('seccomp is off');
  const { policy } = lowerProfile(seccomp, { runtime: 'runsc', arch: 'x86_64', table: newestTable });
  const space = createSpace();
  const root = decidePolicy(space, policy, expandPolicy(policy, newestTable));
  return ([nr, ...args]) => {
    const all = [0, 1, 2, 3, 4, 5].map((i) => BigInt(args[i] ?? 0)) as [
      ...[bigint, bigint, bigint, bigint, bigint, bigint],
    ];
    const outcome = evaluate(space, root, { nr, arch: 0xc000003e, instructionPointer: 0n, args: all });
    if (outcome.kind !== 'word') return outcome.kind;
    const data = outcome.word & 0xffff;
    const answers = new Map([
      // No call of Linux or gVisor has these numbers, and the harmless ones succeed.
      [0x7fff0000, nr >= 0x400 ? 'errno 38' : 'allow'],
      [0x00050000, `errno ${data}`],
      [0x00030000, `trap ${data}`],
      // Without a tracer.
      [0x7ff00000, 'errno 38'],
    ]);
    return answers.get((outcome.word & 0xffff0000) >>> 0) ?? `word ${outcome.word}`;
  };
}

function nr(name: string): number {
  return directSyscallNumber(name, 'x86_64') ?? -1;
}

const value = fc.constantFrom(0, 1, 2, 3, 5, 7, 2 ** 32, 2 ** 32 + 1, 2 ** 40);
const arg: fc.Arbitrary<Arg> = fc.record({
  index: fc.nat(2),
  op: fc.constantFrom('NE', 'LT', 'LE', 'EQ', 'GE', 'GT', 'MASKED_EQ').map((op) => `SCMP_CMP_${op}`),
  value,
  valueTwo: value,
});
const action = fc.constantFrom('ALLOW', 'ERRNO', 'TRAP', 'TRACE').map((each) => `SCMP_ACT_${each}`);
const rule: fc.Arbitrary<Rule> = fc.record({
  names: fc.subarray(harmless, { minLength: 1 }),
  action,
  args: fc.array(arg, { maxLength: 3 }),
});
const written: fc.Arbitrary<Written> = fc.record({
  defaultAction: action,
  syscalls: fc.array(rule, { minLength: 3, maxLength: 9 }).map((rules) => [own, ...rules]),
});

/** Every harmless call with arguments at the borders of what is compared. */
const manyCalls: readonly Call[] = harmless.flatMap((name) =>
  [0, 1, 2, 4, 6, 7, 2 ** 32, 2 ** 32 + 2, 2 ** 40 + 1].flatMap((a) =>
    [0, 1, 3, 2 ** 32 + 1].flatMap((b) => [0, 5].map((c): Call => [nr(name), a, b, c])),
  ),
);

function expectSame(profile: Written, calls: readonly Call[]): void {
  const { lines, output } = started(profile, calls);
  expect(lines, `${output}\n${JSON.stringify(profile)}`).toHaveLength(calls.length);
  const decide = meaning(profile);
  const seen = calls.map((call, i) => `${call.join(' ')}: ${lines[i]}`);
  expect(seen).toEqual(calls.map((call) => `${call.join(' ')}: ${decide(call)}`));
}

describeWith(['root', 'x86_64', 'cc', 'fetched runsc'], 'runsc', () => {
  const samples = Number(process.env.OCI_SECCOMP_RUNSC_SAMPLES ?? 8);

  it(
    `random rules: ${samples} containers, ${manyCalls.length} calls in each`,
    () => {
      fc.assert(
        fc.property(written, (profile) => expectSame(profile, manyCalls)),
        { numRuns: samples, endOnFailure: true },
      );
    },
    HANGS_AFTER,
  );

  const rows: readonly {
    readonly name: string;
    readonly profile: Written;
    readonly calls: readonly Call[];
  }[] = [
    {
      name: 'the errno is EPERM, the first rule decides, a rule with the default action counts, flags and the list of architectures do not',
      profile: {
        defaultAction: 'SCMP_ACT_ALLOW',
        ...{ flags: ['SECCOMP_FILTER_FLAG_LOG'], architectures: ['SCMP_ARCH_ARM'] },
        syscalls: [
          { names: ['getpid'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
          { names: ['getuid'], action: 'SCMP_ACT_ALLOW' },
          { names: ['getuid', 'getgid', 'nosuchcall', ''], action: 'SCMP_ACT_ERRNO' },
          { names: ['getppid'], action: 'SCMP_ACT_ERRNO', args: [{ index: 0, op: 'SCMP_CMP_EQ', value: 1 }] },
          { names: ['getppid'], action: 'SCMP_ACT_TRAP' },
        ],
      },
      calls: [
        ...harmless.map((name): Call => [nr(name)]),
        [nr('getppid'), 1],
        // x32's numbers are numbers like all others.
        [0x4000_0027],
        [0x7fff_ffff],
      ],
    },
    {
      name: 'x32 and unknown numbers get the default action; calls that gVisor lacks too',
      profile: {
        defaultAction: 'SCMP_ACT_TRAP',
        syscalls: [own, { names: ['getpid', 'openat2', 'mseal'], action: 'SCMP_ACT_ALLOW' }],
      },
      calls: [[nr('getpid')], [nr('openat2')], [nr('mseal')], [0x4000_0027], [0x7fff_ffff]],
    },
  ];
  it.each(rows)('$name', ({ profile, calls }) => expectSame(profile, calls), HANGS_AFTER);

  describe('refuses what lowering refuses', () => {
    const refused = ['KILL_PROCESS', 'KILL_THREAD', 'LOG', 'NOTIFY'].map((each) => `SCMP_ACT_${each}`);
    it.each(refused)('%s', (unknown) => {
      const profile: Written = {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: ['getpid'], action: unknown }],
      };
      const { lines, output } = started(profile, [[nr('getuid')]]);
      expect(lines).toEqual([]);
      expect(output).toContain(`invalid action: ${unknown}`);
      expect(() => meaning(profile)).toThrow(
        expect.objectContaining({
          message: `runsc does not know the action '${unknown}'`,
        }) as OciSeccompError,
      );
    });
  });
});
