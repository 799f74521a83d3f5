/** What an edit of allow and deny leaves of the text, and what it writes. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { datedProfile, findRelease } from '../../../src/compose/dated/releases.ts';
import { ociSeccomp as run } from '../run.ts';
import { createFiles, edit, plainProfile } from './edited-profiles.ts';

const { file } = createFiles();
const plain = file('plain.json', plainProfile);

describe('the text of an edit', () => {
  it('changes nothing where there is nothing to change', async () => {
    for (const [verb, call] of [
      ['allow', 'read'],
      ['deny', 'ptrace'],
    ] as const) {
      const { before, after } = await edit(plain, verb, call);
      expect(after).toBe(before);
    }
  });

  it('writes in place', () => {
    const path = file('in-place.json', readFileSync(plain, 'utf8'));
    expect(run(['allow', path, 'chmod', '-o', path]).status).toBe(0);
    expect(readFileSync(path, 'utf8')).toContain('"chmod"');
  });

  it('takes the name out of a rule that says the opposite', () => {
    const path = file('opposite.json', {
      defaultAction: 'SCMP_ACT_ERRNO',
      architectures: ['SCMP_ARCH_X86_64'],
      syscalls: [
        { names: ['execve', 'read'], action: 'SCMP_ACT_ALLOW' },
        { names: ['getcpu', 'ptrace'], action: 'SCMP_ACT_KILL' },
      ],
    });
    const { stdout } = run(['allow', path, 'getcpu']);
    const { syscalls } = JSON.parse(stdout) as { syscalls: readonly { names: readonly string[] }[] };
    expect(syscalls.map(({ names }) => names)).toEqual([['execve', 'getcpu', 'read'], ['ptrace']]);
  });

  it('writes values of 64 bits exactly', async () => {
    const { after } = await edit(plain, 'allow', 'personality', '0xffffffffffffffff');
    expect(after).toContain('"value": 18446744073709551615');
  });

  it('keeps what the author wrote about a rule that it writes anew', async () => {
    const text = `{
  "defaultAction": "SCMP_ACT_ERRNO",
  "archMap": [{ "architecture": "SCMP_ARCH_X86_64", "subArchitectures": [] }],
  "syscalls": [
    { "names": ["read"], "action": "SCMP_ACT_ALLOW" },
    {
      "comment": "no vsock: #123",
      "names":   ["socket"],
      "action":  "SCMP_ACT_ALLOW",
      "args": [ {"index": 0,   "value": 40, "valueTwo": 0, "op": "SCMP_CMP_NE"} ],
      "excludes": {}
    },
    { "names": ["bind", "listen"], "action": "SCMP_ACT_ALLOW", "comment": "servers", "args": [] }
  ]
}
`;
    const path = file('commented.json', text);
    const socket = (await edit(path, 'deny', 'socket', '16')).after;
    // The rule stays where it is; its first comparison says something else now, and nothing besides.
    const [before = '', after = ''] = socket.split(
      /"args": \[ \{"index": 0, {3}"value": \d+, "valueTwo": \d+, "op": "\w+"\} \]/,
    );
    expect(before).toBe(text.slice(0, text.indexOf('"args"')));
    expect(after.startsWith(',\n      "excludes": {}\n    },')).toBe(true);
    const rules = JSON.parse(socket).syscalls.filter(
      ({ names }: { names: string[] }) => names[0] === 'socket',
    );
    expect(rules.length).toBeGreaterThan(2);
    expect(new Set(rules.map(({ comment }: { comment: string }) => comment))).toEqual(
      new Set(['no vsock: #123']),
    );
    // One that names other calls too is left to them.
    const bind = (await edit(path, 'deny', 'bind', '3')).after;
    expect(bind).toContain(
      '{ "names": ["listen"], "action": "SCMP_ACT_ALLOW", "comment": "servers", "args": [] }',
    );
    const added = JSON.parse(bind).syscalls.find(({ names }: { names: string[] }) => names[0] === 'bind');
    expect(added).toEqual({
      names: ['bind'],
      action: 'SCMP_ACT_ALLOW',
      args: [{ index: 0, value: 3, op: 'SCMP_CMP_NE' }],
      comment: 'servers',
    });
    // A rule without comparisons gets some; with an empty list of them, it is filled.
    const read = (await edit(path, 'deny', 'read', '3')).after;
    expect(read).toContain(
      '{ "names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [{ "index": 0, "value": 3, "op": "SCMP_CMP_NE" }] }',
    );
  });

  it('puts a name where Docker’s own list had it, which is sorted as if there were no _', async () => {
    const { rules } = datedProfile(findRelease('docker-default', '20.10.7').run.profile);
    const [list] = rules.toSorted((a, b) => b.names.length - a.names.length);
    const text = (gone: string): string =>
      `{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":${JSON.stringify(list?.names.filter((name) => name !== gone))},"action":"SCMP_ACT_ALLOW"}]}`;
    for (const name of ['accept', 'get_robust_list', 'writev']) {
      expect((await edit(file('list.json', text(name)), 'allow', name)).after).toBe(text(''));
    }
  });

  it('writes a rule in the old form beside rules of that form', async () => {
    const rule = (name: string): string =>
      `{"name":"${name}","action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":8,"op":"SCMP_CMP_EQ"}]}`;
    const text = (...names: readonly string[]): string =>
      `{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[${names.map(rule).join()}]}`;
    const { after } = await edit(file('old.json', text('personality')), 'allow', 'getpgid', '8');
    expect(after.replaceAll(' ', '')).toBe(text('personality', 'getpgid'));
  });

  it('keeps a byte-order mark where readers take one', async () => {
    const head = 'apiVersion: security-profiles-operator.x-k8s.io/v1beta1\nkind: SeccompProfile\n';
    const spec =
      'spec: {defaultAction: SCMP_ACT_ERRNO, syscalls: [{names: [read], action: SCMP_ACT_ALLOW}]}\n';
    const path = file('marked.yaml', `\ufeff${head}metadata: {name: web}\n${spec}`);
    expect((await edit(path, 'allow', 'chmod')).after).toMatch(/^\ufeffapiVersion/);
  });

  it('says why there is no edit', async () => {
    const path = file('unedited.json', {
      defaultAction: 'SCMP_ACT_ERRNO',
      syscalls: [
        {
          names: ['keyctl'],
          action: 'SCMP_ACT_ALLOW',
          args: Array.from({ length: 3 }, (_, index) => ({
            index,
            value: 0x0101_0101,
            op: 'SCMP_CMP_MASKED_EQ',
          })),
        },
      ],
    });
    await expect(edit(path, 'deny', 'keyctl', '2', '2', '2')).rejects.toThrow(
      /it takes \d+ rules to take the values out, for a rule compares each argument only once/,
    );
  });

  it('says that an edited text would be too long', async () => {
    const profile = {
      defaultAction: 'SCMP_ACT_ERRNO',
      syscalls: [{ names: ['read', 'socket'], action: 'SCMP_ACT_ALLOW', comment: '' }],
    };
    const [rule] = profile.syscalls;
    const left = 1024 * 1024 - 50 - JSON.stringify(profile, null, 2).length;
    if (rule !== undefined) rule.comment = 'x'.repeat(left);
    await expect(edit(file('long.json', profile), 'deny', 'socket', 'AF_NETLINK')).rejects.toThrow(
      /: an edit could not be read: the text is longer than 1048576 bytes/,
    );
  });
});
