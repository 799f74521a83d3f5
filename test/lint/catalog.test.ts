/**
 * The catalogs of the rules about openness, held against our own tables, man pages and the kernel's headers.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { allArchitectures } from '../../src/abi/architectures.ts';
import { argumentField } from '../../src/abi/argument-fields.ts';
import { allSyscallNames, directSyscallNumber } from '../../src/abi/syscall-numbers.ts';
import { syscallSignature } from '../../src/abi/syscall-signatures.ts';
import { dangerousCalls, PERSONALITY_QUERY, weakeningPersonalities } from '../../src/lint/catalog/danger.ts';
import { callFamilies } from '../../src/lint/catalog/families.ts';
import { inputPointers, mereData } from '../../src/lint/catalog/input-pointers.ts';
import { ringOperations } from '../../src/lint/catalog/io-uring.ts';
import { subArchitectures } from '../../src/lint/catalog/sub-architectures.ts';
import { evaluate, fetchedHeaders } from '../../tools/kernel-constants.ts';
import { skipUnless } from '../oracle/libraries.ts';

const words = (text: string): readonly string[] => text.split(/[\s+]+/).filter((word) => word !== '');
const exists = (name: string): boolean =>
  allArchitectures.some((arch) => directSyscallNumber(name, arch.name) !== undefined);

const named: readonly (readonly [string, readonly string[]])[] = [
  ['families', callFamilies.flatMap(({ calls, ways = '' }) => [...words(calls), ...words(ways)])],
  ['danger', dangerousCalls.flatMap(({ calls }) => words(calls))],
  ['io-uring', ringOperations.flatMap(({ calls }) => words(calls))],
  ['input-pointers', allSyscallNames().filter((name) => inputPointers(name).length > 0)],
];

describe('catalogs', () => {
  it.each(named)('%s: every name is a system call of some architecture', (_, names) => {
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !exists(name))).toEqual([]);
  });

  it('every entry has a reason and a source', () => {
    const bare = [
      ...callFamilies.filter(({ reason, source }) => reason === '' || source === ''),
      ...dangerousCalls.filter(({ reason, sources }) => reason === '' || sources.length === 0),
    ];
    expect(bare).toEqual([]);
  });

  it('no family names a call twice', () => {
    const double = callFamilies.filter(({ calls }) => new Set(words(calls)).size !== words(calls).length);
    expect(double).toEqual([]);
  });

  it('a call that has the same name with a suffix in an ABI of 32 bits has it as a sibling', () => {
    const missing = callFamilies.flatMap(({ what, calls, ways = '' }) => {
      const own = new Set([...words(calls), ...words(ways)]);
      return words(calls)
        .flatMap((name) => [`${name}64`, `${name}_time64`, `${name}32`])
        .filter((name) => exists(name) && !own.has(name))
        .map((name) => `${what}: ${name}`);
    });
    expect(missing).toEqual([]);
  });

  it('the same for dangerous calls', () => {
    const all = new Set(dangerousCalls.flatMap(({ calls }) => words(calls)));
    const missing = [...all]
      .flatMap((name) => [`${name}64`, `${name}_time64`, `${name}32`])
      .filter((name) => exists(name) && !all.has(name));
    expect(missing).toEqual([]);
  });

  it('named values are values of the argument', () => {
    for (const { calls, value } of dangerousCalls) {
      if (value === undefined) continue;
      expect(argumentField(calls, value.index, 'x86_64')?.names.has(value.name), value.name).toBe(true);
    }
  });

  it('input pointers are pointers without const, and mere data pointers with it', () => {
    const wrong = allSyscallNames().flatMap((name) =>
      inputPointers(name)
        .filter((index) => {
          const parameter = syscallSignature(name)?.[index];
          return parameter?.pointer !== true || parameter.type.startsWith('const ');
        })
        .map((index) => `${name} ${index}`),
    );
    expect(wrong).toEqual([]);
    for (const place of mereData) {
      const [call = '', parameter] = place.split('.');
      const found = syscallSignature(call)?.find(({ name }) => name === parameter);
      expect(found?.type, place).toMatch(/^const /);
    }
  });

  it('sub-architectures have 32 bits', () => {
    const of = Object.values(subArchitectures).flat();
    expect(allArchitectures.filter(({ name }) => of.includes(name)).map(({ bits }) => bits)).toEqual([
      32, 32,
    ]);
  });
});

const manual = '/usr/share/man';
const page = (name: string, section: string): string => {
  const file = join(manual, `man${section.charAt(0)}`, `${name}.${section}.gz`);
  return existsSync(file) ? gunzipSync(readFileSync(file)).toString('utf8') : '';
};
const hasPages = existsSync(manual) && readdirSync(manual).includes('man2') && page('seccomp', '2') !== '';

describe.skipIf(skipUnless(hasPages))('catalogs and man pages (needs apt-get install manpages-dev)', () => {
  it('every page that an entry cites is there', () => {
    const cited = [
      ...callFamilies.flatMap(({ source }) => source.split(/[,;] /)),
      ...dangerousCalls.flatMap(({ sources }) => sources),
    ].flatMap((source) => {
      const match = /^([\w-]+)\((\d)\)$/.exec(source);
      return match === null ? [] : [[match[1] ?? '', match[2] ?? ''] as const];
    });
    expect(cited.length).toBeGreaterThan(60);
    expect(cited.filter(([name, section]) => page(name, section) === '').map(([name]) => name)).toEqual([]);
  });

  it('the pages name the capabilities that entries do', () => {
    const capabilities = page('capabilities', '7');
    const missing = dangerousCalls.filter(({ capability, sources }) => {
      const own = sources.map((source) => page(source.replace(/\(\d\)$/, ''), source.slice(-2, -1)));
      return capability !== undefined && ![capabilities, ...own].some((text) => text.includes(capability));
    });
    expect(missing).toEqual([]);
    // By call: the page of the call or that of capabilities(7) speaks of both.
    const silent = dangerousCalls.flatMap(({ calls, capability, sources }) => {
      if (capability === undefined) return [];
      const texts = [...sources.map((source) => page(source.slice(0, -3), source.slice(-2, -1)))];
      const section =
        capabilities.split(/^\.TP$/m).find((part) => part.trim().startsWith(`.B ${capability}`)) ?? '';
      return texts.some((text) => text.includes(capability)) || section.includes(words(calls)[0] ?? '')
        ? []
        : [`${calls}: ${capability}`];
    });
    expect(silent).toEqual([]);
  });
});

/** Operations without a system call of their own, or of no interest to a filter (waiting, buffers, the ring itself). */
const otherOperations = `
  NOP READ_FIXED WRITE_FIXED POLL_ADD POLL_REMOVE TIMEOUT TIMEOUT_REMOVE ASYNC_CANCEL LINK_TIMEOUT FILES_UPDATE
  PROVIDE_BUFFERS REMOVE_BUFFERS MSG_RING URING_CMD SEND_ZC SENDMSG_ZC READ_MULTISHOT FUTEX_WAIT FUTEX_WAKE
  FIXED_FD_INSTALL RECV_ZC EPOLL_WAIT READV_FIXED WRITEV_FIXED PIPE NOP128 URING_CMD128 LAST`;

const headers = fetchedHeaders();
describe.skipIf(skipUnless(headers !== undefined))(
  'catalogs and the headers of a recent kernel (needs npm run fetch)',
  () => {
    it('every operation of io_uring is in one list or the other', () => {
      const text = readFileSync(join(headers ?? '', 'usr/include/linux/io_uring.h'), 'utf8');
      const body = /enum io_uring_op \{([^}]*)\}/.exec(text)?.[1] ?? '';
      const operations = [...body.matchAll(/^\s*IORING_OP_(\w+)/gm)].map((match) => match[1] ?? '');
      expect(operations.length).toBeGreaterThan(55);
      const ours = [...ringOperations.map(({ operation }) => operation), ...words(otherOperations)];
      expect(operations.filter((name) => !ours.includes(name))).toEqual([]);
      expect(ours.filter((name) => !operations.includes(name))).toEqual([]);
    });

    it('bits of personality', () => {
      const expressions = new Map(weakeningPersonalities.map(({ name }) => [name, name]));
      const values = evaluate(['linux/personality.h'], expressions, 'x86_64');
      const ours = new Map(weakeningPersonalities.map(({ name, bit }) => [name, BigInt(bit)]));
      expect(values).toEqual(ours);
      expect(PERSONALITY_QUERY).toBe(0xffffffff);
    });
  },
);
