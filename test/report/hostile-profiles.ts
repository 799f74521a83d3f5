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
