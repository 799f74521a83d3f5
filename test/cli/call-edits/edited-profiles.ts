/**
 * Profiles that allow and deny edit, and what libseccomp's program of a profile does with a call.
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { editProfile } from '../../../src/cli/answers/edited-profile.ts';
import { explainQuestion } from '../../../src/cli/answers/explain-question.ts';
import { renderExplanation } from '../../../src/cli/render/render-explain.ts';

/** Writes files into a folder that lasts as long as the tests of the file that calls this. */
export function createFiles() {
  const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-edits-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: string | object): string => {
    const path = join(folder, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
    return path;
  };
  return { folder, file };
}

/** Allows some calls, one of them for one value; x86 has socketcall. */
export const plainProfile = {
  defaultAction: 'SCMP_ACT_ERRNO',
  architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
  syscalls: [
    { names: ['close', 'read', 'write'], action: 'SCMP_ACT_ALLOW' },
    {
      names: ['personality'],
      action: 'SCMP_ACT_ALLOW',
      args: [{ index: 0, value: 8, op: 'SCMP_CMP_EQ' }],
    },
  ],
};

/** Denies some calls. */
export const openProfile = {
  defaultAction: 'SCMP_ACT_ALLOW',
  architectures: ['SCMP_ARCH_X86_64'],
  syscalls: [
    { names: ['ptrace'], action: 'SCMP_ACT_ERRNO' },
    { names: ['socket'], action: 'SCMP_ACT_ERRNO', args: [{ index: 0, value: 40, op: 'SCMP_CMP_EQ' }] },
  ],
};

/** A profile of Docker, whose rules have conditions. */
export const conditionalProfile = {
  defaultAction: 'SCMP_ACT_ERRNO',
  archMap: [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: [] }],
  syscalls: [
    { names: ['read'], action: 'SCMP_ACT_ALLOW' },
    { names: ['mbind', 'mount'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_SYS_NICE'] } },
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38, excludes: { caps: ['CAP_SYS_ADMIN'] } },
    { names: ['clone3'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_SYS_ADMIN'] } },
  ],
};

export const edit = (path: string, verb: 'allow' | 'deny', ...call: readonly string[]) =>
  editProfile([path, ...call], verb, { arch: 'x86_64' });

/** What libseccomp's program does with a call, as the program's own instructions say. */
export function verdict(path: string, ...words: readonly string[]): Promise<string> {
  return verdictOn('x86_64', path, ...words);
}

/** In this process: there are some 250 of them. */
export async function verdictOn(arch: string, path: string, ...words: readonly string[]): Promise<string> {
  const [syscall = '', ...args] = words;
  const { explanation, filtered } = await explainQuestion(
    { subject: path, syscall, args },
    { arch, runtime: 'crun' },
  );
  return renderExplanation(explanation, filtered).split('\n')[0] ?? '';
}
