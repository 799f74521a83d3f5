/**
 * The shipped programs as the text of src/compile/shipped/*.generated.ts.
 * @module
 */
import { type ArchName, architectures } from '../../src/abi/architectures.ts';
import { encodeProgram, type Program } from '../../src/bpf/program.ts';
import { createWindowFinder, type FindWindows } from '../../src/compile/builtin/bit-windows.ts';
import { buildProgram } from '../../src/compile/builtin/build-program.ts';
import { proveProgram } from '../../src/compile/prove.ts';
import { familyOf, policyKey, shippedArchitectures } from '../../src/compile/shipped/find-shipped.ts';
import { pieces } from '../../src/compile/shipped/policy-text.ts';
import { newestTable } from '../../src/policy/newest-table.ts';
import { COMMON, type ShippedPolicy, shippedPolicies } from './shipped-policies.ts';

/** The file of a policy, below src/compile/shipped/. */
function shippedFile({ arch, policy }: ShippedPolicy): string {
  const family = COMMON.includes(arch) ? `-${familyOf(policy)}` : '';
  return `${arch.replaceAll('_', '-')}${family}.generated.ts`;
}

/** The files by name, of some architectures or all. */
export function renderShipped(
  archs: readonly ArchName[] = shippedArchitectures,
): ReadonlyMap<string, string> {
  const files = byFile(shippedPolicies().filter(({ arch }) => archs.includes(arch)));
  const [windows, wide] = [createWindowFinder(), createWindowFinder(WIDE)];
  const finder = ({ alone }: ShippedPolicy): FindWindows => (alone ? wide : windows);
  return new Map([...files].map(([file, policies]) => [file, renderFile(policies, finder)]));
}

/** The name of the file that says how many rules the policies have, and its text. */
export function renderRuleCounts(): readonly [name: string, text: string] {
  const policies = shippedPolicies();
  const entries = shippedArchitectures.map((arch) => {
    const own = policies.filter((each) => each.arch === arch);
    const counts = new Set(own.map(({ policy }) => policy.rules.length));
    return `  ${arch}: [${[...counts].sort((a, b) => a - b).join(', ')}],\n`;
  });
  const text = `// Written by tools/generate-shipped.ts: how long the policies are that programs are shipped for.
import type { ArchName } from '../../abi/architectures.ts';

/** By native architecture: how many rules each policy has. */
export const ruleCounts: Partial<Record<ArchName, readonly number[]>> = {
${entries.join('')}};
`;
  return ['rule-counts.generated.ts', text];
}

/** Values of a window that is parted twice. */
const WIDE = 64;

function renderFile(
  policies: readonly ShippedPolicy[],
  finder: (policy: ShippedPolicy) => FindWindows,
): string {
  return shippedText(policies, (each) => provenProgram(each, finder(each)));
}

/** The text of a file. */
function shippedText(
  policies: readonly ShippedPolicy[],
  programOf: (policy: ShippedPolicy) => Program,
): string {
  const known = [...new Set(policies.flatMap(({ policy }) => pieces(policy.rules)))];
  const entries = policies.map((each) => {
    const program = programOf(each);
    const { endian } = architectures[each.arch];
    const bytes = Buffer.from(encodeProgram(program, endian)).toString('base64');
    const key = policyKey(each.policy, known);
    if (key === undefined) throw new Error(`${each.label}: no key`);
    const written = key.replaceAll('\n', '\\n');
    return `  // ${each.label}: ${program.length} instructions\n  '${written}':\n    '${bytes}',\n`;
  });
  return `// Written by tools/generate-shipped.ts from the built-in profiles; each program is proven to mean its policy.

/** The pieces that the rules of all policies are made of, see policy-text.ts. */
export const known: readonly string[] = [
${known.map((piece) => `  '${piece}',\n`).join('')}];

/** By the policy, its rules as places of pieces: the bytes of the program as its target reads them, in base64. */
export const shipped: Readonly<Record<string, string>> = {
${entries.join('')}};
`;
}

/** @throws Error for a program that may not be shipped */
function provenProgram(policy: ShippedPolicy, windows: FindWindows): Program {
  const { label, arch } = policy;
  const program = shortestProgram(policy, windows);
  const { endian } = architectures[arch];
  const claim = { policy: policy.policy, table: newestTable, program, endian };
  const { equal, conflicts } = proveProgram(claim);
  if (!equal) throw new Error(`${label}: the program does not mean what the policy says`);
  // A claim lists rules in conflict; at run time they would not be known.
  if (conflicts.length > 0) throw new Error(`${label}: rules are in conflict`);
  return program;
}

/** Windows save tests, but other architectures share less of them. */
function shortestProgram({ policy, expanded }: ShippedPolicy, windows: FindWindows): Program {
  const plain = buildProgram(policy, expanded).program;
  const { program } = buildProgram(policy, expanded, undefined, { windows });
  return program.length < plain.length ? program : plain;
}

function byFile(policies: readonly ShippedPolicy[]): ReadonlyMap<string, readonly ShippedPolicy[]> {
  const found = new Map<string, ShippedPolicy[]>();
  for (const policy of policies) {
    const file = shippedFile(policy);
    found.set(file, [...(found.get(file) ?? []), policy]);
  }
  return found;
}
