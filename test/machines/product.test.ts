/**
 * The built project on real kernels of other architectures and releases: what doctor finds, the filters that runc and
 * crun install, hooks, the agent, run and record, and 32-bit programs.
 */
import { beforeAll, expect, it } from 'vitest';
import { architectures } from '../../src/abi/architectures.ts';
import { actionsSince, flagsSince } from '../../src/abi/kernel-history.ts';
import { isOlderKernel, parseKernelVersion } from '../../src/abi/kernel-version.ts';
import { type CommandResult, runOnMachine } from '../../tools/machines/boot-machine.ts';
import type { Machine } from '../../tools/machines/machine-list.ts';
import { root } from '../cli/run.ts';
import { helperPath } from '../oracle/support/native.ts';
import { describeMachines, MACHINE_HANGS_AFTER } from './support/describe-machine.ts';

/** Nobody's errno for mkdir (77, EBADFD on Linux), and one call that it needs on every architecture. */
const DENY_MKDIR = JSON.stringify({
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 77 }],
});
const DENIED = /mkdir: can't create directory '\/tmp\/x': File descriptor in bad state/;

const make = (folder: string, profile: string, hook: string, program: string): string =>
  `node /task/make-bundle.cjs ${folder} '${profile}' '${hook}' ${program}`;

/** In a folder of its own; without pivot_root(2), which the kernel does not do with an initramfs. */
const inContainer = (runtime: string, bundle: string): string =>
  `${runtime} --root /tmp/state run --no-pivot -b ${bundle} c1`;

const installed = (runtime: string): string =>
  `${runtime} --root /tmp/state run -d --no-pivot -b /b/default --pid-file /tmp/pid c1 > /tmp/log 2>&1 || { cat /tmp/log; exit 1; }
oci-seccomp verify docker-default pid:$(cat /tmp/pid) --runtime ${runtime}; status=$?
/task/dump-filter $(cat /tmp/pid) | sed 's/.* //' > /tmp/${runtime}.hex
${runtime} --root /tmp/state delete -f c1 > /dev/null 2>&1
exit $status`;

/** Of which the static client can be made. */
const CLIENTS: readonly Machine['arch'][] = ['x86_64', 'aarch64'];
const REPORT = 'busybox sh -c "busybox grep Seccomp: /proc/self/status; busybox mkdir /tmp/x"';
/** BTI: whether branches are taken at marked instructions only, in programs that ask for it. */
const hasGuards = ({ arch }: Machine): boolean => arch === 'aarch64';
/** What the recorded container calls; getcwd in it alone. */
const RECORDED = 'busybox sh -c "busybox pwd; busybox ls /tmp"';

const withAgent = ({ arch }: Machine): string => `mkdir -m 700 -p /run/oci-seccomp /opt
oci-seccomp agent --socket /run/oci-seccomp/agent.sock > /tmp/agent.log 2>&1 &
while [ ! -S /run/oci-seccomp/agent.sock ] && kill -0 $!; do sleep 1; done
[ -S /run/oci-seccomp/agent.sock ] || { cat /tmp/agent.log; exit 1; }
${make(
  '/b/agent',
  '-',
  `--profile /profiles/deny.json --agent /run/oci-seccomp/agent.sock${CLIENTS.includes(arch) ? ' --client /opt/client' : ''}`,
  REPORT,
)} 2>&1`;

const recordIn = (runtime: string): string =>
  `oci-seccomp record --container -o /tmp/${runtime}.json -- ${inContainer(runtime, '/b/record')}`;

const stepsOf = (machine: Machine) => ({
  doctor: 'oci-seccomp doctor --json',
  bundles: [
    make('/b/default', 'docker-default', '-', 'busybox sleep 1000'),
    make('/b/hook', '-', '--profile /profiles/deny.json --log /tmp/hook.log', REPORT),
    make('/b/record', '-', '-', RECORDED),
    ...(hasGuards(machine)
      ? [
          make('/b/guarded', '-', '--profile /profiles/deny.json --log /tmp/guarded.log', '/bin/guarded'),
          'cp /task/guarded /b/guarded/rootfs/bin/guarded',
        ]
      : []),
    ...(machine.compat === undefined
      ? []
      : [
          make('/b/compat', '/both/deny.json', '-', '/bin/probe'),
          'cp /task/probe /b/compat/rootfs/bin/probe',
        ]),
  ].join(' && '),
  'runc installs': installed('runc'),
  'crun installs': installed('crun'),
  'bytes for crun': `oci-seccomp compile docker-default --runtime crun -q -o /tmp/crun.bpf && hexdump -v -e '1/1 "%02x"' /tmp/crun.bpf > /tmp/ours.hex && echo >> /tmp/ours.hex && cmp /tmp/ours.hex /tmp/crun.hex`,
  'runc with a hook': inContainer('runc', '/b/hook'),
  'crun with a hook': inContainer('crun', '/b/hook'),
  'log of hooks': 'cat /tmp/hook.log',
  agent: withAgent(machine),
  'runc with the agent': inContainer('runc', '/b/agent'),
  'crun with the agent': inContainer('crun', '/b/agent'),
  run: 'oci-seccomp run --profile /profiles/deny.json -- busybox mkdir /tmp/x',
  record: 'oci-seccomp record -o /tmp/recorded.json -- busybox ls /profiles',
  'record under signals': 'oci-seccomp record -q --list -o /tmp/list -- /task/signal-storm 60 20000',
  'record under signals without the guard':
    'oci-seccomp record -q --list -o /tmp/list --no-guard -- /task/signal-storm 60 20000',
  'record a 32-bit program under signals':
    'oci-seccomp record -q --list -o /tmp/list32 -- /task/signal-storm32 60 20000',
  'run as recorded': 'oci-seccomp run --profile /tmp/recorded.json -- busybox ls /profiles',
  'run as not recorded': 'oci-seccomp run --profile /tmp/recorded.json -- busybox mkdir /tmp/y',
  'record runc': recordIn('runc'),
  'record crun': recordIn('crun'),
  'what was recorded': 'cat /tmp/runc.json; echo ,; cat /tmp/crun.json',
  'runc with guarded branches': inContainer('runc', '/b/guarded'),
  'crun with guarded branches': inContainer('crun', '/b/guarded'),
  'runc with a 32-bit program': inContainer('runc', '/b/compat'),
  'crun with a 32-bit program': inContainer('crun', '/b/compat'),
  'run a 32-bit program': 'oci-seccomp run --profile /both/deny.json -- /task/probe',
});

type Step = keyof ReturnType<typeof stepsOf>;

/** The same for 64-bit and 32-bit calls. */
const denyingBoth = ({ arch, compat }: Machine): string =>
  JSON.stringify({
    ...JSON.parse(DENY_MKDIR),
    architectures: [arch, compat].flatMap((name) =>
      name === undefined ? [] : [architectures[name].ociArch],
    ),
  });

async function take(machine: Machine): Promise<(step: Step) => CommandResult> {
  const steps = stepsOf(machine);
  const names = (Object.keys(steps) as Step[]).filter(
    (name) =>
      (machine.compat !== undefined || !name.includes('32-bit')) &&
      (hasGuards(machine) || !name.includes('guarded')),
  );
  const results = await runOnMachine(machine, {
    commands: names.map((name) => steps[name]),
    files: {
      'task/make-bundle.cjs': `${root}/test/machines/support/make-bundle.cjs`,
      'task/dump-filter': helperPath('dump-filter', machine.compilers[0]),
      'task/signal-storm': helperPath('signal-storm', machine.compilers[0]),
      ...(hasGuards(machine) ? { 'task/guarded': helperPath('branch-target', machine.compilers[0]) } : {}),
      ...(machine.compat === undefined
        ? {}
        : {
            'task/probe': helperPath('container-probe', machine.compilers[1]),
            'task/signal-storm32': helperPath('signal-storm', machine.compilers[1]),
          }),
    },
    texts: { 'profiles/deny.json': DENY_MKDIR, 'both/deny.json': denyingBoth(machine) },
  });
  return (step) => results[names.indexOf(step)] as CommandResult;
}

/** What signal-storm prints. */
const UNHARMED = { status: 0, stdout: expect.stringMatching(/^0 failed, 0 wrong, 60 signals\n$/) };

describeMachines(
  'the project',
  (machine) => {
    let result: (step: Step) => CommandResult;
    beforeAll(async () => {
      result = await take(machine);
    }, MACHINE_HANGS_AFTER);

    it('doctor finds what the kernel has since its release', () => {
      const { kernelRelease, arch, kernel } = JSON.parse(result('doctor').stdout);
      expect(arch.value).toBe(machine.arch);
      expect(kernelRelease).toContain(`${machine.name.replace(/.*-/, '')}.`);
      const running = parseKernelVersion(kernelRelease) ?? { kernel: 0, major: 0 };
      const known = (
        since: Readonly<Record<string, { kernel: number; major: number }>>,
        asked: object,
      ): object =>
        Object.fromEntries(
          Object.keys(asked).map((name) => [name, !isOlderKernel(running, since[name] ?? running)]),
        );
      expect(kernel.value.actions).toEqual(known(actionsSince, kernel.value.actions));
      expect(kernel.value.flags).toEqual(known(flagsSince, kernel.value.flags));
      expect(kernel.value.notification).toMatchObject({ request: 80, response: 24 });
    });

    it.each(['runc', 'crun'] as const)('%s installs what verify proves', (runtime) => {
      const { status, stdout, stderr } = result(`${runtime} installs`);
      expect({ status, stderr: status === 0 ? '' : `${stdout}${stderr}` }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toMatch(/proven/);
    });

    it('crun installs the bytes that compile writes', () => {
      expect(result('bytes for crun')).toMatchObject({ status: 0 });
    });

    it.each(['runc', 'crun'] as const)('a container of %s has the filter of a hook', (runtime) => {
      expect(result('bundles')).toMatchObject({ status: 0 });
      const { status, stdout, stderr } = result(`${runtime} with a hook`);
      expect(`${stdout}${stderr}`).toMatch(/Seccomp:\s*2/);
      expect(stderr).toMatch(DENIED);
      expect(status).toBe(1);
    });

    it('a supervisor reads the filter back', () => {
      expect(
        result('log of hooks').stdout.match(/has its filter: \d+ instructions, read back and equal/g),
      ).toHaveLength(2);
    });

    it.each(['runc', 'crun'] as const)('a container of %s has the filter of the agent', (runtime) => {
      expect(result('agent')).toMatchObject({ status: 0 });
      const { status, stdout, stderr } = result(`${runtime} with the agent`);
      expect(`${stdout}${stderr}`).toMatch(/Seccomp:\s*2/);
      expect(stderr).toMatch(DENIED);
      expect(status).toBe(1);
    });

    it('run puts a command under a profile', () => {
      expect(result('run')).toMatchObject({ status: 1, stderr: expect.stringMatching(DENIED) });
    });

    it('record writes a profile under which the program runs, and another does not', () => {
      expect(result('record')).toMatchObject({ status: 0, stdout: 'deny.json\n' });
      expect(result('run as recorded')).toMatchObject({ status: 0, stdout: 'deny.json\n' });
      expect(result('run as not recorded').status).not.toBe(0);
    });

    it('signals make no call fail that waits for the recorder', () => {
      expect(result('record under signals')).toMatchObject(UNHARMED);
      // Or they would come while no call waits.
      expect(result('record under signals without the guard').stdout).toMatch(/^[1-9]\d* failed, /);
    });

    it.each(['runc', 'crun'] as const)(
      'record writes what the program of a container of %s calls',
      (runtime) => {
        const { status, stdout, stderr } = result(`record ${runtime}`);
        expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
        expect(stdout).toMatch(/^\/$/m);
      },
    );

    it('record sees the same in a container of runc and of crun', () => {
      const written = JSON.parse(`[${result('what was recorded').stdout}]`) as { syscalls: object[] }[];
      expect(written).toHaveLength(2);
      expect(written[0]?.syscalls).toEqual(written[1]?.syscalls);
      expect(JSON.stringify(written)).toMatch(/"getcwd"/);
    });

    it
      .skipIf(!hasGuards(machine))
      .each(['runc with guarded branches', 'crun with guarded branches'] as const)(
      '%s (BTI) and signed returns has the filter of a hook',
      (step) => {
        const { status, stdout, stderr } = result(step);
        expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
        expect(stdout).toMatch(/^VmFlags:.* bt\b/m);
        expect(stdout).toMatch(/^mkdir 77$/m);
      },
    );

    const compat = it.skipIf(machine.compat === undefined);

    compat('signals make no call of a 32-bit program fail that waits for the recorder', () => {
      expect(result('record a 32-bit program under signals')).toMatchObject(UNHARMED);
    });

    compat.each([
      'runc with a 32-bit program',
      'crun with a 32-bit program',
      'run a 32-bit program',
    ] as const)('%s denies its calls', (step) => {
      const { status, stdout, stderr } = result(step);
      expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout.match(/early=77 mkdir=77 Seccomp:2/g)).toHaveLength(3);
    });
  },
  ({ koffi }) => koffi !== undefined,
);

/** What needs no native call: koffi has no binary for this architecture. */
const pureSteps = {
  bundle: make('/b/default', 'docker-default', '-', 'busybox sleep 1000'),
  runc: proven('runc'),
  crun: proven('crun'),
  // With the names that the runtime's libseccomp knows.
  'compile for crun':
    'oci-seccomp compile docker-default --runtime crun --backend builtin --table 2.6.1 -q -o /tmp/ours.bpf',
  diff: 'oci-seccomp diff /tmp/ours.bpf /tmp/crun.bpf',
} as const;

function proven(runtime: string): string {
  return `${runtime} --root /tmp/state run -d --no-pivot -b /b/default --pid-file /tmp/pid c1 > /tmp/log 2>&1 || { cat /tmp/log; exit 1; }
/task/dump-filter $(cat /tmp/pid) | sed 's/.* //' > /tmp/${runtime}.hex
${runtime} --root /tmp/state delete -f c1 > /dev/null 2>&1
node -e 'fs.writeFileSync("/tmp/${runtime}.bpf", Buffer.from(fs.readFileSync("/tmp/${runtime}.hex", "latin1").trim(), "hex"))'
oci-seccomp verify docker-default /tmp/${runtime}.bpf --runtime ${runtime} --table 2.6.1`;
}

describeMachines(
  'what of the project needs no native call',
  (machine) => {
    let results: readonly CommandResult[];
    const result = (step: keyof typeof pureSteps): CommandResult =>
      results[Object.keys(pureSteps).indexOf(step)] as CommandResult;
    beforeAll(async () => {
      results = await runOnMachine(machine, {
        commands: Object.values(pureSteps),
        files: {
          'task/make-bundle.cjs': `${root}/test/machines/support/make-bundle.cjs`,
          'task/dump-filter': helperPath('dump-filter', machine.compilers[0]),
        },
      });
    }, MACHINE_HANGS_AFTER);

    it.each(['runc', 'crun'] as const)('verify proves what %s installs', (runtime) => {
      expect(result('bundle')).toMatchObject({ status: 0 });
      const { status, stdout, stderr } = result(runtime);
      expect({ status, stderr: status === 0 ? '' : `${stdout}${stderr}` }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toMatch(/proven/);
    });

    it('the program of the builtin compiler does what the one of crun does', () => {
      expect(result('compile for crun')).toMatchObject({ status: 0 });
      expect(result('diff')).toMatchObject({ status: 0 });
    });
  },
  ({ koffi }) => koffi === undefined,
);
