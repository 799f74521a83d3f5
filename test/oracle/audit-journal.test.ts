/**
 * What journalctl(1) prints of records in a real journal, in all its forms: read as the records themselves. No journald
 * runs for it: systemd-journal-remote writes the journal from entries in the export format.
 *
 * Source: systemd 252 src/journal/journald-audit.c (the fields of an entry that journald gets from the kernel's audit).
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ociSeccomp, searchPath } from '../cli/run.ts';
import { describeWith, JOURNAL_REMOTE } from './support/require.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-journal-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const journal = join(folder, 'system.journal');

const BOOT = '0123456789abcdef0123456789abcdef';
const SECONDS = 1795951570;

type Fields = Readonly<Record<string, string>>;
const entry = (at: number, fields: Fields): Fields => ({
  __REALTIME_TIMESTAMP: `${SECONDS + at}524000`,
  __MONOTONIC_TIMESTAMP: `${1000 + at}`,
  _BOOT_ID: BOOT,
  _MACHINE_ID: BOOT,
  _HOSTNAME: 'node-1',
  PRIORITY: '5',
  ...fields,
});

const ofKernel =
  'auid=4294967295 uid=0 gid=0 ses=4294967295 pid=25565 comm="busybox" exe="/usr/bin/busybox" sig=0 arch=c000003e syscall=83 compat=0 ip=0x47b567 code=0x50000';
const ofAudit =
  'auid=4294967295 uid=0 gid=0 ses=4294967295 pid=25566 comm="int80" exe="/tmp/int80" sig=31 arch=40000003 syscall=20 compat=1 ip=0x47b567 code=0x80000000';
const entries: readonly Fields[] = [
  entry(0, {
    _TRANSPORT: 'kernel',
    SYSLOG_IDENTIFIER: 'kernel',
    MESSAGE: `audit: type=1326 audit(${SECONDS}.524:83326): ${ofKernel}`,
  }),
  entry(1, {
    _TRANSPORT: 'audit',
    SYSLOG_IDENTIFIER: 'audit',
    _AUDIT_TYPE: '1326',
    _AUDIT_TYPE_NAME: 'SECCOMP',
    _AUDIT_ID: '83327',
    _PID: '25566',
    _COMM: 'int80',
    _EXE: '/tmp/int80',
    _AUDIT_FIELD_SIG: '31',
    _AUDIT_FIELD_ARCH: '40000003',
    _AUDIT_FIELD_SYSCALL: '20',
    _AUDIT_FIELD_COMPAT: '1',
    _AUDIT_FIELD_CODE: '0x80000000',
    MESSAGE: `SECCOMP ${ofAudit}`,
  }),
  entry(2, { _TRANSPORT: 'kernel', SYSLOG_IDENTIFIER: 'kernel', MESSAGE: 'eth0: link is up' }),
];

/** Journal export format: a field a line, entries apart by an empty one. */
const exported = entries
  .map(
    (fields) =>
      `${Object.entries(fields)
        .map(([key, value]) => `${key}=${value}\n`)
        .join('')}\n`,
  )
  .join('');

interface Call {
  readonly syscall: string;
  readonly first: string | null;
}

interface Report {
  readonly calls: readonly Call[];
  readonly records: number;
  readonly unreadable: number;
}

function audited(text: string): Report {
  const { stdout, stderr } = ociSeccomp(['audit', '-', '--json'], { input: text, env: { TZ: 'UTC' } });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Report;
}

const byCall = (calls: readonly Call[]) => [...calls].sort((a, b) => a.syscall.localeCompare(b.syscall));
const withoutTimes = (calls: readonly Call[]) =>
  byCall(calls).map((call) => ({ ...call, first: null, last: null }));

describeWith(['systemd-journal-remote', 'built'], 'audit reads what journalctl prints', () => {
  beforeAll(() => {
    const file = join(folder, 'entries');
    writeFileSync(file, exported);
    const made = spawnSync(JOURNAL_REMOTE, [`--output=${journal}`, file], { encoding: 'utf8' });
    expect(made.status, made.stderr).toBe(0);
  });

  function printed(...options: readonly string[]): string {
    const words = [`--file=${journal}`, '--no-pager', ...options];
    const { stdout, status, stderr } = spawnSync('journalctl', words, {
      encoding: 'utf8',
      env: { PATH: searchPath, TZ: 'UTC' },
    });
    expect(status, stderr).toBe(0);
    return stdout;
  }

  const direct = () =>
    audited(`audit(${SECONDS}.524:83326): ${ofKernel}\naudit(${SECONDS + 1}.524:83327): ${ofAudit}\n`);

  it.each([...['json', 'json-sse', 'json-seq', 'short-iso', 'short-full', 'short-unix']])(
    'with -o %s, and knows when each was',
    (format) => {
      const found = audited(printed('-o', format));
      expect(found).toMatchObject({ records: 2, unreadable: 0 });
      const times = found.calls.map(({ first }) => Math.floor(Date.parse(first ?? '') / 1000));
      expect(times.sort()).toEqual([SECONDS, SECONDS + 1]);
      expect(withoutTimes(found.calls)).toEqual(withoutTimes(direct().calls));
    },
  );

  // Here the time of an entry that audit wrote is in another line than its text, or has no year.
  it.each([
    ...['short', 'short-precise', 'short-monotonic', 'with-unit', 'verbose', 'export', 'json-pretty', 'cat'],
  ])('with -o %s', (format) => {
    const found = audited(printed('-o', format));
    expect(found).toMatchObject({ records: 2, unreadable: 0 });
    expect(withoutTimes(found.calls)).toEqual(withoutTimes(direct().calls));
  });

  it('as --journal asks for it', () => {
    const words = ['-o', 'json', '--output-fields=MESSAGE', '_TRANSPORT=kernel', '_TRANSPORT=audit'];
    expect(audited(printed(...words)).calls.length).toBe(2);
  });
});
