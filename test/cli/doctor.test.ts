import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { isHealthy, type MachineReport } from '../../src/cli/answers/machine-report.ts';
import { fetchedLibraries } from '../oracle/libraries.ts';
import { ociSeccomp } from './run.ts';

interface DoctorReport {
  readonly node: string;
  readonly koffi: { readonly value: string };
  readonly libseccomp: { readonly value: { path: string; version: string; advisories: { id: string }[] } };
  readonly kernel: { readonly value: { actions: Record<string, boolean> } };
  readonly runtimes: Record<string, string | null>;
}

const doctor = (...options: string[]): DoctorReport =>
  JSON.parse(ociSeccomp(['doctor', '--json', ...options]).stdout) as DoctorReport;

describe('doctor', () => {
  it('reports what the machine says of itself', () => {
    const report = doctor();
    expect(report.node).toBe(process.versions.node);
    expect(report.koffi.value).toBe(
      (JSON.parse(readFileSync('node_modules/koffi/package.json', 'utf8')) as { version: string }).version,
    );
    const { path } = report.libseccomp.value;
    // The dynamic linker's own table names the same file.
    const table = execFileSync('sh', ['-c', '/sbin/ldconfig -p | grep libseccomp.so.2'], {
      encoding: 'utf8',
    });
    expect(realpathSync(path)).toBe(realpathSync(table.trim().split(' => ')[1] ?? ''));
    for (const name of ['runc', 'crun', 'youki']) {
      const { stdout, status } = spawnSync(name, ['--version'], { encoding: 'utf8' });
      expect(report.runtimes[name]).toBe(status === 0 ? stdout.split('\n')[0] : null);
    }
  });

  it('prints the same for people', () => {
    const { stdout, status } = ociSeccomp(['doctor']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^libseccomp {4}2\.\d+\.\d+, API level \d, \/\S+libseccomp\.so\.2/m);
    expect(stdout).toMatch(/^actions {7}KILL_PROCESS KILL_THREAD TRAP ERRNO/m);
  });

  it('says what is wrong where libseccomp is missing, and exits 3', () => {
    const { stdout, status } = ociSeccomp(['doctor', '--library', '/nonexistent.so']);
    expect(status).toBe(3);
    expect(stdout).toMatch(/libseccomp {4}PROBLEM: \/nonexistent\.so cannot be loaded/);
  });

  it.each([
    ['a named one, for a user', '/run/a.sock', 1000, false],
    ['a named one, for root', '/run/a.sock', 0, false],
    ['that of the usual path, for root', undefined, 0, false],
    ['that of the usual path, for a user who cannot ask it', undefined, 1000, true],
  ])('counts an agent that cannot be used as trouble: %s', (_, named, user, isWell) => {
    const euid = vi.spyOn(process, 'geteuid').mockReturnValue(user);
    try {
      const [ok, socket] = [{ ok: true }, '/run/a.sock'];
      const machine = { arch: ok, koffi: ok, libseccomp: ok, kernel: ok };
      const report = (agent: object) => ({ ...machine, agent }) as unknown as MachineReport;
      expect(isHealthy(report({ socket, problem: 'it cannot be asked' }), named)).toBe(isWell);
      expect(isHealthy(report({ socket, version: '1.0.0' }), named)).toBe(true);
    } finally {
      euid.mockRestore();
    }
  });

  it.each(fetchedLibraries())('knows the advisories of libseccomp $version', ({ path, version }) => {
    // The three advisories of the release notes of 2.6.1 are fixed there.
    expect(doctor('--library', path).libseccomp.value.advisories).toHaveLength(version < '2.6.1' ? 3 : 0);
  });
});
