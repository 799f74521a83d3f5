/**
 * Files and descriptors of the binding that are not what they should be: a target that takes a part of an export, a library that
 * is none.
 */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import * as binding from '../../src/libseccomp/index.ts';
import { installedLibraries, skipUnless } from '../oracle/libraries.ts';
import { describeWith } from '../oracle/support/require.ts';

const { errno } = binding;

describe.skipIf(skipUnless(installedLibraries().length > 0))('the binding refuses', () => {
  const library = installedLibraries()[0]?.path ?? '';

  it.each(['exportBpf', 'exportPfc'] as const)('%s to what does not take all of it', (call) => {
    const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-fifo-'));
    execFileSync('mkfifo', [join(folder, 'fifo')]);
    const fd = openSync(join(folder, 'fifo'), constants.O_RDWR | constants.O_NONBLOCK);
    const filter = new binding.Filter(binding.allow(), { library });
    for (let nr = 0; nr < 200; nr++) filter.addRule(errno(1), nr, [{ index: 0, op: '==', value: nr }]);
    try {
      // A pipe of Linux holds 64 KiB. One page is left: write(2) takes 4 KiB and tells no error.
      writeSync(fd, new Uint8Array(60 * 1024));
      expect(() => filter[call](fd)).toThrow(
        expect.objectContaining({ code: 'ERR_IO', message: `cannot write to descriptor ${fd}: EAGAIN` }),
      );
      expect(() => filter[call](9999)).toThrow('cannot write to descriptor 9999: EBADF');
    } finally {
      filter.release();
      closeSync(fd);
      rmSync(folder, { recursive: true });
    }
  });

  it('a file that is no library', () => {
    const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-library-'));
    const path = (name: string): string => join(folder, name);
    execFileSync('mkfifo', [path('fifo')]);
    writeFileSync(path('empty'), '');
    const bytes = readFileSync(library);
    writeFileSync(path('cut'), bytes.subarray(0, 5_000));
    // e_shoff, e_shnum: the dynamic linker needs no sections.
    const bare = Buffer.from(bytes).fill(0, 0x28, 0x30).fill(0, 0x3c, 0x3e);
    writeFileSync(path('cut without sections'), bare.subarray(0, 20_000));
    const foreign = Buffer.from(bytes);
    foreign.writeUInt16LE(foreign.readUInt16LE(0x12) === 183 ? 62 : 183, 0x12);
    writeFileSync(path('foreign'), foreign);
    try {
      for (const [file, reason] of [
        [path('fifo'), 'it is not a file'],
        [path('cut'), 'the file is cut off'],
        [path('cut without sections'), 'the file is cut off'],
        [path('foreign'), 'it is for another processor: ELF machine '],
        [path('empty'), 'file too short'],
        [folder, 'it is not a file'],
        [path('none'), 'cannot open shared object file'],
      ] as const)
        expect(() => binding.openLibrary(file)).toThrow(
          expect.objectContaining({
            code: 'ERR_LIBSECCOMP_MISSING',
            message: expect.stringContaining(`${file} cannot be loaded: `),
            details: { path: file },
            cause: expect.objectContaining({ message: expect.stringContaining(reason) }),
          }),
        );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describeWith(['cc'], 'the binding refuses a library', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-stub-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['that has nothing of libseccomp', 'int one;', 'it has no seccomp_version()'],
    [
      'that has no version',
      'const void *seccomp_version(void) { return 0; }',
      'its seccomp_version() answers nothing',
    ],
    [
      'that lacks what its version has',
      'static const unsigned int version[3] = { 2, 6, 1 }; const void *seccomp_version(void) { return version; }',
      'it says that it is 2.6.1, but has no seccomp_init()',
    ],
  ])('%s', (what, source, reason) => {
    const path = join(folder, `${what}.so`);
    execFileSync('cc', ['-shared', '-fPIC', '-xc', '-', '-o', path], { input: source });
    expect(() => new binding.Filter(binding.allow(), { library: path })).toThrow(
      expect.objectContaining({
        code: 'ERR_LIBSECCOMP_MISSING',
        message: `${path} is not libseccomp: ${reason}`,
      }),
    );
  });
});
