/**
 * The programs of docs/library.md: each is type-checked as strictly as the project is, and run.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from './cli/run.ts';

const page = readFileSync(join(root, 'docs/library.md'), 'utf8');
const programs = page.split(/^## /m).flatMap((section) => {
  const program = /```ts\n([\s\S]*?)```/.exec(section)?.[1];
  return program === undefined ? [] : [{ title: section.split('\n')[0] ?? '', program }];
});

/** What each prints; numbers that depend on the libseccomp at hand are left open. */
const expected: Readonly<Record<string, RegExp>> = {
  'Validate a profile and report its problems':
    /^fixtures\/cli\/mistakes\.json:\d+:\d+: error: .* \[[a-z-]+\][\s\S]*^not valid\n$/m,
  'Handle an error':
    /^ERR_PROFILE_SCHEMA: profile\.json is not a profile that runc can use \(.+\)\nline 1: .*SCMP_ACT_ALLO/,
  'Compile for another machine':
    /^\d+ instructions, \d+ bytes for aarch64, arm\nequal; \d+ reasons.*\n\d+ things that runc did/,
  'Compile without libseccomp': /^\d+ bytes by oci-seccomp: equal\n(?:no name makes|the release knows)/,
  'Write a filter in a format': /^\d{4,} characters of C; the comment on top says what is proven\n$/,
  'Compare two profiles for a pull request': /^lets more through\n(?:\w+: \d+ changes\n){3}$/,
  'Compare two releases of a default profile':
    /^x86_64: stricter: socket\nx86_64: stricter: io_uring_setup, io_uring_enter, io_uring_register$/m,
  'Turn a unit of systemd into a profile':
    /^\d{4} characters for --security-opt seccomp=FILE\n\d{4} for linux\.seccomp of a config\.json\n$/,
  'Make one profile of two':
    /^\d+ rules, proven on \d+ hosts that tell all conditions apart\n\d+ of them on this host\n$/,
  'Make a page about a profile': /^\d{6} characters of HTML/,
  'Explain a call': /^\[ \{ kind: 'word', word: 327681 \} \] depends on arguments no more\n0x50001\n$/,
  'Lint a profile': /^1:\d+: (?:error|warn): .* \[[a-z-]+\]\n/,
  'Write a lint rule':
    /^warn: sockets of AF_VSOCK are open \[acme\/no-vsock\], for instance socket\(40(?:, \d+){5}\)\n$/,
  'In a browser': /^\d instructions, proven\n\[ \{ kind: 'word', word: 2147418112 \} \]\n$/,
  "Put a profile's filter into your own process":
    /^Error: EPERM: operation not permitted, mkdir '\/tmp\/never'\n$/,
};

describe('docs/library.md', () => {
  let folder: string;
  beforeAll(() => {
    // Inside the package, so that its own name resolves to it, and not in dist/, which another test packs meanwhile.
    mkdirSync(join(root, '.cache'), { recursive: true });
    folder = mkdtempSync(join(root, '.cache/library-'));
    for (const [index, { program }] of programs.entries()) {
      writeFileSync(join(folder, `program-${index}.mts`), program);
      writeFileSync(join(folder, `program-${index}.mjs`), program);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('has the programs that are expected here', () => {
    expect(programs.map(({ title }) => title)).toEqual(Object.keys(expected));
  });

  it('has programs whose types are right', () => {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const options = [
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--module',
      'nodenext',
      '--target',
      'es2023',
    ];
    const files = programs.map((_, index) => join(folder, `program-${index}.mts`));
    const { stdout } = spawnSync(process.execPath, [tsc, ...options, '--types', 'node', ...files], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
  });

  it.each(programs.map(({ title }, index) => [title, index] as const))('runs: %s', (title, index) => {
    const script = join(folder, `program-${index}.mjs`);
    const { stdout, stderr } = spawnSync(process.execPath, [script], { cwd: root, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stdout).toMatch(expected[title] ?? /./);
  });
});
