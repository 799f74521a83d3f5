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

/**
 * Rules that each compare two arguments of mmap with values of their own and answer errors of their own, for containers with a
 * capability; no call is allowed, execve neither.
 */
export function entangled(count: number): string {
  let seed = 1n;
  const next = (): bigint => {
    seed = (seed * 6364136223846793005n + 1442695040888963407n) & 0xffff_ffff_ffff_ffffn;
    return seed;
  };
  const rules = Array.from({ length: count }, (_, i) => {
    const args = [0, 1].map((index) => `{"index":${index},"value":${next()},"op":"SCMP_CMP_EQ"}`);
    return `{"names":["mmap"],"action":"SCMP_ACT_ERRNO","errnoRet":${i + 2},"args":[${args.join()}],"includes":{"caps":["CAP_CHOWN"]}}`;
  });
  return `{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86_64"],"syscalls":[${rules.join()}]}`;
}
