/**
 * What `verify`, `diff` and `subset` say of a process whose threads do not all run under the same filters. The kernel's
 * own counts in /proc tell which threads do.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import { ociSeccomp } from '../cli/run.ts';
import { allows, endTargets, startTarget } from '../kernel/support/target.ts';
import { describeWith } from './support/require.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-verify-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(endTargets);

const profile = join(folder, 'profile.json');
writeFileSync(
  profile,
  '{"defaultAction":"SCMP_ACT_ALLOW","architectures":["SCMP_ARCH_X86_64"],"syscalls":[{"names":["acct"],"action":"SCMP_ACT_ERRNO"}]}',
);

/** How many filters the kernel counts for each thread. */
function filterCounts(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/task`).map((tid) => {
    const status = readFileSync(`/proc/${pid}/task/${tid}/status`, 'utf8');
    return Number(/^Seccomp_filters:\s*(\d+)$/m.exec(status)?.[1]);
  });
}

interface Answer {
  readonly restsOn: readonly [
    { readonly claim: { readonly weaknesses: readonly { readonly kind: string }[] } },
    { readonly warnings: readonly string[] },
  ];
}

describeWith(['built', 'ptrace', 'cc', 'x86_64'], 'a process', () => {
  const start = async (threads: readonly Uint8Array[]) => {
    const { bytes } = ociSeccomp(['compile', profile, '-r', 'plain', '-q']);
    return startTarget(['count'], { filters: [bytes], threads });
  };

  it('is proven if all its threads run under the filter', async () => {
    const { pid } = await start([]);
    expect(filterCounts(pid)).toEqual([1]);
    const { stdout, status } = ociSeccomp(['verify', profile, `pid:${pid}`, '-r', 'plain', '--strict']);
    expect(stdout).toMatch(/^proven: /);
    expect(status).toBe(0);
  });

  it('is called equal, not proven, and is no for --strict, if a thread runs under others', async () => {
    const { pid } = await start([allows(1)]);
    expect(filterCounts(pid)).toEqual([1, 2]);
    const verify = ['verify', profile, `pid:${pid}`, '-r', 'plain'];
    const said = ociSeccomp(verify);
    expect(said.stdout).toMatch(/^equal: .*\n {2}proven, except: thread \d+ runs under other filters/);
    expect(said.status).toBe(0);
    const strict = ociSeccomp([...verify, '--strict']);
    expect(strict.stderr).toContain('[ERR_CLAIM]');
    expect(strict.status).toBe(1);
    const { restsOn } = JSON.parse(ociSeccomp([...verify, '--json']).stdout) as Answer;
    expect(restsOn[0].claim.weaknesses.map(({ kind }) => kind)).toEqual(['threads']);
    expect(restsOn[1].warnings).toHaveLength(1);
    for (const command of ['diff', 'subset']) {
      const { stdout } = ociSeccomp([command, profile, `pid:${pid}`, '-r', 'plain']);
      expect(stdout, command).toMatch(/ {2}process .*; thread \d+ runs under other filters/);
    }
  });
});
