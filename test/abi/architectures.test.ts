import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { allArchitectures, architectureByOciArch, architectures } from '../../src/abi/architectures.ts';
import { findArchitecture } from '../../src/abi/find-architecture.ts';
import { BPF_JMP_JEQ_K, BPF_LD_W_ABS, decodeProgram } from '../../src/bpf/program.ts';
import { loadKoffi } from '../../src/ffi.ts';
import { installedLibraries, libraryByVersion, skipUnless } from '../oracle/libraries.ts';

const auditHeader = '/usr/include/linux/audit.h';
const elfHeader = '/usr/include/linux/elf-em.h';
const newest = libraryByVersion('2.6.1');

/** The kernel's own name of each audit architecture, where it is not the row's name in capitals. */
const auditNames: Record<string, string> = {
  x86: 'I386',
  x32: 'X86_64',
  sh: 'SHEL',
  sheb: 'SH',
};

/** Evaluates an `#define` made of names, numbers, `|` and parentheses. */
function evaluateDefine(text: string, name: string): number {
  const value = new RegExp(`^#define\\s+${name}\\s+((?:.*\\\\\\n)*.*)$`, 'm').exec(text)?.[1];
  if (value === undefined) throw new Error(`${name} is not defined`);
  const terms = value.replaceAll(/\/\*.*?\*\/|[()\\\s]/g, '').split('|');
  const numberOf = (term: string) => (/^\d/.test(term) ? Number(term) : evaluateDefine(text, term));
  return terms.reduce((sum, term) => (sum | numberOf(term)) >>> 0, 0);
}

/** Lets libseccomp compile "kill read if argument 0 is 1, else allow" for one architecture; the bytes it exports. */
function exportFilter(path: string, token: number): Buffer {
  const koffi = loadKoffi();
  const library = koffi.load(path);
  const comparison = koffi.struct({ arg: 'uint32_t', op: 'int', a: 'uint64_t', b: 'uint64_t' });
  const size = koffi.inout(koffi.pointer('size_t'));
  const SCMP_ACT_ALLOW = 0x7fff0000;
  const SCMP_ACT_KILL = 0;
  const SCMP_CMP_EQ = 4;

  const context: unknown = library.func('void *seccomp_init(uint32_t action)')(SCMP_ACT_ALLOW);
  const native: unknown = library.func('uint32_t seccomp_arch_native(void)')();
  expect(library.func('int seccomp_arch_remove(void *context, uint32_t arch)')(context, native)).toBe(0);
  expect(library.func('int seccomp_arch_add(void *context, uint32_t arch)')(context, token)).toBe(0);
  // Rules are given in the native architecture's numbers; libseccomp translates them.
  const read: unknown = library.func('int seccomp_syscall_resolve_name(const char *name)')('read');
  const types = ['void *', 'uint32_t', 'int', 'uint32_t', koffi.pointer(comparison)];
  const comparisons = [{ arg: 0, op: SCMP_CMP_EQ, a: 1n, b: 0n }];
  const addRule = library.func('seccomp_rule_add_array', 'int', types);
  expect(addRule(context, SCMP_ACT_KILL, read, 1, comparisons)).toBe(0);
  const buffer = Buffer.alloc(4096);
  const length = [buffer.length];
  const exportBpf = library.func('seccomp_export_bpf_mem', 'int', ['void *', 'void *', size]);
  expect(exportBpf(context, buffer, length)).toBe(0);
  library.func('void seccomp_release(void *context)')(context);
  return buffer.subarray(0, Number(length[0]));
}

describe('architectures', () => {
  it('every spelling leads to one row only', () => {
    const owner = new Map<string, string>();
    for (const row of allArchitectures) {
      const spellings = new Set<string>([
        row.name,
        row.ociArch,
        row.goArch ?? row.name,
        ...row.uname,
        ...row.aliases,
      ]);
      for (const spelling of spellings) {
        expect(owner.get(spelling), `${spelling} of ${row.name}`).toBeUndefined();
        owner.set(spelling, row.name);
        expect(findArchitecture(spelling)?.name).toBe(row.name);
        expect(findArchitecture(spelling.toUpperCase())?.name).toBe(row.name);
      }
    }
  });

  it('runtime-spec spellings are exact', () => {
    expect(architectureByOciArch('SCMP_ARCH_S390X')).toBe(architectures.s390x);
    expect(architectureByOciArch('scmp_arch_s390x')).toBeUndefined();
    expect(findArchitecture('itanium')).toBeUndefined();
  });

  it('all spell SCMP_ARCH_ and the name in capitals', () => {
    for (const row of allArchitectures) expect(row.ociArch).toBe(`SCMP_ARCH_${row.name.toUpperCase()}`);
  });
});

describe.skipIf(skipUnless(existsSync(auditHeader)))(
  'architectures and linux/audit.h (linux-libc-dev)',
  () => {
    const text = existsSync(auditHeader)
      ? readFileSync(elfHeader, 'utf8') + readFileSync(auditHeader, 'utf8')
      : '';
    it.each(allArchitectures)('$name has the audit value of the header', (row) => {
      const name = auditNames[row.name] ?? row.name.toUpperCase();
      expect(row.auditArch).toBe(evaluateDefine(text, `AUDIT_ARCH_${name}`));
    });
  },
);

describe.skipIf(skipUnless(newest !== undefined))(
  'architectures and libseccomp 2.6.1 (needs npm run fetch)',
  () => {
    it.each(allArchitectures)('$name: token, audit value, byte order and argument size', (row) => {
      const path = newest?.path ?? '';
      const resolve = loadKoffi().load(path).func('uint32_t seccomp_arch_resolve_name(const char *name)');
      expect(resolve(row.name)).toBe(row.scmpArch);

      const bytes = exportFilter(path, row.scmpArch);
      // The first instruction loads the architecture, the second compares it.
      expect(bytes.readUInt16LE(0)).toBe(row.endian === 'little' ? BPF_LD_W_ABS : BPF_LD_W_ABS << 8);
      const program = decodeProgram(bytes, row.endian);
      expect(program[0]).toMatchObject({ code: BPF_LD_W_ABS, k: 4 });
      expect(program[1]).toMatchObject({ code: BPF_JMP_JEQ_K, k: row.auditArch });
      const halves = program.filter(({ code, k }) => code === BPF_LD_W_ABS && k >= 16).length;
      expect(halves * 32).toBe(row.bits);
    });

    it('the library knows no architecture beyond ours among the names of linux/audit.h', () => {
      const resolve = loadKoffi()
        .load(newest?.path ?? '')
        .func('uint32_t seccomp_arch_resolve_name(const char *name)');
      const others = readFileSync(auditHeader, 'utf8').matchAll(/#define AUDIT_ARCH_(\w+)/g);
      const known = [...others]
        .map(([, name]) => (name ?? '').toLowerCase())
        .filter((name) => resolve(name) !== 0);
      expect(known.filter((name) => !(name in architectures))).toEqual([]);
      expect(known.length).toBeGreaterThan(18);
    });
  },
);

describe('since', () => {
  const older = installedLibraries();
  it.skipIf(skipUnless(older.length > 0)).each(older)(
    'agrees with libseccomp $version ($origin)',
    ({ path, version }) => {
      const resolve = loadKoffi().load(path).func('uint32_t seccomp_arch_resolve_name(const char *name)');
      for (const row of allArchitectures) {
        const expected = row.since.localeCompare(version, 'en', { numeric: true }) <= 0 ? row.scmpArch : 0;
        expect(resolve(row.name), row.name).toBe(expected);
      }
    },
  );
});
