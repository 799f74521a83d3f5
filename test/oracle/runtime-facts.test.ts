/** What runc and crun do with unusual profiles; the facts lowering and validation rest on. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { HANGS_AFTER } from '../support/patience.ts';
import { hasAllSamples } from '../support/samples.ts';
import { makeShortFolder } from '../support/short-folder.ts';
import { installedRuntimes, type RuntimeBinary } from './libraries.ts';
import { facts } from './support/facts/all-facts.ts';
import type { Fact, Outcome } from './support/facts/fact.ts';
import { flagFacts, listenerFacts } from './support/facts/flag-facts.ts';
import { describeWith } from './support/require.ts';
import { type HandedPrograms, handedPrograms, type Runtime } from './support/runtime.ts';
import { simulate } from './support/simulate.ts';
import { splitStub } from './support/stub.ts';

const X86_64 = 0xc000003e;

const actionNames = new Map([
  [0x80000000, 'KILL_PROCESS'],
  [0x00000000, 'KILL_THREAD'],
  [0x00030000, 'TRAP'],
  [0x00050000, 'ERRNO'],
  [0x7fc00000, 'USER_NOTIF'],
  [0x7ff00000, 'TRACE'],
  [0x7ffc0000, 'LOG'],
  [0x7fff0000, 'ALLOW'],
]);

function verdict(program: Uint8Array, nr: number, arg: bigint): string {
  const word = simulate(program, { nr, arch: X86_64, args: [arg] });
  const name = actionNames.get((word & 0xffff0000) >>> 0) ?? `0x${word.toString(16)}`;
  return name === 'ERRNO' || name === 'TRACE' ? `${name}(${word & 0xffff})` : name;
}

/**
 * What all versions do alike is asked of this machine's, the oldest and the newest: those between are the same files in every
 * run, and were asked when the row was written (OCI_SECCOMP_ALL_SAMPLES=1).
 */
function factsFor({ name, version, origin }: RuntimeBinary): readonly Fact[] {
  const versions = installedRuntimes().filter((each) => each.name === name);
  const isBetween =
    versions.some((each) => olderThan(each.version, version)) &&
    versions.some((each) => olderThan(version, each.version));
  if (hasAllSamples || origin === 'system' || !isBetween) return facts;
  return facts.filter((fact) => typeof fact[name] !== 'string');
}

function olderThan(version: string, since: string): boolean {
  return version.localeCompare(since, 'en', { numeric: true }) < 0;
}

function expected(outcome: Outcome, version: string): string {
  if (typeof outcome === 'string') return outcome;
  return outcome.findLast(([since]) => !olderThan(version, since))?.[1] ?? 'no outcome for this version';
}

function runFact(runtime: Runtime, { seccomp }: Fact, firstOnly: boolean): HandedPrograms {
  return handedPrograms(runtime, seccomp, { firstOnly });
}

/** The whole message where a refusal is expected, so that a failure shows it. */
function refusal(output: string, wanted: string): string {
  const part = wanted.replace('refused: ', '');
  return output.includes(part) ? wanted : `refused: ${output.trim()}`;
}

function compareVerdicts(runtime: RuntimeBinary, fact: Fact): void {
  const wanted = expected(fact[runtime.name], runtime.version);
  const { calls, exitCode, output } = runFact(runtime, fact, true);
  const program = calls.find(({ result }) => result >= 0)?.program;
  const probes = fact.calls ?? [[83, 1n]];
  const seen =
    program !== undefined
      ? probes.map(([nr, arg]) => verdict(program, nr, arg)).join(' ')
      : exitCode === 0
        ? 'off'
        : refusal(output, wanted);
  expect(seen).toBe(wanted);
}

function compareFlags(runtime: RuntimeBinary, fact: Fact): string | undefined {
  const wanted = expected(fact[runtime.name], runtime.version);
  const { calls, output } = runFact(runtime, fact, false);
  const seen = calls.map(({ call, flags, result }) => {
    const failure = result < 0 ? ` = ${-result}` : '';
    return call === 'prctl' ? `prctl${failure}` : `seccomp ${flags.toString(10)}${failure}`;
  });
  expect(seen.length === 0 ? refusal(output, wanted) : seen.join(', ')).toBe(wanted);
  return calls.map(({ program }) => Buffer.from(program).toString('hex')).at(-1);
}

interface StubRow {
  readonly name: string;
  readonly architectures?: readonly string[];
  readonly names?: readonly string[];
  readonly defaultAction?: string;
  /** Sections as `AUDIT_ARCH: largest numbers`, from the version on. */
  readonly sections: Outcome;
}

/** For runc; crun has none. Largest numbers the profiles name: mkdir is 83 on x86_64, 39 on i386 and arm; chown32 is 212 there. */
const stubRows: readonly StubRow[] = [
  { name: 'default ALLOW', defaultAction: 'SCMP_ACT_ALLOW', sections: 'no stub' },
  { name: 'default LOG', defaultAction: 'SCMP_ACT_LOG', sections: 'no stub' },
  { name: 'default TRACE', defaultAction: 'SCMP_ACT_TRACE', sections: 'no stub' },
  ...['SCMP_ACT_ERRNO', 'SCMP_ACT_TRAP', 'SCMP_ACT_KILL', 'SCMP_ACT_KILL_PROCESS'].map((defaultAction) => ({
    name: `default ${defaultAction}, no architectures`,
    defaultAction,
    sections: [
      ['0', 'stub'],
      ['1.1.15', 'stub c000003e:53'],
    ] as const,
  })),
  { name: 'x86_64', architectures: ['X86_64'], sections: 'stub c000003e:53' },
  {
    name: 'x86 alone',
    architectures: ['X86'],
    sections: [
      ['0', 'stub 40000003:27'],
      ['1.1.15', 'stub 40000003:27 c000003e:53'],
    ],
  },
  {
    name: 'x32 alone',
    architectures: ['X32'],
    sections: [
      ['0', 'stub c000003e:40000053'],
      ['1.1.15', 'stub c000003e:53,40000053'],
    ],
  },
  {
    name: 'arm alone',
    architectures: ['ARM'],
    sections: [
      ['0', 'stub 40000028:27'],
      ['1.1.15', 'stub 40000028:27 c000003e:53'],
    ],
  },
  {
    name: 'all of x86',
    architectures: ['X86_64', 'X86', 'X32'],
    sections: 'stub 40000003:27 c000003e:53,40000053',
  },
  {
    name: 'no call of an architecture is named: straight to the filter',
    architectures: ['X86_64', 'X86'],
    names: ['chown32'],
    sections: 'stub 40000003:d4 c000003e:',
  },
  {
    name: 'only read, number 0, is named: as if none were',
    architectures: ['X86_64'],
    names: ['read'],
    sections: 'stub c000003e:',
  },
  {
    name: 'only unknown calls are named',
    architectures: ['X86_64'],
    names: ['nosuchcall'],
    sections: 'stub c000003e:',
  },
];

function stubProfile({
  architectures,
  names = ['mkdir'],
  defaultAction = 'SCMP_ACT_ERRNO',
}: StubRow): string {
  return JSON.stringify({
    defaultAction,
    ...(architectures === undefined
      ? {}
      : { architectures: architectures.map((arch) => `SCMP_ARCH_${arch}`) }),
    syscalls: [{ names, action: defaultAction === 'SCMP_ACT_ALLOW' ? 'SCMP_ACT_ERRNO' : 'SCMP_ACT_ALLOW' }],
  });
}

function describeStub(program: Uint8Array): string {
  const { hasStub, sections } = splitStub(program);
  if (!hasStub) return 'no stub';
  const texts = sections.map(({ auditArch, instructions }) => {
    // JGT is 25; the number follows it.
    const largest = instructions.filter((text) => text.startsWith('25 ')).map((text) => text.split(' ')[1]);
    return `${auditArch.toString(16)}:${largest.join(',')}`;
  });
  return ['stub', ...texts].join(' ');
}

const needs = ['root', 'x86_64', 'busybox', 'cc', 'runc', 'crun', 'fetched runc', 'fetched crun'] as const;

/** Takes connections and answers nothing. */
const agent = "require('net').createServer(() => {}).listen(process.argv[1])";

describeWith(needs, 'runtimes', () => {
  const folder = makeShortFolder();
  const socket = join(folder, 'agent.sock');
  let listener: ChildProcess | undefined;
  beforeAll(async () => {
    listener = spawn(process.execPath, ['-e', agent, socket], { stdio: 'ignore' });
    await vi.waitUntil(() => existsSync(socket), { timeout: HANGS_AFTER });
  }, HANGS_AFTER);
  afterAll(() => {
    listener?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  for (const runtime of installedRuntimes()) {
    describe(`${runtime.name} ${runtime.version} (${runtime.origin})`, () => {
      it.each(factsFor(runtime))('$name', (fact) => compareVerdicts(runtime, fact));

      it('flags: how the program is handed over, and that it is always the same', () => {
        const programs = flagFacts
          .map((fact) => compareFlags(runtime, fact))
          .filter((each) => each !== undefined);
        expect(programs.length).toBeGreaterThan(2);
        expect(new Set(programs).size).toBe(1);
      });

      it.each(listenerFacts)('flags beside an agent: $name', (fact) => {
        compareFlags(runtime, { ...fact, seccomp: fact.seccomp.replace('LISTENER', socket) });
      });

      it.each(stubRows)('stub, $name', (row) => {
        const { calls, output } = handedPrograms(runtime, stubProfile(row), { firstOnly: true });
        const [first] = calls;
        expect(first, output).toBeDefined();
        const wanted = runtime.name === 'crun' ? 'no stub' : expected(row.sections, runtime.version);
        expect(describeStub(first?.program ?? new Uint8Array())).toBe(wanted);
      });
    });
  }
});
