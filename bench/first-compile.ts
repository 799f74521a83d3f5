/**
 * The first compilation of a process, which is the only one of a command: machine code of JavaScript is not yet made.
 * @module
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Cost, summarize } from './measure.ts';

/** What compiling took in a new process. */
export interface FirstCosts {
  readonly build: Cost;
  readonly proof: Cost;
}

const rooms = ['abi', 'oci', 'policy', 'compile', 'libseccomp'].map((room) =>
  resolve(`dist/${room}/index.js`),
);

/**
 * Compiles docker-default with a backend in processes of their own.
 *
 * @returns milliseconds of CPU, from the policy on; `undefined` before `npm run build`
 */
export function measureFirst(backend: 'builtin' | 'libseccomp', rounds: number): FirstCosts | undefined {
  if (!rooms.every((room) => existsSync(room))) return undefined;
  const lines = Array.from({ length: rounds }, () => {
    const parameters = ['--input-type=module', '-e', script(backend)];
    const { status, stdout, stderr } = spawnSync(process.execPath, parameters, { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as { readonly build: number; readonly proof: number };
  });
  return {
    build: summarize(lines.map(({ build }) => build)),
    proof: summarize(lines.map(({ proof }) => proof)),
  };
}

function script(backend: string): string {
  return `
    const rooms = await Promise.all(${JSON.stringify(rooms)}.map((room) => import(room)));
    const m = Object.assign({}, ...rooms);
    const host = { arch: 'x86_64', kernel: { kernel: 6, major: 1 }, capabilities: m.capabilitySets.docker };
    const { seccomp } = m.resolveProfile(m.builtinProfiles['docker-default'](), host);
    const table = m.librarySyscallTable(m.openLibrary());
    const { policy } = m.lowerProfile(seccomp, { arch: 'x86_64', table });
    const milliseconds = ({ user, system }) => (user + system) / 1000;
    const started = process.cpuUsage();
    let build = 0;
    await m.compilePolicy(policy, {
      backend: '${backend}', table, onBuilt: () => { build = milliseconds(process.cpuUsage(started)); },
    });
    console.log(JSON.stringify({ build, proof: milliseconds(process.cpuUsage(started)) - build }));`;
}
