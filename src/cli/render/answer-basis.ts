/**
 * What the answer of a comparison rests on, for each side: how a profile was read, or where a program comes from.
 * @module
 */
import type { Claim } from '../../compile/claim.ts';
import { claimJson, formatClaim, formatRules } from '../../compile/claim-text.ts';
import { machineKernelRelease } from '../../kernel/this-machine.ts';
import { hashProgram } from '../../pipeline/hash.ts';
import type { ProgramSource } from '../../pipeline/process-source.ts';
import { formatHost } from '../operands/host-options.ts';
import { plural } from './render-problems.ts';

/** A program, or all filters of a process, the oldest first. */
interface ProgramBasis {
  readonly name: string;
  readonly programs: Claim['programs'];
  /** The release of the kernel that they were read from; `undefined`: a file. */
  readonly kernel: string | undefined;
  /** Warnings, for instance about other threads of a process. */
  readonly warnings: readonly string[];
}

export type Basis =
  | { readonly kind: 'profile'; readonly name: string; readonly claim: Claim }
  | ({ readonly kind: 'programs' } & ProgramBasis);

export function profileBasis(name: string, claim: Claim): Basis {
  return { kind: 'profile', name, claim };
}

export function programBasis({ name, from, filters, warnings }: ProgramSource): Basis {
  const programs = filters.map((program) => hashProgram(name, program));
  const kernel = from === 'kernel' ? machineKernelRelease() : undefined;
  return { kind: 'programs', name, programs, kernel, warnings };
}

/** A heading and a line for each side. */
export function renderBasis(sides: readonly Basis[]): string {
  const lines = sides.map((side) => `  ${side.name}: ${describeBasis(side)}\n`);
  return `rests on:\n${[...new Set(lines)].join('')}`;
}

/** One side without its name. */
export function describeBasis(side: Basis): string {
  return side.kind === 'profile' ? describeReading(side.claim) : describePrograms(side);
}

function describeReading(claim: Claim): string {
  const { dialect, documents, engine, host, runtime, table, compiler, programs, flags, listener } = claim;
  const hashes = documents.map(({ sha256 }) => short(sha256)).join(' and ');
  const resolved = engine === undefined ? 'handed on as written' : `resolved as ${engine} does`;
  const program = programs.map(({ sha256, instructions }) => sized(instructions, sha256)).join(', ');
  const parts = [
    `${dialect} profile, sha256 ${hashes}, ${resolved}, for ${formatHost(host)}`,
    `read as ${runtime === 'plain' ? 'libseccomp alone' : runtime} reads it, with the names of ${table}`,
    formatRules(claim),
    ...(flags.length === 0 ? [] : [`load flags ${flags.join(', ')}`]),
    ...(listener === undefined ? [] : [`listener at ${listener.path}`]),
    ...(compiler === undefined ? [] : [`program by ${compiler}: ${program}`, formatClaim(claim)]),
  ];
  return parts.join('; ');
}

function describePrograms({ programs, kernel, warnings }: ProgramBasis): string {
  const all = programs.map(({ sha256, instructions }) => sized(instructions, sha256)).join('; ');
  const what =
    programs.length === 1
      ? `a program as it is: ${all}`
      : `its ${programs.length} filters together, the oldest first: ${all}`;
  if (kernel === undefined) return what;
  return [what, `read from kernel ${kernel}, which does not show load flags`, ...warnings].join('; ');
}

function sized(instructions: number, sha256: string): string {
  return `${plural(instructions, 'instruction')}, sha256 ${short(sha256)}`;
}

/** Enough digits to tell programs apart by eye. JSON has all. */
function short(sha256: string): string {
  return `${sha256.slice(0, 12)}…`;
}

export function basisJson(side: Basis): Readonly<Record<string, unknown>> {
  if (side.kind === 'profile') return { kind: 'profile', name: side.name, claim: claimJson(side.claim) };
  const programs = side.programs.map(({ sha256, instructions }) => ({ sha256, instructions }));
  return {
    kind: 'programs',
    name: side.name,
    programs,
    kernel: side.kernel ?? null,
    warnings: side.warnings,
  };
}
