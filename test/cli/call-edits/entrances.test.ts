/** The ways to an edit: the library, explain, and copies of built-in profiles. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allowCall, denyCall } from '../../../src/index.ts';
import { ociSeccomp as run } from '../run.ts';
import { conditionalProfile, createFiles, edit, plainProfile } from './edited-profiles.ts';

const { file, folder } = createFiles();
const plain = file('plain.json', plainProfile);
const conditional = file('conditional.json', conditionalProfile);

describe('an edit', () => {
  it('is a function of the library, with the same answer', async () => {
    const text = readFileSync(plain, 'utf8');
    const call = { syscall: 'socket', args: ['AF_INET', undefined, 6] };
    const allowed = await allowCall(text, call, { name: plain });
    const {
      file: _,
      reading: __,
      unread: ___,
      ...own
    } = await edit(plain, 'allow', 'socket', 'AF_INET', '_', '6');
    expect(allowed).toEqual(own);
    const denied = await denyCall(allowed.after, call);
    expect(denied.after).toBe(text);
    expect(await allowCall(text, call, { name: plain, arch: 'arm64' })).toEqual(
      await allowCall(text, call, { name: plain, arch: 'aarch64' }),
    );
    await expect(allowCall(text, call, { arch: 'amr64' })).rejects.toThrow("unknown architecture 'amr64'");
    await expect(allowCall(text, { syscall: 'soket' })).rejects.toThrow(/no architecture has/);
    await expect(allowCall('kind: List', { syscall: 'read' })).rejects.toThrow();
  });

  it('is suggested by explain, with what else there is to say', () => {
    const suggested = (...words: readonly string[]) =>
      run(['explain', ...words, '--suggest', '--arch', 'x86_64']);
    const allowed = suggested(conditional, 'mbind').stdout;
    expect(allowed).toContain(`to allow it: oci-seccomp allow ${conditional} mbind -o ${conditional}`);
    expect(allowed).toMatch(/^\+.*"mbind"/m);
    expect(allowed).toContain('--cap-add SYS_NICE opens this');
    expect(suggested(plain, 'read').stdout).toMatch(/^to deny it: .* deny .* read -o .*\n--- /m);
    expect(suggested(plain, 'personality').stdout).toContain('no edit is suggested');
    expect(suggested(plain, 'personality', '8').stdout).toMatch(/^to deny it: .* personality 8 /m);
    // The command that it names makes the edit that it shows.
    const own = run(['allow', conditional, 'mbind', '--force', '--diff']).stdout;
    expect(allowed).toContain(own);
    const program = join(folder, 'plain.bpf');
    expect(run(['compile', plain, '-o', program]).status).toBe(0);
    const { status, stderr } = suggested(program, 'mount');
    expect([status, stderr]).toEqual([2, expect.stringMatching(/is a program/)]);
  });

  it('of a built-in profile is of a copy, by the command that is suggested', () => {
    const { stdout } = run(['explain', 'docker-default', 'mount', '--suggest', '--arch', 'x86_64']);
    const advised = 'oci-seccomp allow docker-default mount -o profile.json --force';
    expect(stdout).toContain(`\nto allow it: ${advised}\n`);
    // Both name the rule that a capability brings in by the same number.
    const [, rule] = /rule (\d+) of docker-default: .*needs CAP_SYS_ADMIN/.exec(stdout) ?? [];
    expect(stdout).toContain(`--cap-add SYS_ADMIN opens this: rule ${rule}\n`);
    const copy = join(folder, 'copy.json');
    const made = run(advised.replace('profile.json', copy).split(' ').slice(1));
    expect([made.status, made.stderr]).toEqual([
      0,
      expect.stringMatching(/^a copy of docker-default: mount gets/m),
    ]);
    expect(run(['diff', 'docker-default', copy]).stdout).toContain(': 1 system call looser');
  });
});
