/**
 * The table of prototypes: the `SYSCALL_DEFINE` of each call in the kernel's sources, found by way of the kernel's own tables
 * of system calls (`npm run fetch` fetches both).
 * @module
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allSyscallNames, directSyscallNumber } from '../src/abi/syscall-numbers.ts';
import { debianCache, readManifest, upstreamVersion } from './debian-cache.ts';
import { prototypeOverrides, withoutPrototype } from './prototype-overrides.ts';

/** What the manifest of fetched packages calls the kernel's sources. */
export const KERNEL_SOURCE = 'linux-source';

interface Definition {
  /** Below the source tree. */
  readonly file: string;
  /** `(int fd, struct sockaddr *addr)` */
  readonly parameters: string;
}

/** Tables of system calls in the order in which a call is looked up, and the folder of the architecture. */
const tables: readonly (readonly [table: string, folder: string])[] = [
  ['arch/x86/entry/syscalls/syscall_64.tbl', 'arch/x86'],
  ['arch/x86/entry/syscalls/syscall_32.tbl', 'arch/x86'],
  ['arch/arm/tools/syscall.tbl', 'arch/arm'],
  ['arch/m68k/kernel/syscalls/syscall.tbl', 'arch/m68k'],
  ['arch/mips/kernel/syscalls/syscall_o32.tbl', 'arch/mips'],
  ['arch/parisc/kernel/syscalls/syscall.tbl', 'arch/parisc'],
  ['arch/powerpc/kernel/syscalls/syscall.tbl', 'arch/powerpc'],
  ['arch/s390/kernel/syscalls/syscall.tbl', 'arch/s390'],
  ['arch/sh/kernel/syscalls/syscall.tbl', 'arch/sh'],
  ['scripts/syscall.tbl', 'arch/riscv'],
];

/** The unpacked sources, or `undefined` if they were not fetched. */
export function fetchedKernelSource(): { readonly root: string; readonly version: string } | undefined {
  const entry = readManifest().find((each) => each.package === KERNEL_SOURCE);
  if (entry === undefined) return undefined;
  const root = join(debianCache(), entry.directory);
  return existsSync(root) ? { root, version: upstreamVersion(entry.version) } : undefined;
}

/** `SYSCALL_DEFINE3(name, type, parameter, …)` of every C file, by the name of its entry point. */
function readDefinitions(root: string): ReadonlyMap<string, readonly Definition[]> {
  const found = new Map<string, Definition[]>();
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.c'),
  );
  for (const file of files.sort()) {
    const text = readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
    for (const [, count, inner = ''] of text.matchAll(
      /^SYSCALL(?:32)?_DEFINE(\d)\(([^)]*(?:\([^)]*\)[^)]*)*)\)/gm,
    )) {
      const [entry = '', ...words] = inner.split(',').map((word) => word.replace(/\s+/g, ' ').trim());
      if (words.length !== 2 * Number(count)) continue;
      const parameters: string[] = [];
      for (let i = 0; i < words.length; i += 2)
        parameters.push(parameter(words[i] ?? '', words[i + 1] ?? ''));
      const definition = { file, parameters: `(${parameters.join(', ')})` };
      found.set(entry, [...(found.get(entry) ?? []), definition]);
    }
  }
  return found;
}

/** A parameter without what only the kernel's checkers read; `const` of a value is left out. */
function parameter(type: string, name: string): string {
  const plain = type
    .replace(/\b(?:__user|__force|__percpu)\b/g, '')
    .replace(/\s*\*\s*/g, ' *')
    .replace(/\* \*/g, '**')
    .replace(/\*const(?= \*)/g, '*const')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/\*const$/, '*');
  if (plain.endsWith('*')) return `${plain}${name}`;
  const value = plain.replace(/\bconst\b/g, '').trim();
  return `${value === 'unsigned' ? 'unsigned int' : value} ${name}`;
}

/** The entry point of each call on one architecture, `sys_` left out. */
function readTable(root: string, table: string): ReadonlyMap<string, string> {
  const rows = readFileSync(join(root, table), 'utf8').matchAll(/^\d+\s+(\w+)\s+(\w+)\s+(?:__)?sys_(\w+)/gm);
  const entries = new Map<string, string>();
  for (const [, abi, call = '', entry = ''] of rows) {
    // x32's own numbers are those of calls that it shares.
    if (abi !== 'x32' && entry !== 'ni_syscall' && !entries.has(call)) entries.set(call, entry);
  }
  return entries;
}

/** The definition of an entry point: that of the architecture, else that of all. */
function choose(definitions: readonly Definition[], folder: string): Definition | undefined {
  return (
    definitions.find(({ file }) => file.startsWith(`${folder}/`)) ??
    definitions.findLast(({ file }) => !file.startsWith('arch/'))
  );
}

/** Lines of prototypes, those of x86_64 and those of calls that it lacks. */
function readPrototypes(root: string): {
  readonly native: readonly string[];
  readonly other: readonly string[];
} {
  const definitions = readDefinitions(root);
  const entries = tables.map(([table, folder]) => ({ folder, entries: readTable(root, table) }));
  const native: string[] = [];
  const other: string[] = [];
  for (const call of [...allSyscallNames()].sort()) {
    if (call in withoutPrototype) continue;
    const row = entries.find((each) => each.entries.has(call));
    const definition = choose(definitions.get(row?.entries.get(call) ?? '') ?? [], row?.folder ?? '');
    const parameters = prototypeOverrides[call]?.parameters ?? definition?.parameters;
    if (parameters === undefined) continue;
    (directSyscallNumber(call, 'x86_64') === undefined ? other : native).push(`${call}${parameters}`);
  }
  return { native, other };
}

/** The text of the generated file. @throws Error if the kernel's sources were not fetched */
export function renderPrototypes(): string {
  const source = fetchedKernelSource();
  if (source === undefined) throw new Error('no kernel sources: npm run fetch');
  const { native, other } = readPrototypes(source.root);
  return `/**
 * Prototypes of system calls as the kernel defines them: one line a call. Parameter names are the kernel's; \`const\` of a
 * value is left out.
 *
 * Generated by tools/generate-prototypes.ts from the sources of Linux ${source.version}; do not edit.
 * @module
 */

/** Every call of x86_64, in the types of x86_64. */
export const prototypes = \`
${native.join('\n')}
\`;

/** Calls that x86_64 lacks: of 32-bit ABIs, where \`long\` has 32 bits, and of single architectures. */
export const otherPrototypes = \`
${other.join('\n')}
\`;
`;
}
