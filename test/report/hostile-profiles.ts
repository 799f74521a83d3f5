/**
 * Profiles that a page must survive: markup wherever a text can stand, and more text than anyone reads.
 * @module
 */

const markup = '</script><script>alert(1)</script><img src=x onerror=alert(2)><!--<script>';

/** Turns the direction of reading, so that a rule looks like another; ends the line in some readers. */
export const TURNED = '\u202e';

/** Markup in names, comments and a description; it compiles all the same. */
export const hostileProfile: string = JSON.stringify(
  {
    defaultAction: 'SCMP_ACT_ERRNO',
    syscalls: [
      { names: ['clone', markup, 'javascript:alert(3)'], action: 'SCMP_ACT_ALLOW', comment: markup },
      {
        names: ['socket', '"><b onload=alert(4)>'],
        action: 'SCMP_ACT_ALLOW',
        args: [{ index: 0, value: 1, op: 'SCMP_CMP_EQ' }],
        comment: `javascript:alert(5) ${TURNED}${markup}`,
        includes: { minKernel: '3.0' },
      },
    ],
  },
  undefined,
  2,
);

/** A profile of about a mebibyte. */
export function longProfile(size = 1 << 20): string {
  const rules: string[] = [];
  const names = [
    'read',
    'write',
    'openat',
    'close',
    'ioctl',
    'mmap',
    'futex',
    'socket',
    'clone',
    'personality',
  ];
  let length = 0;
  for (let at = 0; length < size - 300; at += 1) {
    const rule = `{ "names": ["${names[at % names.length]}"], "action": "SCMP_ACT_ALLOW", "comment": "rule ${at}" }`;
    rules.push(rule);
    length += rule.length + 2;
  }
  return `{ "defaultAction": "SCMP_ACT_ERRNO", "syscalls": [\n${rules.join(',\n')}\n] }\n`;
}

/**
 * Rules for mmap that each compare two of its arguments, not always the same two: what they let through together is too
 * complex to decide. All other calls are simple.
 */
export function entangledProfile(count: number): string {
  let seed = 1;
  const next = (below: number): number => {
    // Knuth's MMIX generator would need 64 bits; this one is that of Numerical Recipes.
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const rules = Array.from({ length: count }, () => {
    const first = next(5);
    const args = [first, first + 1 + next(5 - first)].map(
      (index) => `{ "index": ${index}, "value": ${next(2 ** 32)}, "op": "SCMP_CMP_EQ" }`,
    );
    return `{ "names": ["mmap"], "action": "SCMP_ACT_ALLOW", "args": [${args.join(', ')}] }`;
  });
  return `{ "defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"], "syscalls": [
${[SIMPLE_RULES, ...rules].join(',\n')}
] }
`;
}

const SIMPLE_RULES = `{ "names": ["execve", "exit", "exit_group", "read", "write", "mount"], "action": "SCMP_ACT_ALLOW" },
{ "names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [{ "index": 0, "value": 8, "op": "SCMP_CMP_EQ" }] }`;

/** The same without the rules for mmap. */
export const simpleProfile: string = entangledProfile(0).replace(',\n]', '\n]');
