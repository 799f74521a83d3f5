/**
 * Exact programs for machines of both byte orders, compiled on this one. That they are what libseccomp builds is
 * tested in test/oracle for every architecture; here they are written down, so that a change is seen and read.
 *
 * The bytes of libseccomp are those of 2.5.4 to 2.6.1; the stub follows runc's layout (src/compile/enosys-stub.ts), on
 * s390x with its extra check for setup.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ociSeccomp, root } from '../cli/run.ts';
import { installedLibraries } from '../oracle/libraries.ts';

interface Golden {
  readonly arch: string;
  readonly runtime: string;
}

const goldens: readonly Golden[] = [
  { arch: 'aarch64', runtime: 'runc' },
  { arch: 's390x', runtime: 'runc' },
  { arch: 'arm', runtime: 'crun' },
  { arch: 'ppc64', runtime: 'plain' },
];

describe.each(installedLibraries())('with libseccomp $version ($origin)', ({ path }) => {
  it.each(goldens)('$runtime on $arch gets the program written down', ({ arch, runtime }) => {
    const golden = readFileSync(join(root, `fixtures/golden/${arch}-${runtime}.hex`), 'utf8');
    const words = golden.split('\n').flatMap((line) => /^([0-9a-f]{16})\b/.exec(line)?.[1] ?? []);
    const command = ['compile', 'fixtures/golden/profile.json', '-q', '--library', path];
    const { bytes } = ociSeccomp([...command, '--arch', arch, '--runtime', runtime, '--kernel', '6.1']);
    expect(bytes.toString('hex').match(/.{16}/g)).toEqual(words);
  });
});
