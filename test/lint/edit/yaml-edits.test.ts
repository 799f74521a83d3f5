/** Edits of YAML: the parser of the yaml package says what the text holds before and after, and which comments. */
import { describe, expect, it } from 'vitest';
import { type Document, parseAllDocuments, parseDocument } from 'yaml';
import { allowCall, type CallToEdit, denyCall } from '../../../src/index.ts';

const head = `# head
apiVersion: security-profiles-operator.x-k8s.io/v1beta1
kind: SeccompProfile
metadata:
  name: web   # name
  namespace: one
`;

const block = `${head}spec:
  defaultAction: SCMP_ACT_ERRNO   # else
  architectures: [SCMP_ARCH_X86_64]
  syscalls:
  # files
  - action: SCMP_ACT_ALLOW
    names:
    - read   # of course
    # needed by libc
    - write

  # no vsock
  - names: [bind, socket]  # see RFC
    action: 'SCMP_ACT_ALLOW'
    args:
    - index: 0   # domain
      op: SCMP_CMP_NE   # but
      value: 40
  - names:
      - "personality"
    # why
    action: SCMP_ACT_ALLOW # yes
    args:
      -   index: 0
          # Linux
          value: 8
          op: SCMP_CMP_EQ
# end
`;

const flow = `${head}spec: {
  "defaultAction": "SCMP_ACT_ERRNO", # else
  "architectures": ["SCMP_ARCH_X86_64"],
  "syscalls": [
    # files
    {"names": ["read", # of course
      "write"], "action": "SCMP_ACT_ALLOW"}, # one
    {
      "names": ["bind", "socket"],
      "action": "SCMP_ACT_ALLOW", # two
      "args": [{"index": 0, "op": "SCMP_CMP_NE", "value": 40}]
    },
    {"names": [personality,], action: SCMP_ACT_ALLOW, args: [{index: 0, value: 8, op: SCMP_CMP_EQ}]}, # three
  ],
}
`;

const several = `${block}---
apiVersion: security-profiles-operator.x-k8s.io/v1beta1
kind: SeccompProfile
metadata: {name: other, namespace: one}
spec:
  defaultAction: SCMP_ACT_ALLOW
  syscalls:
  - names: [ptrace]
    action: SCMP_ACT_ERRNO
--- # a list
apiVersion: v1
kind: List
items:
- apiVersion: security-profiles-operator.x-k8s.io/v1beta1
  kind: SeccompProfile
  metadata: {name: listed}
  spec:
    syscalls:
    - names:
      - read
      action: SCMP_ACT_ALLOW
    defaultAction: SCMP_ACT_ERRNO
...
`;

interface Rule {
  readonly names: readonly string[];
  readonly args?: unknown;
}

/** All that is in a file, its profiles without a call, and without rules that name nothing else. */
function without(text: string, syscall: string): unknown {
  const strip = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.filter((each) => !isGone(each)).map(strip);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, strip(each)]));
  };
  const isGone = (value: unknown): boolean => {
    if (value === syscall) return true;
    const names = (value as Partial<Rule> | null)?.names;
    return names?.every((name) => name === syscall) === true;
  };
  return parseAllDocuments(text).map((document) => {
    expect((document as Document).errors).toEqual([]);
    return strip((document as Document).toJS());
  });
}

const commentsOf = (text: string): readonly string[] =>
  text.split('\n').flatMap((line) => /(?:^|\s)(#.*)$/.exec(line)?.[1] ?? []);

const edit = async (verb: 'allow' | 'deny', text: string, call: CallToEdit, object = 'one/web') => {
  const { after, proof } = await (verb === 'allow' ? allowCall : denyCall)(text, call, { object });
  expect(proof.isMet).toBe(true);
  return after;
};

describe('edits of YAML', () => {
  it.each([
    ['allow', 'chmod', [], []],
    ['allow', 'writev', [], []],
    ['allow', 'keyctl', [1], []],
    ['allow', 'socket', [40], []],
    ['allow', 'personality', [], []],
    ['deny', 'read', [], ['# of course']],
    ['deny', 'write', [], []],
    ['deny', 'read', [3], ['# of course']],
    ['deny', 'bind', [], []],
    ['deny', 'socket', [16], []],
    ['deny', 'socket', [undefined, 2], []],
    ['deny', 'personality', [], ['# why', '# yes', '# Linux', '# three']],
    ['deny', 'personality', [8, 1], []],
  ] as const)('%s %s %j changes this call alone, and keeps comments', async (verb, syscall, args, lost) => {
    for (const text of [block, flow, several, block.replaceAll('\n', '\r\n'), block.trimEnd()]) {
      const after = await edit(verb, text, { syscall, args });
      expect(after).not.toBe(text);
      expect(without(after, syscall)).toEqual(without(text, syscall));
      const kept = commentsOf(text).filter((each) => !(lost as readonly string[]).includes(each.trim()));
      expect(commentsOf(after)).toEqual(expect.arrayContaining([...kept]));
      if (text.includes('\r')) expect(after.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
      // Lines of the author stay as they are, but those that hold what is changed.
      const changed = text.split('\n').filter((line) => !after.split('\n').includes(line));
      expect(changed.length, changed.join('\n')).toBeLessThan(9);
    }
  });

  it('writes rules as their neighbours are written', async () => {
    const denied = await edit('deny', block, { syscall: 'read', args: [3] });
    expect(denied).toContain(`    - write
  - action: SCMP_ACT_ALLOW
    names:
    - read
    args:
    - index: 0
      op: SCMP_CMP_NE
      value: 3

  # no vsock`);
    const allowed = await edit('allow', flow, { syscall: 'keyctl', args: [1] });
    expect(allowed).toContain(
      '\n    { "names": [keyctl], "action": SCMP_ACT_ALLOW, "args": [{ "index": 0, "value": 1, "op": SCMP_CMP_EQ }] }, # three\n',
    );
  });

  it('edits comparisons in place', async () => {
    const after = await edit('deny', block, { syscall: 'personality', args: [8, 1] });
    expect(after).toContain(`    # why
    action: SCMP_ACT_ALLOW # yes
    args:
      -   index: 0
          # Linux
          value: 8
          op: SCMP_CMP_EQ
      - index: 1
        value: 1
        op: SCMP_CMP_NE
# end
`);
  });

  it('edits the object that is meant, in a stream and in a list', async () => {
    for (const [object, path, syscall, verb] of [
      ['other', [1], 'mount', 'deny'],
      ['other', [1], 'ptrace', 'allow'],
      ['listed', [2, 'items', 0], 'read', 'deny'],
      ['listed', [2, 'items', 0], 'write', 'allow'],
    ] as const) {
      const after = await edit(verb, several, { syscall }, object);
      const [before, now] = [several, after].map((text) =>
        parseAllDocuments(text).map((each) => each as Document),
      ) as [Document[], Document[]];
      const [at, ...below] = path;
      const spec = before[at]?.getIn([...below, 'spec']);
      expect(String(now[at]?.getIn([...below, 'spec']))).not.toBe(String(spec));
      now[at]?.setIn([...below, 'spec'], spec);
      expect(now.map((each) => each.toJS())).toEqual(before.map((each) => each.toJS()));
    }
  });

  it('says that a list has become empty', async () => {
    const after = await edit('deny', several, { syscall: 'read' }, 'listed');
    expect(after).toContain('    syscalls: []\n    defaultAction: SCMP_ACT_ERRNO\n');
    expect(await edit('allow', after, { syscall: 'read' }, 'listed')).toContain(
      '    syscalls: [{ names: [read], action: SCMP_ACT_ALLOW }]\n    defaultAction: SCMP_ACT_ERRNO\n',
    );
  });

  it('adds the list of rules where there is none', async () => {
    const text = `${head}spec:\n  defaultAction: SCMP_ACT_ERRNO # else\n  architectures: [SCMP_ARCH_X86_64]\n`;
    expect(await edit('allow', text, { syscall: 'read' })).toBe(
      text.replace('# else\n', '# else\n  syscalls: [{ names: [read], action: SCMP_ACT_ALLOW }]\n'),
    );
  });

  const shared = `${head}x-calls:
- &calls [read, write]
- &rule {names: [chmod], action: SCMP_ACT_ALLOW}
spec:
  defaultAction: SCMP_ACT_ERRNO
  architectures: [SCMP_ARCH_X86_64]
  syscalls:
  - action: SCMP_ACT_ALLOW
    names: *calls
  - *rule
  - names: [bind, &s socket]
    action: SCMP_ACT_ALLOW
  - names: [*s]
    action: SCMP_ACT_LOG
`;
  it('leaves what an anchor shares alone, and takes another way', async () => {
    const after = await edit('allow', shared.replace('  - *rule\n', ''), { syscall: 'getcpu' });
    expect(after).toContain('- &calls [read, write]\n');
    expect(without(after, 'getcpu')).toEqual(without(shared.replace('  - *rule\n', ''), 'getcpu'));
  });

  it.each([
    ['read', /the anchor &calls names at .*:8 is used again at .*:15, and an edit would change both/],
    ['chmod', /the anchor &rule names at .*:9 is used again at .*:16/],
    ['socket', /the anchor &s .*:17 (?:is used again|would be taken away)/],
  ])('refuses where %s stands behind an anchor that is used again', async (syscall, reason) => {
    await expect(denyCall(shared, { syscall })).rejects.toThrow(reason);
  });

  it('names the anchor that would go with a rule, and who needs it', async () => {
    const text = `${head}spec:
  defaultAction: SCMP_ACT_ERRNO
  architectures: [SCMP_ARCH_X86_64]
  syscalls:
  - names: [read]
    action: SCMP_ACT_ALLOW
  - names: [personality]
    action: SCMP_ACT_ALLOW
    args: &linux
    - index: 0
      value: 8
      op: SCMP_CMP_EQ
  - names: [keyctl]
    action: SCMP_ACT_ALLOW
    args: *linux
`;
    await expect(denyCall(text, { syscall: 'personality' })).rejects.toThrow(
      /the anchor &linux at .*:16 would be taken away, and .*:21 needs it/,
    );
    // The name alone can be denied where the anchor stays.
    const shared = text.replace('[personality]', '[personality, bpf]');
    expect(
      parseDocument(await edit('deny', shared, { syscall: 'personality' })).toJS().spec.syscalls,
    ).toEqual(parseDocument(shared.replace('[personality, bpf]', '[bpf]')).toJS().spec.syscalls);
  });

  it('keeps what a merge key brings in', async () => {
    const text = `${head}x: &base
  action: SCMP_ACT_ALLOW
spec:
  defaultAction: SCMP_ACT_ERRNO
  syscalls:
  - names:
    - read
    - write
    <<: *base
  - names: [close]
    <<: *base
`;
    const after = await edit('allow', text, { syscall: 'chmod', args: [1] });
    expect(without(after, 'chmod')).toEqual(without(text, 'chmod'));
    expect(after).toMatch(/\*base\n {2}- action: SCMP_ACT_ALLOW\n {4}names: \[chmod\]\n/);
    expect(await edit('allow', text, { syscall: 'chmod' })).toContain('    - chmod\n    - read\n');
  });

  it('edits JSON in a literal block of a ConfigMap, and says where it cannot', async () => {
    const json = `{
  "defaultAction": "SCMP_ACT_ERRNO",
  "syscalls": [
    {
      "names": [
        "read",
        "write"
      ],
      "action": "SCMP_ACT_ALLOW"
    }
  ]
}`;
    const map = (value: string) =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m\ndata:\n  p: ${value}\n  q: text\n`;
    const literal = map(`|\n${json.replace(/^/gm, '    ')}`);
    for (const [verb, call] of [
      ['allow', { syscall: 'getcpu' }],
      ['deny', { syscall: 'read', args: [3] }],
      ['deny', { syscall: 'write' }],
    ] as const) {
      const after = await edit(verb, literal, call, 'm');
      const [old, now] = [literal, after].map((text) => parseDocument(text).toJS());
      expect({ ...now, data: { ...now.data, p: old.data.p } }).toEqual(old);
      // The same edit as of the file by itself.
      const alone = await (verb === 'allow' ? allowCall : denyCall)(json, call);
      expect(now.data.p.trimEnd()).toBe(alone.after);
    }
    for (const other of [map(`'${json.replaceAll('\n', ' ')}'`), map(`>\n${json.replace(/^/gm, '    ')}`)]) {
      await expect(allowCall(other, { syscall: 'getcpu' }, { object: 'm' })).rejects.toThrow(
        /in a form that cannot be edited/,
      );
    }
  });
});
