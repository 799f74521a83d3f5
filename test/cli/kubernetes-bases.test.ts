/**
 * Base profiles of objects of Kubernetes that are found in a folder: one definition, and not two.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { ociSeccomp } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-bases-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  for (const name of ['a.yaml', 'b.yaml']) rmSync(join(folder, name), { force: true });
});

const object = (name: string, namespace: string | undefined, more: string): string =>
  `apiVersion: security-profiles-operator.x-k8s.io/v1beta1
kind: SeccompProfile
metadata: {name: ${name}${namespace === undefined ? '' : `, namespace: ${namespace}`}}
spec:
  defaultAction: SCMP_ACT_ERRNO
${more}`;
const allows = (call: string): string =>
  `  syscalls: [{action: SCMP_ACT_ALLOW, names: [${call}]}]
`;
const derived = (namespace?: string): string =>
  object('derived', namespace, `  baseProfileName: base\n${allows('write')}`);

function resolve(text: string) {
  const words = ['resolve', '-', '--base-dir', folder, '--arch', 'x86_64', '--kernel', '6.1'];
  return ociSeccomp(words, { input: text });
}

it('a base that two files define is refused, with both', () => {
  writeFileSync(join(folder, 'a.yaml'), object('base', undefined, allows('read')));
  expect(resolve(derived())).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('"read"') as string,
  });
  writeFileSync(join(folder, 'b.yaml'), object('base', undefined, allows('open')));
  const { status, stdout, stderr } = resolve(derived());
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/'base' is defined in .*a\.yaml and .*b\.yaml \[ERR_PROFILE_SEMANTICS\]/);
});

it('a base of the own namespace comes before the one of all', () => {
  writeFileSync(join(folder, 'a.yaml'), object('base', undefined, allows('read')));
  writeFileSync(join(folder, 'b.yaml'), object('base', 'mine', allows('open')));
  expect(resolve(derived('mine')).stdout).toContain('"open"');
  expect(resolve(derived('mine')).stdout).not.toContain('"read"');
  expect(resolve(derived('other')).stdout).toContain('"read"');
  expect(resolve(derived()).stdout).toContain('"read"');
});
