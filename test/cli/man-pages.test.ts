/**
 * The man pages are what their generator makes of the definitions, and groff takes them without a warning.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { manPages } from '../../tools/man-pages.ts';
import { describeWith } from '../oracle/support/require.ts';
import { root } from './run.ts';

const folder = join(root, 'man');
const files = readdirSync(folder).sort();
const pages = await manPages();

describe('the man pages', () => {
  it('are what tools/generate-man-pages.ts writes', () => {
    expect(files).toEqual(Object.keys(pages).sort());
    for (const file of files) expect(readFileSync(join(folder, file), 'utf8')).toBe(pages[file]);
  });

  it('are installed with the package', () => {
    const { man } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect([...man].sort()).toEqual(files.map((file) => `./man/${file}`));
  });
});

describeWith(['groff'], 'the man pages in groff', () => {
  it.each(files)('%s has no warning, and shows options as they are typed', (file) => {
    const { stdout, stderr, status } = spawnSync(
      'groff',
      ['-man', '-ww', '-Tascii', '-rLL=200n', join(folder, file)],
      {
        encoding: 'utf8',
      },
    );
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    // Bold is a letter, a backspace and the letter again.
    const text = stdout
      .split('\b')
      .map((part, i, all) => (i < all.length - 1 ? part.slice(0, -1) : part))
      .join('');
    if (file === 'oci-seccomp-diff.1') expect(text).toMatch(/-f, --format <format>/);
  });
});
