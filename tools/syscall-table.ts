/**
 * Asks a libseccomp for every system call it knows and writes the answer as the text of
 * src/abi/syscall-table.generated.ts. Only the library's own API is used; nothing is read from its sources.
 * @module
 */
import { type ArchName, allArchitectures, architectures, X32_SYSCALL_BIT } from '../src/abi/architectures.ts';
import { loadKoffi } from '../src/ffi.ts';

/** What libseccomp's three lookups say about one architecture. */
interface ArchTable {
  /** seccomp_syscall_resolve_name_arch(3): real or pseudo number. */
  readonly resolved: ReadonlyMap<string, number>;
  /** seccomp_syscall_resolve_name_rewrite(3): the multiplexer's number for a call that goes through one. */
  readonly rewritten: ReadonlyMap<string, number>;
  /** The number of a call of its own, from seccomp_syscall_resolve_num_arch(3). */
  readonly direct: ReadonlyMap<string, number>;
}

/** The library could not resolve the name or number (`__NR_SCMP_ERROR`, seccomp.h). */
const NR_SCMP_ERROR = -1;

/** Where an architecture's numbers start: `__NR_Linux` of the three MIPS ABIs (asm/unistd.h), bit 30 for x32. */
const bases: Partial<Record<ArchName, number>> = {
  mips: 4000,
  mipsel: 4000,
  mips64: 5000,
  mipsel64: 5000,
  mips64n32: 6000,
  mipsel64n32: 6000,
  x32: X32_SYSCALL_BIT,
};
/** Numbers to ask for: the pseudo numbers, then `span` from the architecture's base on, then ARM's private calls. */
const lowestPseudo = -12_000;
const span = 1000;
const armPrivate = 0x0f0000;

interface Resolver {
  readonly name: (token: number, nr: number) => string | undefined;
  readonly number: (token: number, name: string) => number;
  readonly rewrite: (token: number, name: string) => number;
}

function openResolver(path: string): Resolver {
  const koffi = loadKoffi();
  const library = koffi.load(path);
  const free = koffi.load('libc.so.6').func('void free(void *p)');
  // SAFETY: the caller frees the name (seccomp_syscall_resolve_num_arch(3)); koffi copies it, then frees the original.
  const owned = koffi.disposable('ResolvedName', 'str', free);
  return {
    name: (() => {
      const call = library.func('seccomp_syscall_resolve_num_arch', owned, ['uint32_t', 'int']);
      return (token, nr) => (call(token, nr) as string | null) ?? undefined;
    })(),
    number: library.func('int seccomp_syscall_resolve_name_arch(uint32_t arch, const char *name)'),
    rewrite: library.func('int seccomp_syscall_resolve_name_rewrite(uint32_t arch, const char *name)'),
  };
}

function askNumbers(
  resolver: Resolver,
  arch: ArchName,
): { real: Map<string, number>; pseudo: Map<string, number> } {
  const token = architectures[arch].scmpArch;
  const real = new Map<string, number>();
  const pseudo = new Map<string, number>();
  const ask = (from: number, to: number, into: Map<string, number>) => {
    for (let nr = from; nr < to; nr++) {
      const name = resolver.name(token, nr);
      if (name !== undefined) into.set(name, nr);
    }
  };
  const base = bases[arch] ?? 0;
  ask(lowestPseudo, NR_SCMP_ERROR, pseudo);
  ask(base, base + span, real);
  if (arch === 'arm') ask(armPrivate, armPrivate + 256, real);
  return { real, pseudo };
}

function askLibrary(path: string): { names: string[]; tables: Map<ArchName, ArchTable> } {
  const resolver = openResolver(path);
  const found = new Map(allArchitectures.map(({ name }) => [name, askNumbers(resolver, name)]));
  const names = [
    ...new Set([...found.values()].flatMap((t) => [...t.real.keys(), ...t.pseudo.keys()])),
  ].sort();
  const tables = new Map<ArchName, ArchTable>();
  for (const { name: arch, scmpArch } of allArchitectures) {
    const resolve = (by: Resolver['number']) => new Map(names.map((name) => [name, by(scmpArch, name)]));
    const resolved = resolve(resolver.number);
    tables.set(arch, {
      resolved,
      rewritten: resolve(resolver.rewrite),
      direct: found.get(arch)?.real ?? new Map(),
    });
  }
  return { names, tables };
}

function check(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`the table's form does not fit this libseccomp: ${what}`);
}

/** A name has the same pseudo number on every architecture that lacks it. */
function pseudoNumbers(
  names: readonly string[],
  tables: ReadonlyMap<ArchName, ArchTable>,
): (number | undefined)[] {
  return names.map((name) => {
    const numbers = new Set([...tables.values()].map((table) => table.resolved.get(name) ?? NR_SCMP_ERROR));
    check(!numbers.has(NR_SCMP_ERROR), `${name} does not resolve everywhere`);
    const pseudo = [...numbers].filter((nr) => nr < 0);
    check(pseudo.length < 2 && pseudo.every((nr) => nr <= -100), `${name} has the pseudo numbers ${pseudo}`);
    return pseudo[0];
  });
}

/** The pseudo numbers of multiplexed calls carry the multiplexer's argument: -(100 + n) socketcall, -(200 + n) ipc. */
function checkMultiplexed(arch: ArchName, { resolved, rewritten, direct }: ArchTable): boolean {
  const multiplexes = rewritten.get('socket') !== resolved.get('socket');
  for (const [name, nr] of resolved) {
    const to = rewritten.get(name);
    const own = direct.get(name);
    if (multiplexes && nr < 0 && nr > -300) {
      const multiplexer = direct.get(nr > -200 ? 'socketcall' : 'ipc');
      check(to !== undefined && to === multiplexer, `${name} on ${arch} goes to ${to}, not ${multiplexer}`);
    } else {
      check(to === nr, `${name} on ${arch} is ${nr} and rewritten to ${to}`);
      check(nr < 0 ? own === undefined : own === nr, `${name} on ${arch} is both ${nr} and ${own}`);
    }
  }
  return multiplexes;
}

function joinWrapped(parts: readonly string[], separator: string): string {
  const lines: string[] = [];
  let line = '';
  for (const [i, part] of parts.entries()) {
    const piece = i === parts.length - 1 ? part : part + separator;
    if (line.length + piece.length > 108) {
      lines.push(line);
      line = '';
    }
    line += piece;
  }
  return [...lines, line].map((text) => `  '${text}'`).join(' +\n');
}

/**
 * Writes the module text for a library.
 *
 * @param path - the library file
 * @param version - its version, for the text
 */
export function renderSyscallTable(path: string, version: string): string {
  const { names, tables } = askLibrary(path);
  const pseudo = pseudoNumbers(names, tables).map((nr) => (nr === undefined ? '' : (-nr).toString(36)));
  const multiplexing: ArchName[] = [];
  const seen = new Map<string, ArchName>();
  const numbers: string[] = [];
  for (const [arch, table] of tables) {
    if (checkMultiplexed(arch, table)) multiplexing.push(arch);
    const base = bases[arch] ?? 0;
    const cells = names.map((name) => {
      const nr = table.direct.get(name);
      return nr === undefined ? '' : (nr - base).toString(36);
    });
    const key = `${base}:${cells.join()}`;
    const twin = seen.get(key);
    seen.set(key, twin ?? arch);
    const text =
      twin === undefined ? joinWrapped([`${base}:${cells[0]}`, ...cells.slice(1)], ',') : `  '=${twin}'`;
    numbers.push(`  ${arch}:\n${text.replaceAll(/^/gm, '  ')},`);
  }
  return `// Generated by tools/generate-syscalls.ts from the answers of libseccomp ${version}. Do not edit.

/** Where the numbers come from. */
export const source = 'libseccomp ${version}';

/** Names, sorted. */
export const names =
${joinWrapped(names, ' ')};

/** For each name its pseudo number, negated, base 36; empty for a name every architecture has. */
export const pseudo =
${joinWrapped(pseudo, ',')};

/** Architectures whose socket and System V IPC calls resolve to the multiplexers' pseudo numbers. */
export const multiplexing = '${multiplexing.join(' ')}';

/**
 * For each architecture the number it starts at, a colon, and for each name its number of its own above that, base 36;
 * empty for a name the architecture lacks. \`=NAME\`: the same as that architecture's.
 */
export const numbers = {
${numbers.join('\n')}
};
`;
}
