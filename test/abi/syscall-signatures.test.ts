import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allSyscallNames, directSyscallNumber } from '../../src/abi/syscall-numbers.ts';
import { type Parameter, syscallSignature, valueTypes } from '../../src/abi/syscall-signatures.ts';
import { fetchedKernelSource, renderPrototypes } from '../../tools/prototype-table.ts';
import { root } from '../cli/run.ts';
import { skipUnless } from '../oracle/libraries.ts';
import { integerSizes } from './support/btf.ts';

describe('signatures', () => {
  it.each([
    ['socket', ['int family', 'int type', 'int protocol']],
    ['chmod', ['const char *filename', 'umode_t mode']],
    ['getpid', []],
    ['capget', ['cap_user_header_t header', 'cap_user_data_t dataptr']],
    ['umount2', ['char *name', 'int flags']],
    ['socketcall', ['int call', 'unsigned long *args']],
  ])('%s', (name, expected) => {
    const shown = syscallSignature(name)?.map(
      ({ name, type }) => `${type}${type.endsWith('*') ? '' : ' '}${name}`,
    );
    expect(shown).toEqual(expected);
  });

  it.each<[string, number, Partial<Parameter>]>([
    ['socket', 0, { width: 32, signed: true, pointer: false }],
    ['chmod', 1, { width: 16, signed: false, pointer: false }],
    ['mmap', 1, { width: 64, signed: false, pointer: false }],
    ['lseek', 1, { width: 64, signed: true, pointer: false }],
    ['clone', 0, { width: 32, type: 'unsigned long' }],
    ['unshare', 0, { width: 64, type: 'unsigned long' }],
    ['keyctl', 0, { width: 32 }],
    ['add_key', 4, { width: 32, type: 'key_serial_t', signed: true }],
    ['clone3', 0, { width: 64, pointer: true }],
    ['capget', 0, { pointer: true }],
  ])('%s argument %i', (name, index, expected) => {
    expect(syscallSignature(name)?.[index]).toMatchObject(expected);
  });

  it('answers nothing for what it does not know', () => {
    expect(syscallSignature('no_such_call')).toBeUndefined();
    expect(syscallSignature('vserver')).toBeUndefined();
  });

  it('has every x86_64 call a kernel still defines, and at most six parameters of known types', () => {
    const gone = new Set(
      `_sysctl afs_syscall create_module epoll_ctl_old epoll_wait_old get_kernel_syms get_thread_area getpmsg
      lookup_dcookie nfsservctl putpmsg query_module security set_thread_area tuxcall uselib vserver`.split(
        /\s+/,
      ),
    );
    const newer = ['listns', 'rseq_slice_yield'];
    const here = allSyscallNames().filter((name) => directSyscallNumber(name, 'x86_64') !== undefined);
    const missing = here.filter((name) => syscallSignature(name) === undefined && !gone.has(name));
    expect(missing.filter((name) => !newer.includes(name))).toEqual([]);
    for (const name of allSyscallNames()) {
      const parameters = syscallSignature(name) ?? [];
      expect(parameters.length, name).toBeLessThanOrEqual(6);
      for (const { name: parameter, type, pointer } of parameters) {
        expect(parameter, name).toMatch(/^\w+$/);
        expect(pointer || valueTypes.has(type), `${name}: ${type}`).toBe(true);
      }
    }
  });
});

/** Entry points whose name is not the call's (arch/x86/entry/syscalls/syscall_64.tbl). */
const renamed: Readonly<Record<string, string>> = {
  newstat: 'stat',
  newlstat: 'lstat',
  newfstat: 'fstat',
  newuname: 'uname',
  sendfile64: 'sendfile',
  umount: 'umount2',
};

/** Parameters that Linux 7.2 has otherwise than 6.18: one that nobody read, and two at the end. */
const changed = ['getcpu', 'bpf'];

/** Prints every sys_enter_* format in a mount namespace of its own, which takes the mount with it. */
function traceFormats(): readonly string[] {
  const events = '/sys/kernel/tracing/events/syscalls';
  const script = `test -d ${events} || mount -t tracefs tracefs /sys/kernel/tracing; cat ${events}/sys_enter_*/format`;
  const { stdout } = spawnSync('unshare', ['-m', 'sh', '-c', script], {
    encoding: 'utf8',
    maxBuffer: 1 << 24,
  });
  return (stdout ?? '').split(/^name: sys_enter_/m).slice(1);
}

/** `const` of a value and the spelling of `unsigned int` are no difference. */
function plain(type: string): string {
  const value = type.replace(/ ?\* ?/g, '*').replace(/(?<=\w)\*/g, ' *');
  const noConst =
    value.endsWith('*') || value.includes('*const')
      ? value.replace(/const$/, '')
      : value.replace(/^const /, '');
  return noConst === 'unsigned' ? 'unsigned int' : noConst;
}

const formats = process.arch === 'x64' ? traceFormats() : [];
// What a kernel lacks no package brings: skipped, also where everything else is required.
describe.skipIf(formats.length === 0)(
  'signatures and the running kernel (needs root, x86_64 and tracefs with syscall events)',
  () => {
    it('has the names and types of every event', () => {
      let compared = 0;
      for (const format of formats) {
        const entry = /^\w+/.exec(format)?.[0] ?? '';
        const fields = [...format.matchAll(/^\tfield:(.*?)(\w+)(?:\[\d*\])?;\toffset:(\d+);/gm)];
        const expected = fields
          .filter(([, , name = '']) => !/^(common_.*|__syscall_nr)$/.test(name))
          .map(([, type = '', name]) => `${plain(type.trim())}: ${name}`);
        if (changed.includes(entry)) continue;
        const ours = syscallSignature(renamed[entry] ?? entry)?.map(({ type, name }) => `${type}: ${name}`);
        expect(ours, entry).toEqual(expected);
        compared++;
      }
      expect(compared).toBeGreaterThan(300);
    });
  },
);

const generated = join(root, 'src/abi/syscall-prototypes.generated.ts');
describe.skipIf(skipUnless(fetchedKernelSource() !== undefined))(
  'the generated table and the sources of the kernel (needs npm run fetch)',
  () => {
    it('is what tools/generate-prototypes.ts makes of them', () => {
      expect(renderPrototypes()).toBe(readFileSync(generated, 'utf8'));
    });
  },
);

const btfFile = '/sys/kernel/btf/vmlinux';
describe.skipIf(skipUnless(existsSync(btfFile) && process.arch === 'x64'))(
  'widths and the types of the running kernel (needs x86_64 and CONFIG_DEBUG_INFO_BTF)',
  () => {
    it('has each type as wide and as signed as the kernel', () => {
      const sizes = integerSizes(readFileSync(btfFile));
      // Those of compat code, or compiled out of some kernels.
      const optional = new Set(['old_sigset_t', 'enum landlock_rule_type']);
      const spelling: Readonly<Record<string, string>> = {
        'unsigned long': 'long unsigned int',
        long: 'long int',
      };
      for (const [type, { width, signed }] of valueTypes) {
        const size = sizes.get(spelling[type] ?? type);
        if (size === undefined && optional.has(type)) continue;
        // BTF does not mark `char` and `bool` types; no parameter has one.
        expect(size && { width: size.bytes * 8, signed: size.signed }, type).toEqual({ width, signed });
      }
    });
  },
);
