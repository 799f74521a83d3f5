/**
 * What the proof costs: docker-default on three ABIs, cold and warm. `bench/hostile.ts` has what is hard to decide.
 *
 * Run: npm run tool -- bench/proof.ts (after npm run build).
 * @module
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROUNDS = Number(process.env.ROUNDS ?? 31);
const WARM_ROUNDS = 100;
const MOST_COLD = 30;
const MOST_WARM = 5;
const program = resolve('dist/bin/main.cjs');
const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-bench-'));

function main(): void {
  const bare: number[] = [];
  const whole: number[] = [];
  const laps: number[] = [];
  const parameters = [program, 'compile', 'docker-default', '-v', '-o', join(folder, 'out.bpf')];
  for (let round = 0; round < ROUNDS; round += 1) {
    bare.push(timed(['-e', '0']).milliseconds);
    const { milliseconds, stderr } = timed(parameters);
    whole.push(milliseconds);
    laps.push(Number(/\bproof ([\d.]+)/.exec(stderr)?.[1]));
  }
  process.stdout.write(`${ROUNDS} rounds, node ${process.versions.node}; medians\n\n`);
  line('node -e 0', median(bare));
  line('compile docker-default, whole process', median(whole));
  line('of it the proof', median(laps), MOST_COLD);
  line('of it the proof, quickest run', Math.min(...laps));
  const warm = JSON.parse(run(['--input-type=module', '-e', warmScript()]).stdout) as WarmTimes;
  line('proof, first in a process', warm.first);
  line(`proof, the last ${WARM_ROUNDS} of ${2 * WARM_ROUNDS} in one process`, warm.proof, MOST_WARM);
  line('compile with proof, in that process', warm.compile);
}

interface WarmTimes {
  readonly first: number;
  readonly proof: number;
  readonly compile: number;
}

/** Compiles again and again in one process; prints {@link WarmTimes}. */
function warmScript(): string {
  const rooms = ['abi', 'oci', 'policy', 'compile', 'libseccomp'].map((room) =>
    resolve(`dist/${room}/index.js`),
  );
  return `
    const rooms = await Promise.all(${JSON.stringify(rooms)}.map((room) => import(room)));
    const m = Object.assign({}, ...rooms);
    const host = { arch: 'x86_64', kernel: { kernel: 6, major: 1 }, capabilities: m.capabilitySets.docker };
    const { seccomp } = m.resolveProfile(m.builtinProfiles['docker-default'](), host);
    const table = m.librarySyscallTable(m.openLibrary());
    const { policy } = m.lowerProfile(seccomp, { arch: 'x86_64', table });
    const proofs = [], compiles = [];
    for (let i = 0; i < ${2 * WARM_ROUNDS}; i++) {
      const started = performance.now();
      let built = 0;
      await m.compilePolicy(policy, { table, onBuilt: () => { built = performance.now(); } });
      const ended = performance.now();
      proofs.push(ended - built);
      compiles.push(ended - started);
    }
    const median = (times) => times.slice(-${WARM_ROUNDS}).sort((a, b) => a - b)[${WARM_ROUNDS / 2}];
    console.log(JSON.stringify({ first: proofs[0], proof: median(proofs), compile: median(compiles) }));`;
}

function timed(parameters: readonly string[]): { milliseconds: number; stderr: string } {
  const started = performance.now();
  const { stderr } = run(parameters);
  return { milliseconds: performance.now() - started, stderr };
}

function run(parameters: readonly string[]): { stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, parameters, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${parameters.join(' ')}: ${stderr}`);
  return { stdout, stderr };
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}

function line(label: string, milliseconds: number, most?: number): void {
  const target = most === undefined ? '' : `  target ${most} ms: ${milliseconds <= most ? 'met' : 'missed'}`;
  process.stdout.write(`${label.padEnd(48)} ${milliseconds.toFixed(1).padStart(7)} ms${target}\n`);
}

try {
  main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
