/**
 * Texts of small profiles: rule n of `rules` stands in line n + 2 from column 3, so that places can be told at sight.
 */

/** A runtime-spec profile. @param more - further keys, as JSON with a comma at the end */
export function profile(rules: readonly string[], defaultAction = 'SCMP_ACT_ERRNO', more = ''): string {
  return `{${more}"defaultAction": "${defaultAction}", "syscalls": [\n${rules.map((rule) => `  ${rule}`).join(',\n')}\n]}`;
}

/** A rule. @param names - separated by blanks */
export function rule(names: string, action: string, args: readonly string[] = [], more = ''): string {
  const list = names.split(' ').map((name) => `"${name}"`);
  const compared = args.length === 0 ? '' : `, "args": [${args.join(', ')}]`;
  return `{"names": [${list.join(', ')}], "action": "SCMP_ACT_${action}"${compared}${more}}`;
}

/** A comparison. */
export function arg(index: number, op: string, value: number | bigint, valueTwo?: number | bigint): string {
  const second = valueTwo === undefined ? '' : `, "valueTwo": ${valueTwo}`;
  return `{"index": ${index}, "op": "SCMP_CMP_${op}", "value": ${value}${second}}`;
}

/** x86_64 with i386. */
export const withX86 = '"architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"], ';
