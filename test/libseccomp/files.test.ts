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
import { describe, expect, it } from 'vitest';
import * as binding from '../../src/libseccomp/index.ts';
import { installedLibraries, skipUnless } from '../oracle/libraries.ts';

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
    writeFileSync(path('cut'), readFileSync(library).subarray(0, 5_000));
    try {
      for (const [file, reason] of [
        [path('fifo'), 'it is not a file'],
        [path('cut'), 'the file is cut off'],
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
