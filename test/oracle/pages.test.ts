/**
 * The pages for newcomers, docs/record.md and docs/denied.md: every command that is shown with output is run as it is
 * printed, one after the other in one folder, and prints what the page shows; numbers and times aside.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { program, root, searchPath } from '../cli/run.ts';
import { HANGS_AFTER } from '../support/patience.ts';
import { describeWith } from './support/require.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-pages-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Shown {
  readonly command: string;
  readonly lines: readonly string[];
}

/** The commands of the `console` blocks that show what is printed. */
function commandsOf(page: string): readonly Shown[] {
  return [...page.matchAll(/^( *)```console\n([\s\S]*?)^ *```$/gm)].flatMap(([, indent = '', block = '']) => {
    const parts = block
      .replaceAll(new RegExp(`^${indent}`, 'gm'), '')
      .split(/^\$ /m)
      .slice(1)
      .map((part) => {
        const [command = '', ...lines] = part.split('\n');
        return { command, lines: lines.filter((line) => line.trim() !== '') };
      });
    return parts.some(({ lines }) => lines.length > 0) ? parts : [];
  });
}

/** Numbers differ with the machine, and long lines are wrapped. */
const words = (text: string): string =>
  text
    .replace(/\d[\d.:-]*/g, '#')
    .replace(/\s+/g, ' ')
    .trim();

describeWith(['x86_64', 'python3', 'built'], 'the page', () => {
  const bin = join(folder, 'bin');
  beforeAll(() => {
    mkdirSync(bin);
    writeFileSync(join(bin, 'oci-seccomp'), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
    chmodSync(join(bin, 'oci-seccomp'), 0o755);
  });

  it.each(['record', 'denied'])('docs/%s.md shows what happens', (name) => {
    const page = readFileSync(join(root, `docs/${name}.md`), 'utf8');
    const place = join(folder, name);
    mkdirSync(place);
    for (const [, file = '', text = ''] of page.matchAll(/`([a-z]+\.py)`:\n\n```python\n([\s\S]*?)```/g)) {
      writeFileSync(join(place, file), text);
    }
    const commands = commandsOf(page);
    expect(commands.length).toBeGreaterThan(5);
    for (const { command, lines } of commands) {
      const { stdout } = spawnSync('sh', ['-c', `${command} 2>&1`], {
        cwd: place,
        input: '',
        encoding: 'utf8',
        env: { PATH: `${bin}:${searchPath}`, HOME: folder, TZ: 'UTC' },
        timeout: HANGS_AFTER,
      });
      for (const line of lines) expect(words(stdout), command).toContain(words(line));
    }
  });
});
