/**
 * Filters that runtimes really installed (fixtures/programs), runc's with its ENOSYS stub: the builtin compiler, given the
 * profile and the names that their library knows, makes programs of the same meaning.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { capabilitySets } from '../../src/abi/capabilities.ts';
import { decodeProgram } from '../../src/bpf/program.ts';
import { decideProgram } from '../../src/decision/decide-program.ts';
import { openLibrary } from '../../src/libseccomp/library.ts';
import { librarySyscallTable } from '../../src/libseccomp/syscall.ts';
import { builtinProfiles } from '../../src/oci/builtin/index.ts';
import { resolveProfile } from '../../src/oci/resolve-profile.ts';
import { expandPolicy } from '../../src/policy/expand-policy.ts';
import { lowerProfile } from '../../src/policy/lower-profile.ts';
import { buildProgram } from '../compile/builtin/support.ts';
import { libraryByVersion } from './libraries.ts';
import { describeWith } from './support/require.ts';

const folder = `${import.meta.dirname}/../../fixtures/programs`;
const rows = [
  ['runc', 'docker-default', 'runc@1.1'],
  ['crun', 'docker-default', 'crun'],
] as const;

describeWith(['libseccomp 2.5.4'], 'what the builtin compiler makes, and what runtimes installed', () => {
  it.each(rows)('%s', (file, name, runtime) => {
    const table = librarySyscallTable(openLibrary(libraryByVersion('2.5.4')?.path ?? ''));
    const host = {
      arch: 'x86_64',
      kernel: { kernel: 6, major: 18 },
      capabilities: capabilitySets.docker,
    } as const;
    const { seccomp } = resolveProfile(builtinProfiles[name](), host);
    if (seccomp === undefined) throw new Error('the profile turns seccomp off');
    const { policy } = lowerProfile(seccomp, { runtime, arch: 'x86_64', kernel: host.kernel, table });
    expect(policy.enosysStub === undefined).toBe(file !== 'runc');
    const { space, program } = buildProgram({ policy, expanded: expandPolicy(policy, table) });
    const installed = decodeProgram(
      Buffer.from(readFileSync(`${folder}/${file}.b64`, 'utf8'), 'base64'),
      'little',
    );
    expect(decideProgram(space, program, 'little')).toBe(decideProgram(space, installed, 'little'));
    expect(program.length).toBeLessThan(installed.length / 4);
  });
});
