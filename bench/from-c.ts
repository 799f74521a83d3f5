/**
 * What libseccomp takes by itself: the calls that make the filter of docker-default, from C.
 * @module
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { actions, type ReturnWord } from '../src/abi/actions.ts';
import { capabilitySets } from '../src/abi/capabilities.ts';
import { type Comparison, operators } from '../src/abi/operators.ts';
import type { Library } from '../src/libseccomp/library.ts';
import { librarySyscallTable } from '../src/libseccomp/syscall.ts';
import { builtinProfiles } from '../src/oci/builtin/index.ts';
import { resolveProfile } from '../src/oci/resolve-profile.ts';
import { lowerProfile } from '../src/policy/lower-profile.ts';

/** A rule of docker-default that the library knows. */
export interface DockerRule {
  readonly word: ReturnWord;
  readonly name: string;
  readonly nr: number;
  readonly comparisons: readonly Comparison[];
}

/** The rules runc hands to libseccomp for docker-default with Docker's capabilities. */
export function dockerRules(library: Library): readonly DockerRule[] {
  const host = {
    arch: 'x86_64',
    kernel: { kernel: 6, major: 1 },
    capabilities: capabilitySets.docker,
  } as const;
  const { seccomp } = resolveProfile(builtinProfiles['docker-default'](), host);
  if (seccomp === undefined) throw new Error('docker-default resolves to no filter');
  const { policy } = lowerProfile(seccomp, { arch: 'x86_64', table: librarySyscallTable(library) });
  return policy.rules.map(({ returnWord, syscall, nr, comparisons }) => ({
    word: returnWord,
    name: syscall,
    nr,
    comparisons,
  }));
}

/**
 * C that makes the filter in `ctx`, on three architectures and as a tree. The libseccomp that is called is the one that
 * `bind` has opened.
 */
export function cFilter(rules: readonly DockerRule[]): { readonly head: string; readonly body: string } {
  const calls = rules.map(({ word, nr, comparisons }) => {
    const list = comparisons.map(
      ({ index, op, value, valueTwo }) =>
        `{${index},${operators[op].scmpCompare},${value}ULL,${valueTwo}ULL}`,
    );
    const array = list.length === 0 ? 'NULL' : `(struct cmp[]){${list.join(',')}}`;
    return `rule_add(ctx, ${word}u, ${nr}, ${list.length}, ${array});`;
  });
  const head = `#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
struct cmp { unsigned int arg; int op; uint64_t a, b; };
static void *(*init)(uint32_t);
static void (*release)(void *);
static int (*arch_add)(void *, uint32_t), (*attr_set)(void *, int, uint32_t);
static int (*rule_add)(void *, uint32_t, int, unsigned int, const struct cmp *);
static void *bind(const char *path) {
  void *l = dlopen(path, RTLD_NOW);
  if (l == NULL) exit(2);
  init = dlsym(l, "seccomp_init"); release = dlsym(l, "seccomp_release"); arch_add = dlsym(l, "seccomp_arch_add");
  attr_set = dlsym(l, "seccomp_attr_set"); rule_add = dlsym(l, "seccomp_rule_add_array");
  return l;
}
`;
  const body = `void *ctx = init(0x${actions.errno.word.toString(16)} | 1);
  arch_add(ctx, 0x40000003);
  arch_add(ctx, 0x4000003e);
  attr_set(ctx, 8, 2);
  ${calls.join('\n  ')}
`;
  return { head, body };
}

/** A process that makes the filter once, and exports its program: all that a command needs libseccomp for. */
export function cExport(rules: readonly DockerRule[]): string {
  const { head, body } = cFilter(rules);
  return `${head}#include <fcntl.h>
int main(int argc, char **argv) {
  int (*export_bpf)(void *, int) = dlsym(bind(argv[1]), "seccomp_export_bpf");
  ${body}  int failed = export_bpf(ctx, open(argv[2], O_WRONLY | O_CREAT | O_TRUNC, 0644));
  release(ctx);
  return failed != 0;
}
`;
}

/** Compiles C. @throws Error without a compiler */
export function compileC(source: string, file: string, ...flags: readonly string[]): string {
  writeFileSync(`${file}.c`, source);
  const parameters = ['-O2', '-w', ...flags, '-o', file, `${file}.c`, '-ldl'];
  const { status, stderr, error } = spawnSync('cc', parameters, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`cc: ${error?.message ?? stderr}`);
  return file;
}
