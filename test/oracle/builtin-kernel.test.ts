/**
 * Programs of the builtin compiler in the running kernel: it takes them, and decides calls as the words of the profile do.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { architectures } from '../../src/abi/architectures.ts';
import { encodeProgram } from '../../src/bpf/program.ts';
import { formatCall } from '../../src/decision/format-call.ts';
import { ociSeccomp } from '../cli/run.ts';
import { fixtureProfiles, policyOf } from '../compile/builtin/fixture-policies.ts';
import { randomPolicy } from '../compile/builtin/random-policies.ts';
import { namedCalls, readRules } from '../compile/builtin/rules-in-words.ts';
import { type Expanded, synthesizePolicy } from '../compile/builtin/support.ts';
import { createRandom, type Random } from '../decision/random.ts';
import { evaluatePolicy } from '../decision/small-policies.ts';
import type { WordCall } from '../decision/word-calls.ts';
import { samples } from '../support/samples.ts';
import { kernelDecisions } from './support/kernel.ts';
import { describeWith } from './support/require.ts';
import { runs32Bit } from './support/runs-32-bit.ts';

const X86_64 = architectures.x86_64.auditArch;
const I386 = architectures.x86.auditArch;
/**
 * Of the thread that installs the program, which the filter in front lets through; and uretprobe and uprobe, which the
 * kernel makes without asking filters (seen on Linux 6.18) and which end a process that is not probed.
 */
const notAsked = [157, 317, 335, 336];

/** What the kernel does with a word under a filter that traces: what is allowed, logged or asked for ends in ENOSYS. */
function effectOf(word: number): string {
  const data = word & 0xffff;
  switch ((word & 0xffff_0000) >>> 0) {
    case 0x8000_0000:
      return 'kill-process';
    case 0:
      return 'kill-thread';
    case 0x0003_0000:
      return `trap ${data}`;
    case 0x0005_0000:
      return data === 0 ? 'return 0' : `errno ${Math.min(data, 4095)}`;
    default:
      return 'errno 38';
  }
}

/** Numbers of the machine's architectures, and those that the rules name with arguments at their borders. */
function callsOf(random: Random, work: Expanded, count: number): readonly WordCall['data'][] {
  const named = namedCalls(random, readRules(work.policy), count).map(({ data }) => data);
  const any = Array.from({ length: count }, (): WordCall['data'] => ({
    nr: random.below(480) + (random.chance(0.2) ? 0x4000_0000 : 0),
    arch: random.pick([X86_64, X86_64, I386]),
    instructionPointer: 0n,
    args: Array.from({ length: 6 }, () => BigInt(random.word())),
  }));
  return [...named, ...any].filter(
    ({ nr, arch }) =>
      nr >= 0 && !notAsked.includes(nr) && (arch === X86_64 || (arch === I386 && runs32Bit())),
  );
}

/** Calls that the kernel decides in another way than the words of the profile. */
function wrongInKernel(work: Expanded, seed: number, count: number): readonly string[] {
  const { program } = synthesizePolicy(work);
  const calls = callsOf(createRandom(seed), work, count);
  const expanded = readRules(work.policy);
  const seen = kernelDecisions(
    encodeProgram(program, 'little'),
    calls.map(({ nr, arch, args }) => ({ nr, args, compat: arch === I386 })),
  );
  return calls.flatMap((call, at) => {
    const said = evaluatePolicy({ policy: work.policy, expanded }, call).split(' or ').map(Number);
    return said.map(effectOf).includes(seen[at] ?? 'nothing')
      ? []
      : [`${formatCall(call)}: says ${said.map(effectOf).join(' or ')}, does ${seen[at]}`];
  });
}

describeWith(['x86_64', 'cc'], 'programs of the builtin compiler in the kernel', () => {
  it.each(fixtureProfiles)('%s', (_, profile) => {
    for (const runtime of ['runc', 'crun']) {
      const work = policyOf(profile, 'x86_64', runtime);
      if (work === undefined) continue;
      expect(wrongInKernel(work, runtime.length, samples(120))).toEqual([]);
    }
  });

  it('random policies of x86_64 and its relatives', () => {
    let left = samples(160);
    for (let index = 0; left > 0; index++) {
      const work = randomPolicy(5, index);
      const [native] = work.policy.architectures;
      if (!['x86_64', 'x86', 'x32'].includes(native)) continue;
      left--;
      expect(wrongInKernel(work, index, 12), `policy ${index}`).toEqual([]);
    }
  });
});

describeWith(['root', 'x86_64', 'built', 'the list of constant verdicts'], 'the kernel’s own list', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-constant-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('has every call that docker-default always allows', async () => {
    const file = join(folder, 'docker.bpf');
    ociSeccomp(['compile', 'docker-default', '--backend', 'builtin', '--runtime', 'crun', '-q', '-o', file]);
    const [tool = '', ...words] = [
      'node',
      'dist/bin/main.cjs',
      'run',
      '-p',
      file,
      'sh',
      '-c',
      'echo; exec sleep 60',
    ];
    const child = spawn(tool, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await new Promise((ready) => child.stdout.once('data', ready));
      const list = readFileSync(`/proc/${child.pid}/seccomp_cache`, 'utf8').split('\n');
      expect(list.filter((line) => /^x86_64 \d+ ALLOW$/.test(line)).length).toBeGreaterThan(300);
      expect(list).toContain('x86_64 0 ALLOW');
    } finally {
      child.kill('SIGKILL');
    }
  });
});
