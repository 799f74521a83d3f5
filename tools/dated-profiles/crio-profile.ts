/**
 * CRI-O's default profile: that of the library it comes with, without what its own code takes out, with what it adds
 * (internal/config/seccomp/seccomp.go since 1.24).
 *
 * CRI-O puts the last name of the rule in the place of the one it takes out, so that this name stands there twice; here
 * the name is left out, which means the same.
 * @module
 */
import type { Profile, ProfileRule } from '../../src/oci/profile.ts';
import { functionBody } from './containerd-profile.ts';
import { GoReader, type GoTokens, tokenize } from './go-literals.ts';
import { ruleFromGo } from './go-rules.ts';

const DEFAULT_FUNCTION = /^func DefaultProfile\(/m;

/**
 * @param library - the profile of the library
 * @param source - CRI-O's own code
 */
export function crioProfile(library: Profile, source: string): Profile {
  if (!DEFAULT_FUNCTION.test(source)) return library;
  const body = functionBody(tokenize(source), 'DefaultProfile');
  const removed = removedNames(body);
  if (removed.length === 0) throw new Error('no removed names');
  const rules = library.rules.map((rule, index) =>
    // The second rule is the one whose calls are allowed to all.
    index === 1 ? { ...rule, names: rule.names.filter((name) => !removed.includes(name)) } : rule,
  );
  return { ...library, rules: [...rules, ...addedRules(body)] };
}

/** `{"clone", 1, 23}`, or `unshareName = "unshare"` in older releases. */
function removedNames(body: GoTokens): readonly string[] {
  const text = body.join(' ');
  const rows = [...text.matchAll(/\{ "(\w+)" , 1 , \d+ \}/g)].map(([, name = '']) => name);
  const constant = /unshareName = "(\w+)" ; unshareParentStructIndex = 1 ;/.exec(text)?.[1];
  return constant === undefined ? rows : [...rows, constant];
}

/** The rules that are appended; those that name the flags of clone(2) are for architectures where these are apart. */
function addedRules(body: GoTokens): readonly ProfileRule[] {
  const [usual, swapped] = [0n, 1n].map((flagsIndex) => appended(body, flagsIndex));
  return (usual ?? []).flatMap((rule, index) => {
    const other = swapped?.[index];
    if (other === undefined || JSON.stringify(rule, bigText) === JSON.stringify(other, bigText))
      return [rule];
    const arches = ['s390', 's390x'];
    return [
      { ...rule, excludes: { ...rule.excludes, arches } },
      { ...other, includes: { ...other.includes, arches } },
    ];
  });
}

function bigText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

function appended(body: GoTokens, flagsIndex: bigint): readonly ProfileRule[] {
  const variables = { flagsIndex, unshareName: 'unshare' };
  const rules: ProfileRule[] = [];
  const call = ['prof', '.', 'Syscalls', '=', 'append', '(', 'prof', '.', 'Syscalls', ','];
  body.forEach((_, at) => {
    const reader = new GoReader(body.slice(at), variables);
    if (!reader.take(...call)) return;
    while (!reader.take(')')) {
      rules.push(ruleFromGo(reader.value()));
      reader.take(',');
      reader.take(';');
    }
  });
  return rules;
}
