/**
 * What npm would publish: all that the package promises, and nothing else.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { root } from './cli/run.ts';

interface Packed {
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string; readonly size: number; readonly mode: number }[];
}
type Targets = string | { readonly [condition: string]: Targets };
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, Targets>;
  bin: Record<string, string>;
  man: string[];
  main: string;
  types: string;
};

let packed: Packed;
let paths: ReadonlySet<string>;
beforeAll(() => {
  const text = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1 << 26,
  });
  [packed] = JSON.parse(text) as [Packed];
  paths = new Set(packed.files.map(({ path }) => path));
});

/** The files that a part of package.json names. */
function filesOf(targets: Targets): readonly string[] {
  return typeof targets === 'string' ? [targets] : Object.values(targets).flatMap(filesOf);
}

describe('the package', () => {
  it('has all that package.json names, types included', () => {
    const named = [
      ...Object.values(manifest.exports).flatMap(filesOf),
      ...Object.values(manifest.bin),
      ...manifest.man,
      manifest.main,
      manifest.types,
    ].filter((file) => !file.includes('*'));
    expect(named.some((file) => file.endsWith('.d.ts'))).toBe(true);
    expect(named.filter((file) => !paths.has(file.replace(/^\.\//, '')))).toEqual([]);
  });

  it('has every file that its declarations refer to', () => {
    const missing: string[] = [];
    const declarations = [...paths].filter((path) => path.endsWith('.d.ts'));
    for (const path of declarations) {
      const text = readFileSync(join(root, path), 'utf8');
      for (const [, to = ''] of text.matchAll(/(?:from|import\()\s*['"](\.[^'"]+)['"]/g)) {
        const target = join(path, '..', to).replace(/\.(?:js|ts)$/, '.d.ts');
        if (!paths.has(target)) missing.push(`${path}: ${to}`);
      }
    }
    expect(declarations.length).toBeGreaterThan(100);
    expect(missing).toEqual([]);
  });

  it('has the licence, the pages of rules, the schemas and the templates', () => {
    for (const path of [
      ...['LICENSE', 'README.md', 'CHANGELOG.md', 'SECURITY.md', 'docs/rules/shadowed-rule.md'],
      ...['schemas/docker.schema.json', 'schemas/catalog.json', 'templates/seccomp.gitlab-ci.yml'],
    ]) {
      expect(paths.has(path), path).toBe(true);
    }
  });

  it('has no stray files', () => {
    const kinds: readonly RegExp[] = [
      /^(?:package\.json|LICENSE|README\.md|CHANGELOG\.md|SECURITY\.md)$/,
      /^dist\/.+\.(?:js|cjs|d\.ts|html|sh|txt)$/,
      /^dist\/types-of-require\/package\.json$/,
      // A static program that starts the hook.
      /^dist\/bin\/[\w.-]+$/,
      /^schemas\/.+\.json$/,
      /^man\/oci-seccomp[\w-]*\.1$/,
      /^docs\/.+\.(?:md|html|png|svg)$/,
      /^examples\/.+\.mjs$/,
      /^examples\/systemd\/.+\.(?:service|socket)$/,
      /^examples\/kubernetes\/.+\.yaml$/,
      /^templates\/[\w.-]+\.yml$/,
    ];
    const stray = [...paths].filter((path) => !kinds.some((kind) => kind.test(path)));
    expect(stray).toEqual([]);
    const hidden = [...paths].filter(
      (path) => /(?:^|\/)\./.test(path) || /\.(?:map|tgz|log|test\.)/.test(path),
    );
    expect(hidden).toEqual([]);
  });

  it('is not larger than is known', () => {
    // 2.4 MB and 9.4 MB on 2026-11-29: what grows much has something in it that should not be.
    expect(packed.size).toBeLessThan(3_500_000);
    expect(packed.unpackedSize).toBeLessThan(13_000_000);
    for (const { path, size } of packed.files) expect(size, path).toBeLessThan(1_500_000);
  });

  it('has programs that can be executed', () => {
    for (const file of Object.values(manifest.bin)) {
      expect(existsSync(join(root, file)), file).toBe(true);
      expect(readFileSync(join(root, file), 'utf8').startsWith('#!'), file).toBe(true);
    }
  });
});
