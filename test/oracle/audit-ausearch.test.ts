/**
 * What ausearch(8) makes of records that a kernel wrote (Linux 6.18, with every action): read as the records themselves.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ociSeccomp } from '../cli/run.ts';
import { fetchedAusearch } from './libraries.ts';
import { describeWith } from './support/require.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-ausearch-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const calls = [
  ['83326', 'comm="busybox" exe="/usr/bin/busybox" sig=0 arch=c000003e syscall=83', '0x50000'],
  ['83327', 'comm="busybox" exe="/usr/bin/busybox" sig=0 arch=c000003e syscall=63', '0x7ffc0000'],
  ['83328', 'comm="busybox" exe="/usr/bin/busybox" sig=31 arch=c000003e syscall=84', '0x80000000'],
  ['83329', 'comm=6220226322 exe=2F746D702F6220226322 sig=31 arch=c000003e syscall=84', '0x30000'],
  ['83330', 'comm="int80" exe="/tmp/int80" sig=0 arch=40000003 syscall=20', '0x7fc00000'],
  ['83331', 'comm="int80" exe="/tmp/int80" sig=0 arch=40000003 syscall=20', '0x7ff00000'],
] as const;
const log = calls
  .map(
    ([serial, fields, code], at) =>
      `type=SECCOMP msg=audit(179595157${at}.524:${serial}): auid=4294967295 uid=0 gid=0 ses=4294967295 pid=25565 ${fields} compat=0 ip=0x47b567 code=${code}\n`,
  )
  .join('');

interface Call {
  readonly action: string;
  readonly actionWord: string;
  readonly archWord: string;
}

function readBack(text: string): readonly Call[] {
  const { stdout, stderr } = ociSeccomp(['audit', '-', '--json'], { input: text, env: { TZ: 'UTC' } });
  expect(stderr).toBe('');
  return (JSON.parse(stdout) as { readonly calls: readonly Call[] }).calls;
}

/** Words are the record's, and so differ; "kill" stands for both kills. */
const withoutWords = (all: readonly Call[]) =>
  all.map(({ actionWord: _, archWord: __, action, ...rest }) => ({
    ...rest,
    action: action === 'killProcess' ? 'killThread' : action,
  }));

describeWith(['ausearch', 'built'], 'audit reads what ausearch prints', () => {
  const file = join(folder, 'audit.log');
  writeFileSync(file, log);
  it.each([[[]], [['--raw']], [['-i']], [['--format', 'raw']]])('with %j', (options) => {
    const { path = '', env } = fetchedAusearch() ?? {};
    const { stdout, status } = spawnSync(path, ['-if', file, ...options], {
      encoding: 'utf8',
      env: { ...process.env, ...env, TZ: 'UTC' },
    });
    expect(status).toBe(0);
    const [found, direct] = [readBack(stdout), readBack(log)];
    expect(direct.length).toBe(calls.length);
    expect(withoutWords(found)).toEqual(withoutWords(direct));
    if (!options.some((word) => word === '-i')) expect(found).toEqual(direct);
  });
});
