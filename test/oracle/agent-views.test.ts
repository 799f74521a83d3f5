/**
 * Runtimes in a mount namespace of their own: the same path can name another file for them than for the agent.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HANGS_AFTER } from '../support/patience.ts';
import { startAgent, type TestAgent } from './support/agent.ts';
import { type Hooked, makeHooked } from './support/hook-bundle.ts';
import { describeWith } from './support/require.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-agent-views-'));
const profiles = join(folder, 'profiles');
const others = join(folder, 'others');
const profile = join(profiles, 'deny-mkdir.json');
mkdirSync(profiles);
mkdirSync(others);
const rule = { names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 33 };
const write = (home: string, syscalls: readonly object[]): void =>
  writeFileSync(join(home, 'deny-mkdir.json'), JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls }));
// Only containers without the capability are denied it.
write(profiles, [{ ...rule, excludes: { caps: ['CAP_SYS_ADMIN'] } }]);
write(others, [rule]);

describeWith(['root', 'runc', 'busybox', 'cc', 'ptrace', 'built'], 'what a path names', () => {
  let agent: TestAgent;
  let weak: Hooked;
  let strong: Hooked;
  beforeAll(async () => {
    agent = await startAgent();
    const make = (capabilities: readonly string[]): Hooked =>
      makeHooked(
        { name: 'runc', family: 'runc', path: 'runc' },
        {
          capabilities,
          args: ['/bin/busybox', 'mkdir', '/tmp/made'],
          hook: ['--profile', profile, '--agent', agent.socket, '--client', join(agent.folder, 'client')],
        },
      );
    weak = make([]);
    strong = make(['CAP_SYS_ADMIN']);
  });
  afterAll(async () => {
    weak.remove();
    strong.remove();
    await agent.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Starts the container of a folder where other files stand in the place of some. */
  const startWith = (bundle: string, from: string, to: string) => {
    const script = 'mount --bind "$1" "$2" && cd "$3" && exec runc --root "$3/state" run views';
    return spawnSync('unshare', ['-m', 'sh', '-c', script, 'sh', from, to, bundle], {
      encoding: 'utf8',
      timeout: HANGS_AFTER,
    });
  };

  it('the container is denied, or permitted, what its profile says', () => {
    expect(startWith(weak.folder, others, others).stderr).toContain("can't create directory");
    expect(startWith(strong.folder, others, others)).toMatchObject({ status: 0 });
  });

  it("a bundle that is another one for the agent is refused: its capabilities are not the container's", () => {
    const { stderr, status } = startWith(strong.folder, weak.folder, strong.folder);
    expect(stderr).toContain('config.json is another file for the runtime than for the agent');
    expect(status).not.toBe(0);
  });

  it('a profile that is another one for the agent is refused', () => {
    const { stderr, status } = startWith(weak.folder, others, profiles);
    expect(stderr).toContain(`${profile} is another file for the runtime than for the agent`);
    expect(status).not.toBe(0);
  });
});
