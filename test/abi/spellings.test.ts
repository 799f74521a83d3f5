/**
 * Architectures and actions in the spellings of the kernel's headers and audit records. The words are those of the C
 * headers: linux/audit.h, linux/seccomp.h.
 */
import { describe, expect, it } from 'vitest';
import { findArchitecture } from '../../src/abi/find-architecture.ts';
import { listingForm } from '../../src/abi/listing-form.ts';
import { parseAction, parseSpelledAction } from '../../src/abi/parse-action.ts';
import { readProfile } from '../../src/oci/read-profile.ts';

describe('findArchitecture', () => {
  it.each([
    ['c000003e', 'x86_64'],
    ['0xc000003e', 'x86_64'],
    ['0XC000003E', 'x86_64'],
    ['arch=c000003e', 'x86_64'],
    ['AUDIT_ARCH_X86_64', 'x86_64'],
    ['audit_arch_i386', 'x86'],
    ['arch=40000003', 'x86'],
    ['arch=c00000b7', 'aarch64'],
    // %x drops the zeros in front.
    ['arch=16', 's390'],
    ['00000016', 's390'],
    // x32 shares the kernel's word with x86_64; only libseccomp's token tells it.
    ['4000003e', 'x32'],
    ['386', 'x86'],
  ])('%s is %s', (spelling, name) => {
    expect(findArchitecture(spelling)?.name).toBe(name);
  });

  it.each(['16', 'c000003f', 'arch=', 'AUDIT_ARCH_ALPHA', 'arch=x86_64 ', 'c000003e0', ''])(
    '%j is none',
    (spelling) => {
      expect(findArchitecture(spelling)).toBeUndefined();
    },
  );
});

describe('parseAction', () => {
  it.each([
    ['SECCOMP_RET_ERRNO', 0x00050000],
    ['0x00050001', 0x00050001],
    ['code=0x50000', 0x00050000],
    ['code=0x80000000', 0x80000000],
    ['ERRNO(1)', 0x00050001],
    ['ERRNO(EACCES)', 0x0005000d],
    // runtime-spec: EPERM where a profile gives none.
    ['SCMP_ACT_ERRNO', 0x00050001],
    ['SCMP_ACT_ERRNO(38)', 0x00050026],
    ['SCMP_ACT_TRACE', 0x7ff00001],
    ['SECCOMP_RET_USER_NOTIF', 0x7fc00000],
    ['KILL', 0],
  ])('%s is %i', (text, word) => {
    expect(parseAction(text)).toBe(word);
  });

  it.each(['ERRNO', 'TRACE', 'ALLOW(1)', 'ERRNO(5000)', 'code=50000', '0x123456789', 'errno(1)', ''])(
    '%j is none',
    (text) => {
      expect(parseAction(text)).toBeUndefined();
    },
  );

  it('keeps apart an action without data and one with data 0', () => {
    expect(parseSpelledAction('SCMP_ACT_ERRNO')).toMatchObject({
      action: { kind: 'errno' },
      data: undefined,
    });
    expect(parseSpelledAction('code=0x50000')).toMatchObject({ action: { kind: 'errno' }, data: 0 });
    // No kernel knows this action.
    expect(parseSpelledAction('0x12340000')).toBeUndefined();
  });
});

it('a profile that spells them so is told what to write', () => {
  const hints = (action: string, arch: string) =>
    readProfile(JSON.stringify({ defaultAction: action, architectures: [arch], syscalls: [] })).problems.map(
      ({ hint }) => hint,
    );
  const wanted = ['did you mean SCMP_ACT_ERRNO?', 'did you mean SCMP_ARCH_X86_64?'];
  for (const action of ['SECCOMP_RET_ERRNO', 'ERRNO', 'ERRNO(1)', '0x00050001', 'code=0x50000']) {
    for (const arch of ['AUDIT_ARCH_X86_64', 'c000003e', 'arch=c000003e']) {
      expect(hints(action, arch), `${action} ${arch}`).toEqual(wanted);
    }
  }
});

it('nothing else is taken for a listing', () => {
  for (const text of [
    '00000000: 2000 0000 0400 0000  ........',
    'ld [0]\nret ALLOW\n',
    '{"defaultAction": "SCMP_ACT_ALLOW"}',
    '20 00 00 00 04 00 00 00\n',
    '2024: a year\n',
    '0,1,2,3\n',
  ]) {
    expect(listingForm(text), text).toBeUndefined();
  }
});
