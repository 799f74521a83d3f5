/**
 * What the README shows is what happens, and its links and those of all pages lead somewhere.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ociSeccomp, root } from './cli/run.ts';

mkdirSync(join(root, '.cache'), { recursive: true });
const readme = readFileSync(join(root, 'README.md'), 'utf8');

describe('the README', () => {
  it('has a library example that runs', () => {
    const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
    // Inside the package, so that its own name resolves to it.
    const folder = mkdtempSync(join(root, '.cache/readme-'));
    try {
      const script = join(folder, 'example.mjs');
      writeFileSync(script, example);
      const { stdout, stderr, status } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
      expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
      expect(stdout).toMatch(/^\d+ instructions, proven: equal$/m);
      expect(stdout).toContain("[ { kind: 'word', word: 327681 } ]");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('has a libseccomp example that denies what it says', () => {
    const example = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)][1]?.[1] ?? '';
    const folder = mkdtempSync(join(root, '.cache/readme-'));
    try {
      const script = join(folder, 'example.mjs');
      const attempts = `
        const { mkdirSync, openSync } = await import('node:fs');
        for (const attempt of [() => mkdirSync('x'), () => openSync('/dev/null', 'w'), () => openSync('/dev/null', 'r')]) {
          try { attempt(); console.log('done'); } catch (error) { console.log(error.code); }
        }`;
      writeFileSync(script, example + attempts);
      const { stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8', cwd: folder });
      expect({ stdout, stderr }).toEqual({ stdout: 'EPERM\nEACCES\ndone\n', stderr: '' });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  const commands = [...readme.matchAll(/```console\n\$ (?:npm ci && )?npx oci-seccomp (.*)\n([\s\S]*?)```/g)];
  it.each(commands.map(([, command = '', shown = '']) => ({ command, shown })))(
    'shows what $command prints',
    ({ command, shown }) => {
      const args = command.replace('docker-default.bpf', '/dev/null').split(' ');
      const { stdout, stderr } = ociSeccomp(args, { cwd: root });
      // Numbers differ with libseccomp's version, the kernel and the machine; words and their order do not.
      const words = (text: string): string => text.replace(/\d[\d.]*/g, '#').replace(/written to \S+/, '');
      const printed = command.startsWith('lint')
        ? stdout.slice(0, stdout.indexOf('\n\n') + 1)
        : stdout + stderr;
      expect(words(printed)).toBe(words(shown));
    },
  );

  it.skipIf(process.getuid?.() !== 0)('blocks the one call that it says, as root', () => {
    const [, words = '', shown = ''] = /\$ oci-seccomp (deny .*)\n([\s\S]*?)\n\$/.exec(readme) ?? [];
    const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-readme-'));
    try {
      const { stderr } = ociSeccomp(words.split(' '), { cwd: folder });
      expect(stderr.trim().replace(/\d+/g, '#')).toBe(shown.replace(/\d+/g, '#'));
      const command = ['chroot', '/', 'true'];
      const without = spawnSync('chroot', command.slice(1));
      const within = ociSeccomp(['run', '--profile', 'profile.json', '--', ...command], { cwd: folder });
      expect({ without: without.status, within: within.stderr }).toEqual({
        without: 0,
        within: expect.stringContaining('Operation not permitted'),
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('names every command', () => {
    const { stdout } = ociSeccomp(['--help']);
    const commands = [...stdout.matchAll(/^ {2}([a-z]+) {2}/gm)].map((match) => match[1] ?? '');
    expect(commands).toContain('compile');
    for (const command of commands.filter((name) => name !== 'help'))
      expect(readme).toContain(`| \`${command}`);
  });
});

describe('the pages', () => {
  const inDocs = (folder: string): readonly string[] =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name));
  const inRoot = ['README.md', 'SECURITY.md', 'CONTRIBUTING.md', 'RELEASING.md', 'CHANGELOG.md'];
  const pages = [...inRoot, ...inDocs('docs'), ...inDocs('docs/rules'), ...inDocs('docs/try')];
  const textOf = (page: string): string =>
    readFileSync(join(root, page), 'utf8').replace(/```[\s\S]*?```/g, '');

  /** As GitHub makes them of headings. */
  function anchorsOf(page: string): readonly string[] {
    return [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}_ -]/gu, '')
        .replaceAll(' ', '-'),
    );
  }

  function leads(page: string, link: string): boolean {
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? page : join(dirname(page), path);
    if (!existsSync(join(root, target))) return false;
    return anchor === undefined || !target.endsWith('.md') || anchorsOf(target).includes(anchor);
  }

  it.each(pages)('%s: its links lead somewhere', (page) => {
    const links = [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !/^[a-z]+:/.test(link) && !leads(page, link))).toEqual([]);
  });

  it('are all in docs/README.md; the rules have a folder of their own', () => {
    const index = textOf('docs/README.md');
    const missing = inDocs('docs').filter((page) => !index.includes(`(${page.replace('docs/', '')})`));
    expect(missing).toEqual(['docs/README.md']);
  });
});
