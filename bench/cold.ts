/**
 * Cold start: whole processes, each measured beside a bare `node -e 0` in the same round, as ratios of medians.
 *
 * Run: npm run bench (after npm run build). Needs cc and libseccomp's headers for the line "the same calls from C".
 * @module
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROUNDS = Number(process.env.ROUNDS ?? 31);
const program = resolve('dist/bin/main.cjs');
const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-bench-'));

interface Contender {
  readonly label: string;
  readonly command: string;
  readonly parameters: readonly string[];
}

function main(): void {
  const output = join(folder, 'out.bpf');
  const dockerFile = join(folder, 'docker-default.json');
  writeDockerDefault(dockerFile);
  const compile = (label: string, operand: string, ...options: string[]): Contender => ({
    label,
    command: process.execPath,
    parameters: [program, 'compile', operand, '-q', '-o', output, ...options],
  });
  const contenders: readonly Contender[] = [
    { label: 'node -e 0', command: process.execPath, parameters: ['-e', '0'] },
    { label: 'oci-seccomp --version', command: process.execPath, parameters: [program, '--version'] },
    compile('compile docker-default', 'docker-default'),
    compile('compile docker-default, crun', 'docker-default', '--runtime', 'crun'),
    compile('compile docker-default as a file', dockerFile),
    compile('compile podman-default', 'podman-default'),
    {
      label: 'validate docker-default as a file',
      command: process.execPath,
      parameters: [program, 'validate', dockerFile],
    },
    {
      label: 'resolve docker-default',
      command: process.execPath,
      parameters: [program, 'resolve', '-q', 'docker-default'],
    },
  ];
  const library = libraryTimes();
  const times = measure(contenders);
  const bare = median(times[0] ?? []);
  print(
    `${ROUNDS} rounds, node ${process.versions.node}; median of whole processes, and the ratio to node -e 0\n\n`,
  );
  for (const [i, { label }] of contenders.entries()) {
    const time = median(times[i] ?? []);
    print(`${label.padEnd(36)} ${time.toFixed(1).padStart(7)} ms  ${(time / bare).toFixed(2)}\n`);
  }
  reportTarget(bare, median(times[2] ?? []), library);
  print('\nbreakdown of one run (compile docker-default --verbose):\n');
  const verbose = spawnSync(process.execPath, [program, 'compile', 'docker-default', '-v', '-o', output], {
    encoding: 'utf8',
  });
  print(`${verbose.stderr.split('\n').find((line) => line.includes('time in ms')) ?? 'no time line'}\n`);
}

/** What the proof may add to a cold compile, in milliseconds. */
const PROOF = 30;

/** The target: 1.6 × bare Node, what libseccomp itself takes for the same calls, and the proof. */
function reportTarget(bare: number, compile: number, library: number | undefined): void {
  if (library === undefined) {
    print('\nno C compiler or no libseccomp headers: libseccomp alone was not measured\n');
    return;
  }
  const limit = 1.6 * bare + library + PROOF;
  print(`\nlibseccomp alone, the same calls from C ${library.toFixed(1)} ms\n`);
  print(
    `target 1.6 × node -e 0 + libseccomp + 30 for the proof ${limit.toFixed(1)} ms; compile docker-default ${compile.toFixed(1)} ms: `,
  );
  print(`${compile <= limit ? 'met' : 'missed'}\n`);
}

/** All contenders take turns in each round, so that a busy moment hits all alike. */
function measure(contenders: readonly Contender[]): readonly number[][] {
  const times: number[][] = contenders.map(() => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [i, { command, parameters }] of contenders.entries()) {
      const started = performance.now();
      const { status, stderr } = spawnSync(command, parameters, { encoding: 'utf8' });
      times[i]?.push(performance.now() - started);
      if (status !== 0) throw new Error(`${command} ${parameters.join(' ')}: ${stderr}`);
    }
  }
  return times;
}

/** Writes the built-in profile as the file that Docker would be given. */
function writeDockerDefault(file: string): void {
  const script = `import('${resolve('dist/oci/index.js')}').then(m => process.stdout.write(m.serializeProfile(m.builtinProfiles["docker-default"]())))`;
  const { stdout, status, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  writeFileSync(file, stdout);
}

/** libseccomp's own time for runc's filter of docker-default: the calls of a policy, replayed from C. */
function libraryTimes(): number | undefined {
  const rooms = ['abi', 'oci', 'policy', 'compile', 'libseccomp'].map((room) =>
    resolve(`dist/${room}/index.js`),
  );
  const script = `Promise.all(${JSON.stringify(rooms)}.map((room) => import(room))).then(all => Object.assign({}, ...all)).then(m => {
    const host = { arch: 'x86_64', kernel: { kernel: 6, major: 1 }, capabilities: m.capabilitySets.docker };
    const { seccomp } = m.resolveProfile(m.builtinProfiles["docker-default"](), host);
    const { policy } = m.lowerProfile(seccomp, { arch: 'x86_64', table: m.librarySyscallTable(m.openLibrary()) });
    const ops = { ne: 1, lt: 2, le: 3, eq: 4, ge: 5, gt: 6, maskedEq: 7 };
    for (const { returnWord, nr, comparisons } of policy.rules) {
      const list = comparisons.map(c => \`{\${c.index},\${ops[c.op]},\${c.value}ULL,\${c.valueTwo}ULL}\`).join(',');
      console.log(\`{struct scmp_arg_cmp a[]={\${list || '{0}'}}; seccomp_rule_add_array(ctx,\${returnWord}u,\${nr},\${comparisons.length},a);}\`);
    }
  })`;
  const calls = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  const source = join(folder, 'calls.c');
  const binary = join(folder, 'calls');
  writeFileSync(source, cProgram(calls.stdout));
  const built = spawnSync('cc', ['-O2', '-o', binary, source, '-lseccomp'], { encoding: 'utf8' });
  if (built.error !== undefined || built.status !== 0) return undefined;
  const times = Array.from({ length: ROUNDS }, () => Number(spawnSync(binary, { encoding: 'utf8' }).stdout));
  return median(times);
}

function cProgram(calls: string): string {
  return `#include <fcntl.h>
#include <seccomp.h>
#include <stdio.h>
#include <time.h>
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1e3 + t.tv_nsec / 1e6; }
int main(void) {
  double start = now();
  scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(1));
  seccomp_arch_add(ctx, SCMP_ARCH_X86);
  seccomp_arch_add(ctx, SCMP_ARCH_X32);
  seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
  ${calls}
  seccomp_export_bpf(ctx, open("/dev/null", O_WRONLY));
  printf("%f", now() - start);
  return 0;
}
`;
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}

function print(text: string): void {
  process.stdout.write(text);
}

try {
  main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
