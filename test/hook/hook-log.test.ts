import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { formatRecord, parseLogTarget, tryWriteRecord, writeRecord } from '../../src/hook/hook-log.ts';
import { program } from '../cli/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-log-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const attached = { result: 'attached', profile: '/p.json', sha256: 'ab', milliseconds: 12.4 } as const;

describe('the log of hooks', () => {
  it.each([
    [attached, 'attached: profile="/p.json" sha256=ab ms=12'],
    [{ result: 'unfiltered', milliseconds: 0 }, 'unfiltered: ms=0'],
    [
      { result: 'refused', milliseconds: 1, reason: 'a "b"\nc\u009b\u2028\u202e' },
      'refused: ms=1 reason="a \\"b\\"\\nc\\u009b\\u2028\\u202e"',
    ],
  ] as const)('has one line a record', (record, line) => {
    expect(formatRecord(record)).toBe(line);
  });

  it("is appended to, and is the own user's alone", () => {
    const file = join(folder, 'log');
    writeRecord({ file }, { ...attached, container: 'web' });
    writeRecord({ file }, { ...attached, container: 'evil\nname' });
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(
      /^\d{4}-\d\d-\d\dT[\d:.]+Z \S+ info container web: attached: profile="\/p\.json" sha256=ab ms=12$/,
    );
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('keeps no part of a line for which there is no room', () => {
    const file = join(folder, 'full');
    const line = `${'x'.repeat(99)}\n`;
    writeFileSync(file, line);
    const hook = [
      process.execPath,
      program,
      'hook',
      'createRuntime',
      '--profile',
      'docker-default',
      '--log',
      file,
    ];
    const call = (...before: readonly string[]) =>
      spawnSync('prlimit', [...before, ...hook], { input: '{}', encoding: 'utf8' }).status;
    expect(call(`--fsize=${line.length + 50}`)).toBe(2);
    expect(readFileSync(file, 'utf8')).toBe(line);
    expect(call('--fsize=unlimited')).toBe(2);
    const [first, second, ...others] = readFileSync(file, 'utf8').split('\n');
    expect([`${first}\n`, others]).toEqual([line, ['']]);
    expect(second).toMatch(/ refused: /);
  });

  it('fails the hook if it cannot be written', () => {
    chmodSync(folder, 0o755);
    for (const file of [join(folder, 'none/log'), folder, '/dev/full']) {
      expect(() => writeRecord({ file }, attached), file).toThrow(/cannot be written/);
      expect(() => tryWriteRecord({ file }, attached), file).not.toThrow();
    }
  });

  it('is a file or syslog', () => {
    expect(parseLogTarget(undefined)).toEqual({});
    expect(parseLogTarget('syslog')).toEqual({ syslog: true });
    expect(parseLogTarget('/var/log/x')).toEqual({ file: '/var/log/x' });
    expect(() => parseLogTarget('x.log')).toThrow("not 'x.log'");
  });
});
