/**
 * The first compilation of a process, which is the only one of a command: machine code of JavaScript is not yet made.
 *
 * Run: npm run tool -- bench/first-compile.ts (after npm run build); bench/compilers.ts prints it too. ROUNDS=31
 * @module
 */
import './plain-environment.ts';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Cost, cell, cpuOfBareNode, summarize, takeTurns } from './measure.ts';

/** What compiling took in a new process. */
interface FirstCosts {
  readonly build: Cost;
  readonly proof: Cost;
}

const rooms = ['abi', 'oci', 'policy', 'compile', 'libseccomp'].map((room) =>
  resolve(`dist/${room}/index.js`),
);

interface Kind {
  readonly label: string;
  readonly backend: 'builtin' | 'libseccomp';
  /** Names are the newest that are known: the program comes with the package. Else they are the library's, and none does. */
  readonly shipped: boolean;
}

const kinds: readonly Kind[] = [
  { label: 'builtin, made now', backend: 'builtin', shipped: false },
  { label: 'builtin, shipped', backend: 'builtin', shipped: true },
  { label: 'libseccomp', backend: 'libseccomp', shipped: false },
];

/** What each takes first, with and without what the package brings, in milliseconds and as shares of `bare`. */
export function reportFirst(bare: number, rounds: number): string {
  let text = '\ndocker-default, first compilation of a process: CPU ms and share of node -e 0\n';
  for (const kind of kinds) {
    const costs = measureFirst(kind, rounds);
    if (costs === undefined) return `${text}not measured: run npm run build\n`;
    const parts = (['build', 'proof'] as const).map((part) => {
      const { median, spread } = costs[part];
      const share = (median / bare).toFixed(2);
      return `  ${part} ${cell(median, 5, 1)} ±${cell(100 * spread, 2)} %  ${share}`;
    });
    text += `first of ${kind.label.padEnd(18)}${parts.join('')}\n`;
  }
  return text;
}

/**
 * Compiles docker-default in processes of their own.
 *
 * @returns milliseconds of CPU, from the policy on; `undefined` before `npm run build`
 */
function measureFirst(kind: Kind, rounds: number): FirstCosts | undefined {
  if (!rooms.every((room) => existsSync(room))) return undefined;
  const lines = Array.from({ length: rounds }, () => {
    const parameters = ['--input-type=module', '-e', script(kind)];
    const { status, stdout, stderr } = spawnSync(process.execPath, parameters, { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as { readonly build: number; readonly proof: number };
  });
  return {
    build: summarize(lines.map(({ build }) => build)),
    proof: summarize(lines.map(({ proof }) => proof)),
  };
}

function script({ backend, shipped }: Kind): string {
  return `
    const rooms = await Promise.all(${JSON.stringify(rooms)}.map((room) => import(room)));
    const m = Object.assign({}, ...rooms);
    const host = { arch: 'x86_64', kernel: { kernel: 6, major: 1 }, capabilities: m.capabilitySets.docker };
    const { seccomp } = m.resolveProfile(m.builtinProfiles['docker-default'](), host);
    const table = ${shipped ? 'm.newestTable' : 'm.librarySyscallTable(m.openLibrary())'};
    const { policy } = m.lowerProfile(seccomp, { arch: 'x86_64', table });
    const milliseconds = ({ user, system }) => (user + system) / 1000;
    const started = process.cpuUsage();
    let build = 0;
    await m.compilePolicy(policy, {
      backend: '${backend}', table, onBuilt: () => { build = milliseconds(process.cpuUsage(started)); },
    });
    console.log(JSON.stringify({ build, proof: milliseconds(process.cpuUsage(started)) - build }));`;
}

if (process.argv[1]?.endsWith('first-compile.ts') === true) {
  const rounds = Number(process.env.ROUNDS ?? 31);
  const [bare] = takeTurns([{ label: 'node -e 0', take: cpuOfBareNode }], rounds);
  process.stdout.write(reportFirst(bare?.median ?? Number.NaN, rounds));
}
