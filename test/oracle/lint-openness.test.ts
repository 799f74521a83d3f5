/**
 * What the rules about openness find in Docker's default, in the kernel. int-argument-high-bits: under Docker's default a socket that the profile denies opens all the same, and
 * under what the finding's fix makes of the profile it does not.
 */
import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Edit, Finding } from '../../src/lint/engine/finding.ts';
import { lintProfile } from '../../src/lint/engine/lint-profile.ts';
import { builtinProfiles } from '../../src/oci/builtin/index.ts';
import { serializeProfile } from '../../src/oci/serialize.ts';
import { fetchedLibraries } from './libraries.ts';
import { kernelVerdicts } from './support/kernel.ts';
import { runHelper, toHex } from './support/native.ts';
import { compileSeccomp, readText, resolved } from './support/ours.ts';
import { describeWith } from './support/require.ts';

// include/linux/socket.h, Linux 6.18
const AF_UNIX = 1;
const AF_INET = 2;
const AF_ALG = 38;
const AF_VSOCK = 40;
const EPERM = 'errno 1';
const BIT_32 = 2 ** 32;

async function findings(text: string): Promise<readonly Finding[]> {
  const { findings: all } = await lintProfile(text, { name: 'docker-default', inherited: 'among' });
  return all.filter(({ rule }) => rule === 'int-argument-high-bits');
}

function applyEdits(text: string, edits: readonly Edit[]): string {
  return edits
    .toSorted((a, b) => b.start - a.start)
    .reduce((rest, { start, end, text: by }) => rest.slice(0, start) + by + rest.slice(end), text);
}

async function compile(text: string): Promise<Uint8Array> {
  const library = fetchedLibraries().find(({ version }) => version === '2.6.1')?.path ?? '';
  return compileSeccomp(resolved(readText(text, 'docker-default')), { runtime: 'runc', library });
}

async function openSockets(text: string, domains: readonly number[]): Promise<readonly string[]> {
  const program = await compile(text);
  const { status, stdout, stderr } = runHelper('open-socket', domains.map(String), toHex(program));
  if (status !== 0) throw new Error(stderr);
  return stdout.trimEnd().split('\n');
}

describeWith(['x86_64', 'cc', 'built', 'libseccomp 2.6.1'], 'int-argument-high-bits in the kernel', () => {
  const text = serializeProfile(builtinProfiles['docker-default']());
  const family = existsSync('/dev/vsock') ? AF_VSOCK : AF_ALG;
  const domains = [AF_UNIX, AF_INET, AF_ALG, AF_VSOCK, family + BIT_32];

  it("Docker's default opens what it denies", async () => {
    const seen = await openSockets(text, domains);
    expect(seen).toEqual([`domain ${AF_UNIX}`, `domain ${AF_INET}`, EPERM, EPERM, `domain ${family}`]);
  });

  it('the fix closes it, and no finding is left', async () => {
    const found = await findings(text);
    expect(found.map(({ witness }) => witness?.call.args[0])).toEqual([BigInt(AF_ALG + BIT_32)]);
    const edits = found.flatMap(({ fix }) => fix?.edits ?? []);
    expect(edits).toHaveLength(1);
    const fixed = applyEdits(text, edits);
    expect(await findings(fixed)).toEqual([]);
    const seen = await openSockets(fixed, domains);
    expect(seen).toEqual([`domain ${AF_UNIX}`, `domain ${AF_INET}`, EPERM, EPERM, EPERM]);
  });

  describeWith(['32-bit programs'], '32-bit programs', () => {
    it('socketcall of 32-bit programs gets past the filter: the kernel looks for its arguments', async () => {
      const { findings: all } = await lintProfile(text, { inherited: 'among' });
      const call = all.find(({ rule }) => rule === 'socket-without-socketcall')?.witness?.call;
      const EFAULT = 'errno 14';
      const [seen] = kernelVerdicts(await compile(text), [
        { nr: call?.nr ?? -1, args: call?.args.slice(0, 5) ?? [], compat: true },
      ]);
      expect(seen).toBe(EFAULT);
    });
  });
});
