/**
 * A compiled filter in the forms that programs take, and in libseccomp's own.
 * @module
 */
import { visibleJson } from '../abi/visible-json.ts';
import { encodeProgram, type SockFilter } from '../bpf/program.ts';
import { OciSeccompError } from '../errors.ts';
import type { Claim } from './claim.ts';
import { claimJson, claimRows } from './claim-text.ts';
import type { CompiledFilter } from './compile-policy.ts';
import type { EmitFormat } from './emit-formats.ts';

/** All formats but the listing, which takes the disassembler. */
export type EncodedFormat = Exclude<EmitFormat, 'asm'>;

/** Where a program came from, for the comment on top of its text forms: `runtime` → `runc`, `host` → `x86_64 …`. */
export type Provenance = Readonly<Record<string, string>>;

/** What is written of a filter. */
export type EmittedFilter = Pick<CompiledFilter, 'program' | 'endian' | 'stubLength' | 'pfc'> & {
  /** What is claimed of it. Text forms have it in their head comment, and JSON as the object `claim`. */
  readonly claim?: Claim;
};

type Emitter = (filter: EmittedFilter, provenance: Provenance) => Uint8Array | string;

const emitters = {
  bpf: ({ program, endian }) => encodeProgram(program, endian),
  base64: ({ program, endian }) => `${Buffer.from(encodeProgram(program, endian)).toString('base64')}\n`,
  json: emitJson,
  c: emitC,
  pfc: emitPfc,
} as const satisfies Record<EncodedFormat, Emitter>;

/** Writes a compiled filter in one of these formats; see `emitFilter`. */
export function emitEncoded(
  filter: EmittedFilter,
  format: EncodedFormat,
  provenance: Provenance = {},
): Uint8Array | string {
  return emitters[format](filter, provenance);
}

function emitJson({ program, endian, claim }: EmittedFilter, provenance: Provenance): string {
  const instructions = program.map((instruction) => `    ${JSON.stringify(instruction)}`).join(',\n');
  const head = visibleJson(
    JSON.stringify(
      { provenance, ...(claim === undefined ? {} : { claim: claimJson(claim) }), endian },
      undefined,
      2,
    ).slice(0, -2),
  );
  return `${head},\n  "instructions": [\n${instructions}\n  ]\n}\n`;
}

function emitPfc({ pfc, stubLength, claim }: EmittedFilter, provenance: Provenance): string {
  if (pfc === undefined) {
    throw new OciSeccompError('ERR_USAGE', 'this filter was compiled without its pseudo filter code', {
      hint: 'compile it with the option pfc',
    });
  }
  const stub =
    stubLength === 0
      ? ''
      : `# not shown: the ${stubLength} instructions of the ENOSYS stub that runc puts in front\n`;
  return comment(headOf(provenance, claim), '# ') + stub + pfc;
}

function emitC({ program, claim }: EmittedFilter, provenance: Provenance): string {
  const rows = program.map(
    ({ code, jt, jf, k }: SockFilter) => `\t{ ${hex(code, 4)}, ${jt}, ${jf}, ${hex(k, 8)} },`,
  );
  // The array is not const because struct sock_fprog wants a plain pointer.
  return `/*
${comment(headOf(provenance, claim), ' * ')} * Install: struct sock_fprog prog = { SECCOMP_FILTER_LENGTH, seccomp_filter };
 */
#ifndef SECCOMP_FILTER_H
#define SECCOMP_FILTER_H

#include <linux/filter.h>

#define SECCOMP_FILTER_LENGTH ${program.length}

static struct sock_filter seccomp_filter[SECCOMP_FILTER_LENGTH] = {
${rows.join('\n')}
};

#endif
`;
}

/** Where a program came from, and what is claimed of it. */
export function headOf(provenance: Provenance, claim: Claim | undefined): Provenance {
  return claim === undefined ? provenance : { ...provenance, ...claimRows(claim) };
}

/** Provenance as comment lines; a file name must not be able to end the comment. */
export function comment(provenance: Provenance, prefix: string): string {
  return Object.entries(provenance)
    .map(([key, value]) => `${prefix}${key}: ${printable(value)}\n`)
    .join('');
}

function printable(text: string): string {
  return text.replaceAll('*/', '* /').replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, '?');
}

function hex(word: number, digits: number): string {
  return `0x${word.toString(16).padStart(digits, '0')}`;
}
