/**
 * Bundles supervisor-hook.ts, once for each process that runs tests, and without waiting in an event loop.
 * @module
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../tools/debian-cache.ts';

let built: string | undefined;

/** @returns its path; the file is gone when this process ends */
export function supervisorHook(): string {
  built ??= build();
  return built;
}

function build(): string {
  const root = projectRoot();
  const programs = join(root, '.cache/programs');
  mkdirSync(programs, { recursive: true });
  const folder = mkdtempSync(join(programs, 'supervisor-hook-'));
  chmodSync(folder, 0o755);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'supervisor-hook.mjs');
  const script = `import { rolldown } from 'rolldown';
    const bundle = await rolldown({
      input: 'test/hook/support/supervisor-hook.ts',
      platform: 'node',
      external: (id) => !/^[./]/.test(id),
      logLevel: 'warn',
    });
    await bundle.write({ file: ${JSON.stringify(file)}, format: 'esm', codeSplitting: false });
    await bundle.close();`;
  execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: root });
  return file;
}
